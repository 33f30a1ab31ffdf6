"""What a stage does to a group: how long its work takes, which gate blocks, which hazard rings, what it costs.

These are the meanings; queues and the order of events belong to the engines. A group is a row of `People`.
"""

from __future__ import annotations

import math

from sim.compile.cache import inlined
from sim.draws.arithmetic import exponential
from sim.draws.probability import happens, unit_exponential
from sim.draws.uniform import uniform
from sim.plan.tables import NO_CAUSE, NONE
from sim.results.world import WorldArrays
from sim.rules.distributions import draw_from
from sim.rules.hazards import event_time, is_surely_later
from sim.rules.population import holds, shift


@inlined
def draw_for_group(world: WorldArrays, row: int, number: int, visit: int) -> float:
    """A drawn duration in days or amount in pounds, of the law of the group's type."""
    one, group = world.draws[number], world.groups[row]
    return draw_from(world, one.distribution + group.type, one.key, group.place, group.member, visit)


@inlined
def work_days(world: WorldArrays, row: int, stage: int, visit: int, start: float) -> float:
    """How long the stage's work takes when it starts at ``start``, stretched by drag and by policies."""
    one = world.stages[stage]
    days = draw_for_group(world, row, one.work, visit)
    for number in range(one.first_drag, one.end_drags):
        drag = world.drags[number]
        if holds(world, drag.first_test, drag.end_tests, world.facts, row) and not _removed(
            world, row, drag.first_removal, drag.end_removals, start
        ):
            days *= drag.factor
    for number in range(one.first_work_factor, one.end_work_factors):
        if _in_force(world, row, number, start):
            days *= world.periods[number].change
    return days


@inlined
def first_hazard_event(
    world: WorldArrays, row: int, stage: int, visit: int, entry: float, until: float
) -> tuple[float, int]:
    """When the first hazard clock of a visit rings, and its cause; between equal times, the one written first.

    Infinity and `NO_CAUSE` where none does. What rings after ``until`` may be left out.
    """
    first, cause = math.inf, NO_CAUSE
    one, group = world.stages[stage], world.groups[row]
    for number in range(one.first_hazard, one.end_hazards):
        hazard = world.hazards[number]
        if hazard.rate <= 0.0 or not holds(world, hazard.first_test, hazard.end_tests, world.facts, row):
            continue
        moved = shift(world, hazard.first_term, hazard.end_terms, world.facts, row)
        moved += _eased(world, row, hazard.first_easing, hazard.end_easings)
        u = uniform(world.luck[0], hazard.key, group.place, group.member, visit)
        if is_surely_later(u, moved, hazard.rate * hazard.most * (min(until, first) - entry)):
            continue
        rate = hazard.rate * exponential(moved)
        segments, periods = (hazard.first_segment, hazard.end_segments), (hazard.first_period, hazard.end_periods)
        time = event_time(world, entry, unit_exponential(u), rate, segments, periods, world.reach, row)
        if time < first:
            first, cause = time, hazard.cause
    return first, cause


@inlined
def draw_gates(world: WorldArrays, row: int, stage: int, visit: int, now: float) -> int:
    """Draw the stage's gates in the order written, up to the first that blocks; its number, or `NONE`.

    The log-odds and draws are written into ``world.gate_draws``.
    """
    one, group = world.stages[stage], world.groups[row]
    draws = world.gate_draws
    for place in range(one.end_gates - one.first_gate):
        draws[place, 0] = math.nan
    for number in range(one.first_gate, one.end_gates):
        gate = world.gates[number]
        if not holds(world, gate.first_test, gate.end_tests, world.facts, row):
            continue
        if _removed(world, row, gate.first_removal, gate.end_removals, now):
            continue
        odds = gate.log_odds + shift(world, gate.first_term, gate.end_terms, world.facts, row)
        odds += _eased(world, row, gate.first_easing, gate.end_easings)
        for period in range(gate.first_period, gate.end_periods):
            if _in_force(world, row, period, now):
                odds += world.periods[period].change
        odds += _followed(world, row, gate.first_exemplar, gate.end_exemplars)
        u = uniform(world.luck[0], gate.key, group.place, group.member, visit)
        draws[number - one.first_gate, 0] = odds
        draws[number - one.first_gate, 1] = u
        if happens(odds, u):
            return number
    return NONE


@inlined
def next_try(world: WorldArrays, row: int, gate: int, visit: int) -> float:
    """Days until a blocked group tries the stage again; negative where it gives up. ``visit`` counts from 0."""
    one, group = world.gates[gate], world.groups[row]
    if visit + 1 >= one.tries:
        return -1.0
    if uniform(world.luck[0], one.retry_key, group.place, group.member, visit) >= one.retry:
        return -1.0
    return draw_for_group(world, row, one.delay, visit)


@inlined
def charge(world: WorldArrays, row: int, policy: int, now: float) -> float:
    """The pounds that a policy costs for a group now: once for each that it reaches while it holds, else 0."""
    one = world.policies[policy]
    if world.reach[row, policy] != 1 or not one.start <= now < one.stop:
        return 0.0
    world.reach[row, policy] = 2
    return float(one.per_group)


@inlined
def _eased(world: WorldArrays, row: int, first: int, end: int) -> float:
    total = 0.0
    for number in range(first, end):
        easing = world.easings[number]
        if world.reached[row, easing.milestone] < math.inf:
            total += easing.shift
    return total


@inlined
def _followed(world: WorldArrays, row: int, first: int, end: int) -> float:
    """The shift that the launches so far bring, in the group's region or in the nation."""
    total = 0.0
    for number in range(first, end):
        exemplar = world.exemplars[world.links[number]]
        region = world.hosts[world.groups[row].host].region if exemplar.regional else len(world.regions)
        total += exemplar.log_odds * min(world.launches[exemplar.milestone, region], exemplar.at_most)
    return total


@inlined
def _in_force(world: WorldArrays, row: int, period: int, now: float) -> bool:
    one = world.periods[period]
    return bool(one.start <= now < one.stop and (one.policy == NONE or world.reach[row, one.policy] > 0))


@inlined
def _removed(world: WorldArrays, row: int, first: int, end: int, now: float) -> bool:
    for period in range(first, end):
        if _in_force(world, row, period, now):
            return True
    return False
