"""Occupancy: how many groups are in each stage, through calendar time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.analysis.dates import day, month_starts
from sim.analysis.endings import ended, launch_times
from sim.analysis.intervals import LEVEL
from sim.analysis.labels import StageInfo, route_label, stages

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.analysis.results import Results

LIVE = "live"


def occupancy(results: Results, dates: Sequence[date] | None = None) -> pd.DataFrame:
    """The number of groups in each stage on each date (default: the first of every month), over replications.

    One row a stage and date: ``route route_label stage label after_launch date days mean low high range_low
    range_high``. A group is in a stage from the time it entered it until it entered a later one, exited or
    completed the route. The rows with stage ``live`` count the groups that have launched and not exited,
    whatever stage they are in.
    """
    grid = list(dates) if dates is not None else month_starts(results.manifest)
    at = np.array([day(results.manifest, when) for when in grid])
    parts = [
        _rows(results, stage, route_label(results.manifest, stage.route), *spell, grid, at)
        for stage, spell in _stage_spells(results)
    ]
    groups = results.groups
    if "reached_live" in groups:
        live = StageInfo("", LIVE, "Launched and still going", "", True)
        start = launch_times(groups)
        lost = groups["exit_time"].where(groups["state"].eq("exited")).to_numpy(dtype=np.float64)
        parts.append(_rows(results, live, "", start, np.where(np.isnan(start), np.nan, lost), grid, at))
    return pd.concat(parts, ignore_index=True)


def stage_on(results: Results, instant: float) -> NDArray[np.str_]:
    """The stage that each group was in just before ``instant`` (days); empty for one not arrived or gone."""
    groups = results.groups
    found = np.full(len(groups), "", dtype=object)
    for stage, (start, end) in _stage_spells(results):
        there = (start < instant) & ~(end < instant)
        found[there] = stage.name
    return found.astype(str)


def _stage_spells(
    results: Results,
) -> list[tuple[StageInfo, tuple[NDArray[np.float64], NDArray[np.float64]]]]:
    """Each stage with the times at which every group entered and left it; NaN for never."""
    groups = results.groups
    out = ended(groups)
    spells = []
    following: dict[str, NDArray[np.float64]] = {}
    for stage in reversed(stages(results.manifest)):
        column = f"entered_{stage.name}"
        entered = groups[column].to_numpy(dtype=np.float64) if column in groups else np.full(len(groups), np.nan)
        start = np.where(groups["route"].eq(stage.route), entered, np.nan)
        # Some stages are only for some groups, so a group's next entry may be further on.
        after = following.get(stage.route, out)
        spells.append((stage, (start, np.where(np.isnan(start), np.nan, after))))
        following[stage.route] = np.where(np.isnan(start), after, start)
    return spells[::-1]


def _rows(
    results: Results,
    stage: StageInfo,
    route: str,
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    grid: Sequence[date],
    at: NDArray[np.float64],
) -> pd.DataFrame:
    present = _cumulative(results, start, at) - _cumulative(results, end, at)
    n = len(results.replications)
    mean = present.mean(axis=0)
    frame = pd.DataFrame({"date": pd.to_datetime(list(grid)), "days": at, "mean": mean})
    for name, value in (
        ("route", stage.route),
        ("route_label", route),
        ("stage", stage.name),
        ("label", stage.label),
    ):
        frame[name] = value
    frame["after_launch"] = stage.after_launch
    if n < 2:
        return frame.assign(low=np.nan, high=np.nan, range_low=np.nan, range_high=np.nan)
    from scipy.stats import t

    half = float(t.ppf((1 + LEVEL) / 2, n - 1)) * present.std(axis=0, ddof=1) / np.sqrt(n)
    bounds = np.quantile(present, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0, method="inverted_cdf")
    return frame.assign(low=mean - half, high=mean + half, range_low=bounds[0], range_high=bounds[1])


def _cumulative(results: Results, times: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many of ``times`` lie at or before each grid time: shape (replications, len(at))."""
    known = ~np.isnan(times)
    place = np.searchsorted(at, times[known], side="left")
    rows = results.positions(results.groups)[known]
    shape = (len(results.replications), len(at) + 1)
    cells = np.bincount(rows * shape[1] + place, minlength=shape[0] * shape[1]).reshape(shape)
    return np.asarray(np.cumsum(cells, axis=1)[:, :-1], dtype=np.float64)
