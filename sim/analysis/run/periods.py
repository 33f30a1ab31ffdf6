"""Periods: from when to when each group was in each stage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.run.endings import end_times
from sim.scenario.facts import Facts, StageFacts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.store.table_slice import TableSlice

    Times = NDArray[np.float64]


def period_columns(facts: Facts) -> list[str]:
    """The columns of the groups table that periods are read from."""
    return ["route", "exit_time", *dict.fromkeys(f"entered_{stage.name}" for stage in facts.stages)]


def stage_periods(groups: TableSlice) -> Iterator[tuple[StageFacts, Times, Times]]:
    """Each stage, the last first, with the times at which every group entered and left it; NaN for never."""
    routes, out = groups.categories("route"), end_times(groups)
    following: dict[str, Times] = {}
    for stage in reversed(groups.facts.stages):
        start = np.where(routes.equal(stage.route), groups.numbers(f"entered_{stage.name}"), np.nan)
        # Some stages are only for some groups, so a group's next entry may be further on.
        after = following.get(stage.route, out)
        yield stage, start, np.where(np.isnan(start), np.nan, after)
        following[stage.route] = np.where(np.isnan(start), after, start)
