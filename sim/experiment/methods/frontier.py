"""Frontier: which interventions, alone or in packages, buy most launches for their cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import Field

from sim.analysis.frame_rows import rows_of
from sim.experiment.findings import LEVEL, Finding, estimate_of
from sim.experiment.method import DeclaredWorlds, Method
from sim.experiment.methods.compare import base_findings, differences_findings
from sim.experiment.methods.comparison import Comparison, compare
from sim.experiment.reading import ReadingPart, as_written, dates_outside
from sim.experiment.study import Study
from sim.experiment.worlds import World, named_world
from sim.scenario.load import apply_changes
from sim.scenario.names import check_names
from sim.scenario.quantity import Problem
from sim.scenario.values import Name, Names

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.reading import Reading

_OUTCOMES: Final = ("launches", "staff_moved", "cost_programme", "discounted_total")
"""The outcomes that the findings give of each option."""


class FrontierQuestion(ReadingPart):
    """What buys most: interventions one by one, and ``packages`` of them, by launches and cost."""

    base: Name
    each: Literal["interventions"] | None = None
    packages: dict[Name, Annotated[Names, Field(min_length=1)]] = Field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Frontier(Comparison):
    """A comparison of the options with the base; ``frontier`` says what buys most (`sim.analysis.paired.frontier`)."""

    frontier: pd.DataFrame


def title(base: World) -> str:
    """What a frontier is called that has no title of its own."""
    return f"{base.title}: which interventions buy most"


def ask(base: World, packages: Mapping[str, Sequence[str]], reading: Reading) -> dict[str, Any]:
    """The part of a question that asks for each intervention of a world, and for these packages of them."""
    named = {name: list(members) for name, members in packages.items()}
    return {"base": base.name, "each": "interventions", "packages": named or None, **as_written(reading)}


def _problems(part: FrontierQuestion, worlds: DeclaredWorlds) -> Iterator[Problem]:
    yield from worlds.check(("base",), part.base)
    if not part.each and not part.packages:
        yield Problem((), "nothing to buy", "each: interventions, or packages:")
    yield from dates_outside(part, worlds.loaded)
    if part.base not in worlds.loaded:
        return
    interventions = worlds.loaded[part.base].loaded.scenario.interventions
    if part.each and not interventions:
        yield Problem(("each",), f"{part.base} has no interventions", "packages of another world")
    if part.each and part.base in interventions:
        yield Problem(("base",), f"{part.base} is the name of an intervention too", "another name for the world")
    for name, members in part.packages.items():
        path = ("packages", name)
        yield from check_names(path, "intervention", members, interventions)
        if name == part.base or (part.each and name in interventions):
            yield Problem(path, f"{name} is the name of something else", "another name")


def _answer(part: FrontierQuestion, worlds: Mapping[str, World], study: Study) -> Frontier:
    from sim.analysis.paired.frontier import compare_on_frontier

    base = worlds[part.base]
    options = list(_options(part, base))
    comparison = compare(base, options, study, part.reading)
    results = {option.name: comparison.results[option.name] for option in options}
    labels = comparison.labels | {"": base.label}
    frontier = compare_on_frontier(comparison.results[base.name], results, part.reading, labels)
    return Frontier(**{field.name: getattr(comparison, field.name) for field in fields(comparison)}, frontier=frontier)


def _options(part: FrontierQuestion, base: World) -> Iterator[World]:
    """The base with each intervention that is off switched on, then with each package."""
    interventions = base.loaded.scenario.interventions
    singles = [name for name, entry in interventions.items() if not entry.enabled] if part.each else []
    for name in singles:
        yield _with(base, name, interventions[name].label, (name,))
    for name, members in part.packages.items():
        yield _with(base, name, "", members)


def _with(base: World, name: str, label: str, interventions: Sequence[str]) -> World:
    """The base with interventions switched on."""
    overrides = [f"interventions.{intervention}.enabled=true" for intervention in interventions]
    return named_world(name, apply_changes(base.loaded, overrides), label)


def _findings(part: FrontierQuestion, result: Frontier) -> Iterator[Finding]:
    frame = result.differences
    yield from base_findings(result, _OUTCOMES)
    yield from differences_findings(result, _rank(frame[frame["outcome"].isin(_OUTCOMES)]))
    frontier = result.frontier
    for row in rows_of(frontier[frontier["on_frontier"] & frontier["icer"].notna()]):
        labels = ("On the frontier: cost of each additional launch", row["label"])
        yield Finding("frontier", row["alternative"], *labels, LEVEL, "pounds", *estimate_of(row, "icer"))


def _rank(differences: pd.DataFrame) -> pd.DataFrame:
    """The options in the order of the launches that they add, most first."""
    launches = differences[differences["outcome"] == "launches"].set_index("alternative")["difference"]
    place = differences["alternative"].map(launches)
    return differences.loc[place.sort_values(ascending=False, kind="stable").index]


FRONTIER: Final = Method(FrontierQuestion, _problems, _answer, _findings)
