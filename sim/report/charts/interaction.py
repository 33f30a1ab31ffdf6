"""Which barriers matter together: a heat map of pairs, and bars with intervals on narrow screens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.analysis.frame_rows import rows_of
from sim.report.charts.grammar import Spec, mark, quantity, until, values, word
from sim.report.charts.rows import label_axis, stack_rows
from sim.report.charts.style import BLUE, INK, PALE, VERMILION, Layout, apply_style, break_lines, fit_width
from sim.report.charts.whiskers import PLAIN, Row, drop_unknown, interval, panel, zero_line
from sim.report.format import change, change_with_interval

if TYPE_CHECKING:
    import pandas as pd

_MOST_BARS = 12
_ANGLE = 40  # degrees


def interaction_chart(pairs: pd.DataFrame, layout: Layout) -> Spec:
    """Interaction of each pair, from the ``pairs`` of a :class:`sim.experiment.methods.attribution.Attribution`.

    Where the interval includes zero the number is grey. On a phone the strongest pairs are bars.
    """
    rows = [_entry(row) for row in rows_of(pairs)]
    return _bars(rows, layout) if layout.is_narrow or not rows else _tiles(rows, layout)


def is_clear(row: Row) -> bool:
    """Whether the interval of a pair leaves zero out."""
    return bool(row["low"] > 0 or row["high"] < 0)


def _entry(row: Row) -> Row:
    words = change_with_interval(row["interaction"], row["low"], row["high"], "count")
    label = f"{row['label_first']} and {row['label_second']}"
    return {**row, "label": label, "words": words, "description": f"{label}: {words} launches a history"}


def _tiles(entries: Sequence[Row], layout: Layout) -> Spec:
    """Every pair once, below the diagonal."""
    label: dict[str, str] = {}
    for row in entries:
        label |= {str(row["first"]): str(row["label_first"]), str(row["second"]): str(row["label_second"])}
    names = list(label)
    down, across = names[1:], names[:-1]
    place = {name: k for k, name in enumerate(names)}
    labels = [break_lines(label[name], layout.line, 2) for name in down]
    rows = stack_rows(labels, layout, [34] * len(labels))
    tiles: list[Row] = []
    for row in entries:
        first, second = sorted((str(row["first"]), str(row["second"])), key=place.__getitem__)
        at = place[second] - 1
        inside = {"top": rows.tops[at], "bottom": rows.bottoms[at], "middle": rows.middles[at], "column": place[first]}
        tiles.append({**row, **inside, "end": place[first] + 1, "centre": place[first] + 0.5})
    most = max((abs(row["interaction"]) for row in drop_unknown(tiles, "interaction")), default=0.0) or 1.0
    x = {"scale": {"domain": [0, len(across) + 0.4], "nice": False}, "axis": None}
    y = {"scale": rows.scale, "axis": label_axis(labels, rows.middles, layout)}
    heads = [
        {"centre": k + 0.5, "middle": top, "words": break_lines(label[name], 26, 1)}
        for k, (name, top) in enumerate(zip(across, rows.tops, strict=True))
    ]
    head = {"x": quantity("centre", **x), "y": quantity("middle", **y), "text": word("words")}
    # Headings climb the stairs of the diagonal, each at the top of its own column.
    look = {"align": "left", "baseline": "bottom", "angle": -_ANGLE, "dx": 2, "dy": -3, "fontSize": layout.font - 1}
    box = {"x": quantity("column", **x), "x2": until("end"), "y": quantity("top", **y), "y2": until("bottom")}
    data = values(tiles, "column", "end", "top", "bottom", "interaction", "description")
    colour = quantity("interaction", scale=_scale(most), legend=_legend())
    layers = [
        mark("rect", {**box, "color": colour, "description": word("description")}, data, stroke="white", strokeWidth=2),
        *_figures(tiles, x, y, 0.6 * most, layout),
        mark("text", head, values(heads, "centre", "middle", "words"), **look),
    ]
    # Fitting sees to what rises above the plot, and not to what leans out at its side.
    lean = max(len(str(head["words"])) for head in heads) * layout.font * 0.35
    padding = {"left": 4, "top": 4, "bottom": 4, "right": round(lean)}
    return apply_style(fit_width({"layer": layers, "height": max(rows.height, 34), "padding": padding}, layout), layout)


def _scale(most: float) -> Spec:
    return {"domain": [-most, 0, most], "range": [VERMILION, "#F4F4F4", BLUE], "type": "linear", "nice": False}


def _legend() -> Spec:
    title = "Interaction, launches in one history"
    return {"title": title, "orient": "bottom", "gradientLength": 260, "labelExpr": PLAIN}


def _figures(tiles: Sequence[Row], x: Spec, y: Spec, dark: float, layout: Layout) -> list[Spec]:
    """The numbers in the tiles: white where the tile is dark, grey where the interval includes zero."""
    kinds: dict[str, list[Row]] = {"white": [], INK: [], "#707070": []}
    for row in drop_unknown(tiles, "interaction"):
        ink = "#707070" if not is_clear(row) else "white" if abs(row["interaction"]) > dark else INK
        kinds[ink].append({**row, "figure": change(row["interaction"], "count")})
    at = {"x": quantity("centre", **x), "y": quantity("middle", **y), "text": word("figure")}
    return [
        mark("text", at, values(rows, "centre", "middle", "figure"), color=ink, fontSize=layout.font - 1)
        for ink, rows in kinds.items()
        if rows
    ]


def _bars(entries: Sequence[Row], layout: Layout) -> Spec:
    strongest = sorted(drop_unknown(entries, "interaction"), key=lambda row: -abs(row["interaction"]))[:_MOST_BARS]
    part = panel(strongest, ("interaction", "low", "high"), layout, "count", "Launches in one history")
    rows = [
        {**row, "middle": middle, "zero": 0.0, "colour": _ink(row)}
        for row, middle in zip(strongest, part.middles, strict=True)
    ]
    bar = {"x": quantity("zero", **part.x), "x2": until("interaction"), "y": part.y}
    paint = {"color": word("colour", scale=None), "description": word("description")}
    data = values(rows, "zero", "interaction", "middle", "colour", "description")
    layers = [
        zero_line(part),
        mark("bar", {**bar, **paint}, data, orient="horizontal", size=14),
        interval(part, rows, "low", "high", strokeWidth=1.5),
    ]
    return apply_style(part.view(layers), layout)


def _ink(row: Row) -> str:
    if not is_clear(row):
        return PALE
    return BLUE if row["interaction"] > 0 else VERMILION
