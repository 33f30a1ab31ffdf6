"""The decision at the end of a stage: which gate blocks, and whether a blocked group tries again.

Gates are drawn in the order written, and the first that blocks decides. What moves the log-odds of one is added in a
fixed order, as sums of floating-point numbers depend on it: traits, milestones passed, policies, exemplars.
"""

from __future__ import annotations

import math

from sim.compile.cache import inlined
from sim.draws.probability import happens
from sim.draws.uniform import uniform
from sim.plan.rows import NONE
from sim.results.failures import MOST_TRIES
from sim.results.world import WorldArrays
from sim.rules.effects import is_in_force, is_removed, sum_easings
from sim.rules.population import holds, shift
from sim.rules.stages import draw_for_group

PASSED, RETRIES, LOST, TRIED_TOO_OFTEN = range(4)
"""How a try of a stage ends: the last is a fault of the scenario."""
_NO_RETRY = -1.0


@inlined
def decide(world: WorldArrays, row: int, stage: int, visit: int, now: float) -> tuple[int, int, float]:
    """How a group's try of a stage ends, the gate that blocked it (else `NONE`), and the days until it tries again.

    ``visit`` counts tries from 0. The log-odds and the draw at each gate are written into ``world.gate_draws``.
    """
    gate = _draw_gates(world, row, stage, visit, now)
    if gate == NONE:
        return PASSED, gate, 0.0
    wait = _draw_retry(world, row, gate, visit)
    if wait < 0.0:
        return LOST, gate, 0.0
    if visit + 1 > MOST_TRIES:
        return TRIED_TOO_OFTEN, gate, wait
    return RETRIES, gate, wait


@inlined
def _draw_gates(world: WorldArrays, row: int, number: int, visit: int, now: float) -> int:
    """The first gate of a stage that blocks; `NONE` where none does."""
    stage, group = world.stages[number], world.groups[row]
    draws = world.gate_draws
    for place in range(stage.end_gates - stage.first_gate):
        draws[place, 0] = math.nan
    for place in range(stage.first_gate, stage.end_gates):
        gate = world.gates[place]
        if not holds(world, gate.first_test, gate.end_tests, world.facts, row):
            continue
        if is_removed(world, row, gate.first_removal, gate.end_removals, now):
            continue
        odds = gate.log_odds + shift(world, gate.first_term, gate.end_terms, world.facts, row)
        odds += sum_easings(world, row, gate.first_easing, gate.end_easings)
        for period in range(gate.first_period, gate.end_periods):
            if is_in_force(world, row, period, now):
                odds += world.periods[period].change
        odds += _sum_exemplars(world, row, gate.first_exemplar, gate.end_exemplars)
        u = uniform(world.luck[0], gate.key, group.place, group.member, visit)
        draws[place - stage.first_gate, 0] = odds
        draws[place - stage.first_gate, 1] = u
        if happens(odds, u):
            return place
    return NONE


@inlined
def _sum_exemplars(world: WorldArrays, row: int, first: int, end: int) -> float:
    """The shift that the launches so far bring, in the group's region or in the nation."""
    total = 0.0
    for number in range(first, end):
        exemplar = world.exemplars[world.links[number]]
        region = world.hosts[world.groups[row].host].region if exemplar.regional else len(world.regions)
        total += exemplar.log_odds * min(world.launches[exemplar.milestone, region], exemplar.at_most)
    return total


@inlined
def _draw_retry(world: WorldArrays, row: int, number: int, visit: int) -> float:
    """Days until a blocked group tries the stage again; negative where it does not."""
    gate, group = world.gates[number], world.groups[row]
    if visit + 1 >= gate.tries:
        return _NO_RETRY
    if uniform(world.luck[0], gate.retry_key, group.place, group.member, visit) >= gate.retry:
        return _NO_RETRY
    return draw_for_group(world, row, gate.delay, visit)
