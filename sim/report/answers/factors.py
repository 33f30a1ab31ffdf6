"""The section of two changes tried alone and together."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sim.report.charts.forest import forest_chart
from sim.report.document import Figure, Section
from sim.report.format import changed
from sim.report.frames import records
from sim.report.tables import Table

if TYPE_CHECKING:
    import pandas as pd

_DRAWN = ("first", "second", "both", "interaction")


def effects_sections(frame: pd.DataFrame | None) -> tuple[Section, ...]:
    """The section of a frame of :func:`sim.analysis.paired.factorial.effects`; none without one."""
    if frame is None:
        return ()
    drawn = frame[frame["outcome"].eq("launches") & frame["effect"].isin(_DRAWN)]
    figures: tuple[Figure, ...] = ()
    if len(drawn):
        figures = (
            Figure(
                "effects",
                "Alone, together, and what is more than the sum",
                "The effect of each change alone and of both on the launches in one history, with 95% intervals; last "
                "what both do beyond the sum of each.",
                "An interaction that is not told from nought is no proof that the two add up.",
                partial(forest_chart, _as_differences(drawn)),
                (),
            ),
        )
    return (Section("effects", "Alone and together", figures, tables=(("All effects", effects_table(frame)),)),)


def effects_words(frame: pd.DataFrame | None) -> tuple[str, ...]:
    """Whether both together do more or less than the sum of each, as far as the interval tells."""
    if frame is None:
        return ()
    rows = records(frame[frame["outcome"].eq("launches") & frame["effect"].eq("interaction")])
    if not rows:
        return ()
    row = rows[0]
    words = changed(row["value"], row["low"], row["high"], "count")
    if row["low"] == row["high"] == 0:
        return ("Both together add exactly the sum of what each adds to the number of launches.",)
    if not (row["low"] > 0 or row["high"] < 0):
        return (f"Whether both together add more or less than the sum of each cannot be told: {words} launches.",)
    more = "more" if row["value"] > 0 else "less"
    return (f"Both together add {more} than the sum of what each adds: {words} launches in one history.",)


def effects_table(frame: pd.DataFrame) -> Table:
    """Every effect on every outcome."""
    rows = [
        (str(row["outcome_label"]), str(row["label"]), changed(row["value"], row["low"], row["high"], str(row["unit"])))
        for row in records(frame)
    ]
    return Table(("Outcome", "Effect", "Value (95% interval)"), tuple(rows))


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
