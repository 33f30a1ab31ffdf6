"""What policies and milestones passed do to a barrier or to work, for one group at one time."""

from __future__ import annotations

import math

from sim.compile.cache import inlined
from sim.plan.rows import NONE
from sim.results.world import WorldArrays


@inlined
def is_in_force(world: WorldArrays, row: int, number: int, now: float) -> bool:
    """Whether a period holds now and its policy reaches the group."""
    period = world.periods[number]
    return bool(period.start <= now < period.stop and (period.policy == NONE or world.reach[row, period.policy] > 0))


@inlined
def is_removed(world: WorldArrays, row: int, first: int, end: int, now: float) -> bool:
    """Whether one of these periods, in which a barrier is taken away, holds for the group."""
    for number in range(first, end):
        if is_in_force(world, row, number, now):
            return True
    return False


@inlined
def sum_easings(world: WorldArrays, row: int, first: int, end: int) -> float:
    """The shift that the milestones passed by the group bring."""
    total = 0.0
    for number in range(first, end):
        easing = world.easings[number]
        if world.reached[row, easing.milestone] < math.inf:
            total += easing.shift
    return total
