"""The same groups in two worlds: how they flow from what became of them in one to what becomes of them in the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.analysis.frame_rows import rows_of
from sim.report.charts.grammar import Spec, mark, quantity, until, values, word
from sim.report.charts.rows import label_axis, stack_rows
from sim.report.charts.style import BLUE, GREEN, PALE, VERMILION, Layout, apply_style, break_lines, fit_width, greatest
from sim.report.charts.whiskers import Row, interval, panel
from sim.report.format import estimate, number, percent

if TYPE_CHECKING:
    import pandas as pd

BOTH, SAVED, UNDONE, NEITHER = "both", "only_alternative", "only_base", "neither"
FATES = (BOTH, NEITHER, SAVED, UNDONE)
_WORDS = {
    BOTH: "Launched in both worlds",
    SAVED: "Only in the alternative",
    UNDONE: "Only in the base",
    NEITHER: "In neither",
}
_COLOURS = {BOTH: BLUE, SAVED: GREEN, UNDONE: VERMILION, NEITHER: PALE}
_STEPS = 24
_TALL = 330
_MOST_CAUSES = 9


@dataclass(frozen=True)
class _Node:
    """What became of some groups in the base world, and how many launched in the alternative and did not."""

    label: str
    launched: float
    lost: float
    of_launched: str
    of_lost: str

    @property
    def size(self) -> float:
        return self.launched + self.lost


def flow_chart(frame: pd.DataFrame, layout: Layout) -> Spec:
    """Ribbons from what became of the groups in the base world to launched or not in the alternative.

    ``frame`` is the table of :class:`sim.analysis.paired.fates.Fates`; of it the rows by ``all`` and by ``base_cause``
    are drawn, the rarest causes in one. A ribbon is as thick as the groups in it are many.
    """
    nodes = _nodes(frame)
    whole = sum(node.size for node in nodes) or 1.0
    thick = _TALL / whole
    labels = [_label(node, layout) for node in nodes]
    left = stack_rows(labels, layout, [round(node.size * thick) + 8 for node in nodes])
    height = left.height
    ends = (sum(node.launched for node in nodes), sum(node.lost for node in nodes))
    gap = max((height - (ends[0] + ends[1]) * thick) / 3, 0.0)
    ribbons: list[Row] = []
    at = [gap, 2 * gap + ends[0] * thick]
    for place, node in enumerate(nodes):
        top = left.middles[place] - node.size * thick / 2
        for end, (fate, groups) in enumerate(((node.of_launched, node.launched), (node.of_lost, node.lost))):
            if groups > 0:
                ribbons += _ribbon(len(ribbons), node.label, fate, groups, (top, at[end]), groups * thick)
            top += groups * thick
            at[end] += groups * thick
    places = [gap + ends[0] * thick / 2, 2 * gap + (ends[0] + ends[1] / 2) * thick]
    targets = [
        {"y": place, "words": words, "number": number(groups)}
        for place, words, groups in zip(places, ("Launched", "Not launched"), ends, strict=True)
    ]
    scale = {"domain": [height, 0], "nice": False, "zero": False}
    y = quantity("y", scale=scale, axis=label_axis(labels, left.middles, layout))
    return _draw(ribbons, targets, y, height, layout)


def _draw(ribbons: Sequence[Row], targets: Sequence[Row], y: Spec, height: int, layout: Layout) -> Spec:
    x = quantity("x", scale={"domain": [-0.01, 1.75 if layout.is_narrow else 1.16], "nice": False}, axis=None)
    fates = [fate for fate in _COLOURS if any(row["fate"] == _WORDS[fate] for row in ribbons)]
    colours = {"domain": [_WORDS[fate] for fate in fates], "range": [_COLOURS[fate] for fate in fates]}
    legend = {"title": None, "columns": 1 if layout.is_narrow else 4}
    channels = {
        "x": x,
        "y": y,
        "y2": until("y2"),
        "detail": word("ribbon"),
        "color": word("fate", scale=colours, legend=legend),
        "description": word("description"),
    }
    # What few groups do lies over what many do.
    ribbons = sorted(ribbons, key=lambda row: -list(_WORDS.values()).index(row["fate"]))
    data = values(ribbons, "x", "y", "y2", "ribbon", "fate", "description")
    there = values(targets, "y", "words", "number")
    at_end = {"x": {"datum": 1.015}, "y": y}
    layers = [
        mark("area", channels, data, opacity=0.85, line=False),
        mark("text", {**at_end, "text": word("words")}, there, align="left", dy=-8, fontWeight="bold"),
        mark("text", {**at_end, "text": word("number")}, there, align="left", dy=8),
    ]
    return apply_style(fit_width({"layer": layers, "height": height}, layout), layout)


def _ribbon(name: int, label: str, fate: str, groups: float, tops: tuple[float, float], thickness: float) -> list[Row]:
    """The outline of a ribbon that leaves and arrives level."""
    description = f"{label}: {number(groups)} groups in one history, {_WORDS[fate].lower()}"
    outline: list[Row] = []
    for step in range(_STEPS + 1):
        x = step / _STEPS
        top = tops[0] + (tops[1] - tops[0]) * x * x * (3 - 2 * x)
        # Thinner than that could not be seen.
        row = {"x": x, "y": top, "y2": top + max(thickness, 1.0)}
        outline.append({**row, "ribbon": str(name), "fate": _WORDS[fate], "description": description})
    return outline


def _nodes(frame: pd.DataFrame) -> list[_Node]:
    whole = rows_of(frame[frame["by"].eq("all")])
    nodes = [_Node("Launched", row[BOTH], row[UNDONE], BOTH, UNDONE) for row in whole if row[BOTH] + row[UNDONE] > 0]
    causes = [
        _Node(str(row["label"]), row[SAVED], row[NEITHER], SAVED, NEITHER)
        for row in rows_of(frame[frame["by"].eq("base_cause")])
        if row[SAVED] + row[NEITHER] > 0
    ]
    if len(causes) > _MOST_CAUSES + 1:
        # Those to which most are lost, and those from which most are saved.
        lost, saved = (
            sum(sizes) or 1.0 for sizes in zip(*((node.lost, node.launched) for node in causes), strict=True)
        )
        causes.sort(key=lambda node: -node.lost / lost - node.launched / saved)
        rest = causes[_MOST_CAUSES:]
        sums = (sum(node.launched for node in rest), sum(node.lost for node in rest))
        others = [_Node(f"{len(rest)} other fates together", *sums, SAVED, NEITHER)]
        causes = [*sorted(causes[:_MOST_CAUSES], key=lambda node: -node.size), *others]
    else:
        causes.sort(key=lambda node: -node.size)
    return [*nodes, *causes]


def _label(node: _Node, layout: Layout) -> str:
    """What became of the groups, how many they are, and how many of them fare differently in the alternative."""
    otherwise = f"{number(node.lost)} lost" if node.of_launched == BOTH else f"{number(node.launched)} saved"
    return f"{break_lines(node.label, layout.line, 2)}\n{number(node.size)}, {otherwise}"


def saved_chart(frame: pd.DataFrame, layout: Layout) -> Spec:
    """Bars of those saved, by what they were lost to in the base, with intervals: the most first.

    ``frame`` as for :func:`flow_chart`.
    """
    rows = [row for row in rows_of(frame[frame["by"].eq("base_cause")]) if row[SAVED] > 0]
    rows.sort(key=lambda row: -row[SAVED])
    bounds = (SAVED, f"{SAVED}_low", f"{SAVED}_high")
    entries = [
        {**row, "words": estimate(row[bounds[0]], row[bounds[1]], row[bounds[2]], number), "zero": 0.0} for row in rows
    ]
    part = panel(entries, bounds, layout, "count", "Groups saved in one history, on average")
    placed = [
        {**row, "middle": middle, "description": f"{row['label']}: {row['words']} groups saved"}
        for row, middle in zip(entries, part.middles, strict=True)
    ]
    bar = {"x": quantity("zero", **part.x), "x2": until(SAVED), "y": part.y, "description": word("description")}
    data = values(placed, "zero", SAVED, "middle", "description")
    layers = [
        mark("bar", bar, data, orient="horizontal", color=GREEN, size=16),
        interval(part, placed, *bounds[1:], strokeWidth=1.5),
    ]
    if not layout.is_narrow:
        layers.append(part.write(placed, layout))
    return apply_style(part.view(layers), layout)


def shares_chart(rows: pd.DataFrame, layout: Layout) -> Spec:
    """A bar a kind of groups that launch in either world, split by fate: rows of one ``by`` of the table of fates.

    Lengths are shares of all groups of the kind, whose number is written beside; those launched in neither world have
    no bar, as they would leave no room for the others.
    """
    entries = [row for row in rows_of(rows) if sum(row[fate] for fate in FATES) > 0]
    sizes = [sum(row[fate] for fate in FATES) for row in entries]
    labels = [
        f"{break_lines(str(row['label']), layout.line, 3)}\n{number(size)} groups"
        for row, size in zip(entries, sizes, strict=True)
    ]
    place = stack_rows(labels, layout, [44] * len(labels))
    drawn = (BOTH, SAVED, UNDONE)
    pieces: list[Row] = []
    for row, size, middle in zip(entries, sizes, place.middles, strict=True):
        start = 0.0
        for fate in drawn:
            end = start + row[fate] / size
            share = f"{number(row[fate])} of {number(size)} groups ({percent(end - start)})"
            said = f"{row['label']}: {_WORDS[fate].lower()} {share}"
            pieces.append({"middle": middle, "from": start, "to": end, "fate": _WORDS[fate], "description": said})
            start = end
    colours = {"domain": [_WORDS[fate] for fate in drawn], "range": [_COLOURS[fate] for fate in drawn]}
    legend = {"title": None, "columns": 1 if layout.is_narrow else 3}
    axis = {"title": "Share of the groups of that kind", "format": "%", "tickCount": 4 if layout.is_narrow else 8}
    most = max(1.05 * greatest(piece["to"] for piece in pieces), 0.01)
    channels = {
        "x": quantity("from", scale={"domain": [0, most], "nice": False}, axis=axis),
        "x2": until("to"),
        "y": quantity("middle", scale=place.scale, axis=label_axis(labels, place.middles, layout)),
        "color": word("fate", scale=colours, legend=legend),
        "description": word("description"),
    }
    data = values(pieces, "middle", "from", "to", "fate", "description")
    bars = mark("bar", channels, data, orient="horizontal", size=22)
    return apply_style(fit_width({**bars, "height": place.height}, layout), layout)
