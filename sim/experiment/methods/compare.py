"""Compare: what would have happened otherwise, in one or more worlds beside a base."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field

from sim.analysis.frame_rows import rows_of
from sim.errors import InputError
from sim.experiment.findings import CHANGE, LEVEL, Finding, estimate_of
from sim.experiment.method import DeclaredWorlds, Method
from sim.experiment.methods.comparison import Comparison, compare
from sim.experiment.reading import ReadingPart, as_written, dates_outside
from sim.experiment.study import Study
from sim.experiment.worlds import World, named_world
from sim.scenario.facts import Facts
from sim.scenario.load import apply_changes
from sim.scenario.names import check_names
from sim.scenario.quantity import Problem
from sim.scenario.schema.base import Shorthand
from sim.scenario.values import Name, Names

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.reading import Reading

_ONE = Shorthand(lambda raw: [raw] if isinstance(raw, str) else raw, {"type": "string"})
_Positive = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
_USUAL: Final = ("launches", "staff_moved", "cost_programme", "discounted_total")
"""The outcomes that a comparison comes to where none are asked for."""


class CompareQuestion(ReadingPart):
    """What would have happened otherwise: the worlds ``with`` against the ``base``.

    With ``factors`` (two variations of the base) their sum is a world too, and effects and interaction are estimated.
    ``precision`` is a half-width by outcome up to which replications are added.
    """

    base: Name
    with_: Annotated[Names, Field(alias="with")] = ()
    factors: Annotated[Names, Field(min_length=2, max_length=2)] | None = None
    outcomes: Annotated[tuple[str, ...], _ONE] | None = None
    precision: dict[str, _Positive] = Field(default_factory=dict)


def title(base: World, alternatives: Sequence[World]) -> str:
    """What a comparison is called that has no title of its own."""
    if len(alternatives) != 1:
        return f"{base.title}: {len(alternatives)} alternatives compared"
    [other] = alternatives
    return (
        f"{base.title}: effect of “{other.label}”" if other.title == base.title else f"{base.title}, and {other.title}"
    )


def ask(
    base: World,
    alternatives: Sequence[World],
    reading: Reading,
    outcomes: Sequence[str] | None,
    precision: Mapping[str, float] | None,
) -> dict[str, Any]:
    """The part of a question that compares these worlds."""
    return {
        "base": base.name,
        "with": [world.name for world in alternatives],
        "outcomes": list(outcomes or ()) or None,
        "precision": dict(precision or {}) or None,
        **as_written(reading),
    }


def _problems(part: CompareQuestion, worlds: DeclaredWorlds) -> Iterator[Problem]:
    several = (*part.with_, *(part.factors or ()))
    yield from worlds.check(("base",), part.base)
    yield from worlds.check(("with",), *part.with_)
    yield from worlds.check(("factors",), *(part.factors or ()))
    if not several:
        yield Problem((), "nothing to compare with", "with: or factors: with the names of worlds")
    if part.base in several:
        yield Problem(("with",), f"{part.base} is compared with itself", "other worlds than the base")
    if len(set(several)) < len(several):
        yield Problem(("with",), "a world is named again", "each world once")
    yield from _factor_problems(part, worlds)
    yield from dates_outside(part, worlds.loaded)
    if {part.base, *several} <= set(worlds.loaded):
        names = set(chain.from_iterable(_outcomes(worlds.loaded[name]) for name in (part.base, *several)))
        names |= {f"trading_{on.isoformat()}" for on in part.trading_on}
        yield from check_names(("outcomes",), "outcome", part.outcomes or (), names)
        for name in part.precision:
            yield from check_names(("precision", name), "outcome", [name], names)


def _factor_problems(part: CompareQuestion, worlds: DeclaredWorlds) -> Iterator[Problem]:
    factors = part.factors or ()
    others = [name for name in factors if name in worlds.loaded and worlds.base_of.get(name) != part.base]
    if others and part.base in worlds.names:
        yield Problem(("factors",), "a factor that is no variation of the base", f"worlds with of: {part.base}")
    if factors and f"{factors[0]}_and_{factors[-1]}" in worlds.names:
        yield Problem(("factors",), "there is a world of both factors already", "worlds of one factor each")


def _outcomes(world: World) -> set[str]:
    from sim.analysis.outcomes import outcomes
    from sim.analysis.reading import Reading

    try:
        return set(outcomes(Facts.of(world.loaded.scenario), Reading()))
    except InputError:
        return set()


def _answer(part: CompareQuestion, worlds: Mapping[str, World], study: Study) -> Comparison:
    base, alternatives = worlds[part.base], [worlds[name] for name in part.with_]
    factors = [worlds[name] for name in part.factors or ()]
    if factors:
        alternatives += [*factors, _together(base, *factors)]
    comparison = compare(base, alternatives, study, part.reading, part.outcomes, part.precision)
    return replace(comparison, effects=_effects(comparison, part)) if factors else comparison


def _together(base: World, first: World, second: World) -> World:
    """The world with the changes of two variations of the base."""
    own = second.loaded.overrides[len(base.loaded.overrides) :]
    both = apply_changes(first.loaded, [f"{override.path}={override.new}" for override in own])
    return named_world(f"{first.name}_and_{second.name}", both, f"{first.label} and {second.label}")


def _effects(comparison: Comparison, part: CompareQuestion) -> pd.DataFrame:
    """What the two factors do alone and together; they and their sum are the last three alternatives."""
    from sim.analysis.outcomes import occurring_names
    from sim.analysis.paired.factorial import effects

    factors = comparison.alternatives[-3:]
    base, first, second, both = (comparison.results[world.name] for world in (comparison.base, *factors))
    names = part.outcomes or occurring_names([base, first, second, both], part.reading)
    return effects(base, first, second, both, (factors[0].label, factors[1].label), part.reading, names)


def _findings(part: CompareQuestion, comparison: Comparison) -> Iterator[Finding]:
    names = part.outcomes or _USUAL
    yield from base_findings(comparison, names)
    yield from differences_findings(comparison, comparison.differences[comparison.differences["outcome"].isin(names)])
    if comparison.effects is not None:
        effects = comparison.effects
        for row in rows_of(effects[effects["effect"].str.contains("main|interaction")]):
            estimate = (row["value"], row["low"], row["high"])
            labels = (row["label"], row["outcome_label"])
            yield Finding(row["effect"], row["outcome"], *labels, CHANGE, row["unit"], *estimate)


def base_findings(comparison: Comparison, outcomes: Sequence[str]) -> Iterator[Finding]:
    """The outcomes in the base world."""
    frame = comparison.differences
    first = frame[frame["outcome"].isin(outcomes) & frame["alternative"].eq(comparison.alternatives[0].name)]
    for row in rows_of(first):
        labels = (comparison.base.label, row["label"])
        yield Finding("base", row["outcome"], *labels, LEVEL, row["unit"], *estimate_of(row, "base"))


def differences_findings(comparison: Comparison, differences: pd.DataFrame) -> Iterator[Finding]:
    """What each alternative changes."""
    for row in rows_of(differences):
        estimate = (row["difference"], row["low"], row["high"])
        labels = (comparison.labels[row["alternative"]], row["label"])
        yield Finding(row["alternative"], row["outcome"], *labels, CHANGE, row["unit"], *estimate)


COMPARE: Final = Method(CompareQuestion, _problems, _answer, _findings)
