"""Two changes tried alone and together: what the page of a comparison says of their effects."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sim.analysis.frame_rows import rows_of
from sim.report.charts.forest import forest_chart
from sim.report.document import Figure, Section
from sim.report.format import change_with_interval
from sim.report.table import Change, Column, Table, text

if TYPE_CHECKING:
    import pandas as pd

_DRAWN = ("first", "second", "both", "interaction")


def sections(frame: pd.DataFrame | None) -> tuple[Section, ...]:
    """The section of a frame of :func:`sim.analysis.paired.factorial.effects`; none without one."""
    if frame is None:
        return ()
    drawn = frame[frame["outcome"].eq("launches") & frame["effect"].isin(_DRAWN)]
    figure = Figure(
        "effects",
        "Each alone, both together, and what exceeds the sum",
        "The effect on launches in one history of each change alone and of both, with 95% intervals; last, what both "
        "bring beyond the sum of each alone.",
        "If the interval of the interaction includes zero, that is not evidence that the two effects simply add up.",
        partial(forest_chart, _as_differences(drawn)),
    )
    return (Section("effects", "Alone and together", (figure,) if len(drawn) else (), tables=(effects_table(frame),)),)


def sentences(frame: pd.DataFrame | None) -> tuple[str, ...]:
    """Whether both together do more or less than the sum of each, as far as the interval allows."""
    if frame is None:
        return ()
    rows = rows_of(frame[frame["outcome"].eq("launches") & frame["effect"].eq("interaction")])
    if not rows:
        return ()
    row = rows[0]
    words = change_with_interval(row["value"], row["low"], row["high"], "count")
    if row["low"] == row["high"] == 0:
        return ("Both together add exactly the sum of what each adds to the number of launches.",)
    if not (row["low"] > 0 or row["high"] < 0):
        return (f"We cannot say whether both together add more or less than the sum of each: {words} launches.",)
    more = "more" if row["value"] > 0 else "less"
    return (f"Both together add {more} than the sum of what each adds: {words} launches in one history.",)


def effects_table(frame: pd.DataFrame) -> Table:
    """Every effect on every outcome."""
    rows = [
        (str(row["outcome_label"]), str(row["label"]), Change(row["value"], row["low"], row["high"], row["unit"]))
        for row in rows_of(frame)
    ]
    columns = (text("Outcome"), text("Effect"), Column("Value (95% interval)"))
    return Table("All effects", columns, tuple(rows))


def _as_differences(frame: pd.DataFrame) -> pd.DataFrame:
    """Effects in the columns of differences; an effect is no mean of a world, so those are left unknown."""
    unknown = float("nan")
    return frame.assign(
        alternative=frame["effect"],
        alternative_label=frame["label"],
        label=frame["outcome_label"],
        difference=frame["value"],
        family_low=frame["low"],
        family_high=frame["high"],
        base=unknown,
        alt=unknown,
    )
