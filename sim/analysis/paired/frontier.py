"""The efficient frontier: which alternatives buy launches at the least cost, and which are dominated.

The rules are those of incremental cost-effectiveness (Drummond et al. 2015, "Methods for the Economic Evaluation of
Health Care Programmes", chapter 5). An option is *strongly* dominated where another launches no fewer at no more cost,
and is better in one of the two; it is *extendedly* dominated where a mixture of two others launches as many for less.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.analysis.critical import resample
from sim.analysis.intervals import LEVEL, mean_interval, ratio_interval
from sim.analysis.paired.differences import paired_differences

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from sim.analysis.reading import Reading
    from sim.store.results import Results

    Numbers = NDArray[np.float64]

STRONGLY, EXTENDEDLY = "strongly", "extendedly"
_WORDS: Final = np.array(["", STRONGLY, EXTENDEDLY])
_ROUNDING: Final = 1e-12


def frontier(points: pd.DataFrame) -> pd.DataFrame:
    """Which of the points are on the efficient frontier, in the order given.

    ``points`` has at least ``alternative cost launches``, one of them the status quo (0 and 0 where both are
    differences from it). Added: ``dominated`` (empty, ``strongly`` or ``extendedly``), ``on_frontier``, and ``icer``,
    the incremental cost of one more launch against the next smaller option on the frontier; NaN off the frontier, for
    the cheapest option on it, and for one that is equal to another.
    """
    cost, launches = (points[name].to_numpy(dtype=np.float64) for name in ("cost", "launches"))
    codes = dominance(cost, launches)
    icer = np.full(len(points), np.nan)
    for smaller, larger in _steps(cost, launches, codes):
        icer[larger] = (cost[larger] - cost[smaller]) / (launches[larger] - launches[smaller])
    return points.assign(dominated=_WORDS[codes], on_frontier=codes == 0, icer=icer)


def dominance(cost: Numbers, launches: Numbers) -> NDArray[np.int64]:
    """0 for an option on the frontier, 1 for one strongly dominated, 2 for one extendedly dominated.

    The options stand on the last axis, whatever other axes there are.
    """
    cheaper = _no_more(cost[..., None, :], cost[..., None])
    better = _no_more(launches[..., None], launches[..., None, :])
    equal = _no_more(cost[..., None], cost[..., None, :]) & _no_more(launches[..., None, :], launches[..., None])
    strongly = (cheaper & better & ~equal).any(axis=-1)
    mixed = np.zeros_like(strongly)
    for first in range(cost.shape[-1]):
        for second in range(cost.shape[-1]):
            low, high = launches[..., [first]], launches[..., [second]]
            between = (low < launches) & (launches < high)
            part = (launches - low) / np.where(low < high, high - low, 1.0)
            mixture = cost[..., [first]] + part * (cost[..., [second]] - cost[..., [first]])
            mixed |= between & ~_no_more(cost, mixture)
    return np.where(strongly, 1, np.where(mixed, 2, 0))


def _no_more(first: Numbers, second: Numbers) -> NDArray[np.bool_]:
    """Whether one number is at most another, but for rounding."""
    return np.asarray(first <= second + _ROUNDING * np.maximum(np.abs(first), np.abs(second)))


def _steps(cost: Numbers, launches: Numbers, codes: NDArray[np.int64]) -> list[tuple[int, int]]:
    """The places of neighbours along the frontier, from few launches to many; of equal ones the first."""
    on = np.flatnonzero(codes == 0)
    order = on[np.argsort(launches[on], kind="stable")]
    kept: list[int] = []
    for place in order.tolist():
        if not kept or not _no_more(launches[place], launches[kept[-1]]):
            kept.append(place)
    return list(pairwise(kept))


def compare_on_frontier(
    base: Results,
    alternatives: Mapping[str, Results],
    reading: Reading,
    labels: Mapping[str, str] | None = None,
    money: str = "discounted_total",
    level: float = LEVEL,
) -> pd.DataFrame:
    """The base and its alternatives as points: what each costs and launches more than the base, as in replications.

    ``alternative label cost cost_low cost_high launches launches_low launches_high dominated on_frontier icer icer_low
    icer_high chance``. The first row is the base, whose name is ``""``, also in ``labels``. ``money`` is an outcome in
    pounds. The interval of ``icer`` is Fieller's on the paired differences; ``chance`` is the share of 1 999 resamples
    of replications, the same for all, in which the option is on the frontier. Raises `InputError` for unknown money.
    """
    import pandas as pd

    paired = paired_differences(base, alternatives, reading, {money, "launches"})
    cost, launches = (np.vstack([np.zeros((1, paired[name].shape[1])), paired[name]]) for name in (money, "launches"))
    named = {"": "As it is", **{name: name for name in alternatives}, **(labels or {})}
    rows = [
        {"alternative": name, "label": named[name], **_mean("cost", x, level), **_mean("launches", y, level)}
        for name, x, y in zip(("", *alternatives), cost, launches, strict=True)
    ]
    table = frontier(pd.DataFrame(rows))
    bounds = np.full((2, len(table)), np.nan)
    codes = np.where(table["on_frontier"], 0, 1)
    for smaller, larger in _steps(table["cost"].to_numpy(), table["launches"].to_numpy(), codes):
        more = cost[larger] - cost[smaller], launches[larger] - launches[smaller]
        bounds[:, larger] = ratio_interval(*more, level)[1:]
    return table.assign(icer_low=bounds[0], icer_high=bounds[1], chance=frontier_chances(cost, launches))


def frontier_chances(cost: Numbers, launches: Numbers) -> Numbers:
    """The share of resamples of replications in which each option is on the frontier: shape (options,).

    ``cost`` and ``launches`` have the shape (options, replications).
    """
    number, n = cost.shape
    if n < 2:
        return np.full(number, np.nan)
    both = np.concatenate([cost, launches])
    on = [dominance(*np.split(weights @ both.T / n, 2, axis=1)) == 0 for weights in resample(n)]
    return np.asarray(np.concatenate(on).mean(axis=0))


def _mean(name: str, values: Numbers, level: float) -> dict[str, Any]:
    low, high = mean_interval(values, level)
    return {name: float(values.mean()) if len(values) else math.nan, f"{name}_low": low, f"{name}_high": high}
