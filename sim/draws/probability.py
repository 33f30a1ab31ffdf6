"""Probabilities on the log-odds scale, and the unit exponential of a hazard: plain functions of numbers."""

from __future__ import annotations

import math
from typing import Final

from sim.compile.cache import inlined, jit
from sim.draws.arithmetic import exponential, logarithm

_SIXTH: Final = 0.166666
CLEARLY: Final = 1.000001
"""More than any rounding could bring about."""


@jit
def log_odds(probability: float) -> float:
    """ln(p / (1 - p)); minus and plus infinity at 0 and 1."""
    if probability <= 0.0:
        return -math.inf
    if probability >= 1.0:
        return math.inf
    return logarithm(probability) - logarithm(1.0 - probability)


@inlined
def probability(log_odds: float) -> float:
    """The probability with these log-odds."""
    if log_odds >= 0.0:
        return 1.0 / (1.0 + exponential(-log_odds))
    odds = exponential(log_odds)
    return odds / (1.0 + odds)


@inlined
def happens(log_odds: float, u: float) -> bool:
    """Whether ``u`` lies below the probability with these log-odds.

    The rarer of happening and not happening has the probability 1 / (1 + exp(y)), y the size of the log-odds, and
    exp(y) is at least 1 + y + y**2 / 2 + y**3 / 6. Where ``u`` is far enough away, exp(y) itself need not be computed.
    """
    y = abs(log_odds)
    least = 2.0 + y * (1.0 + y * (0.5 + y * _SIXTH))
    if (u if log_odds < 0.0 else 1.0 - u) * least > CLEARLY:
        return log_odds >= 0.0
    return u < probability(log_odds)


@inlined
def unit_exponential(u: float) -> float:
    """An exponential draw with mean 1 from a uniform one."""
    return -logarithm(u)
