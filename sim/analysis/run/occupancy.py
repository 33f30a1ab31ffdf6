"""Occupancy: how many groups are in each stage, through calendar time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.dates import day, month_starts
from sim.analysis.intervals import LEVEL, ranks
from sim.analysis.run.endings import exit_times, launch_column, launch_times
from sim.analysis.run.periods import period_columns, stage_periods
from sim.scenario.facts import StageFacts
from sim.scenario.vocabulary import WAS_LAUNCHED

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from sim.store.results import Results
    from sim.store.table_slice import TableSlice

    Times = NDArray[np.float64]

_NUMBERS = ("mean", "low", "high", "range_low", "range_high")
_LIVE = StageFacts("", WAS_LAUNCHED, "Launched and still going", "", True)


def occupancy(results: Results, dates: Sequence[date] | None = None) -> pd.DataFrame:
    """The number of groups in each stage on each date (default: the first of every month), over replications.

    One row a stage and date: ``route route_label stage label after_launch date days mean low high range_low
    range_high``. A group is in a stage from the time it entered it until it entered a later one, exited or
    completed the route. The rows with stage ``(launched)`` count the groups that have launched and not exited,
    whatever stage they are in.
    """
    grid = tuple(dates) if dates is not None else tuple(month_starts(results.facts))
    return results.once(("occupancy", grid), lambda: _occupancy(results, grid))


def _occupancy(results: Results, grid: Sequence[date]) -> pd.DataFrame:
    import pandas as pd

    at = np.array([day(results.facts, when) for when in grid])
    shown = [*results.facts.stages, *([_LIVE] if results.has("groups", launch_column(results.facts.launch)) else [])]
    histories = {stage: _Histories(len(at)) for stage in shown}
    for table_slice in results.slices(
        "groups", [*period_columns(results.facts), "state", launch_column(results.facts.launch)]
    ):
        for stage, start, end in _all_periods(table_slice):
            if stage in histories:
                histories[stage].add(_present(table_slice, start, end, at))
    summaries = [histories[stage].summary(len(results.replications)) for stage in shown]
    return pd.DataFrame(
        {
            "route": _each([stage.route for stage in shown], grid),
            "route_label": _each([results.facts.route_label(stage.route) for stage in shown], grid),
            "stage": _each([stage.name for stage in shown], grid),
            "label": _each([stage.label for stage in shown], grid),
            "after_launch": np.repeat([stage.after_launch for stage in shown], len(grid)),
            "date": np.tile(np.array(grid, dtype="datetime64[us]"), len(shown)),
            "days": np.tile(at, len(shown)),
            **{name: np.concatenate([summary[name] for summary in summaries]) for name in _NUMBERS},
        }
    )


def _each(words: Sequence[str], grid: Sequence[date]) -> NDArray[np.object_]:
    return np.repeat(np.array(words, dtype=object), len(grid))


class _Histories:
    """In how many histories so many groups were present, by date: all that means and ranges need.

    Its size depends on the greatest number of groups present and not on the number of histories.
    """

    def __init__(self, dates: int) -> None:
        self._dates = dates
        self._cells = np.zeros((dates, 1), dtype=np.int64)

    def add(self, present: NDArray[np.int64]) -> None:
        """Add histories: the numbers present, shape (histories, dates)."""
        size = max(self._cells.shape[1], int(present.max(initial=0)) + 1)
        kinds = present + np.arange(self._dates) * size
        cells = np.bincount(kinds.ravel(), minlength=self._dates * size).reshape(self._dates, size)
        cells[:, : self._cells.shape[1]] += self._cells
        self._cells = cells

    def summary(self, histories: int) -> dict[str, Times]:
        """``mean low high range_low range_high`` by date; a history that was never added had nobody present."""
        cells = self._cells.copy()
        cells[:, 0] += histories - cells.sum(axis=1)
        number = np.arange(cells.shape[1], dtype=np.float64)
        mean = cells @ number / max(histories, 1)
        if histories < 2:
            missing = np.full(len(mean), np.nan)
            return {"mean": mean, "low": missing, "high": missing, "range_low": missing, "range_high": missing}
        squares = (cells * (number - mean[:, None]) ** 2).sum(axis=1)
        from scipy.special import stdtrit

        half = stdtrit(histories - 1, (1 + LEVEL) / 2) * np.sqrt(squares / (histories - 1) / histories)
        upto = np.cumsum(cells, axis=1)
        low, high = ((upto <= rank).sum(axis=1).astype(np.float64) for rank in ranks(histories))
        return {"mean": mean, "low": mean - half, "high": mean + half, "range_low": low, "range_high": high}


def _all_periods(table_slice: TableSlice) -> Iterable[tuple[StageFacts, Times, Times]]:
    yield from stage_periods(table_slice)
    start = launch_times(table_slice)
    yield _LIVE, start, np.where(np.isnan(start), np.nan, exit_times(table_slice))


def _present(table_slice: TableSlice, start: Times, end: Times, at: Times) -> NDArray[np.int64]:
    """How many groups were present at each time: shape (replications of the slice, len(at))."""
    # Dates are whole days, so how many of them lie before a time is known for each day once.
    before = np.searchsorted(at, np.arange(at[0], at[-1] + 2.0), side="left")
    shape = (table_slice.replications, len(at) + 1)
    cells = np.zeros(shape[0] * shape[1], dtype=np.int64)
    for times, sign in ((start, 1), (end, -1)):
        happened = np.flatnonzero(~np.isnan(times))
        days = np.clip(np.ceil(times[happened]) - at[0], 0.0, len(before) - 1.0).astype(np.int64)
        cells += sign * np.bincount(table_slice.at[happened] * shape[1] + before[days], minlength=len(cells))
    return np.cumsum(cells.reshape(shape), axis=1)[:, :-1]
