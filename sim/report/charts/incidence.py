"""What became of the groups by time since setting out: stacked areas by cause."""

from __future__ import annotations

import altair as alt
import pandas as pd

from sim.analysis.labels import LAUNCH
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
    Picture,
    broken,
    dressed,
    fitted,
    month_ticks,
    watched_enough,
)

_OTHER, _INSIDE = "Other causes together", "Still in the pipeline"
_CAUSE_COLOURS = [VERMILION, ORANGE, YELLOW, SKY, BLUE, PURPLE]
_INSIDE_COLOUR = "#EDEDED"


def incidence_chart(frame: pd.DataFrame, layout: Layout) -> Picture:
    """Stacked shares over time from :func:`sim.analysis.incidence.incidence`: launch, six causes, the rest.

    The areas fill 100 % with the groups still in the pipeline.
    """
    table, names, colours = _stacked(watched_enough(frame))
    shown = {name: broken(name, 40 if layout.is_narrow else 30, 2) for name in names}
    table["rank"] = table["shown"].map({name: place for place, name in enumerate(names)})
    table["shown"] = table["shown"].map(shown)
    last = float(table["months"].max()) if len(table) else 1.0
    areas = alt.Chart(table).mark_area(stroke="white", strokeWidth=0.8)
    chart = areas.encode(
        x=alt.X(
            "months:Q",
            axis=alt.Axis(title="Months since setting out", grid=False, values=month_ticks(last, layout)),
            scale=alt.Scale(domain=[0, max(last, 1.0)], nice=False),
        ),
        y=alt.Y(
            "share:Q",
            stack="zero",
            scale=alt.Scale(domain=[0, 1], clamp=True),
            axis=alt.Axis(title="Share of all groups that set out", format="%", tickCount=5),
        ),
        color=alt.Color(
            "shown:N",
            # Read from the top, as the areas lie.
            scale=alt.Scale(domain=[shown[name] for name in names[::-1]], range=colours[::-1]),
            legend=alt.Legend(
                title=None,
                labelExpr=BROKEN_LABELS,
                orient="top" if layout.is_narrow else "right",
                direction="vertical",
                rowPadding=2 if layout.is_narrow else 8,
            ),
        ),
        order=alt.Order("rank:Q"),
        description="shown:N",
    )
    return dressed(fitted(chart.properties(height=280 if layout.is_narrow else 380), layout), layout)


def _stacked(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str], list[str]]:
    """The shares to draw, the names from the bottom of the stack to its top, and their colours."""
    causes = [str(cause) for cause in frame["cause"].unique()]
    losses = [cause for cause in causes if cause != LAUNCH]
    has_launch = LAUNCH in causes
    kept = [LAUNCH] * has_launch + losses[: len(_CAUSE_COLOURS)]
    label = dict(zip(frame["cause"], frame["label"], strict=True))
    table = frame.assign(shown=[label[cause] if cause in kept else _OTHER for cause in frame["cause"]])
    table = table.groupby(["shown", "months"], sort=False)["share"].sum().reset_index()
    gone = table.groupby("months")["share"].sum().reset_index()
    inside = gone.assign(shown=_INSIDE, share=(1.0 - gone["share"]).clip(lower=0.0))
    names = [str(label[cause]) for cause in kept]
    colours = [GREEN] * has_launch + _CAUSE_COLOURS[: len(kept) - has_launch]
    if len(losses) > len(_CAUSE_COLOURS):
        names, colours = [*names, _OTHER], [*colours, GREY]
    return pd.concat([table, inside], ignore_index=True), [*names, _INSIDE], [*colours, _INSIDE_COLOUR]
