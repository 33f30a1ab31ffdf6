"""Observed beside simulated: a range and a diamond for every published figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.analysis.frame_rows import rows_of
from sim.report.charts.grammar import Spec, mark, quantity, until, values, word
from sim.report.charts.rows import label_axis, stack_rows
from sim.report.charts.style import (
    BLACK,
    BLUE,
    PLAIN_NUMBERS,
    SKY,
    VERMILION,
    Layout,
    apply_style,
    break_lines,
    greatest,
)
from sim.report.format import number, percent, span

if TYPE_CHECKING:
    import pandas as pd

_Row = Mapping[str, Any]
_RANGE, _MEAN = "Simulated: 95 of 100 histories", "Simulated: mean"
_IN, _OUT, _UNSURE = "Published, inside", "Published, outside", "Published"
_COLOURS = {_RANGE: SKY, _MEAN: BLUE, _IN: BLACK, _OUT: VERMILION, _UNSURE: BLACK}
_AXES = {
    "groups": "Number of groups",
    "hosts": "Number of hosts",
    "share of groups": "Share of groups",
    "months": "Months",
}
_FIELDS = ("range_low", "range_high", "mean", "observed", "observed_low", "observed_high")


def observed_chart(frame: pd.DataFrame, layout: Layout) -> Spec:
    """A row an observation from :func:`sim.analysis.run.observed.compare`; a panel and an axis for each unit.

    The thin line through a diamond is the interval that the evidence itself gives, where it gives one.
    """
    entries = [
        {
            **row,
            "said": _said(row["inside"]),
            "range_key": _RANGE,
            "mean_key": _MEAN,
            "description": _describe(row),
        }
        for row in rows_of(frame)
    ]
    said = {row["said"] for row in entries}
    keys = [_RANGE, _MEAN, *(name for name in (_IN, _OUT, _UNSURE) if name in said)]
    colours = {"domain": keys, "range": [_COLOURS[key] for key in keys]}
    of_unit = {unit: [row for row in entries if row["unit"] == unit] for unit in _AXES}
    panels = [_panel(rows, unit, colours, layout) for unit, rows in of_unit.items() if rows]
    return apply_style({"vconcat": panels, "spacing": 16}, layout)


def _panel(entries: Sequence[_Row], unit: str, colours: Spec, layout: Layout) -> Spec:
    labels = [break_lines(row["label"], layout.line, 5) for row in entries]
    rows = stack_rows(labels, layout, [32] * len(labels))
    extent = int(layout.line * layout.font * 0.53) + 6
    legend = {"title": None, "columns": 1 if layout.is_narrow else 4}
    y = quantity("middle", scale=rows.scale, axis=label_axis(labels, rows.middles, layout, extent))
    shared = {"y": y, "description": word("description")}

    def paint(column: str) -> Spec:
        return word(column, scale=colours, legend=legend)

    ranged = {"x": _across(entries, unit, layout), "x2": until("range_high"), "color": paint("range_key")}
    published = {"x": quantity("observed_low"), "x2": until("observed_high")}
    diamond: Spec = {"shape": "diamond", "filled": True, "size": 130, "opacity": 1, "stroke": "white", "strokeWidth": 1}
    layers = [
        mark("bar", {**shared, **ranged}, orient="horizontal", size=14),
        mark(
            "tick",
            {**shared, "x": quantity("mean"), "color": paint("mean_key")},
            orient="vertical",
            thickness=3,
            size=22,
            opacity=1,
        ),
        mark("rule", {**shared, **published}, strokeWidth=1.5),
        mark("point", {**shared, "x": quantity("observed"), "color": paint("said")}, **diamond),
    ]
    placed = [{**row, "middle": middle} for row, middle in zip(entries, rows.middles, strict=True)]
    data = values(placed, *_FIELDS, "middle", "said", "range_key", "mean_key", "description")
    return {"data": data, "layer": layers, "width": layout.width - extent - 26, "height": rows.height}


def _across(entries: Sequence[_Row], unit: str, layout: Layout) -> Spec:
    """The axis of numbers of a panel, which begins with the range."""
    largest = greatest(row[name] for row in entries for name in ("observed", "observed_high", "mean", "range_high"))
    top = max(largest * 1.05, 1e-6)
    # A diamond at zero needs room on its left.
    least = min(-0.015 * top, -greatest(-row[name] for row in entries for name in ("observed", "range_low")))
    written = "format(datum.value, '.0%')" if unit == "share of groups" else PLAIN_NUMBERS
    axis = {"title": _AXES[unit], "tickCount": 4 if layout.is_narrow else 8, "labelExpr": written}
    return quantity("range_low", scale={"domain": [least, top], "nice": False}, axis=axis)


def _said(inside: object) -> str:
    # A column of True, False and None may come back from pandas with NaN for None.
    return _IN if inside == 1 else _OUT if inside == 0 else _UNSURE


def _describe(row: _Row) -> str:
    form = percent if row["unit"] == "share of groups" else number
    return (
        f"{row['label']}: published {form(row['observed'])}; simulated {form(row['mean'])} on average, "
        f"{span(form(row['range_low']), form(row['range_high']))} in 95 of 100 histories"
    )
