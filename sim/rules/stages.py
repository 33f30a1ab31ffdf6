"""What a stage does to a group besides its gates: how long its work takes, which hazard comes first, what it costs.

These are the meanings; queues and the order of events belong to the engines. A group is a row of ``world.groups``.
"""

from __future__ import annotations

import math

from sim.compile.cache import inlined
from sim.draws.arithmetic import exponential
from sim.draws.probability import unit_exponential
from sim.draws.uniform import uniform
from sim.plan.tables import NO_CAUSE
from sim.results.world import WorldArrays
from sim.rules.distributions import draw_from
from sim.rules.effects import is_in_force, is_removed, sum_easings
from sim.rules.hazards import event_time, is_surely_later
from sim.rules.population import holds, shift


@inlined
def draw_for_group(world: WorldArrays, row: int, number: int, visit: int) -> float:
    """A duration in days or an amount in pounds, drawn from the distribution of the group's type."""
    draw, group = world.draws[number], world.groups[row]
    return draw_from(world, draw.distribution + group.type, draw.key, group.place, group.member, visit)


@inlined
def work_days(world: WorldArrays, row: int, number: int, visit: int, start: float) -> float:
    """How long a stage's work takes when it starts at ``start``, with drag and policies."""
    stage = world.stages[number]
    days = draw_for_group(world, row, stage.work, visit)
    for place in range(stage.first_drag, stage.end_drags):
        drag = world.drags[place]
        if holds(world, drag.first_test, drag.end_tests, world.facts, row) and not is_removed(
            world, row, drag.first_removal, drag.end_removals, start
        ):
            days *= drag.factor
    for place in range(stage.first_work_factor, stage.end_work_factors):
        if is_in_force(world, row, place, start):
            days *= world.periods[place].change
    return days


@inlined
def first_hazard_event(
    world: WorldArrays, row: int, number: int, visit: int, entry: float, until: float
) -> tuple[float, int]:
    """When the first hazard of a visit to a stage strikes, and its cause; between equal times, the one written first.

    Infinity and `NO_CAUSE` where none does. What comes after ``until`` may be left out.
    """
    first, cause = math.inf, NO_CAUSE
    stage, group = world.stages[number], world.groups[row]
    for place in range(stage.first_hazard, stage.end_hazards):
        hazard = world.hazards[place]
        if hazard.rate <= 0.0 or not holds(world, hazard.first_test, hazard.end_tests, world.facts, row):
            continue
        log_factor = shift(world, hazard.first_term, hazard.end_terms, world.facts, row)
        log_factor += sum_easings(world, row, hazard.first_easing, hazard.end_easings)
        u = uniform(world.luck[0], hazard.key, group.place, group.member, visit)
        if is_surely_later(u, log_factor, hazard.rate * hazard.most * (min(until, first) - entry)):
            continue
        rate = hazard.rate * exponential(log_factor)
        segments, periods = (hazard.first_segment, hazard.end_segments), (hazard.first_period, hazard.end_periods)
        time = event_time(world, entry, unit_exponential(u), rate, segments, periods, world.reach, row)
        if time < first:
            first, cause = time, hazard.cause
    return first, cause


@inlined
def charge_policy(world: WorldArrays, row: int, number: int, now: float) -> float:
    """The pounds that a policy costs for a group now: once for each that it reaches while it holds, else 0."""
    policy = world.policies[number]
    if world.reach[row, number] != 1 or not policy.start <= now < policy.stop:
        return 0.0
    world.reach[row, number] = 2
    return float(policy.per_group)
