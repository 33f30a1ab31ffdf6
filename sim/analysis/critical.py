"""Critical values: how many standard errors an interval reaches to either side.

For means Student's t; over several alternatives at once the equicoordinate quantile of the multivariate t with the
correlation of the estimates, so that all intervals hold together at the stated level (Dunnett 1955, JASA 50:1096-1121;
Hothorn, Bretz and Westfall 2008, Biometrical Journal 50:346-363). For ratios the bootstrap-t over replications (Efron
and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 12). What is computed from draws has a fixed seed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.analysis.intervals import LEVEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

_SEED: Final = 20081101
_DRAWS: Final = 200_000
RESAMPLES: Final = 1_999
_MOST: Final = 5_000
"""Of more replications than these the first are resampled: the value then is as near to its limit as resamples tell."""
_CELLS: Final = 2_000_000
"""Of a chunk of resamples, so that memory does not grow with the replications."""


def pointwise_critical(df: int, level: float = LEVEL) -> float:
    """Student's two-sided critical value for a single interval; NaN without a degree of freedom."""
    if df < 1:
        return math.nan
    from scipy.special import stdtrit

    return float(stdtrit(df, (1 + level) / 2))


def simultaneous_critical(parts: Numbers, level: float = LEVEL) -> float:
    """The critical value that holds for the means of several quantities at once.

    ``parts`` has the shape (quantities, replications), and each of them varies. The quantile of max |T| is a Monte
    Carlo one (200 000 draws of the multivariate t), kept between Student's value and that of Bonferroni, which bound
    the true one.
    """
    number, df = len(parts), parts.shape[1] - 1
    single = pointwise_critical(df, level)
    if df < 1 or number < 2:
        return single
    centred = parts - parts.mean(axis=1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).sum(axis=1, keepdims=True))
    values, vectors = np.linalg.eigh(scaled @ scaled.T)
    normal, scale = _draws(number, df)
    largest = np.abs(normal @ (vectors * np.sqrt(np.maximum(values, 0.0))).T).max(axis=1) / scale
    place = math.ceil(_DRAWS * level) - 1
    quantile = float(np.partition(largest, place)[place])
    return min(max(quantile, single), pointwise_critical(df, 1 - (1 - level) / number))


@lru_cache(maxsize=1)
def _draws(quantities: int, df: int) -> tuple[Numbers, Numbers]:
    draw = np.random.Generator(np.random.Philox(_SEED))
    return draw.standard_normal((_DRAWS, quantities)), np.sqrt(draw.chisquare(df, _DRAWS) / df)


def resample(replications: int) -> Iterator[Numbers]:
    """How often each replication is drawn in each of 1 999 resamples, in chunks of shape (some, replications).

    The resamples depend on nothing but the number of replications, so whatever is computed from them is paired.
    """
    draw = np.random.Generator(np.random.Philox(_SEED))
    rows = max(1, _CELLS // replications)
    for first in range(0, RESAMPLES, rows):
        some = min(rows, RESAMPLES - first)
        drawn = draw.integers(0, replications, (some, replications)) + replications * np.arange(some)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=some * replications)
        yield counts.reshape(some, replications).astype(np.float64)


def bootstrap_t(quads: Numbers, level: float = LEVEL) -> tuple[Numbers, float]:
    """Critical values for differences of two ratios of means: for each alone, and for all at once.

    ``quads`` has the shape (differences, 4, replications): numerator and denominator of the one ratio, then of the
    other, and each difference varies. In each resample of replications the difference is studentised by its own
    standard error (by linearisation); the value is the quantile of |t*|, or of the largest |t*|, which makes the
    interval symmetric. Infinite where too many resamples have a denominator of 0.
    """
    quads = quads[:, :, :_MOST]
    centre = quads.mean(axis=2)
    centred = quads - centre[:, :, None]
    difference, _ = _linearised(centre)
    with np.errstate(all="ignore"):
        chunks = [_studentised(weights, centre, centred, difference) for weights in resample(quads.shape[2])]
    sizes = np.concatenate(chunks, axis=1)
    sizes = np.where(np.isfinite(sizes), sizes, math.inf)
    place = math.ceil((RESAMPLES + 1) * level) - 1
    alone = np.partition(sizes, place, axis=1)[:, place]
    together = np.partition(sizes.max(axis=0), place)[place]
    return alone, float(together)


def _linearised(means: Numbers) -> tuple[Numbers, Numbers]:
    """The difference of the two ratios and its gradient in the four means, which stand on the second axis."""
    a, b, c, d = np.moveaxis(means, 1, 0)
    with np.errstate(all="ignore"):
        first, second = a / b, c / d
        gradient = np.stack([1 / b, -first / b, -1 / d, second / d], axis=1)
    return first - second, gradient


_FIRST, _SECOND = np.triu_indices(4)


def _studentised(weights: Numbers, centre: Numbers, centred: Numbers, difference: Numbers) -> Numbers:
    """|t*| of each difference in each resample: shape (differences, resamples)."""
    n = centred.shape[2]
    rows = []
    for place in range(len(centre)):
        means = weights @ centred[place].T / n
        products = weights @ (centred[place][_FIRST] * centred[place][_SECOND]).T / n
        there, gradient = _linearised(centre[place] + means)
        covariance = products - means[:, _FIRST] * means[:, _SECOND]
        twice = np.where(_FIRST == _SECOND, 1.0, 2.0)
        variance = (twice * gradient[:, _FIRST] * gradient[:, _SECOND] * covariance).sum(axis=1) / (n - 1)
        rows.append(np.abs(there - difference[place]) / np.sqrt(np.maximum(variance, 0.0)))
    return np.stack(rows)
