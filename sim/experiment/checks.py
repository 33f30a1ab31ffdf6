"""What the parts of a question say about its worlds: names that must exist, and what can be asked of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from sim.errors import InputError
from sim.experiment.question import METHODS, Additional, AskedWorld, Attribute, Compare, Frontier, Question, Read
from sim.experiment.worlds import World
from sim.scenario.facts import Facts
from sim.scenario.names import Loc, each_known
from sim.scenario.quantity import Problem
from sim.scenario.schema import Scenario


def problems_between(question: Question, raw: Mapping[str, Any], worlds: Mapping[str, World]) -> Iterator[Problem]:
    """Everything in a question that does not fit together, each with its path from the top of the file.

    ``raw`` is the file as written; ``worlds`` are those that could be loaded.
    """
    written = raw.get("worlds")
    declared = set(map(str, written)) if isinstance(written, Mapping) else set(question.worlds)
    given = [method for method in METHODS if raw.get(method) is not None]
    if len(given) != 1:
        found = " and ".join(given) or "nothing"
        yield Problem(tuple(given[1:2]), f"{found} asked", f"exactly one of {', '.join(METHODS)}")
    for name, world in question.worlds.items():
        yield from _world(("worlds", name), name, world, question, declared)
    yield from _alike(question)
    if question.compare is not None:
        yield from _compare(question.compare, question.worlds, declared, worlds)
    if question.frontier is not None:
        yield from _frontier(question.frontier, declared, worlds)
    if question.attribute is not None:
        yield from _attribute(question.attribute, declared, worlds)
    if question.additionality is not None:
        yield from _additionality(question.additionality, declared, worlds)


def _world(path: Loc, name: str, world: AskedWorld, question: Question, declared: set[str]) -> Iterator[Problem]:
    if (world.scenario is None) == (world.of is None):
        found = "scenario and of" if world.of else "neither of them"
        yield Problem(path, f"{found} given", "exactly one of scenario, of")
    if world.of is None:
        return
    yield from each_known((*path, "of"), "world", [world.of], declared)
    seen, here = {name}, world.of
    while here in question.worlds and here not in seen:
        seen.add(here)
        here = question.worlds[here].of or ""
    if here == name:
        yield Problem((*path, "of"), f"the world {name} is a variation of itself", "worlds that begin with a scenario")


def _alike(question: Question) -> Iterator[Problem]:
    seen: set[str] = set()
    for name in question.worlds:
        if name.lower() in seen:
            yield Problem(("worlds", name), f"two worlds are called {name}", "names that differ in more than case")
        seen.add(name.lower())


def _compare(
    part: Compare, asked: Mapping[str, AskedWorld], declared: set[str], worlds: Mapping[str, World]
) -> Iterator[Problem]:
    path: Loc = ("compare",)
    several = (*part.with_, *(part.factors or ()))
    yield from each_known((*path, "base"), "world", [part.base], declared)
    yield from each_known((*path, "with"), "world", part.with_, declared)
    yield from each_known((*path, "factors"), "world", part.factors or (), declared)
    if not several:
        yield Problem(path, "nothing to compare the base with", "with: or factors: with the names of worlds")
    if part.base in several:
        yield Problem((*path, "with"), f"{part.base} is compared with itself", "other worlds than the base")
    if len(set(several)) < len(several):
        yield Problem((*path, "with"), "a world is named again", "each world once")
    others = [name for name in part.factors or () if name in worlds and asked[name].of != part.base]
    if others and part.base in declared:
        yield Problem((*path, "factors"), "a factor that is no variation of the base", f"worlds with of: {part.base}")
    if part.factors and f"{part.factors[0]}_and_{part.factors[-1]}" in declared:
        yield Problem((*path, "factors"), "there is a world of both factors already", "worlds of one factor each")
    yield from _read(path, part, worlds)
    if {part.base, *several} <= set(worlds):
        known = set(chain.from_iterable(_outcomes(worlds[name]) for name in (part.base, *several)))
        known |= {f"trading_{on.isoformat()}" for on in part.trading_on}
        yield from each_known((*path, "outcomes"), "outcome", part.outcomes or (), known)
        for name in part.precision:
            yield from each_known((*path, "precision", name), "outcome", [name], known)


def _frontier(part: Frontier, declared: set[str], worlds: Mapping[str, World]) -> Iterator[Problem]:
    path: Loc = ("frontier",)
    yield from each_known((*path, "base"), "world", [part.base], declared)
    if not part.each and not part.packages:
        yield Problem(path, "nothing to buy", "each: interventions, or packages:")
    yield from _read(path, part, worlds)
    if part.base not in worlds:
        return
    interventions = worlds[part.base].loaded.scenario.interventions
    if part.each and not interventions:
        yield Problem((*path, "each"), f"{part.base} has no interventions", "packages of another world")
    if part.each and part.base in interventions:
        yield Problem((*path, "base"), f"{part.base} is the name of an intervention too", "another name for the world")
    for name, members in part.packages.items():
        here: Loc = (*path, "packages", name)
        yield from each_known(here, "intervention", members, interventions)
        if name == part.base or (part.each and name in interventions):
            yield Problem(here, f"{name} is the name of something else", "another name")


def _attribute(part: Attribute, declared: set[str], worlds: Mapping[str, World]) -> Iterator[Problem]:
    path: Loc = ("attribute",)
    yield from each_known((*path, "world"), "world", [part.world], declared)
    if part.world not in worlds or part.players is None:
        return
    kind = part.of.removesuffix("s")
    yield from each_known((*path, "players"), kind, part.players, _players(worlds[part.world].loaded.scenario, part.of))
    if len(set(part.players)) < len(part.players):
        yield Problem((*path, "players"), f"a {kind} is named again", f"each {kind} once")


def _players(scenario: Scenario, of: str) -> set[str]:
    """Barriers that are switched on, or all interventions."""
    if of == "interventions":
        return set(scenario.interventions)
    return {name for name, one in scenario.barriers.items() if one.enabled}


def _additionality(part: Additional, declared: set[str], worlds: Mapping[str, World]) -> Iterator[Problem]:
    path: Loc = ("additionality",)
    yield from each_known((*path, "with"), "world", [part.with_], declared)
    yield from each_known((*path, "without"), "world", [part.without], declared)
    if part.points % 2 == 0:
        yield Problem((*path, "points"), f"{part.points} points have no middle", "an odd number")
    if not {part.with_, part.without} <= set(worlds):
        return
    routes = [_routes(worlds[name].loaded.scenario) for name in (part.with_, part.without)]
    if not routes[0] - routes[1]:
        yield Problem((*path, "without"), "no route is missing without the programme", "a world without its route")
    if not routes[0] & routes[1]:
        yield Problem((*path, "without"), "nobody can leave without the programme", "a route that both worlds have")


def _routes(scenario: Scenario) -> set[str]:
    return {name for name, route in scenario.routes.items() if route.enabled}


def _read(path: Loc, part: Read, worlds: Mapping[str, World]) -> Iterator[Problem]:
    for i, on in enumerate(part.trading_on):
        for world in worlds.values():
            clock = world.loaded.scenario.clock
            if not clock.start <= on < clock.end:
                what = f"{on} lies outside the clock of {world.name}"
                yield Problem((*path, "trading_on", i), what, f"a date from {clock.start} to before {clock.end}")


def _outcomes(world: World) -> set[str]:
    from sim.analysis.outcomes import Reading, outcomes

    try:
        return set(outcomes(Facts.of(world.loaded.scenario), Reading()))
    except InputError:
        return set()
