"""Chances: probabilities that move on the log-odds scale, and clocks that ring when a cumulative hazard is used up."""

from __future__ import annotations

import math
from collections.abc import Sequence


def log_odds(probability: float) -> float:
    """ln(p / (1 - p)); minus and plus infinity at 0 and 1."""
    if probability <= 0.0:
        return -math.inf
    if probability >= 1.0:
        return math.inf
    return math.log(probability) - math.log1p(-probability)


def probability(log_odds: float) -> float:
    """The probability with these log-odds."""
    if log_odds >= 0.0:
        return 1.0 / (1.0 + math.exp(-log_odds))
    odds = math.exp(log_odds)
    return odds / (1.0 + odds)


def unit_exponential(u: float) -> float:
    """An exponential draw with mean 1 from a uniform one."""
    return -math.log(u)


def ring_time(start: float, unit: float, rate: float, spells: Sequence[tuple[float, float, float]]) -> float:
    """When a clock rings that starts at ``start`` and rings once its cumulative hazard reaches ``unit``.

    The hazard is ``rate`` a day times the factor of every spell ``(from, until, factor)`` that holds at the time; from
    is included, until is not. Returns infinity for a clock that never rings. The inverse of the cumulative hazard, so
    the time is monotone in ``rate`` and in every factor.
    """
    time, left = start, unit
    while True:
        hazard, change = rate, math.inf
        for begin, end, factor in spells:
            if begin <= time < end:
                hazard *= factor
                change = min(change, end)
            elif time < begin:
                change = min(change, begin)
        if hazard > 0.0 and (change == math.inf or hazard * (change - time) >= left):
            return time + left / hazard
        if change == math.inf:
            return math.inf
        left -= hazard * (change - time)
        time = change
