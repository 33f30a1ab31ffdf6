"""Intervals, each for one kind of uncertainty, never mixed.

*Monte Carlo error* says how well the mean over all histories is known from the replications that were run; it
shrinks with their number. The *central range* says what a single history may look like; it does not shrink.
Every replication is one independent observation: groups of one replication share hosts, boards and funds, so
they are never counted as independent.

At one replication there is neither an error nor a range, and the bounds are NaN.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

LEVEL = 0.95
_NAN = float("nan")


@dataclass(frozen=True)
class Summary:
    """A per-replication quantity: its mean, the Monte Carlo interval of that mean, and the central range."""

    mean: float
    low: float
    high: float
    range_low: float
    range_high: float
    n: int

    def columns(self, prefix: str = "") -> dict[str, float]:
        """The numbers as columns: ``mean low high range_low range_high``, each after ``prefix``."""
        start = f"{prefix}_" if prefix else ""
        names = ("mean", "low", "high", "range_low", "range_high")
        return {start + name: getattr(self, name) for name in names}


def summarise(values: ArrayLike, level: float = LEVEL) -> Summary:
    """Sum up one number a replication; where it is undefined (NaN) it is left out, and ``n`` says so."""
    import numpy as np

    defined = np.asarray(values, dtype=np.float64)
    defined = defined[~np.isnan(defined)]
    if len(defined) == 0:
        return Summary(_NAN, _NAN, _NAN, _NAN, _NAN, 0)
    return Summary(float(defined.mean()), *mean_interval(defined, level), *central_range(defined, level), len(defined))


def mean_interval(values: NDArray[np.float64], level: float = LEVEL) -> tuple[float, float]:
    """Student's interval of a mean over replications: mean -+ t(n - 1) s / sqrt(n)."""
    n = len(values)
    if n < 2:
        return _NAN, _NAN
    from scipy.special import stdtrit

    half = float(stdtrit(n - 1, (1 + level) / 2)) * float(values.std(ddof=1)) / math.sqrt(n)
    mean = float(values.mean())
    return mean - half, mean + half


def central_range(values: NDArray[np.float64], level: float = LEVEL) -> tuple[float, float]:
    """The central range of single histories: the smallest values that at least 2.5 % and 97.5 % do not
    exceed.

    Quantiles are those of the empirical distribution (Hyndman and Fan's type 1), so that the bounds of a
    count are counts that occurred and the range holds at least ``level`` of the histories.
    """
    import numpy as np

    if len(values) < 2:
        return _NAN, _NAN
    low, high = ranks(len(values), level)
    ordered = np.partition(values, (low, high))
    return float(ordered[low]), float(ordered[high])


def ranks(n: int, level: float = LEVEL) -> tuple[int, int]:
    """The places, counted from 0, of the bounds of :func:`central_range` among ``n`` values in order."""
    low, high = (max(math.ceil(n * tail - 1), 0) for tail in ((1 - level) / 2, (1 + level) / 2))
    return low, high


def ratio_interval(
    numerator: NDArray[np.float64], denominator: NDArray[np.float64], level: float = LEVEL
) -> tuple[float, float, float]:
    """The ratio of two means over replications and its interval by Fieller's theorem (Fieller 1954, JRSS B
    16:175-185).

    The bounds are the values of r at which mean(numerator) - r mean(denominator) is just not significantly different
    from 0 by a t-test over replications: the roots of (b^2 - t^2 Vb) r^2 - 2 (a b - t^2 Vab) r + (a^2 - t^2 Va) = 0,
    with a, b the means and Va, Vb, Vab the variances and covariance of those means. A replication is a cluster, so
    a share of groups gets an interval that does not take groups of one history for independent. NaN bounds:
    fewer than two replications, or a denominator that is not clearly above or below zero, where no bounded interval
    exists. The ratio is NaN where the denominator is 0.
    """
    n = len(numerator)
    a, b = (float(numerator.mean()), float(denominator.mean())) if n else (_NAN, 0.0)
    if b == 0:
        return _NAN, _NAN, _NAN
    if n < 2:
        return a / b, _NAN, _NAN
    from scipy.special import stdtrit

    squared = float(stdtrit(n - 1, (1 + level) / 2)) ** 2 / n
    # Centring first keeps the covariance exact to rounding even where money runs to hundreds of millions.
    x, y = numerator - a, denominator - b
    va, vb, vab = (float(product) / (n - 1) * squared for product in (x @ x, y @ y, x @ y))
    lead = b * b - vb
    if lead <= 0:
        return a / b, _NAN, _NAN
    middle = a * b - vab
    spread = math.sqrt(max(middle * middle - lead * (a * a - va), 0.0))
    return a / b, (middle - spread) / lead, (middle + spread) / lead


def share_interval(
    part: NDArray[np.float64], whole: NDArray[np.float64], level: float = LEVEL
) -> tuple[float, float, float]:
    """:func:`ratio_interval` for a part of a whole: the bounds are kept inside [0, 1]."""
    share, low, high = ratio_interval(part, whole, level)
    if math.isnan(low):
        return share, low, high
    return share, max(low, 0.0), min(high, 1.0)


def proportion_interval(successes: float, n: int, level: float = LEVEL) -> tuple[float, float]:
    """Wilson's score interval for the chance of what happens or not in each of ``n`` replications."""
    if n == 0:
        return _NAN, _NAN
    from scipy.special import ndtri

    z = float(ndtri((1 + level) / 2))
    p = successes / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    # Where nothing happened, or always, the bound is exact; rounding would leave a trace.
    return 0.0 if successes == 0 else centre - half, 1.0 if successes == n else centre + half


def tail_probability(observed: float, simulated: NDArray[np.float64]) -> float:
    """How far out in the simulated histories an observed value lies: twice the smaller tail, by mid-p.

    2 min(P(X < x) + P(X = x) / 2, P(X > x) + P(X = x) / 2), at most 1. Half of the histories that hit the
    value exactly go to either side (Lancaster 1961, JASA 56:223-234), as counts are discrete. NaN without a
    history.
    """
    import numpy as np

    if len(simulated) == 0:
        return _NAN
    tie = float(np.mean(simulated == observed)) / 2
    return min(1.0, 2 * min(float(np.mean(simulated < observed)), float(np.mean(simulated > observed))) + 2 * tie)
