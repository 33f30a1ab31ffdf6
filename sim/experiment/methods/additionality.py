"""Additionality: what a programme added, over all that is thought possible of leaving without it.

How easily groups would have left without the programme is not identified by the evidence, so the answer is a range. A
*curve* moves all of those numbers together, from the end at which leaving without is hardest (position -1) by the
stated values (0) to the end at which it is easiest (+1). A *tornado* moves one number at a time. Both worlds are run at
every point, with the same replications and the same luck.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field

from sim.errors import InputError
from sim.experiment.findings import CHANGE, LEVEL, Finding, Kind, estimate_of, rows_of
from sim.experiment.method import DeclaredWorlds, Method
from sim.experiment.methods.additionality_ranges import Range, overrides, ranges
from sim.experiment.study import Study, run_worlds
from sim.experiment.worlds import World
from sim.scenario.load import changed
from sim.scenario.quantity import Problem
from sim.scenario.schema import Scenario
from sim.scenario.schema.base import Part
from sim.scenario.values import Name

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.paired.fates import Fates
    from sim.store.results import Results

_SOURCE: Final = "5.1"
_REPORTED: Final = (
    ("additional", "Wholly additional, as recipients report it", 0.35),
    ("in_part", "Additional in part, as recipients report it", 0.37),
    ("deadweight", "Deadweight, as recipients report it", 0.28),
)
_ALONG: Final = ("with_programme", "without_programme", "difference", "additional", "displaced", "share_additional")
"""The measures that the findings give at each point of the curve."""
_MOST: Final = 4
"""The findings give so many of the numbers that move the net difference most."""


class AdditionalityQuestion(Part):
    """What a programme added: a world ``with`` it against a world ``without``.

    The numbers of leaving without it are moved over their ranges in so many ``points``.
    """

    with_: Annotated[Name, Field(alias="with")]
    without: Name
    points: Annotated[int, Field(ge=3, le=101, strict=True)] = 9


@dataclass(frozen=True)
class Additionality:
    """What a programme added. A measure ``X`` stands in three columns, ``X X_low X_high``, at 95 %.

    - ``summary``, at the stated values, one row a measure: ``measure label unit value low high``;
    - ``curve``, one row a point: ``position label`` and the measures;
    - ``tornado``, one row a number, the largest swing first: ``parameter label better low_value stated_value
      high_value``, the measures ``share_at_low share_at_high swing`` (of the share additional) and ``difference_at_low
      difference_at_high difference_swing`` (of the net difference);
    - ``reported``: ``measure label share source caution``, the shares that recipients of a fund reported;
    - ``parameters``: ``parameter label better worst stated best source``, what is moved along the curve;
    - ``fates``: what became of the groups, base without the programme; ``results`` of both worlds by name.

    The measures are those of `sim.analysis.paired.additional`.
    """

    with_programme: World
    without_programme: World
    study: Study
    results: Mapping[str, Results]
    summary: pd.DataFrame
    curve: pd.DataFrame
    tornado: pd.DataFrame
    reported: pd.DataFrame
    parameters: pd.DataFrame
    fates: Fates


@dataclass(frozen=True)
class _Pair:
    """The two worlds, and how they are counted."""

    with_: World
    without: World
    programme: frozenset[str]
    study: Study

    def at(self, name: str, moved: Mapping[str, str]) -> pd.DataFrame:
        """The tally with numbers moved to texts, by path."""
        from sim.experiment.points import counted

        with_, without = (_moved(world, moved) for world in (self.with_, self.without))
        return counted(name, with_, without, self.programme, self.study)


def _moved(world: World, moved: Mapping[str, str]) -> World:
    return replace(world, loaded=changed(world.loaded, overrides(world, moved))) if moved else world


def title(with_programme: World) -> str:
    """What an additionality is called that has no title of its own."""
    return f"{with_programme.title}: what the programme added"


def ask(with_programme: World, without_programme: World, points: int) -> dict[str, Any]:
    """The part of a question that asks what a programme added."""
    return {"with": with_programme.name, "without": without_programme.name, "points": points}


def additionality(with_programme: World, without_programme: World, study: Study, points: int = 9) -> Additionality:
    """Count what a programme added, at the stated values and over the ranges of leaving without it.

    ``points`` on the curve, an odd number. Raises `InputError` where the worlds are not a programme and its absence.
    """
    from sim.analysis.paired.additional import summary
    from sim.analysis.paired.fates import fates

    if study.cluster is not None:
        raise InputError("an additionality runs on one machine, not on a cluster")
    pair = _Pair(with_programme, without_programme, _programme(with_programme, without_programme), study)
    moved = ranges(with_programme, without_programme)
    results = run_worlds((with_programme, without_programme), study)
    stated = pair.at("stated", {})
    return Additionality(
        with_programme,
        without_programme,
        study,
        results,
        summary(stated),
        _curve(pair, moved, points),
        _tornado(pair, moved),
        _reported(),
        _parameters(moved),
        fates(results[without_programme.name], results[with_programme.name]),
    )


def _programme(with_: World, without: World) -> frozenset[str]:
    """The routes of the programme: those that are open in the world with it alone."""
    here, there = (_routes(world.loaded.scenario) for world in (with_, without))
    if not here - there or not here & there:
        raise InputError(
            f"{with_.name} and {without.name} are no programme and its absence: expected a route that only the first "
            "has, and one that both have"
        )
    return frozenset(here - there)


def _routes(scenario: Scenario) -> set[str]:
    """The routes that are open."""
    return {name for name, route in scenario.routes.items() if route.enabled}


def _curve(pair: _Pair, moved: Sequence[Range], points: int) -> pd.DataFrame:
    import pandas as pd

    from sim.analysis.paired.additional import point

    if points < 3 or points % 2 == 0:
        raise InputError(f"{points} points on the curve, expected an odd number from 3 on")
    half = points // 2
    labels = {-half: "worst", 0: "as stated", half: "best"}
    rows: list[dict[str, Any]] = []
    for step in range(-half, half + 1):
        tally = pair.at(f"curve_{step + half}", {number.path: number.at(step / half) for number in moved})
        rows.append({"position": step / half, "label": labels.get(step, ""), **point(tally)})
    return pd.DataFrame(rows)


def _tornado(pair: _Pair, moved: Sequence[Range]) -> pd.DataFrame:
    import pandas as pd

    from sim.analysis.paired.additional import estimated, swing

    rows: list[dict[str, Any]] = []
    for i, number in enumerate(moved):
        ends = {"low": number.low, "high": number.high}
        tallies = {end: pair.at(f"alone_{i}_{end}", {number.path: text}) for end, text in ends.items()}
        row: dict[str, Any] = {"parameter": number.path, "label": number.label, "better": number.better}
        row.update(low_value=number.low, stated_value=number.value, high_value=number.high)
        for end, tally in tallies.items():
            row |= estimated(tally, "share_additional", f"share_at_{end}")
            row |= estimated(tally, "difference", f"difference_at_{end}")
        rows.append(row | swing(tallies["low"], tallies["high"]))
    table = pd.DataFrame(rows)
    if not rows:
        return table
    return table.sort_values("swing", key=abs, ascending=False, kind="stable", ignore_index=True)


def _parameters(moved: Sequence[Range]) -> pd.DataFrame:
    import pandas as pd

    columns = ["parameter", "label", "better", "worst", "stated", "best", "source"]
    rows = [(n.path, n.label, n.better, n.worst, n.value, n.best, n.source) for n in moved]
    return pd.DataFrame(rows, columns=columns)


def _reported() -> pd.DataFrame:
    """What recipients of the fund said of themselves, with the caution of the evidence."""
    import pandas as pd

    from sim.scenario.evidence import evidence_table

    caution = " ".join(evidence_table()[_SOURCE].caution.split())
    rows = [(measure, label, share, _SOURCE, caution) for measure, label, share in _REPORTED]
    return pd.DataFrame(rows, columns=["measure", "label", "share", "source", "caution"])


def _problems(part: AdditionalityQuestion, worlds: DeclaredWorlds) -> Iterator[Problem]:
    yield from worlds.check(("with",), part.with_)
    yield from worlds.check(("without",), part.without)
    if part.points % 2 == 0:
        yield Problem(("points",), f"{part.points} points have no middle", "an odd number")
    if not {part.with_, part.without} <= set(worlds.loaded):
        return
    here, there = (_routes(worlds.loaded[name].loaded.scenario) for name in (part.with_, part.without))
    if not here - there:
        yield Problem(("without",), "no route is missing without the programme", "a world without its route")
    if not here & there:
        yield Problem(("without",), "nobody can leave without the programme", "a route that both worlds have")


def _answer(part: AdditionalityQuestion, worlds: Mapping[str, World], study: Study) -> Additionality:
    return additionality(worlds[part.with_], worlds[part.without], study, part.points)


def _findings(_part: AdditionalityQuestion, result: Additionality) -> Iterator[Finding]:
    summary = {row["measure"]: row for row in rows_of(result.summary)}
    for measure, row in summary.items():
        estimate = (row["value"], row["low"], row["high"])
        yield Finding("summary", measure, "At the stated values", row["label"], _kind(measure), row["unit"], *estimate)
    for row in rows_of(result.curve):
        label = f"Leaving without it: {row['label'] or format(row['position'], '+.2g')}"
        for measure in _ALONG:
            shown = (summary[measure]["label"], _kind(measure), summary[measure]["unit"])
            yield Finding(f"{row['position']:+.2g}", measure, label, *shown, *estimate_of(row, measure))
    most = result.tornado.sort_values("difference_swing", key=abs, ascending=False).head(_MOST)
    for row in rows_of(most):
        for end in ("low", "high"):
            label = f"Launches gained, net, at the {end} end of its range"
            estimate = estimate_of(row, f"difference_at_{end}")
            yield Finding(row["parameter"], f"at_{end}", row["label"], label, CHANGE, "count", *estimate)


def _kind(measure: str) -> Kind:
    return CHANGE if measure in ("difference", "months") else LEVEL


ADDITIONALITY: Final = Method(AdditionalityQuestion, _problems, _answer, _findings)
