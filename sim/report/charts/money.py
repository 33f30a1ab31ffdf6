"""Costs by payer: bars with the range of single histories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.analysis.frame_rows import rows_of
from sim.report.charts.grammar import Spec, mark, quantity, until, values, word
from sim.report.charts.rows import label_axis, stack_rows
from sim.report.charts.style import BLUE, INK, MONEY_LABELS, Layout, apply_style, break_lines, fit_width, greatest
from sim.report.format import money, span

if TYPE_CHECKING:
    import pandas as pd


def costs_chart(frame: pd.DataFrame, layout: Layout) -> Spec:
    """Mean cost of a history by payer with its central 95 %, of :func:`sim.analysis.run.money.costs_by_payer`."""
    payers = rows_of(frame)
    labels = [break_lines(row["label"], layout.line) for row in payers]
    rows = stack_rows(labels, layout, [42] * len(labels))
    entries = [
        {
            **row,
            "middle": middle,
            "under": middle + 13,
            "zero": 0.0,
            "words": money(row["mean"]),
            "description": f"{row['label']}: {money(row['mean'])} a history on average; "
            f"{span(money(row['range_low']), money(row['range_high']))} in 95 of 100 histories",
        }
        for row, middle in zip(payers, rows.middles, strict=True)
    ]
    longest = greatest(row["mean"] for row in payers) * (1.7 if layout.is_narrow else 1.2)
    top = max(longest, greatest(row["range_high"] for row in payers) * 1.03, 1.0)
    axis = {
        "title": "Pounds in one history",
        "labelExpr": MONEY_LABELS,
        "tickCount": 3 if layout.is_narrow else 7,
        "labelOverlap": True,
    }
    names = label_axis(labels, rows.middles, layout)
    y, under = (quantity(name, scale=rows.scale, axis=names) for name in ("middle", "under"))
    bar = {"x": quantity("zero", scale={"domain": [0, top], "nice": False}, axis=axis), "x2": until("mean"), "y": y}
    line = {"x": quantity("range_low"), "x2": until("range_high"), "y": under}
    layers = [
        mark("bar", {**bar, "description": word("description")}, orient="horizontal", color=BLUE, size=20),
        mark("rule", line, color=INK, strokeWidth=1.5),
        mark("text", {"x": quantity("mean"), "y": y, "text": word("words")}, align="left", dx=6),
    ]
    data = values(entries, "middle", "under", "zero", "mean", "range_low", "range_high", "words", "description")
    return apply_style(fit_width({"data": data, "layer": layers, "height": rows.height}, layout), layout)
