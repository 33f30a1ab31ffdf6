"""Time from arrival to launch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.dates import DAYS_A_MONTH
from sim.analysis.intervals import LEVEL
from sim.analysis.run.endings import launch_column, launch_times
from sim.analysis.run.incidence import incidence
from sim.scenario.vocabulary import WAS_LAUNCHED

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from sim.store.results import Results

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
_DRAWS = 400
_SEED = 20081101


def launch_quantiles(results: Results, quantiles: Sequence[float] = QUANTILES) -> pd.DataFrame:
    """Quantiles of the time to launch among the groups that launched, all replications pooled.

    ``quantile days months months_low months_high``; the interval is Monte Carlo error by a bootstrap of whole
    replications (400 draws, a fixed seed, percentiles). It describes the quick: groups that were lost, or
    were still inside at the end, have no time to launch, so compare scenarios with :func:`share_launched`
    instead. Empty where nothing launched.
    """
    wanted = tuple(quantiles)
    return results.once(("launch quantiles", wanted), lambda: _launch_quantiles(results, wanted))


def _launch_quantiles(results: Results, quantiles: Sequence[float]) -> pd.DataFrame:
    import pandas as pd

    columns = ["quantile", "days", "months", "months_low", "months_high"]
    times, replication = results.once("times to launch", lambda: _times_to_launch(results))
    if len(times) == 0:
        return pd.DataFrame(columns=columns)
    levels = np.asarray(quantiles, dtype=np.float64)
    days = np.quantile(times, levels, method="inverted_cdf")
    low, high = _quantile_bounds(times, replication, len(results.replications), levels)
    scaled = [days / DAYS_A_MONTH, low / DAYS_A_MONTH, high / DAYS_A_MONTH]
    return pd.DataFrame(dict(zip(columns, [levels, days, *scaled], strict=True)))


def _times_to_launch(results: Results) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """The days to launch of all groups that launched, and the position of the replication of each, shortest first."""
    slices = [(np.zeros(0), np.zeros(0, dtype=np.int32))]
    for table_slice in results.slices("groups", ["arrived", launch_column(results.facts.launch)]):
        times = launch_times(table_slice) - table_slice.numbers("arrived")
        launched = np.flatnonzero(~np.isnan(times))
        slices.append((times[launched], (table_slice.at[launched] + table_slice.first).astype(np.int32)))
    times, replication = (np.concatenate(parts) for parts in zip(*slices, strict=True))
    order = np.argsort(times, kind="stable")
    return times[order], replication[order]


def share_launched(results: Results) -> pd.DataFrame:
    """The share of all groups that arrived which have launched, by time since arrival (Aalen-Johansen).

    ``months days share low high at_risk watched``, as :func:`sim.analysis.run.incidence.incidence` gives them.
    """
    table = incidence(results)
    columns = ["months", "days", "share", "low", "high", "at_risk", "watched"]
    return table.loc[table["cause"].eq(WAS_LAUNCHED), columns].reset_index(drop=True)


def _quantile_bounds(
    times: NDArray[np.float64], replication: NDArray[np.int32], n: int, levels: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The bounds by level; ``times`` are in order, ``replication`` says whose they are."""
    if n < 2:
        missing = np.full(len(levels), np.nan)
        return missing, missing
    draw = np.random.Generator(np.random.Philox(_SEED))
    draws = np.full((_DRAWS, len(levels)), np.nan)
    for k in range(_DRAWS):
        weight = np.cumsum(np.bincount(draw.integers(0, n, n), minlength=n)[replication])
        if weight[-1] > 0:
            draws[k] = times[np.searchsorted(weight, levels * weight[-1], side="left")]
    bounds = np.nanquantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return bounds[0], bounds[1]
