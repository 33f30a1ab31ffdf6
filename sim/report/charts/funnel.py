"""The funnel of one route: bars by stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.analysis.frame_rows import rows_of
from sim.report.charts.grammar import Spec, mark, quantity, until, values, word
from sim.report.charts.rows import label_axis, stack_rows
from sim.report.charts.style import (
    BLUE,
    INK,
    PALE,
    PLAIN_NUMBERS,
    VERMILION,
    Layout,
    apply_style,
    break_lines,
    fit_width,
    greatest,
)
from sim.report.format import number

if TYPE_CHECKING:
    import pandas as pd

_PARTS = {"passed": "Went on", "inside": "Still here at the end", "lost": "Lost here"}
_COLOURS = [BLUE, PALE, VERMILION]


def funnel_chart(frame: pd.DataFrame, layout: Layout) -> Spec:
    """Bars by stage from the rows of one route of :func:`sim.analysis.run.funnel.funnel`.

    The length is the mean number of groups that enter; colours say what became of them; the thin line below
    a bar is the central 95 % of single histories.
    """
    stages = rows_of(frame)
    labels = [break_lines(stage["label"], layout.line) for stage in stages]
    rows = stack_rows(labels, layout, [40] * len(labels))
    entries = [
        {
            **stage,
            "middle": middle,
            "under": middle + 12,
            "description": _describe(stage),
            "words": f"{number(stage['entered_mean'])} in, {number(stage['lost_mean'])} lost",
        }
        for stage, middle in zip(stages, rows.middles, strict=True)
    ]
    axis = label_axis(labels, rows.middles, layout)
    y, under = (quantity(name, scale=rows.scale, axis=axis) for name in ("middle", "under"))
    bars = {"x": _length(stages, layout), "x2": until("to"), "y": y, "color": _colour(layout)}
    line = {"x": quantity("entered_range_low"), "x2": until("entered_range_high"), "y": under}
    text = {"x": quantity("entered_mean"), "y": y, "text": word("words")}
    data = values(entries, "middle", "under", "entered_range_low", "entered_range_high", "entered_mean", "words")
    layers = [
        mark("bar", {**bars, "description": word("description")}, _parts(entries), orient="horizontal", size=18),
        mark("rule", line, color=INK, strokeWidth=1.5),
        mark("text", text, align="left", dx=6, fontSize=layout.font - 1),
    ]
    return apply_style(fit_width({"data": data, "layer": layers, "height": rows.height}, layout), layout)


def _length(stages: Sequence[Mapping[str, Any]], layout: Layout) -> Spec:
    longest = greatest(stage["entered_mean"] for stage in stages) * (1.9 if layout.is_narrow else 1.25)
    top = max(longest, greatest(stage["entered_range_high"] for stage in stages) * 1.03, 1.0)
    axis = {
        "title": "Groups in one history, on average",
        "tickCount": 4 if layout.is_narrow else 8,
        "labelExpr": PLAIN_NUMBERS,
    }
    return quantity("from", scale={"domain": [0, top], "nice": False}, axis=axis)


def _colour(layout: Layout) -> Spec:
    legend = {"title": None, "columns": 1 if layout.is_narrow else 3}
    return word("part", scale={"domain": list(_PARTS.values()), "range": _COLOURS}, legend=legend)


def _parts(entries: Sequence[Mapping[str, Any]]) -> Spec:
    """The pieces of the bars, each from where the one before it ends."""
    pieces = []
    starts = [0.0] * len(entries)
    for part, label in _PARTS.items():
        for place, stage in enumerate(entries):
            end = starts[place] + stage[f"{part}_mean"]
            pieces.append({**stage, "part": label, "from": starts[place], "to": end})
            starts[place] = end
    return values(pieces, "middle", "description", "part", "from", "to")


def _describe(row: Mapping[str, Any]) -> str:
    return (
        f"{row['label']}: {number(row['entered_mean'])} groups enter on average; "
        f"{number(row['passed_mean'])} move on, {number(row['lost_mean'])} are lost here, "
        f"{number(row['inside_mean'])} are still here at the end"
    )
