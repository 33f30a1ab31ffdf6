"""The map of hosts: a tile a host, under the name of its region. No geography is needed or implied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from sim.report.charts.style import INK, Layout, Picture, broken, dressed, fitted
from sim.report.frames import records
from sim.report.words import number, percent


def hosts_chart(hosts: pd.DataFrame, regions: pd.DataFrame, layout: Layout) -> Picture:
    """Tiles coloured by the chance of at least one launch, from :func:`sim.analysis.hosts.host_outcomes` and
    :func:`sim.analysis.hosts.region_outcomes`. Each tile is labelled with the host's number within its
    region.
    """
    across = 9 if layout.is_narrow else 20
    words = "{}: a launch in {}" if layout.is_narrow else "{}: at least one launch in {} of histories"
    tiles, heads, rows = _placed(hosts, regions, across, words)
    largest = max(float(tiles["chance"].max()), 0.01)
    size = (layout.width - 16) / across
    height = rows * size * 0.9
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, across], nice=False), axis=None)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[rows, 0], nice=False, zero=False), axis=None)
    colour = alt.Color(
        "chance:Q",
        scale=alt.Scale(scheme="viridis", reverse=True, domain=[0, largest]),
        legend=alt.Legend(
            title="Chance of at least one launch in a history",
            format="%" if largest > 0.05 else ".1%",
            values=[0, largest / 2, largest],
            gradientLength=240,
            orient="bottom",
        ),
    )
    boxes = (
        alt.Chart(tiles)
        .mark_rect(stroke="white", strokeWidth=2)
        .encode(x=x, x2="x2", y=y, y2="y2", color=colour, description="description:N")
    )
    texts: list[alt.Chart] = []
    dark = tiles["chance"] > 0.45 * largest
    for part, ink in ((tiles[dark], "white"), (tiles[~dark], INK)):
        middle = alt.Chart(part).encode(x=alt.X("xm:Q"), y=alt.Y("ym:Q"))
        number_mark = middle.mark_text(fontSize=layout.font - 1, fontWeight="bold", dy=-7, color=ink)
        chance_mark = middle.mark_text(fontSize=layout.font - 2, dy=8, color=ink)
        texts += [number_mark.encode(text="number:N"), chance_mark.encode(text="words:N")]
    head = alt.Chart(heads).mark_text(align="left", baseline="bottom", dx=2, fontSize=layout.font)
    titles = head.encode(x=alt.datum(0), y=alt.Y("y:Q"), text="words:N")
    layers = alt.layer(boxes, *texts, titles).properties(height=height)
    return dressed(fitted(layers, layout), layout)


def _placed(
    hosts: pd.DataFrame, regions: pd.DataFrame, across: int, words: str
) -> tuple[pd.DataFrame, pd.DataFrame, float]:
    """The tiles and the regions' headings in units of a tile, and the whole height in the same units."""
    tiles, heads, top = [], [], 0.0
    of_region = dict(zip(regions["region"], regions["chance"], strict=True))
    for region, members in hosts.groupby("region", sort=False):
        top += 0.75
        label = broken(str(members["region_label"].iloc[0]), 34, 1)
        heads.append({"y": top - 0.08, "words": words.format(label, percent(float(of_region[region])))})
        for place, row in enumerate(records(members)):
            column, line = place % across, place // across
            tiles.append(
                {
                    "x": column,
                    "x2": column + 1,
                    "xm": column + 0.5,
                    "y": top + line,
                    "y2": top + line + 1,
                    "ym": top + line + 0.5,
                    "chance": row["chance"],
                    "number": _short(row["host"], place + 1),
                    "words": _rounded(row["chance"]),
                    "description": _described(row),
                }
            )
        top += (len(members) - 1) // across + 1 + 0.15
    return pd.DataFrame(tiles), pd.DataFrame(heads), top


def _short(host: str, place: int) -> str:
    last = host.rsplit("-", 1)[-1]
    return str(int(last)) if last.isdigit() and last.isascii() else str(place)


def _rounded(chance: float) -> str:
    return "<1%" if 0 < chance < 0.005 else f"{chance:.0%}"


def _described(row: Mapping[str, Any]) -> str:
    return (
        f"{row['host']}: {number(row['groups_mean'])} groups set out and {number(row['launched_mean'])} "
        f"launch on average; at least one launches in {percent(row['chance'])} of histories"
    )
