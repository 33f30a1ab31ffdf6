"""The page of what buys most: additional launches against additional cost."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from sim.report.answers import compare
from sim.report.charts.frontier import frontier_chart
from sim.report.document import Figure, Section
from sim.report.format import UNKNOWN, changed, estimate, listed, money, percent
from sim.report.frames import records
from sim.report.tables import Table

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from sim.experiment.answer import Answer
    from sim.experiment.methods.frontier import Frontier
    from sim.experiment.question import Question
    from sim.report.answers.page import Page

_DOMINATED = {"": "on the frontier", "strongly": "dominated by one other", "extendedly": "dominated by two mixed"}


def page(result: Frontier, question: Question | None = None) -> Page:
    """The page of a frontier: that of the comparison of its options, with what buys most before it."""
    compared, frontier = compare.page(result, question), result.frontier
    if not len(frontier):
        return compared
    return replace(
        compared,
        headline=(*frontier_words(frontier), *compared.headline),
        sections=(*frontier_sections(frontier), *compared.sections),
        frames={**compared.frames, "frontier": frontier},
    )


def show(answer: Answer[Frontier], console: Console | None = None) -> None:
    """Print the options and what buys most, to a ``console`` or to standard output."""
    from sim.report.brief import print_brief

    print_brief(answer, console)


def frontier_sections(frame: pd.DataFrame | None) -> tuple[Section, ...]:
    """The section of a frame of :func:`sim.analysis.paired.frontier.frontier_of`; none without one."""
    if frame is None:
        return ()
    figure = Figure(
        "frontier",
        "What each option adds, and costs",
        "Each point is an option: the launches it adds in one history on average, and what it costs more. Crosses "
        "are 95% intervals. The line joins the options that nothing beats; a mixture of two of them would lie on it.",
        "Which options are on the line is itself uncertain: the table says in how many resamples of the histories each "
        "is. Options that share their parts are not independent of one another.",
        partial(frontier_chart, frame),
        (("The options", frontier_table(frame)),),
    )
    return (Section("frontier", "What buys most", (figure,)),)


def frontier_words(frame: pd.DataFrame | None) -> tuple[str, ...]:
    """Which options are on the frontier, and what each launch more costs along it."""
    if frame is None:
        return ()
    rows = sorted(records(frame), key=lambda row: row["launches"])
    best = [row for row in rows if row["on_frontier"] and math.isfinite(row["icer"])]
    beaten = [f"“{row['label']}”" for row in rows if not row["on_frontier"]]
    sentences = []
    if best:
        steps = [f"“{row['label']}”: {_icer(row)}" for row in best]
        sentences.append(
            "Nothing beats these, from few launches to many, each with the cost of a launch more than the one before "
            f"it brings: {'; '.join(steps)}."
        )
    if beaten:
        sentences.append(f"Beaten by others, or by mixtures of them, at these means: {listed(beaten)}.")
    return tuple(sentences)


def frontier_table(frame: pd.DataFrame) -> Table:
    """Every option with its cost, launches, place, and the chance of being on the frontier."""
    head = ("Option", "Launches more", "Cost more", "Place", "Cost of each launch more than the step before")
    rows = [
        (
            str(row["label"]),
            changed(row["launches"], row["launches_low"], row["launches_high"], "count"),
            changed(row["cost"], row["cost_low"], row["cost_high"], "pounds"),
            _DOMINATED[str(row["dominated"])],
            _icer(row) if math.isfinite(row["icer"]) else UNKNOWN,
            percent(row.get("chance", math.nan)),
        )
        for row in records(frame)
    ]
    return Table((*head, "On the frontier in"), tuple(rows))


def _icer(row: dict[str, Any]) -> str:
    low, high = (row.get(f"icer_{end}", math.nan) for end in ("low", "high"))
    if math.isnan(low):
        return f"{money(row['icer'])} (no interval has an end)"
    return estimate(row["icer"], low, high, money)
