"""Lay a scenario out as a plan: names become numbers, dates become days, switched-off parts vanish."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter

from sim.draws.arithmetic import logarithm
from sim.draws.probability import log_odds
from sim.draws.uniform import name_key, region_place
from sim.plan.distributions import law_for
from sim.plan.index import Ground
from sim.plan.plan import (
    NEVER,
    ExemplarPlan,
    NamedPlan,
    Plan,
    RegionPlan,
    RoutePlan,
    Spell,
    StagePlan,
    StreamPlan,
    TraitPlan,
    TypePlan,
)
from sim.plan.policies import Policies
from sim.plan.resources import lay_out_resources
from sim.plan.stages import lay_out_stages
from sim.scenario.schema import Arrivals, Scenario, Trait


def lay_out(scenario: Scenario) -> Plan:
    """The plan of a scenario, with its numbers as they stand."""
    ground = Ground(scenario)
    policies = Policies(scenario, ground)
    stages = lay_out_stages(scenario, ground, policies)
    return Plan(
        start=ground.start,
        horizon=ground.horizon,
        regions=tuple(_region(scenario, ground, name) for name in ground.regions),
        region_traits=_traits(ground, scenario.hosts.region_traits),
        host_traits=_traits(ground, scenario.hosts.traits),
        group_traits=_traits(ground, scenario.staff_groups.traits),
        types=tuple(_type(scenario, name) for name in ground.types),
        streams=tuple(_streams(scenario, ground, policies)),
        named=tuple(_named(scenario, ground)),
        routes=_routes(scenario, ground, stages),
        stages=stages,
        milestones=tuple(ground.milestones),
        resources=lay_out_resources(scenario, ground, policies),
        policies=policies.plans,
        exemplars=tuple(
            ExemplarPlan(
                ground.milestones.index(one.milestone), one.scope == "region", logarithm(one.odds.value), one.at_most
            )
            for one in (scenario.exemplars[name] for name in sorted(scenario.exemplars))
        ),
        charged_on_arrival=policies.charged_on_arrival(),
    )


def _region(scenario: Scenario, ground: Ground, name: str) -> RegionPlan:
    region = scenario.hosts.regions[name]
    label = region.label or name
    joins = ground.day(region.joins, 0.0)
    return RegionPlan(name, label, region_place(name), region.hosts, joins, ground.fixed(region.traits))


def _traits(ground: Ground, traits: Mapping[str, Trait]) -> tuple[TraitPlan, ...]:
    """In an order in which a trait comes after those of its own level that it depends on."""
    wanted = {name: {key.partition("=")[0] for key in traits[name].depends_on} for name in sorted(traits)}
    after = {name: sorted(others & set(traits)) for name, others in wanted.items()}
    ordered = TopologicalSorter(after).static_order()
    return tuple(_trait(ground, name, traits[name]) for name in ordered)


def _trait(ground: Ground, name: str, trait: Trait) -> TraitPlan:
    odds = None if trait.probability is None else log_odds(trait.probability.value)
    law = None if trait.number is None else law_for(trait.number, None)
    levels = tuple(ground.levels[name])
    weights = [trait.shares[level].value for level in levels] if trait.shares else []
    total = math.fsum(weights)
    shares = tuple(weight / total for weight in weights)
    return TraitPlan(
        name, name_key(f"trait/{name}"), ground.slots[name], odds, ground.terms(trait.depends_on), law, levels, shares
    )


def _type(scenario: Scenario, name: str) -> TypePlan:
    one = scenario.staff_groups.types[name]
    share = one.share.value if one.share is not None else 0.0
    return TypePlan(name, one.label or name, share, law_for(one.headcount, name), law_for(one.turnover_per_head, name))


def _streams(scenario: Scenario, ground: Ground, policies: Policies) -> Iterable[StreamPlan]:
    groups = scenario.staff_groups
    if groups.arrivals is not None:
        yield _stream("", None, groups.arrivals, ground, policies)
    for number, name in enumerate(ground.types):
        own = groups.types[name].arrivals
        if own is not None:
            yield _stream(name, number, own, ground, policies)


def _stream(name: str, number: int | None, arrivals: Arrivals, ground: Ground, policies: Policies) -> StreamPlan:
    bursts = [
        Spell(ground.day(burst.from_, -NEVER), ground.day_after(burst.until), -1, burst.times.value)
        for burst in arrivals.profile
    ]
    spells = [*bursts, *policies.on_arrivals()]
    return StreamPlan(
        name=name,
        type=number,
        rate=arrivals.rate.value if arrivals.rate else 0.0,
        every=arrivals.every.value if arrivals.every else None,
        number=round(arrivals.number.value) if arrivals.number else 0,
        first=arrivals.first.value,
        start=ground.day(arrivals.from_, 0.0),
        stop=min(ground.day_after(arrivals.until), ground.horizon),
        limit=NEVER if arrivals.limit is None else float(arrivals.limit),
        terms=ground.terms(arrivals.depends_on),
        spells=tuple(spell for spell in spells if spell.change != 1.0),
    )


def _named(scenario: Scenario, ground: Ground) -> Iterable[NamedPlan]:
    hosts = [f"{name}-{i:02d}" for name in ground.regions for i in range(1, scenario.hosts.regions[name].hosts + 1)]
    for group in sorted(scenario.staff_groups.named, key=lambda one: one.name):
        yield NamedPlan(
            name=group.name,
            host=hosts.index(group.host),
            type=ground.types.index(group.type),
            arrival=ground.day(group.on, 0.0),
            headcount=group.headcount.value if group.headcount else None,
            turnover=group.turnover.value if group.turnover else None,
            route=ground.routes.index(group.route) if group.route in ground.routes else None,
            fixed=ground.fixed(group.traits),
        )


def _routes(scenario: Scenario, ground: Ground, stages: tuple[StagePlan, ...]) -> tuple[RoutePlan, ...]:
    number = {stage.name: i for i, stage in enumerate(stages)}
    return tuple(
        RoutePlan(
            float(ground.all_routes.index(name)),
            name,
            route.label or name,
            route.share.value,
            ground.terms(route.depends_on),
            ground.day(route.opens, -NEVER),
            ground.day_after(route.closes),
            ground.condition(route.only_for),
            tuple(number[stage.stage] for stage in route.stages),
        )
        for name in ground.routes
        for route in (scenario.routes[name],)
    )
