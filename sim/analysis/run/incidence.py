"""Cumulative incidence by cause: of all groups that arrived, the share gone by then, and why.

Causes compete: a group that launched can no longer be lost to a manager. One minus Kaplan-Meier for each
cause would add up to more than one, so the estimator is that of Aalen and Johansen (1978, Scandinavian
Journal of Statistics 5:141-150). Groups still in the pipeline when the clock stops are censored, not lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.dates import DAYS_A_MONTH
from sim.analysis.intervals import LEVEL
from sim.analysis.run.competing import FirstEvents, collect_first_events
from sim.scenario.vocabulary import WAS_LAUNCHED

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from sim.store.results import Results


def aalen_johansen(
    times: NDArray[np.float64], events: NDArray[np.int64], causes: int, at: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Cumulative incidence of each cause at the times ``at``: shape (len(at), causes).

    ``times`` are times since arrival; ``events`` are 0 for censored, else 1..causes. With d_k(u) the
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
    """Cumulative incidence since arrival, of launch and of every cause of exit before it.

    One row a cause and time: ``cause label days months share low high at_risk watched``. ``share`` is the
    Aalen-Johansen estimate from all replications pooled; ``low high`` its Monte Carlo interval by a jackknife
    that leaves out blocks of whole replications (:func:`block_jackknife_error`), so that groups of one
    history are not taken for independent. ``watched`` is the number of groups of all replications that were
    watched so long and are still inside, ``at_risk`` the mean of that a replication. Causes come in the order
    of their final share, launch first. ``months`` defaults to every month up to the longest time watched.

    The estimate is exact up to two million groups. Past those the order of events within a few minutes is not kept
    (:class:`sim.analysis.run.competing.FirstEvents`), which moves a share by less than a millionth.
    """
    return results.once(("incidence", None if months is None else tuple(months)), lambda: _incidence(results, months))


def _incidence(results: Results, months: Sequence[float] | None) -> pd.DataFrame:
    import pandas as pd

    watched = results.once("watched", lambda: collect_first_events(results))
    longest = watched.longest / DAYS_A_MONTH
    grid = np.arange(0.0, longest + 1.0) if months is None else np.asarray(months, dtype=np.float64)
    at = grid * DAYS_A_MONTH
    shares = _shares(watched, at)
    half = _half_width(watched, len(results.replications), at)
    still = watched.still(at)
    order = _by_importance(watched.causes, shares)
    causes = [watched.causes[k] for k in order]
    share, error = shares[:, order].T.ravel(), half[:, order].T.ravel()
    return pd.DataFrame(
        {
            "cause": np.repeat(np.array(causes, dtype=object), len(at)),
            "label": np.repeat(np.array([results.facts.cause_label(name) for name in causes], dtype=object), len(at)),
            "days": np.tile(at, len(causes)),
            "months": np.tile(grid, len(causes)),
            "share": share,
            "low": np.clip(share - error, 0.0, 1.0),
            "high": np.clip(share + error, 0.0, 1.0),
            "at_risk": np.tile(still / max(len(results.replications), 1), len(causes)),
            "watched": np.tile(still, len(causes)),
        }
    )


def _shares(watched: FirstEvents, at: NDArray[np.float64]) -> NDArray[np.float64]:
    """The estimates, shape (len(at), causes)."""
    if watched.fine is None:
        assert watched.times is not None
        return aalen_johansen(watched.times, watched.codes, len(watched.causes), at)
    return _stepwise(watched.fine.counts[:, 0], watched.fine.last_steps(at))


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


def _half_width(watched: FirstEvents, replications: int, at: NDArray[np.float64]) -> NDArray[np.float64]:
    """The half-width of the Monte Carlo interval, shape (len(at), causes); NaN for one replication.

    The estimates without each block are taken on equal steps of time, for which sums by step and block are enough.
    """
    if replications < 2 or not watched.causes:
        return np.full((len(at), len(watched.causes)), np.nan)
    cells, upto = watched.coarse.counts, watched.coarse.last_steps(at)
    blocks = cells.shape[1]
    whole = cells.sum(axis=1)
    estimate = _stepwise(whole, upto)
    without = np.stack([_stepwise(whole - cells[:, block], upto) for block in range(blocks)])
    sizes = np.bincount(np.arange(replications) % blocks, minlength=blocks).astype(np.float64)
    error = block_jackknife_error(estimate, without, sizes)
    from scipy.special import stdtrit

    return float(stdtrit(blocks - 1, (1 + LEVEL) / 2)) * error


def _stepwise(cells: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.float64]:
    """The incidences at the ends of the steps ``at``, shape (len(at), causes), from counts by event and step.

    As :func:`aalen_johansen`, with all that happens in a step at its end.
    """
    gone = cells.sum(axis=0)
    at_risk = np.maximum(gone.sum() - (np.cumsum(gone) - gone), 1)
    weight = np.ones(len(gone))
    np.cumprod(1.0 - (gone - cells[0])[:-1] / at_risk[:-1], out=weight[1:])
    weight /= at_risk
    return np.asarray(np.cumsum(cells[1:] * weight, axis=1)[:, at].T)


def _by_importance(causes: Sequence[str], shares: NDArray[np.float64]) -> list[int]:
    final = shares[-1] if len(shares) else np.zeros(len(causes))
    return sorted(range(len(causes)), key=lambda k: (causes[k] != WAS_LAUNCHED, -final[k], causes[k]))
