"""A frontier as people see it: which interventions buy most, over the comparison that it was made from."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from sim.analysis.frame_rows import rows_of
from sim.report.answers import compare
from sim.report.answers.notes import quote
from sim.report.charts.frontier import PLACES, frontier_chart
from sim.report.document import Figure, Page, Section, Summary
from sim.report.format import UNKNOWN, count, estimate, join_words, money, percent
from sim.report.table import Cell, Change, Column, Interval, Level, Table, page_only, terminal_only, text

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.methods.frontier import Frontier
    from sim.experiment.question import Question


def page(result: Frontier, question: Question) -> Page:
    """The page of a frontier: that of the comparison of its options, with what buys most before it."""
    whole, frontier = compare.page(result, question), result.frontier
    if not len(frontier):
        return whole
    return replace(
        whole,
        headline=(*sentences(frontier), *whole.headline),
        sections=(section(frontier), *whole.sections),
        frames={**whole.frames, "frontier": frontier},
    )


def summary(result: Frontier, question: Question) -> Summary:
    """The summary of a frontier: its options in one table."""
    whole, frontier = compare.summary(result, question), result.frontier
    if not len(frontier):
        return whole
    n = count(result.study.replications, "replication", "replications")
    notes = (f"{n} of each world. ± gives the 95% interval of a mean (Monte Carlo error).",)
    return replace(whole, notes=notes, headline=sentences(frontier), tables=(frontier_table(frontier),))


def section(frame: pd.DataFrame) -> Section:
    """The section of the frontier."""
    figure = Figure(
        "frontier",
        "Additional launches and additional cost of each option",
        "Each point is an option: the launches it adds in one history on average, and what it costs in addition. "
        "Crosses are 95% intervals. The line joins the options that no other option beats; a mixture of two "
        "of them would lie on it.",
        "Which options are on the line is itself uncertain: the table gives the share of resamples of the histories in "
        "which each one is. Options that share their parts are not independent of one another.",
        partial(frontier_chart, frame),
        (frontier_table(frame),),
    )
    return Section("frontier", "What buys most", (figure,))


def sentences(frame: pd.DataFrame) -> tuple[str, ...]:
    """Which options are on the frontier, and what each additional launch costs along it."""
    rows = sorted(rows_of(frame), key=lambda row: row["launches"])
    best = [row for row in rows if row["on_frontier"] and math.isfinite(row["icer"])]
    beaten = [quote(row["label"]) for row in rows if not row["on_frontier"]]
    written = []
    if best:
        steps = [f"{quote(row['label'])}: {_write_icer(row)}" for row in best]
        written.append(
            "No other option beats these, in order of the launches they add. Each is shown with the cost of an "
            f"additional launch compared with the one before: {'; '.join(steps)}."
        )
    if beaten:
        written.append(f"On these averages, other options or mixtures of them beat {join_words(beaten)}.")
    return tuple(written)


def frontier_table(frame: pd.DataFrame) -> Table:
    """Every option with its cost, launches, place, and the chance of being on the frontier."""
    columns = (
        *(text("Option"), page_only("Additional launches"), page_only("Additional cost"), page_only("Place", "left")),
        *(page_only("Cost of each additional launch over the step before"), terminal_only("Launches")),
        *(terminal_only("Cost"), terminal_only("Per additional launch"), Column("On the frontier in", "On frontier")),
    )
    return Table("The options", columns, tuple(map(_option, rows_of(frame))))


def _option(row: dict[str, Any]) -> tuple[Cell, ...]:
    launches = (row["launches"], row["launches_low"], row["launches_high"])
    cost = (row["cost"], row["cost_low"], row["cost_high"])
    return (
        *(str(row["label"]), Change(*launches), Change(*cost, "pounds"), PLACES[str(row["dominated"])]),
        *(_icer(row), Level(*launches, "count"), Level(*cost, "pounds"), _icer(row)),
        percent(row.get("chance", math.nan)),
    )


def _icer(row: dict[str, Any]) -> Cell:
    if not math.isfinite(row["icer"]):
        return UNKNOWN
    low, high = (row.get(f"icer_{end}", math.nan) for end in ("low", "high"))
    return _write_icer(row) if math.isnan(low) else Interval(row["icer"], low, high, "pounds")


def _write_icer(row: dict[str, Any]) -> str:
    low, high = (row.get(f"icer_{end}", math.nan) for end in ("low", "high"))
    if math.isnan(low):
        return f"{money(row['icer'])} (interval unbounded)"
    return estimate(row["icer"], low, high, money)
