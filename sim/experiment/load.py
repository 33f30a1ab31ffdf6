"""Load a question: by the name of a shipped one or by path, checked, with its worlds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from sim.experiment.checks import problems_between
from sim.experiment.question import METHODS, Question
from sim.experiment.worlds import World, named_world
from sim.scenario.check import as_raw, understood
from sim.scenario.extend import Change, as_yaml, neighbour
from sim.scenario.faults import Fault, ScenarioFaults
from sim.scenario.library import experiments_folder, find_experiment
from sim.scenario.load import load
from sim.scenario.nodes import Mapping as Tree
from sim.scenario.nodes import Node, Scalar, locate
from sim.scenario.yaml_tree import read_file

_STAND_INS: Final[Mapping[str, Any]] = {"title": "", "worlds": {"none": {"scenario": "none"}}}


@dataclass(frozen=True, slots=True)
class Experiment:
    """A question with its short name and its worlds.

    ``text`` is the file in its canonical form.
    """

    name: str
    question: Question
    worlds: Mapping[str, World]
    text: str

    @property
    def digest(self) -> str:
        """What identifies the answer, in hexadecimal: worlds, method and seed, and not words or replications."""
        asked = self.question.model_dump(
            mode="json", include={"seed", "uncertain", *METHODS}, exclude_none=True, warnings=False
        )
        worlds = {name: world.loaded.digest for name, world in self.worlds.items()}
        told = json.dumps({"asked": asked, "worlds": worlds}, sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()

    @property
    def folder(self) -> Path:
        """Where its answer lies unless somebody says otherwise."""
        return Path("results") / f"{self.name}-{self.digest[:12]}"


def load_experiment(name_or_path: str) -> Experiment:
    """Load and check a question. Raises `ScenarioFaults` with every fault of the file and of its worlds."""
    path = find_experiment(name_or_path)
    root = read_file(path, path.name if path.parent == experiments_folder() else str(path))
    question, faults = understood(root, Question, _STAND_INS)
    worlds: dict[str, World] = {}
    for name in question.worlds:
        try:
            file, changes = _origin(root, path, question, name)
            worlds[name] = named_world(name, load(str(file), changes), question.worlds[name].label)
        except _Elsewhere:
            continue
        except ScenarioFaults as found:
            faults += found.faults
    problems = problems_between(question, as_raw(root), worlds)
    faults += [Fault(locate(root, one.path), one.what, one.expected) for one in problems]
    if faults:
        raise ScenarioFaults(faults)
    return Experiment(path.stem, question, MappingProxyType(worlds), as_yaml(root))


class _Elsewhere(Exception):
    """A world cannot be told, for a reason that is said in another place."""


def _origin(root: Tree, path: Path, question: Question, name: str) -> tuple[Path, list[Change]]:
    """A world's scenario and the changes to it, each with its place. Raises `ScenarioFaults` for no such scenario."""
    changes: list[Change] = []
    seen: set[str] = set()
    while True:
        asked = question.worlds.get(name)
        if asked is None or name in seen or (asked.scenario is None) == (asked.of is None):
            raise _Elsewhere
        seen.add(name)
        node = _at(root, "worlds", name)
        changes[:0] = _changes(node)
        if asked.scenario is not None:
            return _scenario(_at(node, "scenario") or node, path), changes
        assert asked.of is not None
        name = asked.of


def _scenario(node: Node | None, path: Path) -> Path:
    """The file of a scenario named with or without its ending."""
    if isinstance(node, Scalar) and isinstance(node.value, str) and not node.value.endswith(".yaml"):
        node = replace(node, value=f"{node.value}.yaml")
    if node is None:
        raise _Elsewhere
    return neighbour(node, path, path, "scenario", "experiment")


def _changes(world: Node | None) -> Iterator[Change]:
    """What ``set`` asks for, each with its place."""
    found = _at(world, "set")
    if isinstance(found, Tree):
        for key, entry in found.entries.items():
            yield Change(key, entry.node, entry.key_mark)


def _at(node: Node | None, *steps: str) -> Node | None:
    for step in steps:
        entry = node.entries.get(step) if isinstance(node, Tree) else None
        node = None if entry is None else entry.node
    return node
