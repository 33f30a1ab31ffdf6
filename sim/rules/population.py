"""Who there is: the traits of regions, hosts and groups, and when each potential group sets out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sim.errors import TooMuch
from sim.rules.chances import probability, ring_time, unit_exponential
from sim.rules.draws import Entity, Luck, group_entity, host_entity, name_key
from sim.rules.laws import quantile
from sim.rules.plan import (
    LOG_HEADCOUNT,
    REGION,
    ROUTE,
    TYPE,
    Condition,
    NamedPlan,
    Plan,
    StreamPlan,
    Term,
    TraitPlan,
)

Facts = list[float]
MOST_STAFF: Final = 10_000_000
_ARRIVAL: Final = name_key("arrival")
_TYPE: Final = name_key("type")
_HEADCOUNT: Final = name_key("headcount")
_TURNOVER: Final = name_key("turnover")
_ROUTE: Final = name_key("route")


@dataclass(frozen=True, slots=True)
class Host:
    """A public body that groups would leave; ``facts`` holds its own and its region's traits."""

    number: int
    region: int
    name: str
    entity: Entity
    facts: Sequence[float]


@dataclass(frozen=True, slots=True)
class Group:
    """A staff group as it is before anything happens to it.

    ``order`` is its place in ties: host, stream, number. ``facts`` lacks the route, which is chosen on arrival.
    """

    identity: str
    name: str
    host: Host
    order: tuple[int, int, int]
    entity: Entity
    arrival: float
    type: int
    headcount: int
    turnover: float
    route: int | None
    facts: Sequence[float]


def shift(terms: Sequence[Term], facts: Sequence[float]) -> float:
    """The sum of the terms of a ``depends_on``, on the log or log-odds scale."""
    total = 0.0
    for term in terms:
        fact = facts[term.slot]
        if term.level is None:
            total += term.shift * fact
        elif fact == term.level:
            total += term.shift
    return total


def holds(condition: Condition | None, facts: Sequence[float]) -> bool:
    """Whether a condition holds; None always does."""
    if condition is None:
        return True
    return all(facts[slot] in values for slot, values in condition.tests)


def hosts(plan: Plan, luck: Luck) -> list[Host]:
    """The hosts of the world with their traits drawn, numbered in the order of their regions' names."""
    everyone: list[Host] = []
    for number, region in enumerate(plan.regions):
        ground = [0.0] * plan.slots
        ground[REGION] = float(number)
        fixed = dict(region.fixed)
        _draw_traits(plan.region_traits, fixed, ground, luck, region.entity)
        for i in range(1, region.hosts + 1):
            facts, entity = list(ground), host_entity(region.name, i)
            _draw_traits(plan.host_traits, fixed, facts, luck, entity)
            everyone.append(Host(len(everyone), number, f"{region.name}-{i:02d}", entity, facts))
    return everyone


def _draw_traits(
    traits: Sequence[TraitPlan], fixed: Mapping[int, float], facts: Facts, luck: Luck, entity: Entity
) -> None:
    for trait in traits:
        given = fixed.get(trait.slot)
        facts[trait.slot] = _trait(trait, facts, luck, entity) if given is None else given


def _trait(trait: TraitPlan, facts: Facts, luck: Luck, entity: Entity) -> float:
    u = luck.uniform(trait.key, entity)
    if trait.log_odds is not None:
        return 1.0 if u < probability(trait.log_odds + shift(trait.terms, facts)) else 0.0
    if trait.law is not None:
        return quantile(trait.law, u)
    return float(pick(trait.shares, u))


def pick(shares: Sequence[float], u: float) -> int:
    """The place in ``shares`` (which add to 1) where the running sum passes ``u``."""
    running = 0.0
    for place, share in enumerate(shares):
        running += share
        if u < running:
            return place
    return max(place for place, share in enumerate(shares) if share > 0.0)


def covers(plan: Plan, policy: int, luck: Luck, host: Entity) -> bool:
    """Whether a policy that reaches a share of hosts reaches this one."""
    share = plan.policies[policy].covered_hosts
    return share is None or luck.uniform(plan.policies[policy].key, host) < share


def arrival_times(plan: Plan, stream: StreamPlan, host: Host, luck: Luck) -> Iterator[tuple[int, float]]:
    """The number and time of every potential group of a stream at a host that sets out before the stream ends.

    A Poisson stream inverts its cumulative intensity at the running sum of unit exponentials, one for each potential
    group, so that another intensity moves groups in time and never replaces one by another.
    """
    start = max(stream.start, plan.regions[host.region].joins, 0.0)
    if stream.number:
        yield from _fixed_number(stream, host, luck, start)
        return
    rate = stream.rate * math.exp(shift(stream.terms, host.facts))
    spells = [(s.start, s.stop, s.change) for s in stream.spells if _reaches_host(plan, s.policy, luck, host)]
    time, number = start, 0
    while number < stream.limit:
        number += 1
        if stream.every is not None:
            time = start + stream.first + (number - 1) * stream.every
        elif rate <= 0.0:
            return
        else:
            unit = unit_exponential(luck.uniform(_ARRIVAL, group_entity(host.entity, stream.name, number)))
            time = ring_time(time, unit, rate, spells)
        if time >= stream.stop:
            return
        yield number, time


def _fixed_number(stream: StreamPlan, host: Host, luck: Luck, start: float) -> Iterator[tuple[int, float]]:
    """So many groups, each at a time of its own, uniform over the stream's span."""
    for number in range(1, stream.number + 1):
        u = luck.uniform(_ARRIVAL, group_entity(host.entity, stream.name, number))
        time = start + stream.first + u * (stream.stop - start - stream.first)
        if number <= stream.limit and time < stream.stop:
            yield number, time


def _reaches_host(plan: Plan, policy: int, luck: Luck, host: Host) -> bool:
    if policy < 0:
        return True
    return holds(plan.policies[policy].condition, host.facts) and covers(plan, policy, luck, host.entity)


def groups(plan: Plan, host: Host, luck: Luck) -> Iterator[Group]:
    """The groups that set out at a host, stream by stream."""
    for rank, stream in enumerate(plan.streams):
        tag = f"{stream.name}-" if stream.name else ""
        for number, time in arrival_times(plan, stream, host, luck):
            entity = group_entity(host.entity, stream.name, number)
            kind = stream.type
            if kind is None:
                shares = [one.share for one in plan.types]
                total = sum(shares)
                kind = pick([share / total for share in shares], luck.uniform(_TYPE, entity))
            identity = f"{host.name}/{tag}{number}"
            yield _group(plan, host, luck, identity, (host.number, rank, number), entity, time, kind, None)
    for number, named in enumerate(plan.named):
        if named.host == host.number and 0.0 <= named.arrival < plan.horizon:
            entity = group_entity(host.entity, f"named/{named.name}", 0)
            order = (host.number, len(plan.streams), number)
            identity = f"{host.name}/{named.name}"
            yield _group(plan, host, luck, identity, order, entity, named.arrival, named.type, named)


def _group(
    plan: Plan,
    host: Host,
    luck: Luck,
    identity: str,
    order: tuple[int, int, int],
    entity: Entity,
    arrival: float,
    kind: int,
    named: NamedPlan | None,
) -> Group:
    facts = list(host.facts)
    facts[TYPE] = float(kind)
    law = plan.types[kind]
    headcount = quantile(law.headcount, luck.uniform(_HEADCOUNT, entity))
    if named and named.headcount is not None:
        headcount = named.headcount
    if headcount > MOST_STAFF:
        raise TooMuch(f"staff group {identity} would have {headcount:.3g} staff; at_most: bounds a headcount")
    headcount = max(1.0, float(round(headcount)))
    turnover = headcount * quantile(law.turnover_per_head, luck.uniform(_TURNOVER, entity))
    if named and named.turnover is not None:
        turnover = named.turnover
    facts[LOG_HEADCOUNT] = math.log(headcount)
    _draw_traits(plan.group_traits, dict(named.fixed) if named else {}, facts, luck, entity)
    name, route = (named.name, named.route) if named else ("", None)
    return Group(identity, name, host, order, entity, arrival, kind, int(headcount), turnover, route, facts)


def choose_route(plan: Plan, group: Group, luck: Luck) -> int | None:
    """The route a group takes when it sets out: one of those open to it, by weight; None where none is.

    A named group whose route is known takes that one.
    """
    if group.route is not None:
        return group.route
    weights = []
    for route in plan.routes:
        is_open = route.opens <= group.arrival < route.closes and holds(route.only_for, group.facts)
        weights.append(route.weight * math.exp(shift(route.terms, group.facts)) if is_open else 0.0)
    total = sum(weights)
    if total <= 0.0:
        return None
    return pick([weight / total for weight in weights], luck.uniform(_ROUTE, group.entity))


def with_route(plan: Plan, group: Group, route: int) -> list[float]:
    """The group's facts with its route among them."""
    facts = list(group.facts)
    facts[ROUTE] = plan.routes[route].code
    return facts
