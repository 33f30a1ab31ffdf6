"""Hazards: whether and when an event comes, as a cumulative hazard is used up."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.compile.cache import inlined
from sim.draws.probability import CLEARLY
from sim.results.world import WorldArrays

Reach = NDArray[np.int8]
"""For whom (row) which policy (column) is there: 0 not, 1 yes, 2 yes and its cost for this group is entered."""


@inlined
def is_surely_later(unit_draw: float, log_factor: float, most: float) -> bool:
    """Whether an event surely comes too late: -ln(``unit_draw``) is more than ``most`` times exp(``log_factor``).

    -ln(1 - v) is at least v + v**2 / 2, and exp(-x) at least 1 - x. False where it takes more to know.
    """
    v = 1.0 - unit_draw
    return v * (1.0 + 0.5 * v) * (1.0 - log_factor) > CLEARLY * most


@inlined
def event_time(
    world: WorldArrays,
    start: float,
    unit: float,
    rate: float,
    segments: tuple[int, int],
    periods: tuple[int, int],
    reach: Reach,
    row: int,
) -> float:
    """When an event comes whose cumulative hazard, from ``start`` on, has reached ``unit``.

    The hazard is ``rate`` a day times the factor of the segment of time, times the factor of every period that holds at
    the time (its start is included, its stop is not) and whose policy reaches whom ``row`` of ``reach`` stands for.
    Infinity where it never does. The inverse of the cumulative hazard, so the time is monotone in ``rate`` and
    in every factor.
    """
    time, left = start, unit
    segment = segments[0]
    while True:
        while segment + 1 < segments[1] and world.segments[segment + 1].start <= time:
            segment += 1
        hazard = rate * world.segments[segment].factor
        change = world.segments[segment + 1].start if segment + 1 < segments[1] else math.inf
        for number in range(periods[0], periods[1]):
            period = world.periods[number]
            if not reach[row, period.policy]:
                continue
            if period.start <= time < period.stop:
                hazard *= period.change
                change = min(change, period.stop)
            elif time < period.start:
                change = min(change, period.start)
        if hazard > 0.0 and (change == math.inf or hazard * (change - time) >= left):
            return time + left / hazard
        if change == math.inf:
            return math.inf
        left -= hazard * (change - time)
        time = change
