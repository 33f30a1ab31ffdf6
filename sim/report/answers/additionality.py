"""An additionality as people see it: what a programme added to what would have happened without it."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

from sim.analysis.frame_rows import rows_of
from sim.report.answers import additionality_tables as tables
from sim.report.answers.additionality_tables import reported_shares
from sim.report.answers.fates import fates_figures
from sim.report.answers.notes import describe_study, describe_world, explain_intervals, failure_sentences
from sim.report.charts.additionality import additionality_chart, cost_chart, launches_chart, net_chart
from sim.report.charts.tornado import tornado_chart
from sim.report.document import Card, Figure, Page, Section, Summary
from sim.report.format import amount, change, count, estimate, percent, span

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.methods.additionality import Additionality
    from sim.experiment.question import Question

_Row = dict[str, Any]
_WITHOUT = (
    "How easily groups would have left without the programme is not known. From left to right, all the numbers about "
    "leaving without it are moved together over their ranges, from the hardest leaving to the easiest"
)
_SHARE = "Share of the programme's launches that are additional"


def page(result: Additionality, question: Question) -> Page:
    """The page of an additionality; ``question`` is what was asked."""
    worlds = (result.with_programme, result.without_programme)
    histories = count(result.study.replications, "simulated history", "simulated histories")
    manifest = result.results[result.with_programme.name].manifest if result.results else None
    return Page(
        kicker="What a programme added",
        title=question.title,
        meta=f"{result.with_programme.label} beside {result.without_programme.label} · {histories} of each world",
        headline=headline(result),
        cards=_cards(result),
        reading=_reading(result),
        sections=sections(result),
        facts={**describe_study(result.study, 2, manifest), "Points on the curve": str(len(result.curve))},
        worlds=tuple(describe_world(world, result.results.get(world.name)) for world in worlds),
        frames=_frames(result),
        warnings=failure_sentences(worlds, result.results),
        question=question.question,
        about=question.about,
    )


def summary(result: Additionality, question: Question) -> Summary:
    """The summary of an additionality: the measures as stated, along the curve, and one assumption at a time."""
    n = count(result.study.replications, "replication", "replications")
    shown = (
        tables.summary_table(result.summary),
        tables.curve_table(result.curve),
        *((tables.tornado_table(result.tornado),) if len(result.tornado) else ()),
    )
    return Summary(
        question.title,
        (
            f"{n} of each world at each point. ± gives the 95% interval of a mean (Monte Carlo error); the range over "
            "the curve is uncertainty about the assumptions.",
        ),
        headline(result),
        shown,
        failure_sentences((result.with_programme, result.without_programme), result.results),
    )


def headline(result: Additionality) -> tuple[str, ...]:
    """The sentences: the range first, as the point within it is not known."""
    at = {row["measure"]: row for row in rows_of(result.summary)}
    return _range(result.curve), _as_stated(at), _share(at, result), *_price(at)


def sections(result: Additionality) -> tuple[Section, ...]:
    """The sections of the page."""
    labels = (result.without_programme.label, result.with_programme.label)
    return (
        Section("curve", "What the programme added, over the range of assumptions", _curves(result)),
        Section(
            "measures",
            "At the stated values",
            sentences=("Every number is as the scenarios state it.",),
            tables=(tables.summary_table(result.summary),),
        ),
        Section("fates", "Which groups it affected", fates_figures(result.fates, "programme", *labels)),
        Section("tornado", "Which assumption matters most", _tornadoes(result), "No assumption has a range."),
        Section(
            "moved",
            "What is moved along the curve",
            tables=(tables.parameters_table(result), tables.reported_table(result)),
        ),
    )


def _range(curve: pd.DataFrame) -> str:
    """The net difference over the whole curve, and what its intervals allow to say of its sign."""
    rows = rows_of(curve)
    lowest, highest = (choose(rows, key=lambda row: row["difference"]) for choose in (min, max))
    ends = f"from {_change(lowest['difference'])} to {_change(highest['difference'])} launches a history on average"
    if lowest["difference_low"] > 0 or highest["difference_high"] < 0:
        verb = "added" if lowest["difference_low"] > 0 else "cost"
        return (
            f"Whatever is assumed, within its range, about leaving without it, the programme {verb} launches: {ends}."
        )
    return (
        "We cannot say whether the programme added launches: over the range of assumptions about leaving without it, "
        f"the net difference ranges {ends}."
    )


def _as_stated(at: dict[str, _Row]) -> str:
    row = at["difference"]
    worlds = f"{_value(at['with_programme'])} with it, {_value(at['without_programme'])} without"
    parts = f"{_value(at['additional'])} launched only with it, {_value(at['displaced'])} only without it"
    if row["low"] <= 0 <= row["high"]:
        signed = estimate(row["value"], row["low"], row["high"], _change)
        return f"At the stated values there is no clear difference: {signed} launches ({worlds}); {parts}."
    verb = "adds" if row["value"] > 0 else "costs"
    low, high = sorted((abs(row["low"]), abs(row["high"])))
    size = _estimate({**row, "value": abs(row["value"]), "low": low, "high": high})
    return f"At the stated values it {verb} {size} launches a history: {worlds}; {parts}."


def _share(at: dict[str, _Row], result: Additionality) -> str:
    row, tried = at["share_additional"], at.get("share_would_try")
    shares = [share for share in result.curve["share_additional"] if not math.isnan(share)]
    over = f", {span(percent(min(shares)), percent(max(shares)))} over the range" if shares else ""
    attempted = f"; {_estimate(tried)} would at least have tried" if tried is not None else ""
    given_up, regardless = (percent(share) for share in reported_shares(result))
    return (
        f"Of the launches that went through the programme, {_estimate(row)} would not have launched without it{over}"
        f"{attempted}. Recipients of a fund said of themselves that {given_up} would have given up without the money "
        f"and {regardless} would have gone ahead regardless (evidence 5.1): an intention, under another programme."
    )


def _price(at: dict[str, _Row]) -> list[str]:
    row, net = at["per_additional"], at["per_net"]
    if math.isnan(row["value"]):
        return []
    sentence = f"Each additional launch cost the programme {_price_phrase(row)}"
    if math.isnan(net["value"]):
        return [f"{sentence}. Net of displaced launches, none was gained, so there is no cost for each."]
    return [f"{sentence}. Net of displaced launches, each launch gained cost it {_price_phrase(net)}."]


def _cards(result: Additionality) -> tuple[Card, ...]:
    at = {row["measure"]: row for row in rows_of(result.summary)}
    ranged = tuple(
        Card(
            str(at[name]["label"]),
            form(at[name]["value"]),
            f"as stated; {span(form(result.curve[name].min()), form(result.curve[name].max()))} over the range",
        )
        for name, form in (("difference", _change), ("share_additional", percent))
    )
    return (
        *ranged,
        Card(str(at["displaced"]["label"]), amount(at["displaced"]["value"], "count"), "as stated"),
        Card(str(at["per_additional"]["label"]), _value(at["per_additional"]), "as stated, before displaced launches"),
    )


def _reading(result: Additionality) -> tuple[str, ...]:
    return (
        *explain_intervals(result.study),
        "The range over the curve is different in kind: it is what we do not know about leaving without the programme. "
        "It is not a probability, and more computing does not narrow it.",
        "Additional: launched with the programme and not without it. Deadweight: launched through the programme, and "
        "without it too. Displaced: launched without it, and lost with it. The same groups have the same luck in both "
        "worlds, so each of them can be followed in both.",
    )


def _frames(result: Additionality) -> dict[str, pd.DataFrame]:
    fates = result.fates
    return {
        "summary": result.summary,
        "curve": result.curve,
        "tornado": result.tornado,
        "reported": result.reported,
        "parameters": result.parameters,
        "fates": fates.table,
        "fates_flow": fates.flow,
        "fates_timing": fates.timing,
        "fates_only_in_one_world": fates.brought,
    }


def _curves(result: Additionality) -> tuple[Figure, ...]:
    """The net difference first, as additional launches alone would hide those displaced; then shares, parts, price."""
    return _net(result.curve), _shares(result), _parts(result.curve), _prices(result.curve)


def _net(curve: pd.DataFrame) -> Figure:
    return Figure(
        "net",
        "Launches gained, net",
        f"{_WITHOUT}. The line is launches with the programme minus launches without it; its ribbon is the 95% "
        "interval. The areas show what it is made of.",
        "The curve shows what would follow from an assumption, not which assumption is right.",
        partial(net_chart, curve),
        (tables.curve_table(curve),),
    )


def _shares(result: Additionality) -> Figure:
    given_up, regardless = reported_shares(result)
    marks = {
        f"Reported: {percent(regardless)} would have gone ahead regardless": 1 - regardless,
        f"Reported: {percent(given_up)} would have given up": given_up,
    }
    return Figure(
        "additionality",
        _SHARE,
        f"{_WITHOUT}. Dashed lines are what recipients of a fund said of themselves (evidence 5.1): "
        f"{percent(given_up)} of their projects would have been abandoned without it and {percent(regardless)} would "
        f"have gone ahead, so between {percent(given_up)} and {percent(1 - regardless)} were additional, wholly or "
        "in part.",
        "The reports are about another programme (the Social Enterprise Investment Fund), come from those who had its "
        "money, and say what they would have tried, not what would have succeeded. They are a point of comparison, "
        "not a target.",
        partial(additionality_chart, result.curve, marks),
    )


def _parts(curve: pd.DataFrame) -> Figure:
    return Figure(
        "launches",
        "What the launches with the programme are made of",
        "Stacked: launches outside the programme, launches that it helped but that would have happened anyway, and "
        "launches that happened only with it. The dashed line is all launches without it; the part of it above the "
        "deadweight are the displaced launches.",
        "A launch that comes sooner or with more staff counts the same as one that does not.",
        partial(launches_chart, curve),
    )


def _prices(curve: pd.DataFrame) -> Figure:
    return Figure(
        "cost",
        "What the programme paid for each launch it added",
        "The programme's own spending, divided by additional launches and by launches gained net. Where the line stops "
        "no launch is gained; where the ribbon stops the interval has no end.",
        "Costs to hosts and to staff groups are not included.",
        partial(cost_chart, curve),
    )


def _tornadoes(result: Additionality) -> tuple[Figure, ...]:
    """What each assumption does alone, to the net difference and to the additional share."""
    if not len(result.tornado):
        return ()
    at = {row["measure"]: row["value"] for row in rows_of(result.summary)}
    shows = (
        "Each assumption is moved alone from one end of its range to the other, with all others as stated. The dashed "
        "line is the answer at the stated values; a thin line is the 95% interval of one end by itself. The change "
        "from end to end is estimated more precisely, because both ends have the same luck: see the table."
    )
    limits = "Moved together, assumptions may do more or less than the sum: the curve above moves all of them."
    measures = (
        ("difference", "count", "difference", "Launches gained, net", (tables.tornado_table(result.tornado),)),
        ("share", "share", "share_additional", _SHARE, ()),
    )
    return tuple(
        Figure(
            f"tornado_{name}",
            title,
            shows,
            limits,
            partial(tornado_chart, result.tornado, name, unit, at[measure], title),
            written,
        )
        for name, unit, measure, title, written in measures
        if f"{name}_at_low" in result.tornado
    )


def _estimate(row: _Row) -> str:
    return estimate(row["value"], row["low"], row["high"], lambda value: amount(value, str(row["unit"])))


def _value(row: _Row) -> str:
    return amount(row["value"], str(row["unit"]))


def _price_phrase(row: _Row) -> str:
    if math.isnan(row["value"]):
        return "nothing, as none was gained"
    if math.isnan(row["low"]):
        return f"{_value(row)} (interval unbounded)"
    return _estimate(row)


def _change(value: float) -> str:
    return change(value, "count")
