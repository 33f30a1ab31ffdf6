"""What a question says about its worlds: names that must exist, and what can be asked of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sim.experiment.method import DeclaredWorlds
from sim.experiment.question import METHODS, Question, QuestionWorld
from sim.experiment.worlds import World
from sim.scenario.names import Loc, check_names
from sim.scenario.quantity import Problem


def problems_between(question: Question, raw: Mapping[str, Any], loaded: Mapping[str, World]) -> Iterator[Problem]:
    """Everything in a question that does not fit together, each with its path from the top of the file.

    ``raw`` is the file as written; ``loaded`` are the worlds that could be loaded.
    """
    written = raw.get("worlds")
    names = frozenset(map(str, written if isinstance(written, Mapping) else question.worlds))
    given = [method for method in METHODS if raw.get(method) is not None]
    if len(given) != 1:
        what = " and ".join(given) or "nothing"
        yield Problem(tuple(given[1:2]), f"{what} asked", f"exactly one of {', '.join(METHODS)}")
    for name, world in question.worlds.items():
        yield from _world(("worlds", name), name, world, question, names)
    yield from _alike(question)
    worlds = DeclaredWorlds(names, {name: world.of for name, world in question.worlds.items() if world.of}, loaded)
    for name, method in METHODS.items():
        part = getattr(question, name)
        if part is not None:
            for problem in method.problems(part, worlds):
                yield replace(problem, path=(name, *problem.path))


def _world(path: Loc, name: str, world: QuestionWorld, question: Question, names: frozenset[str]) -> Iterator[Problem]:
    if (world.scenario is None) == (world.of is None):
        what = "scenario and of" if world.of else "neither of them"
        yield Problem(path, f"{what} given", "exactly one of scenario, of")
    if world.of is None:
        return
    yield from check_names((*path, "of"), "world", [world.of], names)
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
