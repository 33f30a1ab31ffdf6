"""Additionality: what a programme added, over all that is thought possible of leaving without it.

How easily groups would have left without the programme is not identified by the evidence, so the answer is a range. A
*curve* moves all of those numbers together, from the end at which leaving without is hardest (position -1) by the
stated values (0) to the end at which it is easiest (+1). A *tornado* moves one number at a time. Both worlds are run at
every point, with the same replications and the same luck.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field

from sim.analysis.frame_rows import rows_of
from sim.errors import InputError
from sim.experiment.findings import CHANGE, LEVEL, Finding, Kind, estimate_of
from sim.experiment.method import DeclaredWorlds, Method
from sim.experiment.methods.additionality_ranges import Range, overrides, ranges
from sim.experiment.study import Study
from sim.experiment.worlds import World
from sim.scenario.load import apply_changes
from sim.scenario.quantity import Problem
from sim.scenario.schema import Scenario
from sim.scenario.schema.base import Part
from sim.scenario.values import Name
from sim.store.answer_folder import AnswerFolder

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.paired.fates import Fates
    from sim.batch.batch import Batch
    from sim.experiment.batches import Finished
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


Pair = tuple[World, World]
"""A world with a programme, and without it."""


def _move(pair: Pair, texts: Mapping[str, str]) -> Pair:
    """Both worlds with numbers moved to texts, by path."""
    with_, without = (replace(world, loaded=apply_changes(world.loaded, overrides(world, texts))) for world in pair)
    return with_, without


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
    from sim.experiment.batches import place_of, run_batches, world_batch

    worlds = with_programme, without_programme
    programme, moved = _programme(*worlds), ranges(*worlds)
    curve = _curve_texts(moved, points)
    pairs = {"stated": worlds}
    pairs |= {f"curve_{number}": _move(worlds, texts) for number, (_, texts) in enumerate(curve)}
    pairs |= {name: _move(worlds, {path: text}) for name, path, text in _tornado_texts(moved)}
    batches = {place_of(world): world_batch(world, study) for world in worlds}
    batches |= _tally_batches(pairs, programme, study)
    finished = run_batches(batches, study, f"{len(worlds)} worlds, {len(pairs)} points")
    results = {world.name: finished[place_of(world)].results() for world in worlds}
    tallies = {name: _read_tally(finished[_place(name)]) for name in pairs}
    return Additionality(
        with_programme,
        without_programme,
        study,
        results,
        summary(tallies["stated"]),
        _curve([position for position, _ in curve], tallies),
        _tornado(moved, tallies),
        _reported_shares(),
        _parameters(moved),
        fates(results[without_programme.name], results[with_programme.name]),
    )


def count_points(pairs: Mapping[str, Pair], programme: Collection[str], study: Study) -> dict[str, pd.DataFrame]:
    """The tally of each pair by name (`sim.batch.extracts.tally.tally`), one row a replication.

    With a folder in ``study`` it is kept there, in ``points/NAME``, and resumed. Raises what
    `sim.experiment.batches.run_batches` raises.
    """
    from sim.experiment.batches import run_batches

    finished = run_batches(_tally_batches(pairs, programme, study), study, f"{len(pairs)} points")
    return {name: _read_tally(finished[_place(name)]) for name in pairs}


def _tally_batches(pairs: Mapping[str, Pair], programme: Collection[str], study: Study) -> dict[Path, Batch]:
    from sim.batch.batch import Batch
    from sim.batch.extracts.tally import Tally

    extract = Tally(tuple(sorted(programme)))
    return {
        _place(name): Batch((with_.loaded, without.loaded), extract, study.replications, study.seed, study.uncertain)
        for name, (with_, without) in pairs.items()
    }


def _place(point: str) -> Path:
    return AnswerFolder(Path()).point(point)


def _read_tally(finished: Finished) -> pd.DataFrame:
    from sim.batch.extracts.tally import TABLE
    from sim.store.chunk import decode

    tally: pd.DataFrame = decode(finished.chunks())[TABLE].to_pandas()
    return tally


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


def _curve_texts(moved: Sequence[Range], points: int) -> list[tuple[float, dict[str, str]]]:
    """The positions on the curve, and the texts of all numbers there by path."""
    if points < 3 or points % 2 == 0:
        raise InputError(f"{points} points on the curve, expected an odd number from 3 on")
    half = points // 2
    positions = [step / half for step in range(-half, half + 1)]
    return [(position, {number.path: number.at(position) for number in moved}) for position in positions]


def _tornado_texts(moved: Sequence[Range]) -> Iterator[tuple[str, str, str]]:
    """The points at which one number is moved alone: name, path and text."""
    for i, number in enumerate(moved):
        yield f"alone_{i}_low", number.path, number.low
        yield f"alone_{i}_high", number.path, number.high


def _curve(positions: Sequence[float], tallies: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    from sim.analysis.paired.additional import curve_point

    labels = {-1.0: "worst", 0.0: "as stated", 1.0: "best"}
    rows = [
        {"position": position, "label": labels.get(position, ""), **curve_point(tallies[f"curve_{i}"])}
        for i, position in enumerate(positions)
    ]
    return pd.DataFrame(rows)


def _tornado(moved: Sequence[Range], tallies: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    from sim.analysis.paired.additional import estimate, swing

    rows: list[dict[str, Any]] = []
    for i, number in enumerate(moved):
        ends = {end: tallies[f"alone_{i}_{end}"] for end in ("low", "high")}
        row: dict[str, Any] = {"parameter": number.path, "label": number.label, "better": number.better}
        row.update(low_value=number.low, stated_value=number.value, high_value=number.high)
        for end, tally in ends.items():
            row |= estimate(tally, "share_additional", f"share_at_{end}")
            row |= estimate(tally, "difference", f"difference_at_{end}")
        rows.append(row | swing(ends["low"], ends["high"]))
    table = pd.DataFrame(rows)
    if not rows:
        return table
    return table.sort_values("swing", key=abs, ascending=False, kind="stable", ignore_index=True)


def _parameters(moved: Sequence[Range]) -> pd.DataFrame:
    import pandas as pd

    columns = ["parameter", "label", "better", "worst", "stated", "best", "source"]
    rows = [(n.path, n.label, n.better, n.worst, n.value, n.best, n.source) for n in moved]
    return pd.DataFrame(rows, columns=columns)


def _reported_shares() -> pd.DataFrame:
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
