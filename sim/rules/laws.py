"""From a uniform draw to a value: quantile functions, so that more luck always means a larger value."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate
from statistics import NormalDist
from typing import Final

from sim.scenario.distribution import Distribution
from sim.scenario.quantity import Quantity

_NORMAL: Final = NormalDist()
_Z90: Final = _NORMAL.inv_cdf(0.9)


@dataclass(frozen=True, slots=True)
class Law:
    """A distribution ready to be drawn from.

    ``a``, ``b`` and ``c`` are: the value (fixed), the mean (exponential), scale and shape (weibull), mean and standard
    deviation of the logarithm (lognormal), low, mode, high (triangular), low and high (uniform). An empirical law has
    its sorted values and their cumulative shares.
    """

    kind: str
    a: float = 0.0
    b: float = 0.0
    c: float = 0.0
    values: tuple[float, ...] = ()
    cumulative: tuple[float, ...] = ()
    at_least: float = -math.inf
    at_most: float = math.inf


def quantile(law: Law, u: float) -> float:
    """The value of ``law`` below which a share ``u`` of draws lies; 0 < u < 1."""
    return min(max(_unclipped(law, u), law.at_least), law.at_most)


def _unclipped(law: Law, u: float) -> float:
    match law.kind:
        case "fixed":
            return law.a
        case "exponential":
            return -law.a * math.log1p(-u)
        case "weibull":
            return law.a * math.pow(-math.log1p(-u), 1.0 / law.b)
        case "lognormal":
            return math.exp(law.a + law.b * _NORMAL.inv_cdf(u))
        case "uniform":
            return law.a + (law.b - law.a) * u
        case "triangular":
            return triangular(law.a, law.b, law.c, u)
        case _:
            return law.values[bisect_left(law.cumulative, u)]


def triangular(low: float, mode: float, high: float, u: float) -> float:
    """The quantile of the triangular law."""
    if high == low:
        return low
    turn = (mode - low) / (high - low)
    if u < turn:
        return low + math.sqrt(u * (high - low) * (mode - low))
    return high - math.sqrt((1.0 - u) * (high - low) * (high - mode))


def law_for(distribution: Distribution, group_type: str | None) -> Law:
    """The law that a distribution has for a staff group type (None: no type)."""
    if distribution.by_type is not None and group_type is not None and group_type in distribution.by_type:
        return law_for(distribution.by_type[group_type], None)
    p = {name: part.value for name, part in distribution.parameters.items()}
    low = _value(distribution.at_least, -math.inf)
    high = _value(distribution.at_most, math.inf)
    if distribution.kind == "empirical":
        weights = [share.value for share in distribution.weights]
        total = sum(weights)
        shares = [part / total for part in accumulate(weights)]
        shares[-1] = 1.0
        values = tuple(value.value for value in distribution.values)
        return Law("empirical", values=values, cumulative=tuple(shares), at_least=low, at_most=high)
    a, b, c = _moments(distribution.kind, p)
    return Law(distribution.kind, a, b, c, at_least=low, at_most=high)


def _value(part: Quantity | None, otherwise: float) -> float:
    return otherwise if part is None else part.value


def _moments(kind: str, p: dict[str, float]) -> tuple[float, float, float]:
    match kind:
        case "fixed":
            return p["value"], 0.0, 0.0
        case "exponential":
            return p["mean"] if "mean" in p else p["median"] / math.log(2), 0.0, 0.0
        case "lognormal" if "median" in p:
            return math.log(p["median"]), math.log(p["p90"] / p["median"]) / _Z90, 0.0
        case "lognormal":
            spread = math.log1p((p["sd"] / p["mean"]) ** 2)
            return math.log(p["mean"]) - spread / 2, math.sqrt(spread), 0.0
        case "weibull":
            return (*_weibull(p), 0.0)
        case "uniform":
            return p["low"], p["high"], 0.0
        case _:
            return p["low"], p["mode"], p["high"]


def _weibull(p: dict[str, float]) -> tuple[float, float]:
    """Scale and shape from (scale, shape), (median, p90) or (mean, sd); the last has no closed form."""
    if "shape" in p:
        return p["scale"], p["shape"]
    if "median" in p:
        shape = math.log(math.log(10) / math.log(2)) / math.log(p["p90"] / p["median"])
        return p["median"] / math.log(2) ** (1 / shape), shape
    wanted = math.log1p((p["sd"] / p["mean"]) ** 2)
    low, high = 0.05, 500.0
    for _ in range(200):
        shape = (low + high) / 2
        spread = math.lgamma(1 + 2 / shape) - 2 * math.lgamma(1 + 1 / shape)
        low, high = (shape, high) if spread > wanted else (low, shape)
    return p["mean"] / math.gamma(1 + 1 / shape), shape
