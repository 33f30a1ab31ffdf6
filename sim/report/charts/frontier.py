"""What each policy costs beside the launches that it adds, and which of them nobody need choose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.analysis.frame_rows import rows_of
from sim.report.charts.grammar import Spec, mark, quantity, until, values, word
from sim.report.charts.style import BLUE, GREY, VERMILION, Layout, apply_style, break_lines
from sim.report.charts.whiskers import POUNDS, Row, domain, drop_unknown
from sim.report.format import amount, change, change_with_interval, shorten

if TYPE_CHECKING:
    import pandas as pd

_BEST, _STRONG, _EXTENDED = "On the frontier", "Beaten by another option", "Beaten by a mixture of two"
PLACES = {"": _BEST, "strongly": _STRONG, "extendedly": _EXTENDED}
_COLOURS = {_BEST: BLUE, _STRONG: VERMILION, _EXTENDED: GREY}
_AXIS = 84
_BOUNDS = ("cost", "cost_low", "cost_high", "launches", "launches_low", "launches_high")


def frontier_chart(frame: pd.DataFrame, layout: Layout) -> Spec:
    """Additional launches across, additional cost up; crosses are intervals, the line joins the undominated.

    ``frame`` is what :func:`sim.analysis.paired.frontier.frontier` gives, with ``cost_low cost_high launches_low
    launches_high`` where they are known. Points bear numbers, which a list below names.
    """
    missing = {name: float("nan") for name in _BOUNDS if name not in frame}
    entries = rows_of(frame.assign(**missing).sort_values(["cost", "launches"], kind="stable"))
    rows = [
        {**row, "number": str(k + 1), "said": PLACES[str(row["dominated"])], "description": _describe(row, k + 1)}
        for k, row in enumerate(entries)
    ]
    views = [_plot(rows, layout), _names(rows, layout)]
    resolve = {"scale": {"color": "independent"}}
    return apply_style({"vconcat": views, "spacing": 10, "resolve": resolve}, layout)


def _plot(rows: Sequence[Row], layout: Layout) -> Spec:
    ticks = 4 if layout.is_narrow else 7
    x = {
        "scale": {"domain": domain(rows, _BOUNDS[3:]), "nice": False},
        "axis": {"title": "Additional launches in one history", "tickCount": ticks},
    }
    y = {
        "scale": {"domain": domain(rows, _BOUNDS[:3]), "nice": False},
        "axis": {"title": "Additional cost", "labelExpr": POUNDS, "tickCount": 5, "minExtent": 60, "maxExtent": 60},
    }
    kinds = [kind for kind in _COLOURS if any(row["said"] == kind for row in rows)]
    colours = {"domain": kinds, "range": [_COLOURS[kind] for kind in kinds]}
    legend = {"title": None, "columns": 1 if layout.is_narrow else 3, "symbolType": "circle"}
    here = {"x": quantity("launches", **x), "y": quantity("cost", **y)}
    paint = {"color": word("said", scale=colours, legend=legend), "description": word("description")}
    best = sorted((row for row in rows if row["said"] == _BEST), key=lambda row: (row["launches"], row["cost"]))
    points = values(drop_unknown(rows, "launches", "cost"), "launches", "cost", "said", "number", "description")
    thin = {"color": "#777777", "strokeWidth": 1}
    across = {"x": quantity("launches_low", **x), "x2": until("launches_high"), "y": here["y"]}
    up = {"y": quantity("cost_low", **y), "y2": until("cost_high"), "x": here["x"]}
    sides = drop_unknown(rows, *_BOUNDS)
    layers = [
        mark("rule", {"y": {"datum": 0, **y, "type": "quantitative"}}, values([{}]), color="#AAAAAA"),
        mark("rule", {"x": {"datum": 0, **x, "type": "quantitative"}}, values([{}]), color="#AAAAAA"),
        mark("line", here, values(best, "launches", "cost"), color=BLUE, strokeWidth=2),
        mark("rule", across, values(sides, "launches_low", "launches_high", "cost"), **thin),
        mark("rule", up, values(sides, "cost_low", "cost_high", "launches"), **thin),
        mark("point", {**here, **paint}, points, filled=True, size=330, opacity=1, stroke="white", strokeWidth=1),
        mark("text", {**here, "text": word("number")}, points, color="white", fontSize=11, fontWeight="bold"),
    ]
    return {"layer": layers, "width": layout.width - _AXIS - 20, "height": 300 if layout.is_narrow else 380}


def _names(rows: Sequence[Row], layout: Layout) -> Spec:
    """The list that names the points."""
    names: list[Row] = []
    at = 0
    for row in rows:
        words = f"{change_with_interval(row['launches'], row['launches_low'], row['launches_high'], 'count')} launches"
        cost = shorten(change_with_interval(row["cost"], row["cost_low"], row["cost_high"], "pounds"))
        text = f"{break_lines(str(row['label']), 60, 1)}: {words}, {cost}"
        lines = break_lines(text, int((layout.width - 50) / (layout.font * 0.55)), 4)
        names.append({"y": at, "number": row["number"], "words": lines, "ink": _COLOURS[row["said"]]})
        at += (layout.font + 4) * (lines.count("\n") + 1) + 4
    y = quantity("y", scale={"domain": [max(at, 1), 0], "nice": False}, axis=None)
    data = values(names, "y", "number", "words", "ink")
    look = {"align": "left", "baseline": "top"}
    number = {"x": {"value": -_AXIS}, "y": y, "text": word("number"), "color": word("ink", scale=None, legend=None)}
    return {
        "layer": [
            mark("text", number, data, fontWeight="bold", **look),
            mark("text", {"x": {"value": 26 - _AXIS}, "y": y, "text": word("words")}, data, lineBreak="\n", **look),
        ],
        "width": layout.width - _AXIS - 20,
        "height": max(at, 1),
    }


def _describe(row: Row, number: int) -> str:
    said = f"{number}, {row['label']}: {change(row['launches'], 'count')} launches for {change(row['cost'], 'pounds')}"
    if row["dominated"]:
        return f"{said}; {PLACES[str(row['dominated'])].lower()}"
    icer = row.get("icer", float("nan"))
    return f"{said}; on the frontier, {amount(icer, 'pounds')} for each additional launch over the one before it"
