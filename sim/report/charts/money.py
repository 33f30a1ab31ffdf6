"""Costs by payer: bars with the range of single histories."""

from __future__ import annotations

import altair as alt
import pandas as pd

from sim.report.charts.rows import label_axis, stacked
from sim.report.charts.style import BLUE, INK, MONEY_LABELS, Layout, Picture, broken, dressed, fitted
from sim.report.frames import records
from sim.report.words import money, span


def costs_chart(frame: pd.DataFrame, layout: Layout) -> Picture:
    """Mean cost of a history by payer with its central 95 %, of :func:`sim.analysis.money.costs_by_payer`."""
    labels = [broken(label, layout.line) for label in frame["label"]]
    rows = stacked(labels, layout, [42] * len(labels))
    table = frame.assign(
        middle=list(rows.middles),
        under=[middle + 13 for middle in rows.middles],
        zero=0.0,
        words=[money(mean) for mean in frame["mean"]],
        description=[
            f"{row['label']}: {money(row['mean'])} a history on average; "
            f"{span(money(row['range_low']), money(row['range_high']))} in 95 of 100 histories"
            for row in records(frame)
        ],
    )
    longest = float(table["mean"].max()) * (1.7 if layout.is_narrow else 1.2)
    top = max(longest, float(table["range_high"].max()) * 1.03, 1.0)
    axis = alt.Axis(
        title="Pounds in one history",
        labelExpr=MONEY_LABELS,
        tickCount=3 if layout.is_narrow else 7,
        labelOverlap=True,
    )
    x = alt.X("zero:Q", scale=alt.Scale(domain=[0, top], nice=False), axis=axis)
    names = label_axis(labels, rows.middles, layout)
    base = alt.Chart(table).encode(y=alt.Y("middle:Q", scale=rows.scale, axis=names))
    line = alt.Chart(table).mark_rule(color=INK, strokeWidth=1.5)
    under = alt.Y("under:Q", scale=rows.scale, axis=names)
    layers = alt.layer(
        base.mark_bar(orient="horizontal", color=BLUE, size=20).encode(x=x, x2="mean:Q", description="description:N"),
        line.encode(x="range_low:Q", x2="range_high:Q", y=under),
        base.mark_text(align="left", dx=6).encode(x="mean:Q", text="words:N"),
    )
    return dressed(fitted(layers.properties(height=rows.height), layout), layout)
