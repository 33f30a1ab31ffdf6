"""Stages through calendar time: a small hill a stage, with the dated facts of the world above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sim.analysis.dates import as_date
from sim.report.charts.grammar import Spec, mark, moment, quantity, until, values, word
from sim.report.charts.rows import Rows, label_axis, stack_rows
from sim.report.charts.style import BLUE, GREEN, GREY, ORANGE, Layout, apply_style, break_lines, fit_width
from sim.report.format import day, number

if TYPE_CHECKING:
    import pandas as pd

_MOST_DATES = 120
_LEAST = {"fact": 24, "heading": 30, "stage": 38}


@dataclass(frozen=True)
class _Row:
    """A row of the chart: a dated fact, the heading of a route, or a stage with its means by date."""

    kind: str
    label: str
    after_launch: bool = False
    means: tuple[tuple[date, float], ...] = ()

    @property
    def peak(self) -> float:
        """The largest mean."""
        return max(mean for _, mean in self.means)


@dataclass(frozen=True)
class _Fact:
    """Something dated, as far as it lies inside the clock."""

    begins: date
    ends: date
    label: str


def occupancy_chart(
    frame: pd.DataFrame, timeline: Sequence[Mapping[str, Any]], start: date, end: date, layout: Layout
) -> Spec:
    """Mean groups in each stage over time, from :func:`sim.analysis.run.occupancy.occupancy`: a row a stage, one
    scale.

    ``timeline`` entries (``label``, ``from``, ``until``) get a row each on top and a line or band through all
    rows. Stages that no group was ever in are left out. The largest mean of each row stands at its right.
    """
    facts = _facts(timeline, start, end)
    rows = [_Row("fact", fact.label) for fact in facts] + _stage_rows(frame)
    labels = [break_lines(row.label, layout.line, 3) for row in rows]
    place = stack_rows(labels, layout, [_LEAST[row.kind] for row in rows])
    y = quantity("top", scale=place.scale, axis=label_axis(labels, place.middles, layout))
    period = {"domain": [_moment(start), _moment(end)], "nice": False}
    x = moment("date", scale=period, axis=_calendar(layout))
    layers = [*_marks(facts, place, y), *_hills(rows, place, x, y, end, layout)]
    return apply_style(fit_width({"layer": layers, "height": place.height}, layout), layout)


def _stage_rows(frame: pd.DataFrame) -> list[_Row]:
    """The stages that were ever occupied, under the heading of their route where there are several."""
    routes: dict[str, str] = {}
    stages_by_route: dict[tuple[str, str], tuple[str, bool, list[tuple[date, float]]]] = {}
    columns = ("route", "stage", "route_label", "label", "after_launch", "date", "mean")
    for route, stage, route_label, label, after, when, mean in zip(*(frame[name] for name in columns), strict=True):
        stages_by_route.setdefault((route, stage), (label, bool(after), []))[2].append((when, float(mean)))
        routes.setdefault(route, route_label)
    stages = [
        (route, _Row("stage", label, after, tuple(means)))
        for (route, _), (label, after, means) in stages_by_route.items()
        if any(mean > 0 for _, mean in means)
    ]
    used = dict.fromkeys(route for route, _ in stages if route)
    rows: list[_Row] = []
    headed = {""} if len(used) > 1 else {"", *used}
    for route, row in stages:
        if route not in headed:
            rows.append(_Row("heading", str(routes[route]).upper()))
            headed.add(route)
        rows.append(row)
    return rows


def _hills(rows: Sequence[_Row], place: Rows, x: Spec, y: Spec, end: date, layout: Layout) -> list[Spec]:
    stages = [
        (row, bottom - 3, bottom - top - 4)
        for row, top, bottom in zip(rows, place.tops, place.bottoms, strict=True)
        if row.kind == "stage"
    ]
    tallest = min((room for _, _, room in stages), default=0) / max((row.peak for row, _, _ in stages), default=1.0)
    points = [
        {
            "date": when,
            "top": floor - mean * tallest,
            "floor": floor,
            "colour": GREEN if row.after_launch else BLUE,
            "label": row.label,
        }
        for row, floor, _ in stages
        for when, mean in _thin(row.means)
    ]
    floors = [{"top": floor, "words": f"at most {number(row.peak)}"} for row, floor, _ in stages]
    area = {
        "x": x,
        "y": y,
        "y2": until("floor"),
        "detail": quantity("floor"),
        "color": word("colour", scale=None),
        "description": word("label"),
    }
    at_end = {"x": {"datum": _moment(end), "type": "temporal"}, "y": y, "text": word("words")}
    look = {"align": "left", "dx": 6, "dy": -5, "fontSize": layout.font - 1, "color": "#555555"}
    below = values(floors, "top", "words")
    return [
        mark("rule", {"y": y}, below, color=GREY, strokeWidth=0.6),
        mark("area", area, values(points, "date", "top", "floor", "colour", "label"), line=False, opacity=0.9),
        mark("text", at_end, below, **look),
    ]


def _thin(means: Sequence[tuple[date, float]]) -> list[tuple[date, float]]:
    """More dates than pixels would only make the page heavy."""
    kept = list(means[:: 1 + len(means) // _MOST_DATES])
    return kept if kept[-1] == means[-1] else [*kept, means[-1]]


def _facts(timeline: Sequence[Mapping[str, Any]], start: date, end: date) -> list[_Fact]:
    """The dated facts inside the clock, in order."""
    kept = []
    for entry in timeline:
        begins = as_date(entry["from"]) if entry.get("from") else start
        ends = as_date(entry["until"]) if entry.get("until") else begins
        if begins <= end and ends >= start:
            label = str(entry.get("label") or entry.get("name", ""))
            kept.append(_Fact(max(begins, start), min(ends, end), label))
    return sorted(kept, key=lambda fact: (fact.begins, fact.ends, fact.label))


def _marks(facts: Sequence[_Fact], place: Rows, y: Spec) -> list[Spec]:
    if not facts:
        return []
    placed = list(zip(facts, place.middles, strict=False))
    moments = _mark_facts(placed)
    periods = _mark_facts([(fact, middle) for fact, middle in placed if fact.ends > fact.begins])
    point = {"x": moment("from"), "y": y}
    period = {"x": moment("from"), "x2": until("until"), "y": y}
    below = {"datum": place.height}
    words = word("description")
    return [
        mark("rect", {**period, "y2": below}, periods, color=ORANGE, opacity=0.08, aria=False),
        mark("rule", {**point, "y2": below}, moments, color=ORANGE, strokeWidth=1, strokeDash=[3, 3]),
        mark("rule", {**period, "description": words}, periods, color=ORANGE, strokeWidth=5, aria=True),
        mark("point", {**point, "description": words}, moments, color=ORANGE, filled=True, size=70, opacity=1),
    ]


def _mark_facts(placed: Sequence[tuple[_Fact, int]]) -> Spec:
    rows = []
    for fact, middle in placed:
        words = f"{fact.label}: {day(fact.begins)}" + (f" to {day(fact.ends)}" if fact.ends > fact.begins else "")
        rows.append({"from": fact.begins, "until": fact.ends, "top": middle, "description": words})
    return values(rows, "from", "until", "top", "description")


def _calendar(layout: Layout) -> Spec:
    return {
        "title": None,
        "format": "%Y" if layout.is_narrow else "%b %Y",
        "tickCount": {"interval": "year", "step": 1} if layout.is_narrow else 9,
        "grid": False,
        "labelOverlap": True,
    }


def _moment(value: date) -> Spec:
    return {"year": value.year, "month": value.month, "date": value.day}
