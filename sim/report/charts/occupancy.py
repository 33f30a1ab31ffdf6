"""Stages through calendar time: a small hill a stage, with the dated facts of the world above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import altair as alt
import pandas as pd

from sim.analysis.dates import as_date
from sim.report.charts.rows import label_axis, stacked
from sim.report.charts.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    Layout,
    Picture,
    broken,
    dressed,
    fitted,
)
from sim.report.frames import records
from sim.report.words import day, number

_MOST_DATES = 120


@dataclass(frozen=True)
class _Row:
    """A row of the chart: a dated fact, the heading of a route, or a stage."""

    kind: str
    label: str
    route: str = ""
    stage: str = ""


def occupancy_chart(
    frame: pd.DataFrame, timeline: Sequence[Mapping[str, Any]], start: date, end: date, layout: Layout
) -> Picture:
    """Mean groups in each stage over time, from :func:`sim.analysis.occupancy.occupancy`: a row a stage, one
    scale.

    ``timeline`` entries (``label``, ``from``, ``until``) get a row each on top and a line or band through all
    rows. Stages that no group was ever in are left out. The largest mean of each row stands at its right.
    """
    facts = _facts(timeline, start, end)
    rows = [_Row("fact", label) for label in facts["label"]] + _stage_rows(frame)
    labels = [broken(row.label, layout.line, 3) for row in rows]
    least = {"fact": 24, "heading": 30, "stage": 38}
    place = stacked(labels, layout, [least[row.kind] for row in rows])
    stages = pd.DataFrame(
        {
            "route": [row.route for row in rows],
            "stage": [row.stage for row in rows],
            "kind": [row.kind for row in rows],
            "floor": [bottom - 3 for bottom in place.bottoms],
            "room": [bottom - top - 4 for top, bottom in zip(place.tops, place.bottoms, strict=True)],
        }
    ).query("kind == 'stage'")
    facts = facts.assign(top=list(place.middles[: len(facts)]))
    y = alt.Y("top:Q", scale=place.scale, axis=label_axis(labels, place.middles, layout))
    spell = alt.Scale(domain=[_moment(start), _moment(end)], nice=False)
    x = alt.X("date:T", scale=spell, axis=_calendar(layout))
    layers = [*_marks(facts, y, place.height), *_hills(frame, stages, x, y, end, layout)]
    return dressed(fitted(alt.layer(*layers).properties(height=place.height), layout), layout)


def _stage_rows(frame: pd.DataFrame) -> list[_Row]:
    """The stages that were ever occupied, under the heading of their route where there are several."""
    peaks = frame.groupby(["route", "route_label", "stage", "label"], sort=False)["mean"].max().reset_index()
    used = records(peaks[peaks["mean"].gt(0)])
    routes = {row["route"]: row["route_label"] for row in used if row["route"]}
    rows: list[_Row] = []
    for row in used:
        if len(routes) > 1 and row["route"] in routes:
            rows.append(_Row("heading", str(routes.pop(row["route"])).upper()))
            routes[""] = ""
        rows.append(_Row("stage", row["label"], row["route"], row["stage"]))
    return rows


def _hills(
    frame: pd.DataFrame,
    stages: pd.DataFrame,
    x: alt.X,
    y: alt.Y,
    end: date,
    layout: Layout,
) -> list[alt.Chart]:
    largest = max(float(frame["mean"].max()), 1e-9)
    # More dates than pixels would only make the page heavy.
    dates = sorted(set(frame["date"]))
    drawn = {*dates[:: 1 + len(dates) // _MOST_DATES], dates[-1]}
    table = frame[frame["date"].isin(drawn)].merge(stages, on=["route", "stage"])
    table["top"] = table["floor"] - table["mean"] / largest * table["room"].min()
    table["colour"] = [GREEN if after else BLUE for after in table["after_launch"]]
    floors = stages[["route", "stage", "floor"]].merge(
        frame.groupby(["route", "stage"], sort=False)["mean"].max().reset_index(), on=["route", "stage"]
    )
    floors["words"] = [f"at most {number(peak)}" for peak in floors["mean"]]
    base = alt.Chart(floors.assign(top=floors["floor"])).encode(y=y)
    return [
        base.mark_rule(color=GREY, strokeWidth=0.6),
        alt.Chart(table)
        .mark_area(line=False, opacity=0.9)
        .encode(
            x=x,
            y=y,
            y2="floor:Q",
            detail="floor:Q",
            color=alt.Color("colour:N", scale=None),
            description="label:N",
        ),
        base.mark_text(align="left", dx=6, dy=-5, fontSize=layout.font - 1, color="#555555").encode(
            x=alt.datum(_moment(end), type="temporal"), text="words:N"
        ),
    ]


def _facts(timeline: Sequence[Mapping[str, Any]], start: date, end: date) -> pd.DataFrame:
    """The dated facts inside the clock, in order."""
    kept = []
    for entry in timeline:
        begins = as_date(entry["from"]) if entry.get("from") else start
        ends = as_date(entry["until"]) if entry.get("until") else begins
        if begins <= end and ends >= start:
            kept.append((max(begins, start), min(ends, end), str(entry.get("label") or entry.get("name", ""))))
    rows = [
        {
            "from": pd.Timestamp(begins),
            "until": pd.Timestamp(ends),
            "label": label,
            "description": f"{label}: {day(begins)}" + (f" to {day(ends)}" if ends > begins else ""),
        }
        for begins, ends, label in sorted(kept)
    ]
    return pd.DataFrame(rows, columns=["from", "until", "label", "description"])


def _marks(facts: pd.DataFrame, y: alt.Y, height: float) -> list[alt.Chart]:
    if len(facts) == 0:
        return []
    spans = facts[facts["until"] > facts["from"]]
    below = alt.Y2Datum(height)
    base, spell = (
        alt.Chart(facts).encode(x="from:T", y=y),
        alt.Chart(spans).encode(x="from:T", x2="until:T", y=y),
    )
    return [
        spell.mark_rect(color=ORANGE, opacity=0.08, aria=False).encode(y2=below),
        base.mark_rule(color=ORANGE, strokeWidth=1, strokeDash=[3, 3]).encode(y2=below),
        spell.mark_rule(color=ORANGE, strokeWidth=5, aria=True).encode(description="description:N"),
        base.mark_point(color=ORANGE, filled=True, size=70, opacity=1).encode(description="description:N"),
    ]


def _calendar(layout: Layout) -> alt.Axis:
    return alt.Axis(
        title=None,
        format="%Y" if layout.is_narrow else "%b %Y",
        tickCount=alt.TimeIntervalStep(interval="year", step=1) if layout.is_narrow else 9,
        grid=False,
        labelOverlap=True,
    )


def _moment(value: date) -> alt.DateTime:
    return alt.DateTime(year=value.year, month=value.month, date=value.day)
