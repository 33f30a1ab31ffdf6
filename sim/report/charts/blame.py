"""What a barrier is recorded as causing beside what it costs: the gap between them is the finding."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sim.analysis.frame_rows import rows_of
from sim.report.charts.grammar import Spec, mark, quantity, until, values, word
from sim.report.charts.style import BLUE, GREEN, GREY, ORANGE, VERMILION, Layout, apply_style
from sim.report.charts.whiskers import Panel, Row, drop_unknown, interval, panel, zero_line
from sim.report.format import amount, change, estimate

if TYPE_CHECKING:
    import pandas as pd

_RECORDED, _FAIR = "Groups recorded as lost to it", "Launches it costs (Shapley value)"
_WAYS = ("but_for", "shapley", "alone")
_WAY_COLOURS, _WAY_SHAPES = (ORANGE, BLUE, GREEN), ("triangle-up", "circle", "square")


def blame_chart(players: pd.DataFrame, layout: Layout) -> Spec:
    """A dumbbell a barrier from its recorded exits to its Shapley value, the costliest first.

    ``players`` is the frame of a :class:`sim.experiment.methods.attribution.Attribution`. Thin lines are intervals.
    """
    entries = [_entry(row) for row in _by_shapley(players)]
    bounds = ("recorded", "recorded_low", "recorded_high", "shapley", "shapley_low", "shapley_high")
    part = panel(entries, bounds, layout, "count", "Groups in one history, on average")
    rows = [{**row, "middle": middle} for row, middle in zip(entries, part.middles, strict=True)]
    both = drop_unknown(rows, "recorded", "shapley")
    gap = {"x": quantity("recorded", **part.x), "x2": until("shapley"), "y": part.y}
    layers = [
        zero_line(part),
        mark("rule", gap, values(both, "recorded", "shapley", "middle"), color="#C8C8C8", strokeWidth=7),
        interval(part, rows, "recorded_low", "recorded_high", strokeWidth=1.5),
        interval(part, rows, "shapley_low", "shapley_high", strokeWidth=1.5),
        _dots(part, rows, {"recorded": _RECORDED, "shapley": _FAIR}, (VERMILION, BLUE), ("diamond", "circle"), layout),
    ]
    return _finish(part, layers, rows, layout)


def ways_chart(players: pd.DataFrame, labels: Mapping[str, str], layout: Layout) -> Spec:
    """Three measures of each player: its effect when it alone is taken away, on average, and when it stands alone.

    ``labels`` names the measures ``but_for``, ``shapley`` and ``alone`` for the legend.
    """
    sorted_rows = _by_shapley(players)
    entries = [{**row, "words": _number(row, "shapley"), "description": _ways(row, labels)} for row in sorted_rows]
    bounds = [f"{name}{end}" for name in _WAYS for end in ("", "_low", "_high")]
    part = panel(entries, bounds, layout, "count", "Groups in one history, on average")
    rows = [{**row, "middle": middle} for row, middle in zip(entries, part.middles, strict=True)]
    layers = [
        zero_line(part),
        *(interval(part, rows, f"{name}_low", f"{name}_high", color=GREY, strokeWidth=3) for name in _WAYS),
        _dots(part, rows, labels, _WAY_COLOURS, _WAY_SHAPES, layout),
    ]
    return _finish(part, layers, rows, layout)


def _finish(part: Panel, layers: list[Spec], rows: Sequence[Row], layout: Layout) -> Spec:
    if not layout.is_narrow:
        layers = [*layers, part.write(rows, layout)]
    return apply_style(part.view(layers), layout)


def _dots(
    part: Panel,
    rows: Sequence[Row],
    labels: Mapping[str, str],
    colours: Sequence[str],
    shapes: Sequence[str],
    layout: Layout,
) -> Spec:
    """The measures of each row, told apart by colour and by shape."""
    points = [
        {"value": row[name], "middle": row["middle"], "measure": label, "description": row["description"]}
        for name, label in labels.items()
        for row in drop_unknown(rows, name)
    ]
    names = list(labels.values())
    # A colour and a shape of the same column and title share one legend.
    legend = {"title": None, "columns": 1 if layout.is_narrow else 3}
    channels = {
        "x": quantity("value", **part.x),
        "y": part.y,
        "color": word("measure", scale={"domain": names, "range": list(colours)}, legend=legend),
        "shape": word("measure", scale={"domain": names, "range": list(shapes)}, legend=legend),
        "description": word("description"),
    }
    data = values(points, "value", "middle", "measure", "description")
    return mark("point", channels, data, filled=True, size=110, opacity=1, stroke="white", strokeWidth=0.8)


def _by_shapley(players: pd.DataFrame) -> list[Row]:
    return sorted(rows_of(players), key=lambda row: -row["shapley"] if math.isfinite(row["shapley"]) else math.inf)


def _number(row: Row, name: str) -> str:
    return estimate(row[name], row[f"{name}_low"], row[f"{name}_high"], lambda value: amount(value, "count"))


def _entry(row: Row) -> Row:
    words = f"recorded {amount(row['recorded'], 'count')}, costs {amount(row['shapley'], 'count')}"
    gap = change(row["shapley"] - row["recorded"], "count")
    description = (
        f"{row['label']}: {_number(row, 'recorded')} groups recorded as lost to it; "
        f"costs {_number(row, 'shapley')} launches; gap {gap}"
    )
    return {**row, "words": words, "description": description}


def _ways(row: Row, labels: Mapping[str, str]) -> str:
    return f"{row['label']}: " + "; ".join(f"{label.lower()} {_number(row, name)}" for name, label in labels.items())
