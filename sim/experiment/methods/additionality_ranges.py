"""The numbers that say how easily groups leave without a programme, and which way each makes it easier.

A number counts if it has a stated range and acts on nothing but leaving by a route that is open in both worlds:

- the route's ``share``: more groups choose it where there is a choice;
- the chance of a trait that the route asks for (``only_for``): more groups may take it;
- the work of its stages up to the launch: what takes less time is easier;
- what barriers do at those stages: lower chances, rates and drag are easier, and so are likelier and sooner new tries.

Numbers that act on other routes too (a board's calendar, what a barrier depends on) stay as they are stated, since
moving them would change the programme as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sim.experiment.worlds import World
from sim.scenario.facts import as_words
from sim.scenario.nodes import as_plain
from sim.scenario.quantity import DAYS_PER, UNCERTAIN_KEYS, InvalidValue, duration_in_days, rate_per_day
from sim.scenario.schema import Route, Scenario
from sim.scenario.yaml_tree import read_text

Better = Literal["more", "less"]
_NO_DIRECTION = ("sd", "shape", "weights")
"""Numbers of a distribution that do not simply grow with the time that work takes."""


@dataclass(frozen=True, slots=True)
class Range:
    """An uncertain number: its path as ``--set`` takes it, its texts, and which way leaving without gets easier."""

    path: str
    label: str
    better: Better
    low: str
    value: str
    high: str
    source: str

    @property
    def worst(self) -> str:
        """The end at which leaving without a programme is hardest."""
        return self.low if self.better == "more" else self.high

    @property
    def best(self) -> str:
        """The end at which it is easiest."""
        return self.high if self.better == "more" else self.low

    def at(self, position: float) -> str:
        """The number on its way from the worst (-1) by the stated value (0) to the best (1), in between in a line."""
        end = self.worst if position < 0.0 else self.best
        if position == 0.0 or abs(position) == 1.0:
            return end if position else self.value
        (start, unit), (stop, _) = _read(self.value), _read(end)
        return f"{start + abs(position) * (stop - start):.12g}{unit}"


def ranges(with_: World, without: World) -> tuple[Range, ...]:
    """The numbers of leaving by a route that is open in both worlds, in the order of the file."""
    scenario = with_.loaded.scenario
    there = without.loaded.scenario
    shared = [name for name, route in scenario.routes.items() if route.enabled and _open(there, name)]
    root = as_plain(read_text(with_.loaded.text, with_.name))
    numbers = [number for name in shared for number in _of_route(root, scenario, name)]
    return tuple({number.path: number for number in numbers}.values())


def overrides(world: World, moved: Mapping[str, str]) -> tuple[str, ...]:
    """What to change in a world so that numbers stand at given texts, by path; paths that it has no range at are left.

    A number is pinned: it no longer has a range, and is the same in every replication.
    """
    root = as_plain(read_text(world.loaded.text, world.name))
    paths = {path for path, _ in _numbers(root, ())}
    return tuple(f"{path}={text}" for path, text in moved.items() if tuple(path.split(".")) in paths)


def _open(scenario: Scenario, name: str) -> bool:
    return name in scenario.routes and scenario.routes[name].enabled


def _of_route(root: Any, scenario: Scenario, name: str) -> Iterator[Range]:
    route = scenario.routes[name]
    label = route.label or as_words(name)
    for path, number in _numbers(root.get("staff_groups"), ("staff_groups",)):
        if path[1] == "traits" and path[3:] == ("probability",) and path[2] in _required_traits(route):
            trait = scenario.staff_groups.traits[path[2]]
            better: Better = "more" if _required_traits(route)[path[2]] else "less"
            yield _range(path, number, f"{trait.label or as_words(path[2])}: chance", better)
    before_launch = _before_launch(route, scenario.launch)
    for path, number in _numbers(root["routes"][name], ("routes", name)):
        if path[2:] == ("share",):
            yield _range(path, number, f"{label}: share", "more")
        stage = next((step for step in path[2:] if step in before_launch), None)
        if stage is not None and "work" in path and not set(path) & set(_NO_DIRECTION):
            what = "length" if path[-1] == "work" else path[-1]
            yield _range(path, number, f"{before_launch[stage]}: {what} of its work", "less")
    for path, number in _numbers(root.get("barriers"), ("barriers",)):
        yield from _of_barrier(path, number, scenario, before_launch)


def _of_barrier(
    path: tuple[str, ...], number: Mapping[str, Any], scenario: Scenario, stages: Mapping[str, str]
) -> Iterator[Range]:
    barrier = scenario.barriers[path[1]]
    act = next((i for i, step in enumerate(path) if step in ("gates", "hazards", "drag")), len(path))
    if act + 1 >= len(path) or path[act + 1] not in stages:
        return
    label = barrier.label or as_words(path[1])
    if path[2] == "forms":
        label += f", {barrier.forms[path[3]].label or as_words(path[3])}"
    again = path[act + 2 : act + 4] == ("retry", "probability")
    what = "another try" if "retry" in path else {"gates": "chance", "hazards": "rate", "drag": "drag"}[path[act]]
    yield _range(path, number, f"{label}: {what} at {stages[path[act + 1]].lower()}", "more" if again else "less")


def _required_traits(route: Route) -> dict[str, bool]:
    """The yes-or-no traits that a route asks for."""
    wanted = route.only_for.traits if route.only_for else {}
    return {name: value for name, value in wanted.items() if isinstance(value, bool)}


def _before_launch(route: Route, launch: str) -> dict[str, str]:
    """The stages of a route up to the launch, with their labels."""
    stages: dict[str, str] = {}
    for stage in route.stages:
        stages[stage.stage] = stage.label or as_words(stage.stage)
        if stage.milestone == launch:
            break
    return stages


def _numbers(node: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Every number with a range, by the path that ``--set`` takes."""
    if isinstance(node, list):
        for i, item in enumerate(node):
            name = item.get("stage") if isinstance(item, dict) else None
            yield from _numbers(item, (*path, str(name or i)))
    elif isinstance(node, dict):
        if {"value", "low", "high"} <= node.keys() <= UNCERTAIN_KEYS:
            yield path, node
            return
        for key, item in node.items():
            yield from _numbers(item, (*path, key))


def _range(path: tuple[str, ...], number: Mapping[str, Any], label: str, better: Better) -> Range:
    source = number.get("source", "")
    cited = ", ".join(map(str, source)) if isinstance(source, list) else str(source)
    low, value, high = (str(number[key]) for key in ("low", "value", "high"))
    return Range(".".join(path), label, better, low, value, high, cited)


def _read(text: str) -> tuple[float, str]:
    """A number in base units, and how its unit is written."""
    for parse, unit in ((float, ""), (duration_in_days, " days"), (rate_per_day, " per day")):
        try:
            return float(parse(text)), unit
        except (InvalidValue, ValueError):
            continue
    raise AssertionError(f"{text} is neither a number nor a duration nor a rate: {', '.join(DAYS_PER)}")
