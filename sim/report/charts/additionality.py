"""Whether the programme added anything, over all that is plausible of leaving without it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sim.analysis.frame_rows import rows_of
from sim.report.charts.grammar import Spec, mark, quantity, until, values, word
from sim.report.charts.style import (
    BLUE,
    INK,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    Layout,
    apply_style,
    break_lines,
    fit_width,
)
from sim.report.charts.whiskers import PLAIN, POUNDS, Row, domain, drop_unknown
from sim.report.format import amount, change_with_interval, estimate

if TYPE_CHECKING:
    import pandas as pd

# From the bottom up: what launches without the programme too, up to the line of that world, then what it adds.
_PARTS = {
    "outside": ("Outside: launched without its help", SKY),
    "deadweight": ("Deadweight: would have launched anyway", ORANGE),
    "additional": ("Additional: only with the programme", BLUE),
}
_SHARES = {
    "share_additional": ("Would not have launched without it", BLUE),
    "not_tried": ("Would not even have tried without it", VERMILION),
}
_NET = "Net difference, with its interval"
_WITHOUT = "All launches without the programme"
_MONEY = {
    "per_additional": ("Programme's pounds per additional launch", BLUE),
    "per_net": ("Programme's pounds per launch gained, net", VERMILION),
}
_ENDS = "datum.value == 0 ? 'as stated' : datum.value < 0 ? ['hardest', 'to leave'] : ['easiest', 'to leave']"


def net_chart(curve: pd.DataFrame, layout: Layout) -> Spec:
    """Launches gained less launches displaced: the line with its interval, over and under no difference.

    ``curve`` is that of a :class:`sim.experiment.methods.additionality.Additionality`.
    """
    rows = [
        {**row, "lost": -row["displaced"], "zero": 0.0, "description": f"{_where(row)}: {_net(row)}"}
        for row in rows_of(curve)
    ]
    x = _across(rows)
    bounds = ("difference_low", "difference_high")
    axis = {"title": "Launches in one history", "tickCount": 6, "labelExpr": PLAIN}
    y = {"scale": {"domain": domain(rows, ("difference", *bounds, "additional", "lost")), "nice": False}, "axis": axis}
    line = {"x": x, "y": quantity("difference", **y)}
    between = {"x": x, "y": quantity(bounds[0], **y), "y2": until(bounds[1])}
    data = values(drop_unknown(rows, "difference"), "position", "difference", "description")
    layers = [
        *_parts_of_net(rows, x, y, layout),
        mark("rule", {"y": {"datum": 0, **y, "type": "quantitative"}}, values([{}]), color="#767676"),
        mark("area", between, values(drop_unknown(rows, *bounds), "position", *bounds), color=INK, opacity=0.3),
        mark("line", line, data, color=INK, strokeWidth=2.5),
        mark("point", {**line, "description": word("description")}, data, color=INK, filled=True, size=50, opacity=1),
    ]
    return apply_style(fit_width({"layer": layers, "height": 320, "padding": _PADDING}, layout), layout)


def _parts_of_net(rows: Sequence[Row], x: Spec, y: Spec, layout: Layout) -> list[Spec]:
    """What the net difference is made of: those additional above zero_line, those displaced below."""
    words = {"additional": ("Additional: only with the programme", SKY), "lost": ("Displaced: only without it", ORANGE)}
    keys = [*(said for said, _ in words.values()), _NET]
    colours = {"domain": keys, "range": [*(colour for _, colour in words.values()), INK]}
    paint = word("part", scale=colours, legend={"title": None, "columns": 1 if layout.is_narrow else 3})
    layers = []
    for name, (said, _) in words.items():
        area = {"x": x, "y": quantity("zero", **y), "y2": until(name), "color": paint}
        data = values([{**row, "part": said} for row in drop_unknown(rows, name)], "position", "zero", name, "part")
        layers.append(mark("area", area, data, opacity=0.6, line=False))
    return layers


def additionality_chart(curve: pd.DataFrame, reported: Mapping[str, float], layout: Layout) -> Spec:
    """The share of the programme's launches that would not have launched without it, and that would not have tried.

    ``curve`` is that of a :class:`sim.experiment.methods.additionality.Additionality`; ribbons are its intervals.
    ``reported`` holds what those who were supported said of themselves: levels of that share, each after the words to
    write at its rule.
    """
    rows = [_complement(row) for row in rows_of(curve)]
    x, y = _across(rows), _share()
    names = {name: (said, colour) for name, (said, colour) in _SHARES.items() if drop_unknown(rows, name)}
    keys = {"domain": [said for said, _ in names.values()], "range": [colour for _, colour in names.values()]}
    paint = word("part", scale=keys, legend={"title": None, "columns": 1 if layout.is_narrow else 2})
    layers = _rules(reported, y)
    for name, (said, colour) in names.items():
        entries = [
            {**row, "part": said, "description": f"{_where(row)}: {_percent(row, name)} {said.lower()}"} for row in rows
        ]
        bounds = (f"{name}_low", f"{name}_high")
        line = {"x": x, "y": quantity(name, **y), "color": paint}
        ribbon = {"x": x, "y": quantity(bounds[0], **y), "y2": until(bounds[1])}
        data = values(drop_unknown(entries, name), "position", name, "part", "description")
        layers += [
            mark(
                "area", ribbon, values(drop_unknown(entries, *bounds), "position", *bounds), color=colour, opacity=0.25
            ),
            mark("line", line, data, strokeWidth=2.5),
            mark("point", {**line, "description": word("description")}, data, filled=True, size=50, opacity=1),
        ]
    layers += [*_reported_words(reported, y, layout), *_mark_stated(rows, x, y)]
    height = 320 if layout.is_narrow else 380
    return apply_style(fit_width({"layer": layers, "height": height, "padding": _PADDING}, layout), layout)


def _complement(row: Row) -> Row:
    """The row with the share that would not even have tried, the complement of the one that would."""
    nothing = math.nan
    tried, low, high = (row.get(f"share_would_try{end}", nothing) for end in ("", "_low", "_high"))
    return {**row, "not_tried": 1 - tried, "not_tried_low": 1 - high, "not_tried_high": 1 - low}


def launches_chart(curve: pd.DataFrame, layout: Layout) -> Spec:
    """What the launches with the programme are made of, stacked; the line is the launches without it.

    The line lies above the deadweight by those displaced: launched without the programme, lost with it.
    """
    rows = rows_of(curve)
    x = _across(rows)
    axis = {"title": "Launches in one history", "tickCount": 5}
    most = domain(rows, ("with_programme", "without_programme"))[1]
    y = {"scale": {"domain": [0, most], "nice": False}, "axis": axis}
    pieces: list[Row] = []
    for row in rows:
        start = 0.0
        for name, (words, _) in _PARTS.items():
            end = start + row[name]
            said = f"{words}: {_number(row, name)} launches"
            pieces.append({"position": row["position"], "from": start, "to": end, "part": words, "description": said})
            start = end
    domains = [*(said for said, _ in _PARTS.values()), _WITHOUT]
    colours = {"domain": domains, "range": [*(colour for _, colour in _PARTS.values()), INK]}
    legend = {"title": None, "columns": 1 if layout.is_narrow else 2, "labelLimit": layout.width - 60}
    paint = word("part", scale=colours, legend=legend)
    areas = {"x": x, "y": quantity("from", **y), "y2": until("to"), "color": paint, "description": word("description")}
    line = {"x": x, "y": quantity("without_programme", **y), "color": paint}
    drawn = values([{**row, "part": _WITHOUT} for row in rows], "position", "without_programme", "part")
    layers = [
        mark("area", areas, values(pieces, "position", "from", "to", "part", "description"), opacity=0.9, line=False),
        mark("line", line, drawn, strokeWidth=2.5, strokeDash=[6, 3]),
    ]
    return apply_style(fit_width({"layer": layers, "height": 300, "padding": _PADDING}, layout), layout)


def cost_chart(curve: pd.DataFrame, layout: Layout) -> Spec:
    """What the programme paid for each launch that it added, with ribbons where the interval has an end."""
    rows = rows_of(curve)
    x = _across(rows)
    bounds = [f"{name}{end}" for name in _MONEY for end in ("", "_low", "_high")]
    axis = {"title": "Pounds a launch", "labelExpr": POUNDS, "tickCount": 5}
    y = {"scale": {"domain": domain(rows, bounds), "nice": False}, "axis": axis}
    colours = {"domain": [said for said, _ in _MONEY.values()], "range": [colour for _, colour in _MONEY.values()]}
    paint = word("part", scale=colours, legend={"title": None, "columns": 1 if layout.is_narrow else 2})
    layers: list[Spec] = []
    for name, (said, colour) in _MONEY.items():
        entries = [{**row, "part": said, "description": f"{said}: {_money(row, name)}"} for row in rows]
        ends = (f"{name}_low", f"{name}_high")
        between = {"x": x, "y": quantity(ends[0], **y), "y2": until(ends[1])}
        line = {"x": x, "y": quantity(name, **y), "color": paint}
        data = values(drop_unknown(entries, name), "position", name, "part", "description")
        layers += [
            mark("area", between, values(drop_unknown(entries, *ends), "position", *ends), color=colour, opacity=0.2),
            mark("line", line, data, strokeWidth=2.5),
            mark("point", {**line, "description": word("description")}, data, filled=True, size=45, opacity=1),
        ]
    return apply_style(fit_width({"layer": layers, "height": 280, "padding": _PADDING}, layout), layout)


# The words at both ends of the axis lean out beyond it.
_PADDING = {"left": 4, "top": 4, "bottom": 4, "right": 30}


def _across(rows: Sequence[Row]) -> Spec:
    places = [row["position"] for row in rows] or [0.0]
    ticks = sorted({min(places), 0.0, max(places)}) if min(places) <= 0 <= max(places) else sorted(set(places))
    axis = {
        "title": "How easy it is to leave without the programme",
        "values": ticks,
        "labelExpr": _ENDS,
        "labelFlush": False,
        "grid": False,
        "labelOverlap": False,
    }
    edges = [min(places), max(places)] if min(places) < max(places) else [places[0] - 1, places[0] + 1]
    return quantity("position", scale={"domain": edges, "nice": False}, axis=axis)


def _share() -> Spec:
    axis = {"title": "Share of the programme's launches", "format": "%", "tickCount": 5}
    return {"scale": {"domain": [0, 1], "nice": False, "clamp": True}, "axis": axis}


def _rules(reported: Mapping[str, float], y: Spec) -> list[Spec]:
    """A rule at each level that was reported, and a band between the outermost."""
    if not reported:
        return []
    levels = sorted(reported.values())
    band = values([{"low": levels[0], "high": levels[-1]}], "low", "high")
    rules = values([{"level": level} for level in levels], "level")
    between = {"y": quantity("low", **y), "y2": until("high")}
    return [
        mark("rect", between, band, color=PURPLE, opacity=0.1, aria=False),
        mark("rule", {"y": quantity("level", **y)}, rules, color=PURPLE, strokeWidth=1.5, strokeDash=[6, 4]),
    ]


def _reported_words(reported: Mapping[str, float], y: Spec, layout: Layout) -> list[Spec]:
    """The words at the rules: under the lowest, above the others, so that they stay out of the band."""
    lowest = min(reported.values(), default=0.0)
    layers: list[Spec] = []
    for words, level in reported.items():
        is_under = level == lowest and len(reported) > 1
        text = break_lines(words, 34 if layout.is_narrow else 90, 3)
        row = {"level": level, "words": text}
        at = {"x": {"value": 6}, "y": quantity("level", **y), "text": word("words")}
        lift = -6 - text.count("\n") * (layout.font + 1)
        place = {"baseline": "top", "dy": 5} if is_under else {"baseline": "alphabetic", "dy": lift}
        look = {"align": "left", "lineBreak": "\n", "color": "#8a3f6c", "fontSize": layout.font - 1, **place}
        layers += _write_with_halo(at, values([row], "level", "words"), look)
    return layers


def _write_with_halo(at: Spec, data: Spec, look: Spec) -> list[Spec]:
    """Words that can be read on whatever lies below them."""
    halo = {**look, "color": "white", "stroke": "white", "strokeWidth": 4, "strokeJoin": "round", "opacity": 0.85}
    return [mark("text", at, data, **halo), mark("text", at, data, **look)]


def _mark_stated(entries: Sequence[Row], x: Spec, y: Spec) -> list[Spec]:
    """The share as the scenario states it: in figures at the foot of a line, where no curve is in their way."""
    stated = [row for row in drop_unknown(entries, "share_additional") if row["position"] == 0]
    rows = [{**row, "words": _percent(row, "share_additional"), "foot": 0.0} for row in stated]
    data = values(rows, "position", "share_additional", "words", "foot")
    drop = {"x": x, "y": quantity("share_additional", **y), "y2": until("foot")}
    foot = {"x": x, "y": quantity("foot", **y), "text": word("words")}
    return [
        mark("rule", drop, data, color=BLUE, strokeWidth=1, strokeDash=[2, 2]),
        mark("point", {key: drop[key] for key in ("x", "y")}, data, color=BLUE, filled=True, size=140, opacity=1),
        *_write_with_halo(foot, data, {"dy": -12, "fontWeight": "bold", "color": INK}),
    ]


def _number(row: Row, name: str) -> str:
    return estimate(row[name], row[f"{name}_low"], row[f"{name}_high"], lambda value: amount(value, "count"))


def _percent(row: Row, name: str) -> str:
    return estimate(row[name], row[f"{name}_low"], row[f"{name}_high"], lambda value: amount(value, "share"))


def _money(row: Row, name: str) -> str:
    if math.isnan(row[f"{name}_low"]):
        return f"{amount(row[name], 'pounds')} (the interval has no end)"
    return estimate(row[name], row[f"{name}_low"], row[f"{name}_high"], lambda value: amount(value, "pounds"))


def _net(row: Row) -> str:
    words = change_with_interval(row["difference"], row["difference_low"], row["difference_high"], "count")
    parts = f"{_number(row, 'additional')} additional, {_number(row, 'displaced')} displaced"
    return f"{words} launches with the programme; {parts}"


def _where(row: Row) -> str:
    return {-1.0: "Hardest to leave", 0.0: "As stated", 1.0: "Easiest to leave"}.get(row["position"], "Between")
