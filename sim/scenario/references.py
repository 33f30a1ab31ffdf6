"""What the parts of a scenario say about one another: names that must exist, dates and shares that must agree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Any

from sim.scenario.faults import quote, suggest
from sim.scenario.names import (
    ON_GROUPS,
    Loc,
    Names,
    check_circles,
    check_eligible,
    check_names,
    check_on_the_clock,
    check_order,
    check_shares,
    check_terms,
    check_values,
)
from sim.scenario.policy_references import (
    barrier_problems,
    exemplar_problems,
    launch_problems,
    observation_problems,
    policy_problems,
)
from sim.scenario.quantity import JUDGEMENT, Problem
from sim.scenario.schema import (
    Arrivals,
    Resource,
    Scenario,
    Stage,
)
from sim.scenario.vocabulary import ARRIVED
from sim.scenario.walk import distributions, quantities

MOST_GROUPS = 1e6
MOST_HOSTS = 100_000
MOST_PROBLEMS = 300
MOST_DAYS = 200 * 366


def find_problems(scenario: Scenario, raw: Mapping[str, Any]) -> list[Problem]:
    """Everything that does not fit together, each with its path from the top of the scenario."""
    names = Names(scenario, raw)
    problems = chain(
        _clock(scenario, names),
        _sources(scenario),
        _distributions_by_type(scenario, names),
        _hosts(scenario, names),
        _staff_groups(scenario, names),
        _routes(scenario, names),
        _resources(scenario),
        barrier_problems(scenario, names),
        policy_problems(scenario, names),
        launch_problems(scenario, names),
        exemplar_problems(scenario, names),
        observation_problems(scenario, names),
    )
    # Looking for the nearest name takes time; a reader has enough with these.
    return list(islice(problems, MOST_PROBLEMS))


def _clock(scenario: Scenario, names: Names) -> Iterator[Problem]:
    if names.clock_known and (scenario.clock.end - scenario.clock.start).days > MOST_DAYS:
        yield Problem(("clock", "end"), "a clock of more than 200 years", "an earlier end")


def _sources(scenario: Scenario) -> Iterator[Problem]:
    from sim.scenario.evidence import evidence_table, may_cite

    cited = [(path, part.source) for path, part in quantities(scenario)]
    cited += [(("observations", name), observation.source) for name, observation in scenario.observations.items()]
    for path, ids in cited:
        for source in ids:
            if source != JUDGEMENT and not may_cite(source):
                citable = [*evidence_table(), JUDGEMENT]
                near = suggest(source, citable)
                what = "may not be cited (unverified)" if source in citable else f"is not in the evidence{near}"
                yield Problem(
                    (*path, "source"), f"source {quote(source)} {what}", "an id of the evidence, or judgement"
                )


def _distributions_by_type(scenario: Scenario, names: Names) -> Iterator[Problem]:
    for path, distribution in distributions(scenario):
        if distribution.by_type is None:
            continue
        here: Loc = (*path, "by_type")
        for name in distribution.by_type:
            yield from check_names((*here, name), "type", [name], names.types)
        for missing in sorted(names.types - set(distribution.by_type) if not distribution.kind else ()):
            yield Problem(here, f"nothing for the type {quote(missing)}", "every type, or otherwise: beside by_type")


def _hosts(scenario: Scenario, names: Names) -> Iterator[Problem]:
    hosts = scenario.hosts
    total = sum(part.hosts for part in hosts.regions.values())
    if total > MOST_HOSTS:
        yield Problem(("hosts", "regions"), f"{total} hosts", f"at most {MOST_HOSTS}")
    for region, part in hosts.regions.items():
        yield from check_values(("hosts", "regions", region, "traits"), part.traits, names, names.host_traits)
        if part.joins is not None and part.joins < scenario.clock.start:
            yield Problem(("hosts", "regions", region, "joins"), "joins before the clock starts", "a later date")
    for level, traits, lower in (
        ("region_traits", hosts.region_traits, set(hosts.region_traits)),
        ("traits", hosts.traits, set(names.host_traits)),
    ):
        for name, trait in traits.items():
            path = ("hosts", level, name)
            yield from check_terms((*path, "depends_on"), trait.depends_on, names, lower, {"region"})
            if names.whole(trait.shares, *path, "shares"):
                yield from check_shares((*path, "shares"), trait.shares)
        yield from check_circles(("hosts", level), traits)
    for name in set(hosts.region_traits) & set(hosts.traits):
        yield Problem(("hosts", "traits", name), f"{quote(name)} is a region trait already", "another name")


def _staff_groups(scenario: Scenario, names: Names) -> Iterator[Problem]:
    groups = scenario.staff_groups
    shared = {name: group_type.share for name, group_type in groups.types.items() if group_type.share is not None}
    if groups.arrivals is not None:
        if names.types == set(groups.types):
            yield from check_shares(("staff_groups", "types"), shared)
        if not shared and groups.types:
            yield Problem(
                ("staff_groups", "arrivals"), "common arrivals without a share", "a share on one type or more"
            )
        yield from _arrivals(("staff_groups", "arrivals"), groups.arrivals, scenario, names)
    elif shared and not groups.named and not names.arrivals_written:
        first = next(iter(shared))
        yield Problem(
            ("staff_groups", "types", first, "share"), "a share without common arrivals", "staff_groups.arrivals"
        )
    for name, group_type in groups.types.items():
        if group_type.arrivals is not None:
            yield from _arrivals(("staff_groups", "types", name, "arrivals"), group_type.arrivals, scenario, names)
    for name, trait in groups.traits.items():
        path = ("staff_groups", "traits", name)
        yield from check_terms((*path, "depends_on"), trait.depends_on, names, set(names.traits), ON_GROUPS - {"route"})
        if names.whole(trait.shares, *path, "shares"):
            yield from check_shares((*path, "shares"), trait.shares)
        if name in names.host_traits:
            yield Problem(path, f"{quote(name)} is a trait of hosts already", "another name")
    yield from check_circles(("staff_groups", "traits"), groups.traits)
    yield from _named_groups(scenario, names)


def _named_groups(scenario: Scenario, names: Names) -> Iterator[Problem]:
    seen: set[str] = set()
    for i, group in enumerate(scenario.staff_groups.named):
        here: Loc = ("staff_groups", "named", i)
        yield from _host((*here, "host"), group.host, scenario, names)
        yield from check_names((*here, "type"), "type", [group.type], names.types)
        yield from check_names((*here, "route"), "route", [group.route] if group.route else [], names.routes)
        yield from check_values((*here, "traits"), group.traits, names, names.traits)
        yield from check_on_the_clock((*here, "on"), group.on, scenario)
        if re.fullmatch(r"(.+-)?\d+", group.name):
            yield Problem((*here, "name"), f"{quote(group.name)} reads like a numbered group", "a name in words")
        if group.name in seen:
            yield Problem((*here, "name"), f"two groups are called {quote(group.name)}", "names that differ")
        seen.add(group.name)


def _host(path: Loc, name: str, scenario: Scenario, names: Names) -> Iterator[Problem]:
    regions = scenario.hosts.regions
    region, _, number = name.rpartition("-")
    if region in names.regions and region not in regions:
        return
    most = regions[region].hosts if region in regions else 0
    if not number.isdecimal() or not 1 <= int(number) <= most or name != f"{region}-{int(number):02d}":
        hosts = [
            f"{other}-{i:02d}"
            for other, region_part in regions.items()
            for i in range(1, min(region_part.hosts, 50) + 1)
        ]
        near = suggest(name, hosts[:300])
        yield Problem(path, f"no host is called {quote(name)}{near}", f"a region and a number, such as {hosts[0]}")


def _arrivals(path: Loc, arrivals: Arrivals, scenario: Scenario, names: Names) -> Iterator[Problem]:
    yield from check_terms((*path, "depends_on"), arrivals.depends_on, names, set(names.host_traits), {"region"})
    yield from check_order(path, arrivals.from_, arrivals.until)
    for i, burst in enumerate(arrivals.profile):
        yield from check_order((*path, "profile", i), burst.from_, burst.until)
    span = (scenario.clock.end - scenario.clock.start).days
    most = max([1.0, *(burst.times.bounds()[1] for burst in arrivals.profile)])
    each = arrivals.rate.bounds()[1] * span * most if arrivals.rate else 0.0
    if arrivals.every is not None:
        beat = arrivals.every.bounds()[0]
        if beat <= 0.0 and arrivals.limit is None:
            yield Problem((*path, "every"), "unlimited groups at one instant", "an interval above 0, or a limit")
        each = span / beat if beat > 0.0 else 0.0
    each = max(min(each, arrivals.limit if arrivals.limit is not None else each), 0.0)
    each += arrivals.number.bounds()[1] if arrivals.number else 0.0
    total = each * sum(region.hosts for region in scenario.hosts.regions.values())
    if total > MOST_GROUPS and names.clock_known:
        yield Problem(path, f"some {total:.0f} groups in one replication", f"at most {MOST_GROUPS:.0f}")


def _routes(scenario: Scenario, names: Names) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    if not any(route.enabled for route in scenario.routes.values()):
        yield Problem(("routes",), "no route is enabled", "at least one route with enabled: true")
    for name, route in scenario.routes.items():
        path: Loc = ("routes", name)
        yield from check_terms((*path, "depends_on"), route.depends_on, names, set(names.traits), ON_GROUPS - {"route"})
        yield from check_eligible((*path, "only_for"), route.only_for, names)
        if route.only_for is not None and route.only_for.routes is not None:
            yield Problem((*path, "only_for", "routes"), "a route only for groups of a route", "no routes: here")
        yield from check_order(path, route.opens, route.closes, "opens", "closes")
        for i, stage in enumerate(route.stages):
            here: Loc = (*path, "stages", i)
            if stage.stage in seen:
                yield Problem(
                    (*here, "stage"),
                    f"stage {quote(stage.stage)} is in route {seen[stage.stage]} already",
                    "a new name",
                )
            seen[stage.stage] = name
            yield from _stage(here, stage, scenario, names)


def _stage(path: Loc, stage: Stage, scenario: Scenario, names: Names) -> Iterator[Problem]:
    yield from check_eligible((*path, "only_for"), stage.only_for, names)
    for resource, need in stage.needs.items():
        yield from check_names((*path, "needs"), "resource", [resource], names.resources)
        resource_part = scenario.resources.get(resource)
        if resource_part is not None and resource_part.servers is None and resource_part.fund is None:
            yield Problem((*path, "needs"), f"{quote(resource)} is neither servers nor a fund", "decided_by for it")
        if resource_part is not None and need.award is not None and resource_part.fund is None:
            yield Problem((*path, "needs", resource, "award"), "an award from a resource that is not a fund", "a fund")
    if stage.milestone == ARRIVED:
        yield Problem((*path, "milestone"), f"{quote(ARRIVED)} is the moment at which a group arrives", "another name")
    if stage.decided_by is not None:
        yield from check_names((*path, "decided_by"), "resource", [stage.decided_by], names.resources)
        resource_part = scenario.resources.get(stage.decided_by)
        if resource_part is not None and resource_part.meeting is None and resource_part.panel is None:
            yield Problem(
                (*path, "decided_by"),
                f"{quote(stage.decided_by)} is neither a meeting nor a panel",
                "needs: for a queue",
            )


def _resources(scenario: Scenario) -> Iterator[Problem]:
    for name, resource in scenario.resources.items():
        path: Loc = ("resources", name)
        yield from _resource(path, resource, scenario)


def _resource(path: Loc, resource: Resource, scenario: Scenario) -> Iterator[Problem]:
    if resource.panel is not None:
        for i, when in enumerate(resource.panel.dates):
            yield from check_on_the_clock((*path, "panel", "dates", i), when, scenario)
    if resource.meeting is not None:
        if resource.meeting.every.bounds()[0] < 1.0:
            yield Problem((*path, "meeting", "every"), "a meeting more than once a day", "a duration of a day or more")
        if resource.meeting.first is not None:
            yield from check_on_the_clock((*path, "meeting", "first"), resource.meeting.first, scenario)
            if resource.meeting.staggered:
                yield Problem((*path, "meeting", "first"), "a first date beside staggered", "one of the two")
    if resource.fund is not None:
        for i, opening in enumerate(resource.fund.opens):
            yield from check_order((*path, "fund", "opens", i), opening.from_, opening.until)
