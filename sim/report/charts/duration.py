"""Time to launch: the share launched by time, and how the times of those that launched spread."""

from __future__ import annotations

from typing import Literal

import altair as alt
import pandas as pd

from sim.report.charts.style import BLUE, GREEN, INK, Layout, Picture, dressed, month_ticks, watched_enough
from sim.report.frames import records
from sim.report.words import months, number, percent

_AXIS = 52


def duration_chart(share: pd.DataFrame, quantiles: pd.DataFrame, layout: Layout) -> Picture:
    """The curve of :func:`sim.analysis.duration.share_launched` over a strip of the quantiles among the
    launched.

    The band is the Monte Carlo interval. The strip shows the 10th, 25th, 50th, 75th and 90th of 100, from
    :func:`sim.analysis.duration.launch_quantiles`.
    """
    watched = watched_enough(share)
    last = max(float(watched["months"].max()), float(quantiles["months"].max()), 1.0)
    scale, ticks = alt.Scale(domain=[0, last], nice=False), month_ticks(last, layout)
    bare = alt.Axis(title=None, labels=False, ticks=False, values=ticks)
    told = alt.Axis(title="Months since setting out", values=ticks)
    width = layout.width - _AXIS - 24
    curve = _curve(watched, alt.X("months:Q", scale=scale, axis=bare)).properties(
        width=width, height=220, title=_heading("Share of all groups that have launched", layout)
    )
    strip = _strip(quantiles, last, alt.X("q10:Q", scale=scale, axis=told), layout).properties(
        width=width, height=50, title=_heading("When, of those that launched", layout)
    )
    return dressed(alt.vconcat(curve, strip, spacing=14), layout)


def _heading(text: str, layout: Layout) -> alt.TitleParams:
    return alt.TitleParams(text, fontSize=layout.font, fontWeight="normal", frame="group", anchor="start", offset=6)


def _curve(table: pd.DataFrame, x: alt.X) -> Picture:
    told = table.assign(
        description=[f"{percent(row['share'])} launched by {number(row['months'])} months" for row in records(table)]
    )
    top = max(float(table[["share", "high"]].max().max()) * 1.08, 0.01)
    axis = alt.Axis(title=None, format="%", tickCount=5, minExtent=_AXIS, maxExtent=_AXIS)
    y = alt.Y("share:Q", scale=alt.Scale(domain=[0, top], nice=False), axis=axis)
    base = alt.Chart(told).encode(x=x)
    line = base.mark_line(color=GREEN, strokeWidth=2.5).encode(y=y)
    dots = base.mark_point(color=GREEN, filled=True, size=26, opacity=1).encode(y=y, description="description:N")
    if table["low"].isna().all():
        return alt.layer(line, dots)
    band = base.mark_area(color=GREEN, opacity=0.25).encode(
        y=alt.Y("low:Q", scale=alt.Scale(domain=[0, top], nice=False), axis=axis), y2="high:Q"
    )
    return alt.layer(band, line, dots)


def _strip(quantiles: pd.DataFrame, last: float, x: alt.X, layout: Layout) -> Picture:
    at = {round(row["quantile"] * 100): float(row["months"]) for row in records(quantiles)}
    table = pd.DataFrame([{f"q{level}": months for level, months in at.items()}])
    table["row"] = ""
    table["words"] = f"half within {months(at[50])} months"
    table["description"] = (
        f"Of those that launched, one in ten did within {months(at[10])} months, "
        f"half within {months(at[50])}, nine in ten within {months(at[90])}"
    )
    blank = alt.Axis(title=None, labels=False, ticks=False, domain=False, minExtent=_AXIS, maxExtent=_AXIS)
    base = alt.Chart(table).encode(y=alt.Y("row:N", axis=blank))
    box = base.mark_bar(color=BLUE, height=16).encode(x="q25:Q", x2="q75:Q", description="description:N")
    side: Literal["left", "right"] = "right" if at[50] > last / 2 else "left"
    return alt.layer(
        base.mark_rule(color=INK).encode(x=x, x2="q90:Q"),
        box,
        base.mark_tick(color="white", thickness=3, height=16, opacity=1).encode(x="q50:Q"),
        base.mark_text(dy=-17, align=side, fontSize=layout.font - 1).encode(x="q50:Q", text="words:N"),
    )
