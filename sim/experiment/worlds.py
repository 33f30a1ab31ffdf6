"""The worlds of a question: scenarios, and variations on one of them, each under a short name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sim.errors import InputError
from sim.scenario.load import Loaded, load

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_VARIATION = re.compile(rf"\s*(?P<name>{NAME.pattern})\s*:\s*(?P<changes>\S.*)", re.DOTALL)
_SWITCHED_ON = re.compile(r"interventions\.(\w+)\.enabled")
_NO_LETTERS = re.compile(r"[^A-Za-z0-9_]+")
_NEXT_CHANGE = re.compile(r";\s*(?=[A-Za-z_][\w.]*\s*=)")


@dataclass(frozen=True, slots=True)
class World:
    """A scenario with the short ``name`` of its results and tables, and the ``label`` that people read."""

    name: str
    label: str
    loaded: Loaded

    @property
    def title(self) -> str:
        """The title of the scenario; the label where it has none."""
        return self.loaded.scenario.title or self.label


@dataclass(frozen=True, slots=True)
class Variation:
    """A named change of a world: overrides such as ``barriers.pension_worries.enabled=false``."""

    name: str
    overrides: tuple[str, ...]


def world(scenario: str, overrides: Sequence[str] = (), name: str | None = None, label: str = "") -> World:
    """A scenario (a shipped name or a path) as a world, called as its file unless ``name`` says otherwise.

    Raises `sim.scenario.faults.ScenarioFaults`, and `InputError` for a name that cannot be one.
    """
    loaded = load(scenario, overrides)
    return named_world(name_of(loaded) if name is None else name, loaded, label)


def name_of(loaded: Loaded) -> str:
    """What a world is called whose file may have any name."""
    name = _NO_LETTERS.sub("_", loaded.name)
    return name if NAME.fullmatch(name) else f"world_{name}"


def named_world(name: str, loaded: Loaded, label: str = "") -> World:
    """A loaded scenario as a world of this name. Raises `InputError` for a name that cannot be one."""
    if NAME.fullmatch(name) is None:
        raise InputError(f"{name!r} cannot be the name of a world, expected letters, digits and _, a letter first")
    return World(name, label or label_of(name), replace(loaded, name=name))


def varied_world(name: str, loaded: Loaded, base: Loaded) -> World:
    """A variation of ``base`` as a world: called after the interventions that it switches on, if it does nothing else.

    Raises `InputError` for a name that cannot be one.
    """
    own = loaded.overrides[len(base.overrides) :]
    switched = [_SWITCHED_ON.fullmatch(change.path) for change in own if change.new == "true"]
    names = [match[1] for match in switched if match is not None]
    interventions = loaded.scenario.interventions
    labels = [interventions[name].label or label_of(name) for name in names] if len(names) == len(own) else []
    return named_world(name, loaded, " and ".join(labels))


def variation(text: str) -> Variation:
    """What ``pensions: interventions.pension_guarantee.enabled=true; clock.end=2012-04-01`` says.

    Changes are separated by semicolons. Raises `InputError`.
    """
    match = _VARIATION.fullmatch(text)
    if match is None or "=" not in match["changes"]:
        raise InputError(
            f"--alt {text!r} is not a variation, expected NAME: PATH=VALUE; PATH=VALUE, "
            "for example 'pensions: interventions.pension_guarantee.enabled=true'"
        )
    return Variation(match["name"], tuple(_NEXT_CHANGE.split(match["changes"].strip())))


def check_names(worlds: Sequence[World]) -> tuple[World, ...]:
    """The worlds, whose names must differ, whatever the case of their letters. Raises `InputError`."""
    seen: set[str] = set()
    for world in worlds:
        if world.name.lower() in seen:
            raise InputError(
                f"two worlds are called {world.name}: give one another name, as in --alt '{world.name}_2: ...'"
            )
        seen.add(world.name.lower())
    return tuple(worlds)


def label_of(name: str) -> str:
    """A name as people read it, where nobody gave a label."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
