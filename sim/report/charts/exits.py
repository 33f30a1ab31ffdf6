"""Exits: a heat map of cause by stage, and bars by cause for narrow screens."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.analysis.frame_rows import rows_of
from sim.report.charts.grammar import Spec, mark, quantity, until, values, word
from sim.report.charts.rows import label_axis, stack_rows
from sim.report.charts.style import (
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
from sim.report.format import number, percent

if TYPE_CHECKING:
    import pandas as pd

_Row = Mapping[str, Any]
_ALL = "All together"
_MOST_COLUMNS = 18
_ANGLE = 50  # degrees


@dataclass(frozen=True)
class _Line:
    """A row or a column of tiles: its name, its label, and the sum over its tiles."""

    name: str
    label: str
    total: float


def exits_chart(frame: pd.DataFrame, order: Sequence[str], layout: Layout) -> Spec:
    """Mean exits by cause and stage: a heat map with the numbers in it.

    ``frame`` holds the rows of one ``when`` of :func:`sim.analysis.run.exits.exits_by_cause_and_stage`; ``order``
    gives the stages' names in their order. Causes are rows and stages columns, or the other way about where
    there are too many stages. Where neither fits, as on a narrow screen, it is a bar a cause.
    """
    rows = rows_of(frame)
    causes = sorted(_lines(rows, "cause", "label"), key=lambda line: -line.total)
    place = {stage: k for k, stage in enumerate(dict.fromkeys(order))}
    stages = sorted(_lines(rows, "stage", "stage_label"), key=lambda line: place.get(line.name, len(place)))
    if layout.is_narrow or min(len(causes), len(stages)) > _MOST_COLUMNS:
        return _bars(causes, layout)
    entries = [
        {
            **row,
            "description": f"{row['label']}, in {row['stage_label']}: "
            f"{number(row['mean'])} groups a history on average",
        }
        for row in rows
    ]
    if len(stages) <= _MOST_COLUMNS:
        return _tiles(entries, ("cause", causes), ("stage", stages), layout)
    return _tiles(entries, ("stage", stages), ("cause", causes), layout)


def _lines(rows: Sequence[_Row], name: str, label: str) -> list[_Line]:
    """The causes, or stages, that lost a group."""
    totals: dict[tuple[str, str], float] = {}
    for row in rows:
        key = (str(row[name]), str(row[label]))
        totals[key] = totals.get(key, 0.0) + row["mean"]
    return [_Line(*key, total) for key, total in totals.items()]


def _tiles(
    entries: Sequence[_Row], down: tuple[str, Sequence[_Line]], across: tuple[str, Sequence[_Line]], layout: Layout
) -> Spec:
    """Tiles for ``mean description``; ``down`` and ``across`` give the key and the lines of rows and of columns."""
    row_key, lines = down
    labels = [break_lines(line.label, layout.line) for line in lines]
    rows = stack_rows(labels, layout, [30] * len(labels))
    at = {line.name: place for place, line in enumerate(lines)}
    heads = _headings(across[1])
    tiles = [
        {
            "top": rows.tops[at[row[row_key]]],
            "bottom": rows.bottoms[at[row[row_key]]],
            "middle": rows.middles[at[row[row_key]]],
            "column": heads[row[across[0]]],
            "mean": row["mean"],
            "words": number(row["mean"]),
            "description": row["description"],
        }
        for row in entries
    ]
    sums = [
        {"middle": middle, "column": _ALL, "words": number(line.total)}
        for line, middle in zip(lines, rows.middles, strict=True)
    ]
    columns = [*heads.values(), _ALL]
    head = {"title": None, "labelAngle": -_ANGLE, "orient": "top", "domain": False, "ticks": False}
    x = word("column", scale={"domain": columns}, axis=head)
    names = label_axis(labels, rows.middles, layout)
    y = {side: quantity(side, scale=rows.scale, axis=names) for side in ("top", "middle", "bottom")}
    ruled = values([{"bottom": bottom} for bottom in rows.bottoms], "bottom")
    written = {"x": x, "y": y["middle"], "text": word("words")}
    layers = [
        mark("rule", {"y": y["bottom"]}, ruled, color=PALE, strokeWidth=0.6),
        *_fill_tiles(tiles, {"x": x, "y": y["top"], "y2": until("bottom")}, written, layout),
        mark("text", written, values(sums, "middle", "column", "words"), fontWeight="bold"),
    ]
    padding = {"left": 4, "top": 4, "bottom": 4, "right": _room_on_the_right(columns, layout)}
    return apply_style(fit_width({"layer": layers, "height": rows.height, "padding": padding}, layout), layout)


def _fill_tiles(tiles: Sequence[_Row], box: Spec, written: Spec, layout: Layout) -> list[Spec]:
    """The coloured tiles, and the numbers in them, white where the tile is dark."""
    largest = max(greatest(tile["mean"] for tile in tiles), 1e-9)
    dark = 0.45**2 * largest
    parts = (
        ("white", [tile for tile in tiles if tile["mean"] > dark]),
        (INK, [tile for tile in tiles if tile["mean"] <= dark]),
    )
    coloured = {**box, "color": _colour(largest), "description": word("description")}
    data = values(tiles, "top", "bottom", "column", "mean", "description")
    return [
        mark("rect", coloured, data, stroke="white", strokeWidth=2),
        *(
            mark("text", written, values(part, "middle", "column", "words"), fontSize=layout.font - 1, color=ink)
            for ink, part in parts
        ),
    ]


def _headings(across: Sequence[_Line]) -> dict[str, str]:
    """A heading for each column that no other has."""
    headings: dict[str, str] = {}
    for line in across:
        text = break_lines(line.label, 46, 1)
        headings[line.name] = text if text not in headings.values() else break_lines(f"{line.name}: {text}", 46, 1)
    return headings


def _room_on_the_right(heads: Sequence[str], layout: Layout) -> int:
    """How far slanting headings lean out beyond the last column, in pixels: fitting does not see to it."""
    column = (layout.width - layout.line * layout.font * 0.5) / len(heads) * 0.9
    lean = 0.54 * layout.font * math.cos(math.radians(_ANGLE))
    beyond = [len(head) * lean - (place + 0.5) * column for place, head in enumerate(reversed(heads))]
    return round(max(4.0, *beyond))


def _colour(largest: float) -> Spec:
    legend = {
        "title": "Groups lost in one history, on average",
        "orient": "bottom",
        "gradientLength": 300,
        "labelExpr": PLAIN_NUMBERS,
    }
    # The square root keeps the many small numbers apart beside a few large ones.
    scale = {"type": "sqrt", "scheme": "viridis", "reverse": True, "domain": [0, largest], "nice": False}
    return quantity("mean", scale=scale, legend=legend)


def _bars(causes: Sequence[_Line], layout: Layout) -> Spec:
    labels = [break_lines(line.label, layout.line) for line in causes]
    rows = stack_rows(labels, layout, [28] * len(labels))
    whole = sum(line.total for line in causes)
    entries = [
        {
            "middle": middle,
            "zero": 0.0,
            "total": line.total,
            "words": number(line.total),
            "description": f"{line.label}: {number(line.total)} groups a history on average, "
            f"{percent(line.total / whole)} of these losses",
        }
        for line, middle in zip(causes, rows.middles, strict=True)
    ]
    axis = {"title": "Groups lost, on average", "tickCount": 4, "labelExpr": PLAIN_NUMBERS}
    scale = {"domain": [0, greatest(line.total for line in causes) * 1.25], "nice": False}
    y = quantity("middle", scale=rows.scale, axis=label_axis(labels, rows.middles, layout))
    bar = {"x": quantity("zero", scale=scale, axis=axis), "x2": until("total"), "y": y}
    layers = [
        mark("bar", {**bar, "description": word("description")}, orient="horizontal", color=VERMILION, size=16),
        mark("text", {"x": quantity("total"), "y": y, "text": word("words")}, align="left", dx=4),
    ]
    data = values(entries, "middle", "zero", "total", "words", "description")
    return apply_style(fit_width({"data": data, "layer": layers, "height": rows.height}, layout), layout)
