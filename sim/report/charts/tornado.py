"""One assumption at a time moved from one end of its range to the other: what that does to an answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.analysis.frame_rows import rows_of
from sim.report.charts.grammar import Spec, mark, quantity, until, values, word
from sim.report.charts.style import BLUE, ORANGE, Layout, apply_style
from sim.report.charts.whiskers import Panel, Row, drop_unknown, interval, panel
from sim.report.format import amount, estimate

if TYPE_CHECKING:
    import pandas as pd

_LOW, _HIGH = "At the low end of its range", "At the high end of its range"


def tornado_chart(frame: pd.DataFrame, measure: str, unit: str, stated: float, title: str, layout: Layout) -> Spec:
    """A bar a parameter between ``{measure}_at_low`` and ``{measure}_at_high``, the widest first.

    ``frame`` is the ``tornado`` of a :class:`sim.experiment.methods.additionality.Additionality`: ``label low_value
    stated_value high_value`` and the measure at both ends, each with its interval. ``stated`` is the answer with every
    number as stated; ``unit`` and ``title`` are those of the measure.
    """
    ends = (f"{measure}_at_low", f"{measure}_at_high")
    # A bar with an unknown end goes last.
    by_width = sorted(rows_of(frame), key=lambda row: -_width(row[ends[0]], row[ends[1]]))
    rows = [_entry(row, ends, unit) for row in by_width]
    bounds = [f"{end}{side}" for end in ends for side in ("", "_low", "_high")]
    part = panel(rows, bounds, layout, unit, title, (stated,))
    placed = [{**row, "middle": middle} for row, middle in zip(rows, part.middles, strict=True)]
    centre = {"x": {"datum": stated, **part.x, "type": "quantitative"}}
    layers = [
        _bars(part, placed, ends, stated, layout),
        *(interval(part, placed, f"{end}_low", f"{end}_high", strokeWidth=1.5) for end in ends),
        mark("rule", centre, values([{}]), color="#555555", strokeDash=[4, 3]),
    ]
    if not layout.is_narrow:
        layers.append(part.write(placed, layout))
    return apply_style(part.view(layers), layout)


def _bars(part: Panel, rows: Sequence[Row], ends: tuple[str, str], stated: float, layout: Layout) -> Spec:
    """From the stated answer to that at each end."""
    halves = [
        {**row, "from": stated, "to": row[end], "end": said}
        for row in rows
        for end, said in zip(ends, (_LOW, _HIGH), strict=True)
    ]
    paint = {"domain": [_LOW, _HIGH], "range": [ORANGE, BLUE]}
    legend = {"title": None, "columns": 1 if layout.is_narrow else 2}
    channels = {
        "x": quantity("from", **part.x),
        "x2": until("to"),
        "y": part.y,
        "color": word("end", scale=paint, legend=legend),
        "description": word("description"),
    }
    data = values(drop_unknown(halves, "from", "to"), "from", "to", "end", "middle", "description")
    return mark("bar", channels, data, orient="horizontal", size=16, opacity=0.85)


def _entry(row: Row, ends: tuple[str, str], unit: str) -> Row:
    low, high = (
        estimate(row[end], row[f"{end}_low"], row[f"{end}_high"], lambda value: amount(value, unit)) for end in ends
    )
    words = f"{amount(row[ends[0]], unit)} to {amount(row[ends[1]], unit)}"
    description = f"{row['label']}: {low} at {row['low_value']}, {high} at {row['high_value']}"
    label = f"{row['label']}: {row['low_value']} to {row['high_value']}"
    return {**row, "label": label, "words": words, "description": description}


def _width(low: float, high: float) -> float:
    width = abs(high - low)
    return -1.0 if math.isnan(width) else width
