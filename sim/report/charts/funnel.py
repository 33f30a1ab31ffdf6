"""The funnel of one route: bars by stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from sim.report.charts.rows import label_axis, stacked
from sim.report.charts.style import (
    BLUE,
    INK,
    PALE,
    PLAIN_NUMBERS,
    VERMILION,
    Layout,
    Picture,
    broken,
    dressed,
    fitted,
)
from sim.report.frames import records
from sim.report.words import number

_PARTS = {"passed": "Went on", "inside": "Still here at the end", "lost": "Lost here"}
_COLOURS = [BLUE, PALE, VERMILION]


def funnel_chart(frame: pd.DataFrame, layout: Layout) -> Picture:
    """Bars by stage from the rows of one route of :func:`sim.analysis.funnel.funnel`.

    The length is the mean number of groups that enter; colours say what became of them; the thin line below
    a bar is the central 95 % of single histories.
    """
    labels = [broken(label, layout.line) for label in frame["label"]]
    rows = stacked(labels, layout, [40] * len(labels))
    table = frame.assign(
        middle=list(rows.middles),
        under=[middle + 12 for middle in rows.middles],
        description=[_described(row) for row in records(frame)],
    )
    table["words"] = [f"{number(row['entered_mean'])} in, {number(row['lost_mean'])} lost" for row in records(table)]
    longest = float(table["entered_mean"].max()) * (1.9 if layout.is_narrow else 1.25)
    top = max(longest, float(table["entered_range_high"].max()) * 1.03, 1.0)
    axis = label_axis(labels, rows.middles, layout)
    y = alt.Y("middle:Q", scale=rows.scale, axis=axis)
    ticks = 4 if layout.is_narrow else 8
    scale = alt.Axis(title="Groups in one history, on average", tickCount=ticks, labelExpr=PLAIN_NUMBERS)
    x = alt.X("from:Q", scale=alt.Scale(domain=[0, top], nice=False), axis=scale)
    colour = alt.Color(
        "part:N",
        scale=alt.Scale(domain=list(_PARTS.values()), range=_COLOURS),
        legend=alt.Legend(title=None, columns=1 if layout.is_narrow else 3),
    )
    bars = alt.Chart(_parts(table)).mark_bar(orient="horizontal", size=18)
    words = alt.Chart(table).mark_text(align="left", dx=6, fontSize=layout.font - 1)
    line = alt.Chart(table).mark_rule(color=INK, strokeWidth=1.5)
    under = alt.Y("under:Q", scale=rows.scale, axis=axis)
    layers = alt.layer(
        bars.encode(x=x, x2="to:Q", y=y, color=colour, description="description:N"),
        line.encode(x="entered_range_low:Q", x2="entered_range_high:Q", y=under),
        words.encode(x="entered_mean:Q", y=y, text="words:N"),
    )
    return dressed(fitted(layers.properties(height=rows.height), layout), layout)


def _parts(table: pd.DataFrame) -> pd.DataFrame:
    """The pieces of the bars, each from where the one before it ends."""
    pieces = []
    start = table["passed_mean"] * 0.0
    for part, label in _PARTS.items():
        piece = table[["middle", "description"]].assign(part=label)
        piece["from"], piece["to"] = start, start + table[f"{part}_mean"]
        pieces.append(piece)
        start = piece["to"]
    return pd.concat(pieces, ignore_index=True)


def _described(row: Mapping[str, Any]) -> str:
    return (
        f"{row['label']}: {number(row['entered_mean'])} groups enter on average; "
        f"{number(row['passed_mean'])} go on, {number(row['lost_mean'])} are lost here, "
        f"{number(row['inside_mean'])} are still here at the end"
    )
