"""Observed beside simulated: a range and a diamond for everything that was really seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from sim.report.charts.rows import label_axis, stacked
from sim.report.charts.style import (
    BLACK,
    BLUE,
    PLAIN_NUMBERS,
    SKY,
    VERMILION,
    Layout,
    Picture,
    broken,
    dressed,
)
from sim.report.frames import records
from sim.report.words import number, percent, span

_RANGE, _MEAN = "Simulated: 95 of 100 histories", "Simulated: mean"
_IN, _OUT, _UNSURE = "Observed, inside", "Observed, outside", "Observed"
_COLOURS = {_RANGE: SKY, _MEAN: BLUE, _IN: BLACK, _OUT: VERMILION, _UNSURE: BLACK}
_AXES = {
    "groups": "Number of groups",
    "hosts": "Number of hosts",
    "share of groups": "Share of groups",
    "months": "Months",
}


def observed_chart(frame: pd.DataFrame, layout: Layout) -> Picture:
    """A row an observation from :func:`sim.analysis.observed.compare`; a panel and an axis for each unit.

    The thin line through a diamond is the interval that the evidence itself gives, where it gives one.
    """
    table = frame.assign(
        said=[_said(inside) for inside in frame["inside"]],
        range_key=_RANGE,
        mean_key=_MEAN,
        description=[_described(row) for row in records(frame)],
    )
    keys = [_RANGE, _MEAN, *(name for name in (_IN, _OUT, _UNSURE) if name in set(table["said"]))]
    scale = alt.Scale(domain=keys, range=[_COLOURS[key] for key in keys])
    units = [unit for unit in _AXES if table["unit"].eq(unit).any()]
    panels = [_panel(table[table["unit"].eq(unit)], unit, scale, layout) for unit in units]
    return dressed(alt.vconcat(*panels, spacing=16), layout)


def _panel(table: pd.DataFrame, unit: str, colours: alt.Scale, layout: Layout) -> Picture:
    labels = [broken(label, layout.line, 5) for label in table["label"]]
    rows = stacked(labels, layout, [32] * len(labels))
    extent = int(layout.line * layout.font * 0.53) + 6
    written = "format(datum.value, '.0%')" if unit == "share of groups" else PLAIN_NUMBERS
    axis = alt.Axis(title=_AXES[unit], tickCount=4 if layout.is_narrow else 8, labelExpr=written)
    known = table[["observed", "observed_high", "mean", "range_high"]].max().max()
    top = max(float(known) * 1.05, 1e-6)
    # A diamond at nought needs room on its left.
    least = min(-0.015 * top, float(table[["observed", "range_low"]].min().min()))
    scale = alt.Scale(domain=[least, top], nice=False)
    legend = alt.Legend(title=None, columns=1 if layout.is_narrow else 4)
    y = alt.Y("middle:Q", scale=rows.scale, axis=label_axis(labels, rows.middles, layout, extent))
    base = alt.Chart(table.assign(middle=list(rows.middles))).encode(y=y, description="description:N")

    def painted(column: str) -> alt.Color:
        return alt.Color(f"{column}:N", scale=colours, legend=legend)

    layers = alt.layer(
        base.mark_bar(orient="horizontal", size=14).encode(
            x=alt.X("range_low:Q", scale=scale, axis=axis), x2="range_high:Q", color=painted("range_key")
        ),
        base.mark_tick(orient="vertical", thickness=3, size=22, opacity=1).encode(
            x="mean:Q", color=painted("mean_key")
        ),
        base.mark_rule(strokeWidth=1.5).encode(x="observed_low:Q", x2="observed_high:Q"),
        base.mark_point(shape="diamond", filled=True, size=130, opacity=1, stroke="white", strokeWidth=1).encode(
            x="observed:Q", color=painted("said")
        ),
    )
    return layers.properties(width=layout.width - extent - 26, height=rows.height)


def _said(inside: object) -> str:
    # A column of True, False and None may come back from pandas with NaN for None.
    return _IN if inside == 1 else _OUT if inside == 0 else _UNSURE


def _described(row: Mapping[str, Any]) -> str:
    form = percent if row["unit"] == "share of groups" else number
    return (
        f"{row['label']}: observed {form(row['observed'])}; simulated {form(row['mean'])} on average, "
        f"{span(form(row['range_low']), form(row['range_high']))} in 95 of 100 histories"
    )
