"""Exits: a heat map of cause by stage, and bars by cause for narrow screens."""

from __future__ import annotations

import math
from collections.abc import Sequence

import altair as alt
import pandas as pd

from sim.report.charts.rows import label_axis, stacked
from sim.report.charts.style import (
    INK,
    PALE,
    PLAIN_NUMBERS,
    VERMILION,
    Layout,
    Picture,
    broken,
    dressed,
    fitted,
)
from sim.report.frames import records
from sim.report.words import number, percent

_ALL = "All stages"
_ANGLE = 50


def exits_chart(frame: pd.DataFrame, order: Sequence[str], layout: Layout) -> Picture:
    """Mean exits by cause (rows) and stage (columns): a heat map with the numbers in it.

    ``frame`` holds the rows of one ``when`` of :func:`sim.analysis.exits.exits_by_cause_and_stage`; ``order``
    gives the stages' names in their order. A narrow screen has no room for the stages and gets a bar a cause.
    """
    totals = frame.groupby("cause", sort=False)["mean"].sum().sort_values(ascending=False, kind="stable")
    label = dict(zip(frame["cause"], frame["label"], strict=True))
    causes = pd.DataFrame({"cause": totals.index, "total": totals.to_numpy()})
    causes["label"] = causes["cause"].map(label)
    return _bars(causes, layout) if layout.is_narrow else _tiles(frame, causes, order, layout)


def _tiles(frame: pd.DataFrame, causes: pd.DataFrame, order: Sequence[str], layout: Layout) -> Picture:
    labels = [broken(text, layout.line) for text in causes["label"]]
    rows = stacked(labels, layout, [30] * len(labels))
    at = {cause: place for place, cause in enumerate(causes["cause"])}
    table = frame.assign(
        top=[rows.tops[at[cause]] for cause in frame["cause"]],
        bottom=[rows.bottoms[at[cause]] for cause in frame["cause"]],
        middle=[rows.middles[at[cause]] for cause in frame["cause"]],
        words=[number(mean) for mean in frame["mean"]],
        description=[
            f"{row['label']}, in {row['stage_label']}: {number(row['mean'])} groups a history on average"
            for row in records(frame)
        ],
    )
    columns = _columns(frame, order)
    table["column"] = table["stage"].map(columns)
    largest = max(float(table["mean"].max()), 1e-9)
    head = alt.Axis(title=None, labelAngle=-_ANGLE, orient="top", domain=False, ticks=False)
    x = alt.X("column:N", scale=alt.Scale(domain=[*columns.values(), _ALL]), axis=head)
    names = label_axis(labels, rows.middles, layout)
    y, middle = (alt.Y(f"{side}:Q", scale=rows.scale, axis=names) for side in ("top", "middle"))
    tiles = alt.Chart(table).mark_rect(stroke="white", strokeWidth=2)
    dark = table["mean"] > 0.45 * largest
    text = [
        alt.Chart(part).mark_text(fontSize=layout.font - 1, color=ink).encode(x=x, y=middle, text="words:N")
        for part, ink in ((table[dark], "white"), (table[~dark], INK))
    ]
    sums = causes.assign(middle=list(rows.middles), column=_ALL, words=[number(total) for total in causes["total"]])
    total = alt.Chart(sums).mark_text(fontWeight="bold").encode(x=x, y=middle, text="words:N")
    colour = _colour(largest, "Groups lost in one history, on average")
    coloured = tiles.encode(x=x, y=y, y2="bottom:Q", color=colour, description="description:N")
    lines = alt.Chart(pd.DataFrame({"bottom": rows.bottoms})).mark_rule(color=PALE, strokeWidth=0.6)
    ruled = lines.encode(y=alt.Y("bottom:Q", scale=rows.scale, axis=names))
    layers = alt.layer(ruled, coloured, *text, total)
    room = _room_on_the_right([*columns.values(), _ALL], layout)
    padded = layers.properties(height=rows.height, padding={"left": 4, "top": 4, "bottom": 4, "right": room})
    return dressed(fitted(padded, layout), layout)


def _room_on_the_right(heads: Sequence[str], layout: Layout) -> int:
    """How far slanting headings lean out beyond the last column, in pixels: fitting does not see to it."""
    column = (layout.width - layout.line * layout.font * 0.5) / len(heads) * 0.9
    lean = 0.54 * layout.font * math.cos(math.radians(_ANGLE))
    beyond = [len(head) * lean - (place + 0.5) * column for place, head in enumerate(reversed(heads))]
    return round(max(4.0, *beyond))


def _columns(frame: pd.DataFrame, order: Sequence[str]) -> dict[str, str]:
    """The stages that lost a group, in their order, each with a heading that no other has."""
    found: dict[str, str] = {}
    label = dict(zip(frame["stage"], frame["stage_label"], strict=True))
    unordered = [stage for stage in label if stage not in set(order)]
    for stage in [*dict.fromkeys(order), *unordered]:
        if stage in label:
            text = broken(label[stage], 46, 1)
            found[stage] = text if text not in found.values() else broken(f"{stage}: {label[stage]}", 46, 1)
    return found


def _colour(largest: float, title: str) -> alt.Color:
    return alt.Color(
        "mean:Q",
        scale=alt.Scale(scheme="viridis", reverse=True, domain=[0, largest]),
        legend=alt.Legend(title=title, orient="bottom", gradientLength=300, labelExpr=PLAIN_NUMBERS),
    )


def _bars(causes: pd.DataFrame, layout: Layout) -> Picture:
    labels = [broken(text, layout.line) for text in causes["label"]]
    rows = stacked(labels, layout, [28] * len(labels))
    whole = float(causes["total"].sum())
    table = causes.assign(
        middle=list(rows.middles),
        zero=0.0,
        words=[number(total) for total in causes["total"]],
        description=[
            f"{row['label']}: {number(row['total'])} groups a history on average, "
            f"{percent(row['total'] / whole)} of these losses"
            for row in records(causes)
        ],
    )
    axis = alt.Axis(title="Groups lost, on average", tickCount=4, labelExpr=PLAIN_NUMBERS)
    x = alt.X("zero:Q", scale=alt.Scale(domain=[0, float(table["total"].max()) * 1.25], nice=False), axis=axis)
    y = alt.Y("middle:Q", scale=rows.scale, axis=label_axis(labels, rows.middles, layout))
    base = alt.Chart(table).encode(y=y)
    layers = alt.layer(
        base.mark_bar(orient="horizontal", color=VERMILION, size=16).encode(
            x=x, x2="total:Q", description="description:N"
        ),
        base.mark_text(align="left", dx=4).encode(x="total:Q", text="words:N"),
    )
    return dressed(fitted(layers.properties(height=rows.height), layout), layout)
