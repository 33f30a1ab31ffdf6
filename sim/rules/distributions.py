"""From a uniform draw to a value: quantile functions, so that more luck always means a larger value."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.compile.cache import inlined
from sim.draws.arithmetic import exponential, logarithm, normal_quantile, triangular
from sim.draws.uniform import uniform
from sim.plan.distributions import EXPONENTIAL, FIXED, LOGNORMAL, TRIANGULAR, UNIFORM, WEIBULL
from sim.results.world import WorldArrays


@inlined
def quantile(world: WorldArrays, distribution: int, u: float) -> float:
    """The value of a distribution below which a share ``u`` of draws lies; 0 < u < 1."""
    row = world.distributions[distribution]
    return min(max(_unclipped(world, row, u), row.at_least), row.at_most)


@inlined
def draw_from(
    world: WorldArrays, distribution: int, key: np.uint64, place: np.uint64, member: np.uint64, visit: int
) -> float:
    """A value of a distribution for an entity at a visit; without a draw where it has one value only."""
    u = 0.5 if world.distributions[distribution].kind == FIXED else uniform(world.luck[0], key, place, member, visit)
    return quantile(world, distribution, u)


@inlined
def _unclipped(world: WorldArrays, distribution: Any, u: float) -> float:
    kind = distribution.kind
    if kind == FIXED:
        return float(distribution.a)
    if kind == LOGNORMAL:
        return exponential(distribution.a + distribution.b * normal_quantile(u))
    if kind == EXPONENTIAL:
        # 1 - u is exact: a draw has 52 bits.
        return -distribution.a * logarithm(1.0 - u)
    if kind == WEIBULL:
        return distribution.a * exponential(logarithm(-logarithm(1.0 - u)) / distribution.b)
    if kind == UNIFORM:
        return distribution.a + (distribution.b - distribution.a) * u
    if kind == TRIANGULAR:
        return triangular(distribution.a, distribution.b, distribution.c, u)
    place = distribution.first_point
    while world.points[place].cumulative < u:
        place += 1
    return float(world.points[place].value)
