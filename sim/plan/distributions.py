"""The distributions of a scenario with the parameters that quantile functions read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from sim.draws.arithmetic import exponential, logarithm, normal_quantile
from sim.scenario.distribution import Distribution
from sim.scenario.quantity import Quantity

FIXED, EXPONENTIAL, WEIBULL, LOGNORMAL, UNIFORM, TRIANGULAR = range(6)
"""The numbers of the kinds, as compiled code knows them."""
_LN_2: Final = 0.6931471805599453
_LN_10: Final = 2.302585092994046


@dataclass(frozen=True, slots=True)
class DistributionPlan:
    """A distribution ready to be drawn from.

    ``a``, ``b`` and ``c`` are: the value (fixed), the mean (exponential), scale and shape (weibull), mean and standard
    deviation of the logarithm (lognormal), low, mode, high (triangular), low and high (uniform). An empirical one has
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


def build_distribution(distribution: Distribution, group_type: str | None) -> DistributionPlan:
    """The distribution for a staff group type (None: no type)."""
    if distribution.by_type is not None and group_type is not None and group_type in distribution.by_type:
        return build_distribution(distribution.by_type[group_type], None)
    p = {name: part.value for name, part in distribution.parameters.items()}
    low = _value(distribution.at_least, -math.inf)
    high = _value(distribution.at_most, math.inf)
    if distribution.kind == "empirical":
        weights = [share.value for share in distribution.weights]
        running = list(accumulate(weights))
        shares = [part / running[-1] for part in running]
        shares[-1] = 1.0
        values = tuple(value.value for value in distribution.values)
        return DistributionPlan("empirical", values=values, cumulative=tuple(shares), at_least=low, at_most=high)
    a, b, c = _moments(distribution.kind, p)
    return DistributionPlan(distribution.kind, a, b, c, at_least=low, at_most=high)


def _value(part: Quantity | None, otherwise: float) -> float:
    return otherwise if part is None else part.value


def _moments(kind: str, p: dict[str, float]) -> tuple[float, float, float]:
    match kind:
        case "fixed":
            return p["value"], 0.0, 0.0
        case "exponential":
            return p["mean"] if "mean" in p else p["median"] / _LN_2, 0.0, 0.0
        case "lognormal" if "median" in p:
            return logarithm(p["median"]), logarithm(p["p90"] / p["median"]) / normal_quantile(0.9), 0.0
        case "lognormal":
            spread = logarithm(1.0 + _square(p["sd"] / p["mean"]))
            return logarithm(p["mean"]) - spread / 2, math.sqrt(spread), 0.0
        case "weibull":
            return (*_weibull(p), 0.0)
        case "uniform":
            return p["low"], p["high"], 0.0
        case _:
            return p["low"], p["mode"], p["high"]


def _square(x: float) -> float:
    """A product, which is the same everywhere, as a power need not be. Raises OverflowError beyond floating point."""
    square = x * x
    if square == math.inf:
        raise OverflowError("a standard deviation is too many times its mean")
    return square


def _weibull(p: dict[str, float]) -> tuple[float, float]:
    """Scale and shape from (scale, shape), (median, p90) or (mean, sd); the last has no closed form."""
    if "shape" in p:
        return p["scale"], p["shape"]
    if "median" in p:
        shape = logarithm(_LN_10 / _LN_2) / logarithm(p["p90"] / p["median"])
        return p["median"] / exponential(logarithm(_LN_2) / shape), shape
    wanted = logarithm(1.0 + _square(p["sd"] / p["mean"]))
    low, high = 0.05, 500.0
    for _ in range(200):
        shape = (low + high) / 2
        spread = math.lgamma(1 + 2 / shape) - 2 * math.lgamma(1 + 1 / shape)
        low, high = (shape, high) if spread > wanted else (low, shape)
    return p["mean"] / math.gamma(1 + 1 / shape), shape
