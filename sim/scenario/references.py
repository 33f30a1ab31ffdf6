"""What the parts of a scenario say about one another: names that must exist, dates and shares that must agree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Any

from sim.scenario.distribution import ZERO, Distribution
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
from sim.scenario.quantity import JUDGEMENT, Problem
from sim.scenario.schema import (
    Arrivals,
    Dated,
    Effect,
    Intervention,
    Mechanism,
    Resource,
    Scenario,
    Selection,
    Stage,
)
from sim.scenario.vocabulary import ARRIVED, MODEL_CAUSES
from sim.scenario.walk import distributions, quantities

MOST_GROUPS = 1e6
MOST_HOSTS = 100_000
MOST_PROBLEMS = 300
MOST_DAYS = 200 * 366


def find_problems(scenario: Scenario, raw: Mapping[str, Any]) -> list[Problem]:
    """Everything that does not fit together, each with its path from the top of the scenario."""
    names = Names(scenario, raw)
    found = chain(
        _clock(scenario, names),
        _sources(scenario),
        _distributions_by_type(scenario, names),
        _hosts(scenario, names),
        _staff_groups(scenario, names),
        _routes(scenario, names),
        _resources(scenario),
        _barriers(scenario, names),
        _policies(scenario, names),
        _launch(scenario, names),
        _exemplars(scenario, names),
        _observations(scenario, names),
    )
    # Looking for the nearest name takes time; a reader has enough with these.
    return list(islice(found, MOST_PROBLEMS))


def _clock(scenario: Scenario, names: Names) -> Iterator[Problem]:
    if names.clock_known and (scenario.clock.end - scenario.clock.start).days > MOST_DAYS:
        yield Problem(("clock", "end"), "a clock of more than 200 years", "an earlier end")


def _sources(scenario: Scenario) -> Iterator[Problem]:
    from sim.scenario.evidence import evidence_table, may_cite

    cited = [(path, part.source) for path, part in quantities(scenario)]
    cited += [(("observations", name), one.source) for name, one in scenario.observations.items()]
    for path, ids in cited:
        for one in ids:
            if one != JUDGEMENT and not may_cite(one):
                known = [*evidence_table(), JUDGEMENT]
                near = suggest(one, known)
                what = "may not be cited (unverified)" if one in known else f"is not in the evidence{near}"
                yield Problem((*path, "source"), f"source {quote(one)} {what}", "an id of the evidence, or judgement")


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
    total = sum(one.hosts for one in hosts.regions.values())
    if total > MOST_HOSTS:
        yield Problem(("hosts", "regions"), f"{total} hosts", f"at most {MOST_HOSTS}")
    for region, one in hosts.regions.items():
        yield from check_values(("hosts", "regions", region, "traits"), one.traits, names, names.host_traits)
        if one.joins is not None and one.joins < scenario.clock.start:
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
    shared = {name: one.share for name, one in groups.types.items() if one.share is not None}
    if groups.arrivals is not None:
        if names.types == set(groups.types):
            yield from check_shares(("staff_groups", "types"), shared)
        if not shared and groups.types:
            yield Problem(("staff_groups", "arrivals"), "arrivals of no type", "a share on one type or more")
        yield from _arrivals(("staff_groups", "arrivals"), groups.arrivals, scenario, names)
    elif shared and not groups.named and not names.arrivals_written:
        first = next(iter(shared))
        yield Problem(("staff_groups", "types", first, "share"), "a share of no arrivals", "staff_groups.arrivals")
    for name, one in groups.types.items():
        if one.arrivals is not None:
            yield from _arrivals(("staff_groups", "types", name, "arrivals"), one.arrivals, scenario, names)
    for name, trait in groups.traits.items():
        path = ("staff_groups", "traits", name)
        yield from check_terms((*path, "depends_on"), trait.depends_on, names, set(names.traits), ON_GROUPS - {"route"})
        if names.whole(trait.shares, *path, "shares"):
            yield from check_shares((*path, "shares"), trait.shares)
        if name in names.host_traits:
            yield Problem(path, f"{quote(name)} is a trait of hosts already", "another name")
    yield from check_circles(("staff_groups", "traits"), groups.traits)
    seen: set[str] = set()
    for i, group in enumerate(groups.named):
        here: Loc = ("staff_groups", "named", i)
        yield from _host((*here, "host"), group.host, scenario, names)
        yield from check_names((*here, "type"), "type", [group.type], names.types)
        yield from check_names((*here, "route"), "route", [group.route] if group.route else [], names.routes)
        yield from check_values((*here, "traits"), group.traits, names, names.traits)
        yield from check_on_the_clock((*here, "on"), group.on, scenario)
        numbered = re.fullmatch(r"(.+-)?\d+", group.name)
        if numbered:
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
        some = [f"{one}-{i:02d}" for one, part in regions.items() for i in range(1, min(part.hosts, 50) + 1)]
        near = suggest(name, some[:300])
        yield Problem(path, f"no host is called {quote(name)}{near}", f"a region and a number, such as {some[0]}")


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
            yield Problem((*path, "every"), "groups without end at one instant", "a beat above 0, or a limit")
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
                    (*here, "stage"), f"stage {quote(stage.stage)} stands in {seen[stage.stage]} already", "a new name"
                )
            seen[stage.stage] = name
            yield from _stage(here, stage, scenario, names)


def _stage(path: Loc, stage: Stage, scenario: Scenario, names: Names) -> Iterator[Problem]:
    yield from check_eligible((*path, "only_for"), stage.only_for, names)
    for resource, need in stage.needs.items():
        yield from check_names((*path, "needs"), "resource", [resource], names.resources)
        one = scenario.resources.get(resource)
        if one is not None and one.servers is None and one.fund is None:
            yield Problem((*path, "needs"), f"{quote(resource)} is no servers and no fund", "decided_by for it")
        if one is not None and need.award is not None and one.fund is None:
            yield Problem((*path, "needs", resource, "award"), "an award of what is no fund", "a fund")
    if stage.milestone == ARRIVED:
        yield Problem((*path, "milestone"), f"{quote(ARRIVED)} is the moment at which a group arrives", "another name")
    if stage.decided_by is not None:
        yield from check_names((*path, "decided_by"), "resource", [stage.decided_by], names.resources)
        one = scenario.resources.get(stage.decided_by)
        if one is not None and one.meeting is None and one.panel is None:
            yield Problem(
                (*path, "decided_by"), f"{quote(stage.decided_by)} is no meeting and no panel", "needs: for a queue"
            )


def _resources(scenario: Scenario) -> Iterator[Problem]:
    for name, one in scenario.resources.items():
        path: Loc = ("resources", name)
        yield from _resource(path, one, scenario)


def _resource(path: Loc, one: Resource, scenario: Scenario) -> Iterator[Problem]:
    if one.panel is not None:
        for i, when in enumerate(one.panel.dates):
            yield from check_on_the_clock((*path, "panel", "dates", i), when, scenario)
    if one.meeting is not None:
        if one.meeting.every.bounds()[0] < 1.0:
            yield Problem((*path, "meeting", "every"), "a meeting more than once a day", "a duration of a day or more")
        if one.meeting.first is not None:
            yield from check_on_the_clock((*path, "meeting", "first"), one.meeting.first, scenario)
            if one.meeting.staggered:
                yield Problem((*path, "meeting", "first"), "a first date beside staggered", "one of the two")
    if one.fund is not None:
        for i, opening in enumerate(one.fund.opens):
            yield from check_order((*path, "fund", "opens", i), opening.from_, opening.until)


def _barriers(scenario: Scenario, names: Names) -> Iterator[Problem]:
    for name, barrier in scenario.barriers.items():
        path: Loc = ("barriers", name)
        if name in MODEL_CAUSES:
            yield Problem(path, f"{quote(name)} is the name of an exit of the model's own", "another name")
        yield from _mechanism(path, barrier, names)
        for form, one in barrier.forms.items():
            yield from _mechanism((*path, "forms", form), one, names)
        places = [path, *((*path, "forms", form) for form in names.keys(*path, "forms"))]
        if not any(names.keys(*place, act) for place in places for act in ("gates", "hazards", "drag")):
            yield Problem(path, f"barrier {quote(name)} does nothing", "gates, hazards or drag, here or in its forms")


def _mechanism(path: Loc, one: Mechanism, names: Names) -> Iterator[Problem]:
    yield from check_eligible((*path, "applies_to"), one.applies_to, names)
    yield from check_terms((*path, "depends_on"), one.depends_on, names, set(names.traits), ON_GROUPS)
    for acts in ("gates", "hazards", "drag"):
        for stage in getattr(one, acts):
            yield from check_names((*path, acts, stage), "stage", [stage], names.stages)
    for milestone in one.eases_after:
        yield from check_names((*path, "eases_after", milestone), "milestone", [milestone], names.milestones)
    for stage, gate in one.gates.items():
        retry, here = gate.retry, (*path, "gates", stage, "retry")
        refused = retry is not None and retry.after == ZERO and "after" in names.keys(*here)
        if retry is not None and retry.tries == "unlimited" and _usual(retry.after) < 1.0 and not refused:
            yield Problem(here, "tries without end or delay", "after: a day or more")


def _usual(distribution: Distribution) -> float:
    """What a delay is like: days that are often reached, the least over the types."""
    if not distribution.kind:
        return min(map(_usual, (distribution.by_type or {}).values()))
    known = [part.bounds()[0] for name, part in distribution.parameters.items() if name not in ("low", "shape", "sd")]
    days = max([*known, *(one.value for one in distribution.values)])
    if distribution.at_least is not None:
        days = max(days, distribution.at_least.value)
    if distribution.at_most is not None:
        days = min(days, distribution.at_most.value)
    return min([days, *map(_usual, (distribution.by_type or {}).values())])


def _policies(scenario: Scenario, names: Names) -> Iterator[Problem]:
    for name, intervention in scenario.interventions.items():
        path: Loc = ("interventions", name)
        yield from _dated(path, intervention, scenario, names)
        due = [intervention.cost.at] if intervention.cost.at else []
        yield from check_names((*path, "cost", "at"), "stage", due, names.stages)
        if not intervention.effects and not names.written(*path, "effects"):
            yield Problem(path, f"intervention {quote(name)} has no effects", "effects: a list")
        if intervention.covers and intervention.covers.groups is not None:
            for i, effect in enumerate(intervention.effects):
                if effect.arrivals is not None:
                    yield Problem((*path, "effects", i), "arrivals covered by group", "covers: {hosts: ...}")
    for name, entry in scenario.timeline.items():
        yield from _dated(("timeline", name), entry, scenario, names)


def _dated(path: Loc, one: Dated, scenario: Scenario, names: Names) -> Iterator[Problem]:
    yield from check_order(path, one.from_, one.until)
    yield from check_eligible((*path, "eligible"), one.eligible, names)
    for i, effect in enumerate(one.effects):
        yield from _effect((*path, "effects", i), effect, one, scenario, names)


def _effect(path: Loc, effect: Effect, policy: Dated, scenario: Scenario, names: Names) -> Iterator[Problem]:
    if effect.barrier is not None:
        yield from _barrier((*path, "barrier"), effect.barrier, names)
    if effect.stage is not None:
        yield from check_names((*path, "stage"), "stage", effect.stage, names.stages)
    if effect.resource is not None:
        yield from check_names((*path, "resource"), "resource", [effect.resource], names.resources)
        one = scenario.resources.get(effect.resource)
        if one is not None and one.fund is None and (effect.money is not None or effect.shut):
            yield Problem(path, f"{quote(effect.resource)} is no fund", "money and shut only for a fund")
        if one is not None and one.fund is not None and effect.capacity is not None:
            yield Problem(path, f"{quote(effect.resource)} is a fund", "money instead of capacity")
    eligible = policy.eligible
    covers = policy.covers if isinstance(policy, Intervention) else None
    one = scenario.resources.get(effect.resource or "")
    if one is not None and one.scope != "nation" and (eligible is not None or covers is not None):
        what = f"{quote(str(effect.resource))} of each {one.scope} changed for some groups only"
        yield Problem(path, what, "an intervention of its own, for all")
    if effect.arrivals is not None and eligible is not None:
        own = set(eligible.traits) - set(names.host_traits)
        if eligible.types or eligible.routes or own:
            yield Problem(path, "arrivals changed for some types, routes or group traits", "regions or traits of hosts")


def _barrier(path: Loc, name: str, names: Names) -> Iterator[Problem]:
    known = names.forms if "." in name else names.barriers
    yield from check_names(path, "barrier", [name], known | names.barriers)


def _launch(scenario: Scenario, names: Names) -> Iterator[Problem]:
    if names.written("launch") is not None:
        yield from check_names(("launch",), "milestone", [scenario.launch], names.milestones)


def _exemplars(scenario: Scenario, names: Names) -> Iterator[Problem]:
    for name, one in scenario.exemplars.items():
        path: Loc = ("exemplars", name)
        # A launch that is no milestone is a fault of its own.
        if one.milestone is not None or names.written("launch") is None:
            milestone = one.milestone or scenario.launch
            yield from check_names((*path, "milestone"), "milestone", [milestone], names.milestones)
        yield from _barrier((*path, "barrier"), one.barrier, names)


def _observations(scenario: Scenario, names: Names) -> Iterator[Problem]:
    for name, one in scenario.observations.items():
        path: Loc = ("observations", name)
        if one.low is not None and one.high is not None and not one.low <= one.value <= one.high:
            yield Problem((*path, "value"), "the value lies outside low and high", "low <= value <= high")
        if one.count is not None:
            yield from _selection((*path, "count"), one.count, names)
        if one.share is not None:
            yield from _selection((*path, "share", "of"), one.share.of, names)
            yield from _selection((*path, "share", "that"), one.share.that, names)
        if one.median_months is not None:
            yield from _selection((*path, "median_months", "of"), one.median_months.of, names)
            moments = names.milestones | {ARRIVED}
            for key, moment in (("from", one.median_months.from_), ("to", one.median_months.to)):
                yield from check_names((*path, "median_months", key), "milestone", [moment], moments)
        if one.hosts is not None:
            known = names.undecided | set(names.host_traits)
            yield from check_names((*path, "hosts", "trait"), "trait", [one.hosts.trait], known)
            yield from check_names((*path, "hosts", "regions"), "region", one.hosts.regions or (), names.regions)


def _selection(path: Loc, one: Selection, names: Names) -> Iterator[Problem]:
    causes = names.barriers | set(MODEL_CAUSES)
    for key, kind, wanted, known in (
        ("types", "type", one.types, names.types),
        ("regions", "region", one.regions, names.regions),
        ("routes", "route", one.routes, names.routes),
        ("causes", "cause", one.causes, causes),
        ("in_stages", "stage", one.in_stages, names.stages),
        ("reached", "milestone", (one.reached,) if one.reached else (), names.milestones),
        ("not_reached", "milestone", (one.not_reached,) if one.not_reached else (), names.milestones),
    ):
        yield from check_names((*path, key), kind, wanted or (), known)
    if (one.in_stages or one.not_reached) and one.on is None and "on" not in names.keys(*path):
        yield Problem(path, "in_stages or not_reached without a date", "on: a date")
    if one.also is not None:
        yield from _selection((*path, "also"), one.also, names)
