"""Chances: probabilities that move on the log-odds scale, and clocks that ring when a cumulative hazard is used up."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from sim.rules.arithmetic import exponential, logarithm
from sim.rules.compiled import inlined, jit

if TYPE_CHECKING:
    from sim.rules.setting import Setting

_SIXTH: Final = 0.166666
_CLEARLY: Final = 1.000001
"""More than any rounding could bring about."""
Reach = NDArray[np.int8]
"""For whom (row) which policy (column) is there: 0 not, 1 yes, 2 yes and its cost for this group is entered."""


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

    The rarer of happening and not happening has the chance 1 / (1 + exp(y)), y the size of the log-odds, and exp(y) is
    at least 1 + y + y**2 / 2 + y**3 / 6. Where ``u`` is far enough away, exp(y) itself need not be known.
    """
    y = abs(log_odds)
    least = 2.0 + y * (1.0 + y * (0.5 + y * _SIXTH))
    if (u if log_odds < 0.0 else 1.0 - u) * least > _CLEARLY:
        return log_odds >= 0.0
    return u < probability(log_odds)


@inlined
def rings_late(unit_draw: float, log_factor: float, most: float) -> bool:
    """Whether a clock surely rings too late: -ln(``unit_draw``) is more than ``most`` times exp(``log_factor``).

    -ln(1 - v) is at least v + v**2 / 2, and exp(-x) at least 1 - x. False where it takes more to know.
    """
    v = 1.0 - unit_draw
    return v * (1.0 + 0.5 * v) * (1.0 - log_factor) > _CLEARLY * most


@inlined
def unit_exponential(u: float) -> float:
    """An exponential draw with mean 1 from a uniform one."""
    return -logarithm(u)


@inlined
def ring_time(
    world: Setting,
    start: float,
    unit: float,
    rate: float,
    segments: tuple[int, int],
    spells: tuple[int, int],
    reach: Reach,
    row: int,
) -> float:
    """When a clock rings that starts at ``start`` and rings once its cumulative hazard reaches ``unit``.

    The hazard is ``rate`` a day times the factor of the segment of time, times the factor of every spell that holds at
    the time (its start is included, its stop is not) and whose policy reaches whom ``row`` of ``reach`` stands for.
    Infinity for a clock that never rings. The inverse of the cumulative hazard, so the time is monotone in ``rate`` and
    in every factor.
    """
    time, left = start, unit
    segment = segments[0]
    while True:
        while segment + 1 < segments[1] and world.segments[segment + 1].start <= time:
            segment += 1
        hazard = rate * world.segments[segment].factor
        change = world.segments[segment + 1].start if segment + 1 < segments[1] else math.inf
        for number in range(spells[0], spells[1]):
            spell = world.spells[number]
            if not reach[row, spell.policy]:
                continue
            if spell.start <= time < spell.stop:
                hazard *= spell.change
                change = min(change, spell.stop)
            elif time < spell.start:
                change = min(change, spell.start)
        if hazard > 0.0 and (change == math.inf or hazard * (change - time) >= left):
            return time + left / hazard
        if change == math.inf:
            return math.inf
        left -= hazard * (change - time)
        time = change
