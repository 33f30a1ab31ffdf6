"""Estimates as dots with intervals, a row each: what forest plots, dumbbells and tornadoes share."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.report.charts.grammar import Spec, mark, quantity, until, values
from sim.report.charts.rows import label_axis, stack_rows
from sim.report.charts.style import INK, Layout, break_lines

Row = Mapping[str, Any]

# The signs of the words beside the marks, where the renderer would write a longer one.
PLAIN = "replace(format(datum.value, ',.6~g'), '\N{MINUS SIGN}', '-')"
POUNDS = (
    "(datum.value < 0 ? '-' : '') + (abs(datum.value) >= 1e9 ? '£' + format(abs(datum.value) / 1e9, ',.3~r') + ' bn'"
    " : abs(datum.value) >= 1e6 ? '£' + format(abs(datum.value) / 1e6, ',.3~r') + ' m'"
    " : abs(datum.value) >= 1e4 ? '£' + format(abs(datum.value) / 1e3, ',.3~r') + 'k'"
    " : '£' + format(abs(datum.value), ',.3~r'))"
)
_AXES = {
    "share": "replace(format(datum.value * 100, ',.3~f'), '\N{MINUS SIGN}', '-') + '%'",
    "pounds": POUNDS,
}
_BESIDE = 205


@dataclass(frozen=True)
class Panel:
    """Rows one under another beside an axis of numbers.

    ``middles`` are where the rows lie, ``width`` and ``height`` the room for the marks, all in pixels.
    """

    x: Spec
    y: Spec
    middles: tuple[int, ...]
    width: int
    height: int

    def view(self, layers: Sequence[Spec], **settings: Any) -> Spec:
        """The panel with some layers."""
        return {"layer": list(layers), "width": self.width, "height": self.height, **settings}

    def write(self, rows: Iterable[Row], layout: Layout) -> Spec:
        """The ``words`` of rows, each beside its row on the right."""
        at = {"x": {"value": self.width + 10}, "y": self.y, "text": {"field": "words", "type": "nominal"}}
        return mark("text", at, values(rows, "middle", "words"), align="left", fontSize=layout.font - 1)


def panel(
    rows: Sequence[Row], numbers: Sequence[str], layout: Layout, unit: str, title: str, held: Sequence[float] = (0.0,)
) -> Panel:
    """The axes for rows of ``label words`` and the columns ``numbers``, which all fit on it, as does what is ``held``.

    On a phone the words stand under the label, elsewhere on the right (:meth:`Panel.written`).
    """
    labels = [break_lines(str(row["label"]), layout.line, 6 if layout.is_narrow else 4) for row in rows]
    if layout.is_narrow:
        words = [str(row["words"]).replace(" (", "\n(") for row in rows]
        labels = [f"{label}\n{entries}" for label, entries in zip(labels, words, strict=True)]
    place = stack_rows(labels, layout, [30] * len(labels))
    extent = int(layout.line * layout.font * 0.53) + 6
    beside = 0 if layout.is_narrow else _BESIDE
    width = layout.width - extent - beside - 30
    axis = {
        "title": break_lines(title, int(width / (layout.font * 0.55)), 3).split("\n"),
        "tickCount": 4 if layout.is_narrow else 6,
        "labelExpr": _AXES.get(unit, PLAIN),
        "labelOverlap": True,
        "labelSeparation": 6,
    }
    x = {"scale": {"domain": domain(rows, numbers, held), "nice": False}, "axis": axis}
    y = quantity("middle", scale=place.scale, axis=label_axis(labels, place.middles, layout, extent))
    return Panel(x, y, place.middles, width, place.height)


def domain(rows: Iterable[Row], numbers: Sequence[str], held: Sequence[float] = (0.0,)) -> list[float]:
    """From the least to the greatest of what is known, with some room at both ends."""
    finite = [float(row[name]) for row in rows for name in numbers if math.isfinite(row[name])] + list(held)
    low, high = (min(finite), max(finite)) if finite else (0.0, 0.0)
    room = 0.05 * (high - low) or 1.0
    return [low - room, high + room]


def drop_unknown(rows: Iterable[Row], *numbers: str) -> list[Row]:
    """The rows of which all these numbers are known."""
    return [row for row in rows if all(math.isfinite(row[name]) for name in numbers)]


def interval(part: Panel, rows: Sequence[Row], low: str, high: str, **settings: Any) -> Spec:
    """A line for the interval of each row that has one; one without limit is left out."""
    bounded = drop_unknown(rows, low, high)
    line = {"x": quantity(low, **part.x), "x2": until(high), "y": part.y}
    return mark("rule", line, values(bounded, low, high, "middle"), **{"color": INK, **settings})


def zero_line(part: Panel) -> Spec:
    """The line of no difference."""
    return mark("rule", {"x": {"datum": 0, **part.x, "type": "quantitative"}}, values([{}]), color="#767676")


def heading(text: str, layout: Layout) -> Spec:
    """The title of one of several panels."""
    said = break_lines(text, layout.width // 8, 3).split("\n")
    quiet = {"fontSize": layout.font + 1, "fontWeight": "bold"}
    return {"text": said, "frame": "bounds", "anchor": "start", "offset": 4, **quiet}
