"""Differences between worlds: a dot and two intervals for each, on both sides of no difference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.analysis.frame_rows import rows_of
from sim.report.charts.grammar import Spec, mark, quantity, values, word
from sim.report.charts.style import BLUE, PURPLE, VERMILION, Layout, apply_style
from sim.report.charts.whiskers import Panel, Row, drop_unknown, heading, interval, panel, zero_line
from sim.report.format import amount, change, change_with_interval, shorten, span

if TYPE_CHECKING:
    import pandas as pd

_BETTER, _WORSE, _OTHER, _UNCLEAR = "Better", "Worse", "Different", "No clear difference"
_COLOURS = {_BETTER: BLUE, _WORSE: VERMILION, _OTHER: PURPLE, _UNCLEAR: "#767676"}
_GOOD = {"more": "more is better", "less": "less is better"}
_UNITS = {"share": "Difference, percentage points", "months": "Difference, months"}
_BOUNDS = ("difference", "low", "high", "family_low", "family_high")


def forest_chart(frame: pd.DataFrame, layout: Layout) -> Spec:
    """A panel an outcome, with a row an alternative: the greatest difference first.

    ``frame`` holds rows of the ``differences`` of a comparison. The thick line is the
    interval of one difference, the thin one the simultaneous interval of all in the panel.
    """
    panels = []
    for _, part in frame.groupby("outcome", sort=False):
        rows = [_entry(row, row["alternative_label"], verdict(row)) for row in rows_of(part)]
        rows.sort(key=lambda row: -row["difference"] if math.isfinite(row["difference"]) else math.inf)
        good = _GOOD.get(str(part["better"].iloc[0]))
        title = f"{part['label'].iloc[0]} ({good})" if good else str(part["label"].iloc[0])
        panels.append((title, rows))
    return _draw(panels, layout)


def outcomes_chart(frame: pd.DataFrame, layout: Layout) -> Spec:
    """A panel an alternative, with a row an outcome, the least difference first: for outcomes that share one unit.

    As :func:`forest_chart` in all else, but without a verdict on what is better.
    """
    panels = []
    for _, part in frame.groupby("alternative", sort=False):
        rows = [_entry(row, row["label"], _OTHER if is_clear(row) else _UNCLEAR) for row in rows_of(part)]
        rows.sort(key=lambda row: row["difference"] if math.isfinite(row["difference"]) else math.inf)
        panels.append((str(part["alternative_label"].iloc[0]), rows))
    return _draw(panels, layout)


def _draw(panels: Sequence[tuple[str, Sequence[Row]]], layout: Layout) -> Spec:
    # All panels share one legend, which must know the verdicts of all.
    kinds = [kind for kind in _COLOURS if any(row["said"] == kind for _, rows in panels for row in rows)]
    views = [_panel(title, rows, kinds, layout) for title, rows in panels]
    return apply_style({"vconcat": views, "spacing": 18}, layout)


def _panel(title: str, rows: Sequence[Row], kinds: Sequence[str], layout: Layout) -> Spec:
    unit = str(rows[0]["unit"])
    part = panel(rows, _BOUNDS, layout, unit, _UNITS.get(unit, "Difference in one history, on average"))
    placed = [{**row, "middle": middle} for row, middle in zip(rows, part.middles, strict=True)]
    layers = [
        zero_line(part),
        interval(part, placed, "family_low", "family_high", strokeWidth=1.4),
        interval(part, placed, "low", "high", strokeWidth=5, opacity=0.45),
        _dots(part, placed, kinds, layout),
    ]
    if not layout.is_narrow:
        layers.append(part.write(placed, layout))
    return part.view(layers, title=heading(title, layout))


def _dots(part: Panel, rows: Sequence[Row], kinds: Sequence[str], layout: Layout) -> Spec:
    """Filled where the simultaneous interval leaves zero out, hollow where it does not."""
    legend = {"title": None, "columns": 1 if layout.is_narrow else 4, "symbolType": "circle", "symbolStrokeWidth": 1.5}
    edge = {"domain": list(kinds), "range": [_COLOURS[kind] for kind in kinds]}
    inside = {"domain": list(kinds), "range": ["white" if kind == _UNCLEAR else _COLOURS[kind] for kind in kinds]}
    channels = {
        "x": quantity("difference", **part.x),
        "y": part.y,
        "stroke": word("said", scale=edge, legend=legend),
        "fill": word("said", scale=inside, legend=legend),
        "description": word("description"),
    }
    data = values(drop_unknown(rows, "difference"), "difference", "middle", "said", "description")
    return mark("point", channels, data, size=90, opacity=1, strokeWidth=1.8)


def _entry(row: Row, label: str, verdict: str) -> Row:
    unit = str(row["unit"])
    words = shorten(change_with_interval(row["difference"], row["low"], row["high"], unit))
    worlds = f"{amount(row['base'], unit)} in the base, {amount(row['alt'], unit)} in this world"
    family = span(change(row["family_low"], unit), change(row["family_high"], unit))
    description = f"{label}: {words}; {worlds}; simultaneous interval {family}"
    return {**row, "label": label, "words": words, "said": verdict, "description": description}


def is_clear(row: Row) -> bool:
    """Whether the simultaneous interval of a row leaves zero out."""
    return bool(row["family_low"] > 0 or row["family_high"] < 0)


def verdict(row: Row) -> str:
    """What the simultaneous interval of a row allows to say of it."""
    if not is_clear(row):
        return _UNCLEAR
    if row["better"] not in _GOOD:
        return _OTHER
    return _BETTER if (row["family_low"] > 0) == (row["better"] == "more") else _WORSE
