"""What became of the groups by time since arrival: stacked areas by cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.analysis.frame_rows import rows_of
from sim.report.charts.grammar import Spec, mark, quantity, values, word
from sim.report.charts.style import (
    BLUE,
    BROKEN_LABELS,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    YELLOW,
    Layout,
    apply_style,
    break_lines,
    fit_width,
    greatest,
    month_ticks,
    watched_enough,
)
from sim.scenario.vocabulary import WAS_LAUNCHED

if TYPE_CHECKING:
    import pandas as pd

_OTHER, _INSIDE = "Other causes together", "Still in the pipeline"
_CAUSE_COLOURS = [VERMILION, ORANGE, YELLOW, SKY, BLUE, PURPLE]
_INSIDE_COLOUR = "#EDEDED"


def incidence_chart(frame: pd.DataFrame, layout: Layout) -> Spec:
    """Stacked shares over time from :func:`sim.analysis.run.incidence.incidence`: launch, six causes, the rest.

    The areas fill 100 % with the groups still in the pipeline.
    """
    rows, names, colours = _stack(rows_of(watched_enough(frame)))
    shown = {name: break_lines(name, 40 if layout.is_narrow else 30, 2) for name in names}
    rank = {name: place for place, name in enumerate(names)}
    entries = [{**row, "rank": rank[row["shown"]], "shown": shown[row["shown"]]} for row in rows]
    last = greatest(row["months"] for row in rows)
    # Read from the top, as the areas lie.
    scale = {"domain": [shown[name] for name in names[::-1]], "range": colours[::-1]}
    encoding = {
        "x": quantity(
            "months",
            axis={"title": "Months since arrival", "grid": False, "values": month_ticks(last, layout)},
            scale={"domain": [0, max(last, 1.0)], "nice": False},
        ),
        "y": quantity(
            "share",
            stack="zero",
            scale={"domain": [0, 1], "clamp": True},
            axis={"title": "Share of all groups that arrived", "format": "%", "tickCount": 5},
        ),
        "color": word("shown", scale=scale, legend=_legend(layout)),
        "order": quantity("rank"),
        "description": word("shown"),
    }
    areas = mark("area", encoding, values(entries, "months", "share", "shown", "rank"), stroke="white", strokeWidth=0.8)
    return apply_style(fit_width({**areas, "height": 280 if layout.is_narrow else 380}, layout), layout)


def _legend(layout: Layout) -> Spec:
    return {
        "title": None,
        "labelExpr": BROKEN_LABELS,
        "orient": "top" if layout.is_narrow else "right",
        "direction": "vertical",
        "rowPadding": 2 if layout.is_narrow else 8,
    }


def _stack(rows: Sequence[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], list[str], list[str]]:
    """The shares to draw, the names from the bottom of the stack to its top, and their colours."""
    label = {str(row["cause"]): str(row["label"]) for row in rows}
    losses = [cause for cause in label if cause != WAS_LAUNCHED]
    has_launch = WAS_LAUNCHED in label
    kept = [WAS_LAUNCHED] * has_launch + losses[: len(_CAUSE_COLOURS)]
    shares: dict[tuple[str, float], float] = {}
    inside: dict[float, float] = {}
    for row in rows:
        name = label[row["cause"]] if row["cause"] in kept else _OTHER
        shares[name, row["months"]] = shares.get((name, row["months"]), 0.0) + row["share"]
        inside[row["months"]] = inside.get(row["months"], 1.0) - row["share"]
    drawn = [{"shown": name, "months": month, "share": share} for (name, month), share in shares.items()]
    drawn += [{"shown": _INSIDE, "months": month, "share": max(share, 0.0)} for month, share in inside.items()]
    names = [label[cause] for cause in kept]
    colours = [GREEN] * has_launch + _CAUSE_COLOURS[: len(kept) - has_launch]
    if len(losses) > len(_CAUSE_COLOURS):
        names, colours = [*names, _OTHER], [*colours, GREY]
    return drawn, [*names, _INSIDE], [*colours, _INSIDE_COLOUR]
