"""The map of hosts: a tile a host, under the name of its region. No geography is needed or implied."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sim.analysis.frame_rows import rows_of
from sim.report.charts.grammar import Spec, mark, quantity, until, values, word
from sim.report.charts.style import INK, Layout, apply_style, break_lines, fit_width
from sim.report.format import number, percent

if TYPE_CHECKING:
    import pandas as pd

_Row = dict[str, Any]


def hosts_chart(hosts: pd.DataFrame, regions: pd.DataFrame, layout: Layout) -> Spec:
    """Tiles coloured by the chance of at least one launch, from :func:`sim.analysis.run.hosts.host_outcomes` and
    :func:`sim.analysis.run.hosts.region_outcomes`. Each tile is labelled with the host's number within its
    region.
    """
    across = 9 if layout.is_narrow else 20
    phrase = "{}: a launch in {}" if layout.is_narrow else "{}: at least one launch in {} of histories"
    tiles, heads, rows = _place_tiles(hosts, regions, across, phrase)
    largest = max(*(tile["chance"] for tile in tiles), 0.01)
    x = quantity("x", scale={"domain": [0, across], "nice": False}, axis=None)
    y = quantity("y", scale={"domain": [rows, 0], "nice": False, "zero": False}, axis=None)
    box = {"x": x, "x2": until("x2"), "y": y, "y2": until("y2"), "color": _colour(largest)}
    names = ("x", "x2", "y", "y2", "chance", "description")
    boxes = mark(
        "rect", {**box, "description": word("description")}, values(tiles, *names), stroke="white", strokeWidth=2
    )
    head = {"x": {"datum": 0}, "y": quantity("y"), "text": word("words")}
    look = {"align": "left", "baseline": "bottom", "dx": 2, "fontSize": layout.font}
    titles = mark("text", head, values(heads, "y", "words"), **look)
    height = rows * (layout.width - 16) / across * 0.9
    layers = [boxes, *_figures(tiles, 0.45 * largest, layout), titles]
    return apply_style(fit_width({"layer": layers, "height": height}, layout), layout)


def _colour(largest: float) -> Spec:
    legend = {
        "title": "Chance of at least one launch in a history",
        "format": "%" if largest > 0.05 else ".1%",
        "values": [0, largest / 2, largest],
        "gradientLength": 240,
        "orient": "bottom",
    }
    return quantity("chance", scale={"scheme": "viridis", "reverse": True, "domain": [0, largest]}, legend=legend)


def _figures(tiles: list[_Row], dark: float, layout: Layout) -> list[Spec]:
    """What is written in the tiles: white in those with a chance above ``dark``."""
    layers = []
    for ink, part in (
        ("white", [tile for tile in tiles if tile["chance"] > dark]),
        (INK, [tile for tile in tiles if tile["chance"] <= dark]),
    ):
        data = values(part, "xm", "ym", "number", "words")
        at = {"x": quantity("xm"), "y": quantity("ym")}
        bold = {"fontSize": layout.font - 1, "fontWeight": "bold", "dy": -7, "color": ink}
        plain = {"fontSize": layout.font - 2, "dy": 8, "color": ink}
        layers.append(mark("text", {**at, "text": word("number")}, data, **bold))
        layers.append(mark("text", {**at, "text": word("words")}, data, **plain))
    return layers


def _place_tiles(
    hosts: pd.DataFrame, regions: pd.DataFrame, across: int, phrase: str
) -> tuple[list[_Row], list[_Row], float]:
    """The tiles and the regions' headings in units of a tile, and the whole height in the same units."""
    tiles, heads, top = [], [], 0.0
    of_region = dict(zip(regions["region"], regions["chance"], strict=True))
    place = {region: k for k, region in enumerate(of_region)}
    ordered = sorted(rows_of(hosts), key=lambda row: place[row["region"]])
    for region, rows in groupby(ordered, key=lambda row: row["region"]):
        members = list(rows)
        top += 0.75
        label = break_lines(str(members[0]["region_label"]), 34, 1)
        heads.append({"y": top - 0.08, "words": phrase.format(label, percent(float(of_region[region])))})
        for k, row in enumerate(members):
            tiles.append(_tile(row, k, k % across, top + k // across))
        top += (len(members) - 1) // across + 1 + 0.15
    return tiles, heads, top


def _tile(row: Mapping[str, Any], place: int, left: int, top: float) -> _Row:
    return {
        "x": left,
        "x2": left + 1,
        "xm": left + 0.5,
        "y": top,
        "y2": top + 1,
        "ym": top + 0.5,
        "chance": row["chance"],
        "number": _short(row["host"], place + 1),
        "words": _round(row["chance"]),
        "description": _describe(row),
    }


def _short(host: str, place: int) -> str:
    last = host.rsplit("-", 1)[-1]
    return str(int(last)) if last.isdigit() and last.isascii() else str(place)


def _round(chance: float) -> str:
    return "<1%" if 0 < chance < 0.005 else f"{chance:.0%}"


def _describe(row: Mapping[str, Any]) -> str:
    return (
        f"{row['host']}: {number(row['groups_mean'])} groups arrive and {number(row['launched_mean'])} "
        f"launch on average; at least one launches in {percent(row['chance'])} of histories"
    )
