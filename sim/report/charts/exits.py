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

_ALL = "All together"
_MOST_COLUMNS = 18
_ANGLE = 50  # degrees


def exits_chart(frame: pd.DataFrame, order: Sequence[str], layout: Layout) -> Picture:
    """Mean exits by cause and stage: a heat map with the numbers in it.

    ``frame`` holds the rows of one ``when`` of :func:`sim.analysis.exits.exits_by_cause_and_stage`; ``order``
    gives the stages' names in their order. Causes are rows and stages columns, or the other way about where
    there are too many stages. Where neither fits, as on a narrow screen, it is a bar a cause.
    """
    causes, stages = _by_cause(frame), _by_stage(frame, order)
    if layout.is_narrow or min(len(causes), len(stages)) > _MOST_COLUMNS:
        return _bars(causes, layout)
    told = frame.assign(
        description=[
            f"{row['label']}, in {row['stage_label']}: {number(row['mean'])} groups a history on average"
            for row in records(frame)
        ]
    )
    if len(stages) <= _MOST_COLUMNS:
        return _tiles(told.rename(columns={"cause": "row", "stage": "column"}), causes, stages, layout)
    return _tiles(told.rename(columns={"cause": "column", "stage": "row"}), stages, causes, layout)


def _by_cause(frame: pd.DataFrame) -> pd.DataFrame:
    """The causes, the commonest first: ``name label total``."""
    totals = frame.groupby(["cause", "label"], sort=False)["mean"].sum()
    found = totals.sort_values(ascending=False, kind="stable").reset_index()
    return found.rename(columns={"cause": "name", "mean": "total"})


def _by_stage(frame: pd.DataFrame, order: Sequence[str]) -> pd.DataFrame:
    """The stages that lost a group, in their order: ``name label total``."""
    totals = frame.groupby(["stage", "stage_label"], sort=False)["mean"].sum().reset_index()
    place = {stage: number for number, stage in enumerate(dict.fromkeys(order))}
    found = totals.sort_values("stage", key=lambda names: names.map(place), kind="stable")
    return found.rename(columns={"stage": "name", "stage_label": "label", "mean": "total"})


def _tiles(frame: pd.DataFrame, down: pd.DataFrame, across: pd.DataFrame, layout: Layout) -> Picture:
    """Tiles for ``row column mean description``; ``down`` and ``across`` give the rows and columns in order."""
    labels = [broken(text, layout.line) for text in down["label"]]
    rows = stacked(labels, layout, [30] * len(labels))
    at = {name: place for place, name in enumerate(down["name"])}
    heads = _headings(across)
    table = frame.assign(
        top=[rows.tops[at[name]] for name in frame["row"]],
        bottom=[rows.bottoms[at[name]] for name in frame["row"]],
        middle=[rows.middles[at[name]] for name in frame["row"]],
        column=frame["column"].map(heads),
        words=[number(mean) for mean in frame["mean"]],
    )
    largest = max(float(table["mean"].max()), 1e-9)
    head = alt.Axis(title=None, labelAngle=-_ANGLE, orient="top", domain=False, ticks=False)
    x = alt.X("column:N", scale=alt.Scale(domain=[*heads.values(), _ALL]), axis=head)
    names = label_axis(labels, rows.middles, layout)
    y, middle = (alt.Y(f"{side}:Q", scale=rows.scale, axis=names) for side in ("top", "middle"))
    tiles = alt.Chart(table).mark_rect(stroke="white", strokeWidth=2)
    dark = table["mean"] > 0.45**2 * largest
    text = [
        alt.Chart(part).mark_text(fontSize=layout.font - 1, color=ink).encode(x=x, y=middle, text="words:N")
        for part, ink in ((table[dark], "white"), (table[~dark], INK))
    ]
    sums = down.assign(middle=list(rows.middles), column=_ALL, words=[number(total) for total in down["total"]])
    total = alt.Chart(sums).mark_text(fontWeight="bold").encode(x=x, y=middle, text="words:N")
    coloured = tiles.encode(x=x, y=y, y2="bottom:Q", color=_colour(largest), description="description:N")
    lines = alt.Chart(pd.DataFrame({"bottom": rows.bottoms})).mark_rule(color=PALE, strokeWidth=0.6)
    ruled = lines.encode(y=alt.Y("bottom:Q", scale=rows.scale, axis=names))
    room = _room_on_the_right([*heads.values(), _ALL], layout)
    layers = alt.layer(ruled, coloured, *text, total)
    padded = layers.properties(height=rows.height, padding={"left": 4, "top": 4, "bottom": 4, "right": room})
    return dressed(fitted(padded, layout), layout)


def _headings(across: pd.DataFrame) -> dict[str, str]:
    """A heading for each column that no other has."""
    found: dict[str, str] = {}
    for row in records(across):
        text = broken(row["label"], 46, 1)
        found[row["name"]] = text if text not in found.values() else broken(f"{row['name']}: {text}", 46, 1)
    return found


def _room_on_the_right(heads: Sequence[str], layout: Layout) -> int:
    """How far slanting headings lean out beyond the last column, in pixels: fitting does not see to it."""
    column = (layout.width - layout.line * layout.font * 0.5) / len(heads) * 0.9
    lean = 0.54 * layout.font * math.cos(math.radians(_ANGLE))
    beyond = [len(head) * lean - (place + 0.5) * column for place, head in enumerate(reversed(heads))]
    return round(max(4.0, *beyond))


def _colour(largest: float) -> alt.Color:
    return alt.Color(
        "mean:Q",
        # The square root keeps the many small numbers apart beside a few large ones.
        scale=alt.Scale(type="sqrt", scheme="viridis", reverse=True, domain=[0, largest], nice=False),
        legend=alt.Legend(
            title="Groups lost in one history, on average",
            orient="bottom",
            gradientLength=300,
            labelExpr=PLAIN_NUMBERS,
        ),
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
