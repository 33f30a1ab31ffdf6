"""Time to launch: the share launched by time, and how the times of those that launched spread."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.analysis.frame_rows import rows_of
from sim.report.charts.grammar import Spec, mark, quantity, until, values, word
from sim.report.charts.style import BLUE, GREEN, INK, Layout, apply_style, greatest, month_ticks, watched_enough
from sim.report.format import months, number, percent

if TYPE_CHECKING:
    import pandas as pd

_AXIS = 52


def duration_chart(share: pd.DataFrame, quantiles: pd.DataFrame, layout: Layout) -> Spec:
    """The curve of :func:`sim.analysis.run.duration.share_launched` over a strip of the quantiles among the
    launched.

    The band is the Monte Carlo interval. The strip shows the 10th, 25th, 50th, 75th and 90th of 100, from
    :func:`sim.analysis.run.duration.launch_quantiles`.
    """
    watched = rows_of(watched_enough(share))
    at = {round(row["quantile"] * 100): float(row["months"]) for row in rows_of(quantiles)}
    last = max(watched[-1]["months"], *at.values(), 1.0)
    shared = {"scale": {"domain": [0, last], "nice": False}}
    ticks = month_ticks(last, layout)
    bare = {**shared, "axis": {"title": None, "labels": False, "ticks": False, "values": ticks}}
    labelled = {**shared, "axis": {"title": "Months since arrival", "values": ticks}}
    width = layout.width - _AXIS - 24
    above = {"width": width, "height": 220, "title": _heading("Share of all groups that have launched", layout)}
    below = {"width": width, "height": 50, "title": _heading("How long the groups that launched took", layout)}
    parts = [{**_curve(watched, bare), **above}, {**_strip(at, last, labelled, layout), **below}]
    return apply_style({"vconcat": parts, "spacing": 14}, layout)


def _heading(text: str, layout: Layout) -> Spec:
    quiet = {"fontSize": layout.font, "fontWeight": "normal"}
    return {"text": text, "frame": "group", "anchor": "start", "offset": 6, **quiet}


def _curve(rows: Sequence[Mapping[str, Any]], x_settings: Spec) -> Spec:
    entries = [
        {**row, "description": f"{percent(row['share'])} launched by {number(row['months'])} months"} for row in rows
    ]
    highest = greatest(row[name] for row in rows for name in ("share", "high"))
    scale = {"domain": [0, max(highest * 1.08, 0.01)], "nice": False}
    axis = {"title": None, "format": "%", "tickCount": 5, "minExtent": _AXIS, "maxExtent": _AXIS}
    x, y = quantity("months", **x_settings), quantity("share", scale=scale, axis=axis)
    line = mark("line", {"x": x, "y": y}, color=GREEN, strokeWidth=2.5)
    channels = {"x": x, "y": y, "description": word("description")}
    dots = mark("point", channels, color=GREEN, filled=True, size=26, opacity=1)
    data = values(entries, "months", "share", "low", "high", "description")
    if all(math.isnan(row["low"]) for row in rows):
        return {"data": data, "layer": [line, dots]}
    between = {"x": x, "y": quantity("low", scale=scale, axis=axis), "y2": until("high")}
    return {"data": data, "layer": [mark("area", between, color=GREEN, opacity=0.25), line, dots]}


def _strip(at: Mapping[int, float], last: float, x_settings: Spec, layout: Layout) -> Spec:
    row = {
        **{f"q{level}": value for level, value in at.items()},
        "row": "",
        "words": f"half within {months(at[50])} months",
        "description": (
            f"Of those that launched, one in ten did within {months(at[10])} months, "
            f"half within {months(at[50])}, nine in ten within {months(at[90])}"
        ),
    }
    blank = {"title": None, "labels": False, "ticks": False, "domain": False, "minExtent": _AXIS, "maxExtent": _AXIS}
    y = word("row", axis=blank)
    box = {"x": quantity("q25", **x_settings), "x2": until("q75"), "y": y, "description": word("description")}
    whole = {"x": quantity("q10", **x_settings), "x2": until("q90"), "y": y}
    half = {"x": quantity("q50"), "y": y}
    side = "right" if at[50] > last / 2 else "left"
    return {
        "data": values([row], *row),
        "layer": [
            mark("rule", whole, color=INK),
            mark("bar", box, color=BLUE, height=16),
            mark("tick", half, color="white", thickness=3, height=16, opacity=1),
            mark("text", {**half, "text": word("words")}, dy=-17, align=side, fontSize=layout.font - 1),
        ],
    }
