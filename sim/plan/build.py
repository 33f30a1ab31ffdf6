"""Lay a scenario out as a plan: names become numbers, dates become days, switched-off parts vanish."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter

from sim.draws.arithmetic import logarithm
from sim.draws.probability import log_odds
from sim.draws.uniform import name_key, region_place
from sim.plan.distributions import build_distribution
from sim.plan.index import Index
from sim.plan.plan import (
    NEVER,
    ExemplarPlan,
    NamedPlan,
    Period,
    Plan,
    RegionPlan,
    RoutePlan,
    StagePlan,
    StreamPlan,
    TraitPlan,
    TypePlan,
)
from sim.plan.policies import Policies
from sim.plan.resources import build_resources
from sim.plan.stages import build_stages
from sim.scenario.schema import Arrivals, Scenario, Trait


def build_plan(scenario: Scenario) -> Plan:
    """The plan of a scenario, with its numbers as they stand."""
    index = Index(scenario)
    policies = Policies(scenario, index)
    stages = build_stages(scenario, index, policies)
    return Plan(
        start=index.start,
        horizon=index.horizon,
        regions=tuple(_region(scenario, index, name) for name in index.regions),
        region_traits=_traits(index, scenario.hosts.region_traits),
        host_traits=_traits(index, scenario.hosts.traits),
        group_traits=_traits(index, scenario.staff_groups.traits),
        types=tuple(_type(scenario, name) for name in index.types),
        streams=tuple(_streams(scenario, index, policies)),
        named=tuple(_named_groups(scenario, index)),
        routes=_routes(scenario, index, stages),
        stages=stages,
        milestones=tuple(index.milestones),
        launch=index.milestones.index(scenario.launch) if scenario.launch in index.milestones else None,
        resources=build_resources(scenario, index, policies),
        policies=policies.plans,
        exemplars=tuple(
            ExemplarPlan(
                milestone=index.milestones.index(exemplar.milestone or scenario.launch),
                regional=exemplar.scope == "region",
                log_odds=logarithm(exemplar.odds.value),
                at_most=exemplar.at_most,
            )
            for exemplar in (scenario.exemplars[name] for name in sorted(scenario.exemplars))
        ),
        charged_on_arrival=policies.charged_on_arrival(),
    )


def _region(scenario: Scenario, index: Index, name: str) -> RegionPlan:
    region = scenario.hosts.regions[name]
    return RegionPlan(
        name=name,
        label=region.label or name,
        place=region_place(name),
        hosts=region.hosts,
        joins=index.day(region.joins, 0.0),
        fixed=index.fixed_traits(region.traits),
    )


def _traits(index: Index, traits: Mapping[str, Trait]) -> tuple[TraitPlan, ...]:
    """In an order in which a trait comes after those of its own level that it depends on."""
    wanted = {name: {key.partition("=")[0] for key in traits[name].depends_on} for name in sorted(traits)}
    after = {name: sorted(others & set(traits)) for name, others in wanted.items()}
    ordered = TopologicalSorter(after).static_order()
    return tuple(_trait(index, name, traits[name]) for name in ordered)


def _trait(index: Index, name: str, trait: Trait) -> TraitPlan:
    levels = tuple(index.levels[name])
    weights = [trait.shares[level].value for level in levels] if trait.shares else []
    total = math.fsum(weights)
    return TraitPlan(
        name=name,
        key=name_key(f"trait/{name}"),
        slot=index.slots[name],
        log_odds=None if trait.probability is None else log_odds(trait.probability.value),
        terms=index.terms(trait.depends_on),
        distribution=None if trait.number is None else build_distribution(trait.number, None),
        levels=levels,
        shares=tuple(weight / total for weight in weights),
    )


def _type(scenario: Scenario, name: str) -> TypePlan:
    group_type = scenario.staff_groups.types[name]
    return TypePlan(
        name=name,
        label=group_type.label or name,
        share=group_type.share.value if group_type.share is not None else 0.0,
        headcount=build_distribution(group_type.headcount, name),
        turnover_per_head=build_distribution(group_type.turnover_per_head, name),
    )


def _streams(scenario: Scenario, index: Index, policies: Policies) -> Iterable[StreamPlan]:
    groups = scenario.staff_groups
    if groups.arrivals is not None:
        yield _stream("", None, groups.arrivals, index, policies)
    for number, name in enumerate(index.types):
        own = groups.types[name].arrivals
        if own is not None:
            yield _stream(name, number, own, index, policies)


def _stream(name: str, number: int | None, arrivals: Arrivals, index: Index, policies: Policies) -> StreamPlan:
    bursts = [
        Period(index.day(burst.from_, -NEVER), index.day_after(burst.until), -1, burst.times.value)
        for burst in arrivals.profile
    ]
    periods = [*bursts, *policies.on_arrivals()]
    return StreamPlan(
        name=name,
        type=number,
        rate=arrivals.rate.value if arrivals.rate else 0.0,
        every=arrivals.every.value if arrivals.every else None,
        number=round(arrivals.number.value) if arrivals.number else 0,
        first=arrivals.first.value,
        start=index.day(arrivals.from_, 0.0),
        stop=min(index.day_after(arrivals.until), index.horizon),
        limit=NEVER if arrivals.limit is None else float(arrivals.limit),
        terms=index.terms(arrivals.depends_on),
        periods=tuple(period for period in periods if period.change != 1.0),
    )


def _named_groups(scenario: Scenario, index: Index) -> Iterable[NamedPlan]:
    hosts = [f"{name}-{i:02d}" for name in index.regions for i in range(1, scenario.hosts.regions[name].hosts + 1)]
    for group in sorted(scenario.staff_groups.named, key=lambda group: group.name):
        yield NamedPlan(
            name=group.name,
            host=hosts.index(group.host),
            type=index.types.index(group.type),
            arrival=index.day(group.on, 0.0),
            headcount=group.headcount.value if group.headcount else None,
            turnover=group.turnover.value if group.turnover else None,
            route=index.routes.index(group.route) if group.route in index.routes else None,
            fixed=index.fixed_traits(group.traits),
        )


def _routes(scenario: Scenario, index: Index, stages: tuple[StagePlan, ...]) -> tuple[RoutePlan, ...]:
    number = {stage.name: i for i, stage in enumerate(stages)}
    return tuple(
        RoutePlan(
            code=float(index.all_routes.index(name)),
            name=name,
            label=route.label or name,
            weight=route.share.value,
            terms=index.terms(route.depends_on),
            opens=index.day(route.opens, -NEVER),
            closes=index.day_after(route.closes),
            only_for=index.condition(route.only_for),
            stages=tuple(number[stage.stage] for stage in route.stages),
        )
        for name in index.routes
        for route in (scenario.routes[name],)
    )
