"""Rows with long labels: each as tall as its label, which no axis of categories can do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sim.report.charts.grammar import Spec
from sim.report.charts.style import Layout


@dataclass(frozen=True)
class Rows:
    """Where rows lie, in pixels from the top of the plot: one number a row, and the whole height."""

    tops: tuple[int, ...]
    middles: tuple[int, ...]
    bottoms: tuple[int, ...]
    height: int

    @property
    def scale(self) -> Spec:
        """The scale that makes a ``y`` of so many pixels lie so many pixels from the top."""
        return {"domain": [self.height, 0], "nice": False, "zero": False}


def stack_rows(labels: Sequence[str], layout: Layout, least: Sequence[int]) -> Rows:
    """Rows one under another, each at least so many pixels tall and tall enough for its (broken) label."""
    tops, bottoms, at = [], [], 0
    for label, height in zip(labels, least, strict=True):
        tops.append(at)
        at += max(height, 8 + (layout.font + 2) * (label.count("\n") + 1))
        bottoms.append(at)
    middles = [(top + bottom) // 2 for top, bottom in zip(tops, bottoms, strict=True)]
    return Rows(tuple(tops), tuple(middles), tuple(bottoms), at)


def label_axis(labels: Sequence[str], middles: Sequence[int], layout: Layout, extent: int | None = None) -> Spec:
    """An axis that writes each (broken) label around its middle; ``extent`` fixes its width in pixels."""
    # An axis centres the first line of a label on its tick: the tick goes up by half of the other lines.
    lines = [label.split("\n") for label in labels]
    ticks = [
        round(middle - (len(parts) - 1) * (layout.font + 2) / 2) for middle, parts in zip(middles, lines, strict=True)
    ]
    # A JSON array is also a literal of Vega's expression language, so a label can never become code.
    lookup = f"({json.dumps(lines)})[indexof({json.dumps(ticks)}, datum.value)]"
    room = {} if extent is None else {"minExtent": extent, "maxExtent": extent}
    return {
        "title": None,
        "values": ticks,
        "labelExpr": lookup,
        "labelOverlap": False,
        "grid": False,
        "domain": False,
        "ticks": False,
        **room,
    }
