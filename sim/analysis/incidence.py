"""Cumulative incidence by cause: of all groups that set out, the share gone by then, and why.

Causes compete: a group that launched can no longer be lost to a manager. One minus Kaplan-Meier for each
cause would add up to more than one, so the estimator is that of Aalen and Johansen (1978, Scandinavian
Journal of Statistics 5:141-150). Groups still in the pipeline when the clock stops are censored, not lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.analysis.dates import DAYS_A_MONTH
from sim.analysis.endings import ended, launch_times
from sim.analysis.intervals import LEVEL
from sim.analysis.labels import LAUNCH, cause_label

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.analysis.results import Results

BLOCKS = 50
_STEPS = 2000


def aalen_johansen(
    times: NDArray[np.float64], events: NDArray[np.int64], causes: int, at: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Cumulative incidence of each cause at the times ``at``: shape (len(at), causes).

    ``times`` are times since setting out; ``events`` are 0 for censored, else 1..causes. With d_k(u) the
    events of cause k at u, n(u) the number at risk just before u and S Kaplan and Meier's survival from all
    causes together, F_k(t) = sum over u <= t of S(u-) d_k(u) / n(u). A group censored at u is still at risk
    at u.
    """
    result = np.zeros((len(at), causes))
    if len(times) == 0:
        return result
    order = np.argsort(times, kind="stable")
    moments, first, place = np.unique(times[order], return_index=True, return_inverse=True)
    ordered = events[order]
    at_risk = len(times) - first
    any_event = np.bincount(place[ordered > 0], minlength=len(moments))
    survival = np.cumprod(1.0 - any_event / at_risk)
    weight = np.concatenate(([1.0], survival[:-1])) / at_risk
    reached = np.searchsorted(moments, at, side="right")
    for cause in range(1, causes + 1):
        of_cause = np.bincount(place[ordered == cause], minlength=len(moments))
        result[:, cause - 1] = np.concatenate(([0.0], np.cumsum(weight * of_cause)))[reached]
    return result


def incidence(results: Results, months: Sequence[float] | None = None) -> pd.DataFrame:
    """Cumulative incidence since setting out, of launch and of every cause of exit before it.

    One row a cause and time: ``cause label days months share low high at_risk watched``. ``share`` is the
    Aalen-Johansen estimate from all replications pooled; ``low high`` its Monte Carlo interval by a jackknife
    that leaves out blocks of whole replications (:func:`block_jackknife_error`), so that groups of one
    history are not taken for independent. ``watched`` is the number of groups of all replications that were
    watched so long and are still inside, ``at_risk`` the mean of that a replication. Causes come in the order
    of their final share, launch first. ``months`` defaults to every month up to the longest time watched.
    """
    times, codes, causes = competing_events(results)
    longest = float(times.max()) if len(times) else 0.0
    grid = np.arange(0.0, longest / DAYS_A_MONTH + 1.0) if months is None else np.asarray(months, dtype=np.float64)
    at = grid * DAYS_A_MONTH
    shares = aalen_johansen(times, codes, len(causes), at)
    half = _half_width(results, times, codes, len(causes), at)
    at_risk = len(times) - np.searchsorted(np.sort(times), at, side="left")
    parts = [
        pd.DataFrame(
            {
                "cause": cause,
                "label": cause_label(results.manifest, cause),
                "days": at,
                "months": grid,
                "share": shares[:, k],
                "low": np.clip(shares[:, k] - half[:, k], 0.0, 1.0),
                "high": np.clip(shares[:, k] + half[:, k], 0.0, 1.0),
                "at_risk": at_risk / max(len(results.replications), 1),
                "watched": at_risk,
            }
        )
        for k, cause in _by_importance(causes, shares)
    ]
    columns = ["cause", "label", "days", "months", "share", "low", "high", "at_risk", "watched"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def competing_events(results: Results) -> tuple[NDArray[np.float64], NDArray[np.int64], list[str]]:
    """For each group: the time since setting out of what came first, which it was (0 censored), and the
    causes' names.

    What comes first is launch, an exit, the end of a route that has no launch (``completed``), or the end of
    the clock.
    """
    groups = results.groups
    launch = launch_times(groups)
    state = groups["state"].astype(str).to_numpy()
    cause = np.where(state == "exited", groups["exit_cause"].astype(str).to_numpy(), "")
    cause = np.where(state == "completed", "completed", cause)
    cause = np.where(np.isnan(launch), cause, LAUNCH)
    stop = np.where(cause == "", float(results.manifest["horizon"]), ended(groups))
    end = np.where(cause == LAUNCH, launch, stop)
    causes = [LAUNCH] * bool((cause == LAUNCH).any())
    causes += sorted({str(name) for name in np.unique(cause)} - {"", LAUNCH})
    code = {"": 0, **{name: k + 1 for k, name in enumerate(causes)}}
    names, place = np.unique(cause, return_inverse=True)
    codes = np.array([code[str(name)] for name in names], dtype=np.int64)[place] if len(names) else place
    return end - groups["arrived"].to_numpy(dtype=np.float64), codes, causes


def block_jackknife_error(
    whole: NDArray[np.float64], without: NDArray[np.float64], sizes: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The standard error of an estimate from its values without each block (Busing and others 1999, Stat.
    Comput. 9:3-8).

    ``whole`` is the estimate from all data, ``without[j]`` the estimate without block j, ``sizes[j]`` the
    replications in block j. With h_j = n / m_j and pseudo-values p_j = h_j whole - (h_j - 1) without_j, the
    variance is the mean of (p_j - jackknife estimate)^2 / (h_j - 1). Blocks of one replication give the
    ordinary jackknife.
    """
    shape = (len(sizes),) + (1,) * whole.ndim
    h = (sizes.sum() / sizes).reshape(shape)
    estimate = len(sizes) * whole - ((1 - 1 / h) * without).sum(axis=0)
    pseudo = h * whole - (h - 1) * without
    variance = ((pseudo - estimate) ** 2 / (h - 1)).mean(axis=0)
    return np.asarray(np.sqrt(variance))


def _half_width(
    results: Results,
    times: NDArray[np.float64],
    codes: NDArray[np.int64],
    causes: int,
    at: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The half-width of the Monte Carlo interval, shape (len(at), causes); NaN for one replication.

    The estimates without each block are taken on ``_STEPS`` equal steps of time: sums by step and block are
    made once, so a million groups cost one pass. Only the error is computed so, never the estimate.
    """
    from scipy.stats import t

    n = len(results.replications)
    if n < 2 or causes == 0 or len(times) == 0:
        return np.full((len(at), causes), np.nan)
    blocks = min(n, BLOCKS)
    block = results.positions(results.groups) % blocks
    width = max(float(times.max()), 1e-9) / _STEPS
    step = np.minimum(np.ceil(times / width).astype(np.int64), _STEPS)
    cells = np.bincount(
        (block * (_STEPS + 1) + step) * (causes + 1) + codes, minlength=blocks * (_STEPS + 1) * (causes + 1)
    ).reshape(blocks, _STEPS + 1, causes + 1)
    upto = np.clip(np.floor(at / width + 1e-9).astype(np.int64), 0, _STEPS)
    whole = cells.sum(axis=0)
    estimate = _stepwise(whole)[upto]
    without = np.stack([_stepwise(whole - cells[j])[upto] for j in range(blocks)])
    sizes = np.bincount(np.arange(n) % blocks, minlength=blocks).astype(np.float64)
    error = block_jackknife_error(estimate, without, sizes)
    return float(t.ppf((1 + LEVEL) / 2, blocks - 1)) * error


def _stepwise(cells: NDArray[np.int64]) -> NDArray[np.float64]:
    """The incidences, shape (steps, causes), from counts by step and event, shape (steps, causes + 1)."""
    gone = cells.sum(axis=1)
    at_risk = np.maximum(gone.sum() - np.concatenate(([0], np.cumsum(gone)[:-1])), 1)
    survival = np.cumprod(1.0 - cells[:, 1:].sum(axis=1) / at_risk)
    weight = np.concatenate(([1.0], survival[:-1])) / at_risk
    return np.asarray(np.cumsum(weight[:, None] * cells[:, 1:], axis=0))


def _by_importance(causes: Sequence[str], shares: NDArray[np.float64]) -> list[tuple[int, str]]:
    final = shares[-1] if len(shares) else np.zeros(len(causes))
    return sorted(enumerate(causes), key=lambda item: (item[1] != LAUNCH, -final[item[0]], item[1]))
