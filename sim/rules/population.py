"""Who there is: the traits of regions, hosts and groups, when each potential group arrives, and by which route."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.compile.cache import inlined, jit
from sim.draws.arithmetic import exponential, logarithm
from sim.draws.probability import happens, unit_exponential
from sim.draws.uniform import ITSELF, uniform
from sim.plan.plan import LOG_HEADCOUNT, REGION, ROUTE, TYPE, Plan
from sim.plan.rows import NONE, NUMBER, YES_OR_NO, Tables
from sim.results.failures import (
    FINE,
    FULL,
    MOST_GROUPS,
    MOST_STAFF,
    NO_TURNOVER,
    TOO_MANY_GROUPS,
    TOO_MANY_STAFF,
    failure,
)
from sim.results.world import Facts, WorldArrays, allocate_world
from sim.rules.distributions import draw_from, quantile
from sim.rules.hazards import event_time


@inlined
def shift(world: WorldArrays, first: int, end: int, facts: Facts, row: int) -> float:
    """The sum of the terms of a ``depends_on``, on the log or log-odds scale."""
    total = 0.0
    for number in range(first, end):
        term = world.terms[number]
        fact = facts[row, term.slot]
        if term.level != term.level:
            total += term.shift * fact
        elif fact == term.level:
            total += term.shift
    return total


@inlined
def holds(world: WorldArrays, first: int, end: int, facts: Facts, row: int) -> bool:
    """Whether a condition holds: for each of its tests the fact is one of the values. Without tests it always does."""
    for number in range(first, end):
        test = world.tests[number]
        fact, passes = facts[row, test.slot], False
        for value in range(test.first_value, test.end_values):
            if world.values[value] == fact:
                passes = True
        if not passes:
            return False
    return True


@inlined
def pick(shares: NDArray[np.float64], first: int, end: int, u: float) -> int:
    """The place (from 0) in a part of ``shares`` that adds to 1, where the running sum passes ``u``."""
    running, last = 0.0, 0
    for place in range(first, end):
        share = shares[place]
        running += share
        if u < running:
            return place - first
        if share > 0.0:
            last = place - first
    return last


@jit
def draw_hosts(world: WorldArrays, first: int) -> None:
    """Draw the traits of all hosts into the rows from ``first`` on, in the order of their regions' names."""
    general = world.general[0]
    facts = world.host_facts
    own = general.region_traits + general.host_traits
    for number in range(len(world.hosts)):
        row, host = first + number, world.hosts[number]
        region = world.regions[host.region]
        beginning = number == 0 or world.hosts[number - 1].region != host.region
        for slot in range(facts.shape[1]):
            facts[row, slot] = 0.0
        facts[row, REGION] = host.region
        for trait in range(own):
            slot = world.traits[trait].slot
            if trait < general.region_traits and not beginning:
                facts[row, slot] = facts[row - 1, slot]
                continue
            place = region.place if trait < general.region_traits else host.place
            fixed = _fixed_trait(world, region.first_fixed_trait, region.end_fixed_traits, slot)
            facts[row, slot] = _draw_trait(world, trait, place, ITSELF, facts, row) if fixed != fixed else fixed
        for policy in range(len(world.policies)):
            world.host_reach[row, policy] = _reaches(world, policy, host.place, ITSELF, facts, row)


@inlined
def _fixed_trait(world: WorldArrays, first: int, end: int, slot: int) -> float:
    """The trait that is fixed in a slot; NaN where it is drawn."""
    for number in range(first, end):
        if world.fixed_traits[number].slot == slot:
            return float(world.fixed_traits[number].value)
    return math.nan


@inlined
def _draw_trait(world: WorldArrays, number: int, place: np.uint64, member: np.uint64, facts: Facts, row: int) -> float:
    trait = world.traits[number]
    u = uniform(world.luck[0], trait.key, place, member, 0)
    if trait.kind == YES_OR_NO:
        odds = trait.log_odds + shift(world, trait.first_term, trait.end_terms, facts, row)
        return 1.0 if happens(odds, u) else 0.0
    if trait.kind == NUMBER:
        return quantile(world, trait.distribution, u)
    return float(pick(world.values, trait.first_value, trait.end_values, u))


@inlined
def _reaches(world: WorldArrays, number: int, place: np.uint64, member: np.uint64, facts: Facts, row: int) -> int:
    """Whether a policy reaches a host (member 0) or group, by eligibility and coverage."""
    policy = world.policies[number]
    if not holds(world, policy.first_test, policy.end_tests, facts, row):
        return 0
    hosts, groups = policy.covered_hosts, policy.covered_groups
    if hosts == hosts and uniform(world.luck[0], policy.key, place, ITSELF, 0) >= hosts:
        return 0
    if member != ITSELF and groups == groups and uniform(world.luck[0], policy.key, place, member, 0) >= groups:
        return 0
    return 1


@jit
def draw_groups(world: WorldArrays, first_host: int, first: int) -> tuple[int, int]:
    """Draw all groups that arrive, from row ``first`` on; returns what ended it and the row after the last.

    Where that is not `FINE`, the row is that of the group that ended it.
    """
    row = first
    for host in range(len(world.hosts)):
        for stream in range(len(world.streams)):
            status, row = _draw_stream(world, first_host, host, stream, row)
            if status:
                return status, row
        for number in range(len(world.named)):
            named = world.named[number]
            if named.host != host or not 0.0 <= named.arrival < world.general[0].horizon:
                continue
            if row >= len(world.groups):
                return FULL, row
            _identify(world, row, host, len(world.streams), number, named.member)
            group = world.groups[row]
            group.named, group.arrival, group.type = number, named.arrival, named.type
            status = _draw_group(world, first_host, row)
            if status:
                return status, row
            row += 1
        if row - first > MOST_GROUPS:
            return TOO_MANY_GROUPS, row - 1
    return FINE, row


@inlined
def _identify(world: WorldArrays, row: int, host: int, stream: int, number: int, member: np.uint64) -> None:
    """Say which group a row is; it is no named one as yet."""
    group = world.groups[row]
    group.place, group.member, group.host = world.hosts[host].place, member, host
    group.stream, group.number, group.named = stream, number, NONE


@jit
def _draw_stream(world: WorldArrays, first_host: int, host: int, number: int, row: int) -> tuple[int, int]:
    """The groups of a stream at a host.

    A Poisson stream inverts its cumulative intensity at the running sum of unit exponentials, one for each potential
    group, so that another intensity moves groups in time and never replaces one by another.
    """
    stream, general = world.streams[number], world.general[0]
    place, at = world.hosts[host].place, first_host + host
    start = max(stream.start, world.regions[world.hosts[host].region].joins, 0.0)
    rate = stream.rate * exponential(shift(world, stream.first_term, stream.end_terms, world.host_facts, at))
    every, time, potential = stream.every, start, 0
    while potential < stream.limit and (stream.number == 0 or potential < stream.number):
        potential += 1
        member = stream.tag | np.uint64(potential)
        u = uniform(world.luck[0], general.arrival, place, member, 0)
        if stream.number > 0:
            time = start + stream.first + u * (stream.stop - start - stream.first)
            if time >= stream.stop:
                continue
        elif every == every:
            time = start + stream.first + (potential - 1) * every
        elif rate > 0.0:
            segments, periods = (stream.first_segment, stream.end_segments), (stream.first_period, stream.end_periods)
            time = event_time(world, time, unit_exponential(u), rate, segments, periods, world.host_reach, at)
        else:
            break
        if time >= stream.stop:
            break
        if row >= len(world.groups):
            return FULL, row
        if potential > MOST_GROUPS:
            return TOO_MANY_GROUPS, row
        _identify(world, row, host, number, potential, member)
        world.groups[row].arrival, world.groups[row].type = time, stream.type
        status = _draw_group(world, first_host, row)
        if status:
            return status, row
        row += 1
    return FINE, row


@inlined
def _draw_group(world: WorldArrays, first_host: int, row: int) -> int:
    """Draw what a group is, who reaches it and which route it takes."""
    general, group, facts = world.general[0], world.groups[row], world.facts
    place, member = group.place, group.member
    if group.type == NONE:
        u = uniform(world.luck[0], general.type, place, member, 0)
        group.type = pick(world.values, general.first_share, general.end_shares, u)
    for slot in range(facts.shape[1]):
        facts[row, slot] = world.host_facts[first_host + group.host, slot]
    facts[row, TYPE] = group.type
    status = _draw_size(world, row)
    if status:
        return status
    if general.by_headcount:
        facts[row, LOG_HEADCOUNT] = logarithm(group.headcount)
    for trait in range(general.region_traits + general.host_traits, len(world.traits)):
        slot, fixed = world.traits[trait].slot, math.nan
        if group.named >= 0:
            named = world.named[group.named]
            fixed = _fixed_trait(world, named.first_fixed_trait, named.end_fixed_traits, slot)
        facts[row, slot] = _draw_trait(world, trait, place, member, facts, row) if fixed != fixed else fixed
    group.route = _choose_route(world, row)
    if group.route != NONE:
        facts[row, ROUTE] = world.routes[group.route].code
        for policy in range(len(world.policies)):
            world.reach[row, policy] = _reaches(world, policy, place, member, facts, row)
    for milestone in range(world.reached.shape[1]):
        world.reached[row, milestone] = math.inf
    return FINE


@inlined
def _draw_size(world: WorldArrays, row: int) -> int:
    """Draw a group's headcount and turnover, unless they are known."""
    general, group = world.general[0], world.groups[row]
    kind, known_turnover = world.types[group.type], math.nan
    headcount = draw_from(world, kind.headcount, general.headcount, group.place, group.member, 0)
    per_head = draw_from(world, kind.turnover, general.turnover, group.place, group.member, 0)
    if group.named >= 0:
        named = world.named[group.named]
        known_turnover = named.turnover
        if named.headcount == named.headcount:
            headcount = named.headcount
    if not headcount <= MOST_STAFF:
        group.headcount = headcount
        return TOO_MANY_STAFF
    group.headcount = max(1.0, _round(headcount))
    group.turnover = group.headcount * per_head if known_turnover != known_turnover else known_turnover
    return FINE if abs(group.turnover) < math.inf else NO_TURNOVER


@inlined
def _round(x: float) -> float:
    """To the nearest whole number, halves to the even one."""
    below = math.floor(x)
    beyond = x - below
    if beyond > 0.5 or (beyond == 0.5 and below % 2.0 == 1.0):
        return below + 1.0
    return float(below)


@inlined
def _choose_route(world: WorldArrays, row: int) -> int:
    """The route a group takes when it arrives: one of those open to it, by weight; `NONE` where none is.

    A named group whose route is known takes that one.
    """
    group = world.groups[row]
    if group.named >= 0 and world.named[group.named].route != NONE:
        return int(world.named[group.named].route)
    total, last, several = 0.0, NONE, False
    for route in range(len(world.routes)):
        weight = _route_weight(world, row, route)
        total += weight
        if weight > 0.0:
            several = last != NONE
            last = route
    if not total > 0.0:
        return NONE
    if not several:
        return last
    u = uniform(world.luck[0], world.general[0].route, group.place, group.member, 0)
    running = 0.0
    for route in range(len(world.routes)):
        running += _route_weight(world, row, route) / total
        if u < running:
            return route
    return last


@inlined
def _route_weight(world: WorldArrays, row: int, number: int) -> float:
    route, arrival = world.routes[number], world.groups[row].arrival
    if not route.opens <= arrival < route.closes:
        return 0.0
    if not holds(world, route.first_test, route.end_tests, world.facts, row):
        return 0.0
    return float(route.weight * exponential(shift(world, route.first_term, route.end_terms, world.facts, row)))


def draw_population(plan: Plan, tables: Tables, seed: int, replication: int) -> tuple[WorldArrays, int]:
    """One replication with its hosts and groups drawn, and how many groups there are. Raises `RunFailed`."""
    rows = 256
    while True:
        world = allocate_world(tables, seed, 1, rows)
        world.luck[0].replication = np.uint64(replication)
        draw_hosts(world, 0)
        status, end = draw_groups(world, 0, 0)
        if status == FINE:
            return world, end
        if status != FULL:
            raise failure(plan, world, status, end)
        rows *= 2
