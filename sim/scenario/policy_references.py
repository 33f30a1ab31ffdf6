"""What barriers, policies, exemplars and observations say about the other parts of a scenario."""

from __future__ import annotations

from collections.abc import Iterator

from sim.scenario.distribution import ZERO, Distribution
from sim.scenario.faults import quote
from sim.scenario.names import (
    ON_GROUPS,
    Loc,
    Names,
    check_eligible,
    check_names,
    check_order,
    check_terms,
)
from sim.scenario.quantity import Problem
from sim.scenario.schema import (
    Dated,
    Effect,
    Intervention,
    Mechanism,
    Scenario,
    Selection,
)
from sim.scenario.vocabulary import ARRIVED, MODEL_CAUSES


def barrier_problems(scenario: Scenario, names: Names) -> Iterator[Problem]:
    """Barriers that act on what does not exist, or do nothing."""
    for name, barrier in scenario.barriers.items():
        path: Loc = ("barriers", name)
        if name in MODEL_CAUSES:
            yield Problem(path, f"{quote(name)} is a name that the model itself uses for an exit", "another name")
        yield from _mechanism(path, barrier, names)
        for form, mechanism in barrier.forms.items():
            yield from _mechanism((*path, "forms", form), mechanism, names)
        places = [path, *((*path, "forms", form) for form in names.keys(*path, "forms"))]
        if not any(names.keys(*place, act) for place in places for act in ("gates", "hazards", "drag")):
            yield Problem(path, f"barrier {quote(name)} does nothing", "gates, hazards or drag, here or in its forms")


def _mechanism(path: Loc, mechanism: Mechanism, names: Names) -> Iterator[Problem]:
    yield from check_eligible((*path, "applies_to"), mechanism.applies_to, names)
    yield from check_terms((*path, "depends_on"), mechanism.depends_on, names, set(names.traits), ON_GROUPS)
    for acts in ("gates", "hazards", "drag"):
        for stage in getattr(mechanism, acts):
            yield from check_names((*path, acts, stage), "stage", [stage], names.stages)
    for milestone in mechanism.eases_after:
        yield from check_names((*path, "eases_after", milestone), "milestone", [milestone], names.milestones)
    for stage, gate in mechanism.gates.items():
        retry, here = gate.retry, (*path, "gates", stage, "retry")
        refused = retry is not None and retry.after == ZERO and "after" in names.keys(*here)
        if retry is not None and retry.tries == "unlimited" and _usual(retry.after) < 1.0 and not refused:
            yield Problem(here, "unlimited tries without a delay", "after: a day or more")


def _usual(distribution: Distribution) -> float:
    """What a delay is like: days that are often reached, the least over the types."""
    if not distribution.kind:
        return min(map(_usual, (distribution.by_type or {}).values()))
    typical = [part.bounds()[0] for name, part in distribution.parameters.items() if name not in ("low", "shape", "sd")]
    days = max([*typical, *(value.value for value in distribution.values)])
    if distribution.at_least is not None:
        days = max(days, distribution.at_least.value)
    if distribution.at_most is not None:
        days = min(days, distribution.at_most.value)
    return min([days, *map(_usual, (distribution.by_type or {}).values())])


def policy_problems(scenario: Scenario, names: Names) -> Iterator[Problem]:
    """Interventions and timeline entries that change what does not exist or cannot be changed so."""
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


def _dated(path: Loc, policy: Dated, scenario: Scenario, names: Names) -> Iterator[Problem]:
    yield from check_order(path, policy.from_, policy.until)
    yield from check_eligible((*path, "eligible"), policy.eligible, names)
    for i, effect in enumerate(policy.effects):
        yield from _effect((*path, "effects", i), effect, policy, scenario, names)


def _effect(path: Loc, effect: Effect, policy: Dated, scenario: Scenario, names: Names) -> Iterator[Problem]:
    if effect.barrier is not None:
        yield from _barrier((*path, "barrier"), effect.barrier, names)
    if effect.stage is not None:
        yield from check_names((*path, "stage"), "stage", effect.stage, names.stages)
    if effect.resource is not None:
        yield from check_names((*path, "resource"), "resource", [effect.resource], names.resources)
        resource = scenario.resources.get(effect.resource)
        if resource is not None and resource.fund is None and (effect.money is not None or effect.shut):
            yield Problem(path, f"{quote(effect.resource)} is not a fund", "money and shut only for a fund")
        if resource is not None and resource.fund is not None and effect.capacity is not None:
            yield Problem(path, f"{quote(effect.resource)} is a fund", "money instead of capacity")
    eligible = policy.eligible
    covers = policy.covers if isinstance(policy, Intervention) else None
    resource = scenario.resources.get(effect.resource or "")
    if resource is not None and resource.scope != "nation" and (eligible is not None or covers is not None):
        what = f"{quote(str(effect.resource))} of each {resource.scope} changed for some groups only"
        yield Problem(path, what, "an intervention of its own, for all")
    if effect.arrivals is not None and eligible is not None:
        own = set(eligible.traits) - set(names.host_traits)
        if eligible.types or eligible.routes or own:
            yield Problem(path, "arrivals changed for some types, routes or group traits", "regions or traits of hosts")


def _barrier(path: Loc, name: str, names: Names) -> Iterator[Problem]:
    declared = names.forms if "." in name else names.barriers
    yield from check_names(path, "barrier", [name], declared | names.barriers)


def launch_problems(scenario: Scenario, names: Names) -> Iterator[Problem]:
    """A launch that is the milestone of no stage."""
    if names.written("launch") is not None:
        yield from check_names(("launch",), "milestone", [scenario.launch], names.milestones)


def exemplar_problems(scenario: Scenario, names: Names) -> Iterator[Problem]:
    """Exemplars of milestones or barriers that do not exist."""
    for name, exemplar in scenario.exemplars.items():
        path: Loc = ("exemplars", name)
        # A launch that is no milestone is a fault of its own.
        if exemplar.milestone is not None or names.written("launch") is None:
            milestone = exemplar.milestone or scenario.launch
            yield from check_names((*path, "milestone"), "milestone", [milestone], names.milestones)
        yield from _barrier((*path, "barrier"), exemplar.barrier, names)


def observation_problems(scenario: Scenario, names: Names) -> Iterator[Problem]:
    """Observations of what does not exist."""
    for name, observation in scenario.observations.items():
        path: Loc = ("observations", name)
        if (
            observation.low is not None
            and observation.high is not None
            and not observation.low <= observation.value <= observation.high
        ):
            yield Problem((*path, "value"), "the value lies outside low and high", "low <= value <= high")
        if observation.count is not None:
            yield from _selection((*path, "count"), observation.count, names)
        if observation.share is not None:
            yield from _selection((*path, "share", "of"), observation.share.of, names)
            yield from _selection((*path, "share", "that"), observation.share.that, names)
        if observation.median_months is not None:
            yield from _selection((*path, "median_months", "of"), observation.median_months.of, names)
            moments = names.milestones | {ARRIVED}
            for key, moment in (("from", observation.median_months.from_), ("to", observation.median_months.to)):
                yield from check_names((*path, "median_months", key), "milestone", [moment], moments)
        if observation.hosts is not None:
            traits = names.undecided | set(names.host_traits)
            yield from check_names((*path, "hosts", "trait"), "trait", [observation.hosts.trait], traits)
            yield from check_names(
                (*path, "hosts", "regions"), "region", observation.hosts.regions or (), names.regions
            )


def _selection(path: Loc, selection: Selection, names: Names) -> Iterator[Problem]:
    causes = names.barriers | set(MODEL_CAUSES)
    for key, kind, wanted, declared in (
        ("types", "type", selection.types, names.types),
        ("regions", "region", selection.regions, names.regions),
        ("routes", "route", selection.routes, names.routes),
        ("causes", "cause", selection.causes, causes),
        ("in_stages", "stage", selection.in_stages, names.stages),
        ("reached", "milestone", (selection.reached,) if selection.reached else (), names.milestones),
        ("not_reached", "milestone", (selection.not_reached,) if selection.not_reached else (), names.milestones),
    ):
        yield from check_names((*path, key), kind, wanted or (), declared)
    if (selection.in_stages or selection.not_reached) and selection.on is None and "on" not in names.keys(*path):
        yield Problem(path, "in_stages or not_reached without a date", "on: a date")
    if selection.also is not None:
        yield from _selection((*path, "also"), selection.also, names)
