"""From a uniform draw to a value: quantile functions, so that more luck always means a larger value."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.compile.cache import inlined
from sim.draws.arithmetic import exponential, logarithm, normal_quantile, triangular
from sim.draws.uniform import uniform
from sim.plan.distributions import EXPONENTIAL, FIXED, LOGNORMAL, TRIANGULAR, UNIFORM, WEIBULL
from sim.results.world import Setting


@inlined
def quantile(world: Setting, law: int, u: float) -> float:
    """The value of a law below which a share ``u`` of draws lies; 0 < u < 1."""
    one = world.laws[law]
    return min(max(_unclipped(world, one, u), one.at_least), one.at_most)


@inlined
def drawn(world: Setting, law: int, key: np.uint64, place: np.uint64, member: np.uint64, visit: int) -> float:
    """A value of a law for an entity at a visit; without a draw where the law has one value only."""
    u = 0.5 if world.laws[law].kind == FIXED else uniform(world.luck[0], key, place, member, visit)
    return quantile(world, law, u)


@inlined
def _unclipped(world: Setting, law: Any, u: float) -> float:
    kind = law.kind
    if kind == FIXED:
        return float(law.a)
    if kind == LOGNORMAL:
        return exponential(law.a + law.b * normal_quantile(u))
    if kind == EXPONENTIAL:
        # 1 - u is exact: a draw has 52 bits.
        return -law.a * logarithm(1.0 - u)
    if kind == WEIBULL:
        return law.a * exponential(logarithm(-logarithm(1.0 - u)) / law.b)
    if kind == UNIFORM:
        return law.a + (law.b - law.a) * u
    if kind == TRIANGULAR:
        return triangular(law.a, law.b, law.c, u)
    place = law.first_point
    while world.points[place].cumulative < u:
        place += 1
    return float(world.points[place].value)
