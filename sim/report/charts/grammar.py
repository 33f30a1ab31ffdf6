"""Charts as plain data: the few words of Vega-Lite (vega.github.io/vega-lite/docs) that the charts are made of.

A chart is a dictionary that a browser draws (:mod:`sim.report.renderers.html`) or a library turns into a picture
(:mod:`sim.report.pictures`). Nothing is imported for it, which is why a report takes milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

Spec = dict[str, Any]
"""A chart, or a part of one, in Vega-Lite."""


def values(rows: Iterable[Mapping[str, Any]], *names: str) -> Spec:
    """The columns ``names`` of some rows as the data of a chart; what is not known (NaN, None) is null."""
    return {"values": [{name: _plain(row[name]) for name in names} for row in rows]}


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    # Without a time of day the renderer would take a date for midnight in Greenwich, and shift it.
    return f"{value.isoformat()[:10]}T00:00:00" if isinstance(value, date) else value


def quantity(field: str, **settings: Any) -> Spec:
    """A channel that shows a column of numbers."""
    return {"field": field, "type": "quantitative", **settings}


def word(field: str, **settings: Any) -> Spec:
    """A channel that shows a column of words."""
    return {"field": field, "type": "nominal", **settings}


def moment(field: str, **settings: Any) -> Spec:
    """A channel that shows a column of dates."""
    return {"field": field, "type": "temporal", **settings}


def until(field: str) -> Spec:
    """The far end of a channel that reaches from one column to another."""
    return {"field": field}


def mark(kind: str, encoding: Spec, data: Spec | None = None, **settings: Any) -> Spec:
    """One layer: a kind of mark with its channels; without ``data`` it shows those of the chart that it is part of."""
    own = {} if data is None else {"data": data}
    return {**own, "mark": {"type": kind, **settings}, "encoding": encoding}
