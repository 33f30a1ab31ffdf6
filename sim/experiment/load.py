"""Load a question: by the name of a shipped one or by path, checked, with its worlds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from sim.experiment.checks import problems_between
from sim.experiment.experiment import Experiment, read_question
from sim.experiment.question import Question
from sim.experiment.worlds import World, named_world
from sim.scenario.check import as_raw
from sim.scenario.emit import as_yaml
from sim.scenario.extend import Change, find_neighbour
from sim.scenario.faults import Fault, ScenarioFaults
from sim.scenario.library import experiments_folder, find_experiment
from sim.scenario.load import load
from sim.scenario.nodes import Mapping as Tree
from sim.scenario.nodes import Node, Scalar, locate
from sim.scenario.yaml_tree import read_file


def load_experiment(name_or_path: str) -> Experiment:
    """Load and check a question. Raises `ScenarioFaults` with every fault of the file and of its worlds."""
    path = find_experiment(name_or_path)
    root = read_file(path, path.name if path.parent == experiments_folder() else str(path))
    question, faults = read_question(root)
    worlds: dict[str, World] = {}
    for name in question.worlds:
        try:
            file, changes = _origin(root, path, question, name)
            worlds[name] = named_world(name, load(str(file), changes), question.worlds[name].label)
        except _Elsewhere:
            continue
        except ScenarioFaults as refused:
            faults += refused.faults
    problems = problems_between(question, as_raw(root), worlds)
    faults += [Fault(locate(root, problem.path), problem.what, problem.expected) for problem in problems]
    if faults:
        raise ScenarioFaults(faults)
    return Experiment(path.stem, f"spinout experiment {path.stem}", question, MappingProxyType(worlds), as_yaml(root))


class _Elsewhere(Exception):
    """A world cannot be loaded, for a reason that is said in another place."""


def _origin(root: Tree, path: Path, question: Question, name: str) -> tuple[Path, list[Change]]:
    """A world's scenario and the changes to it, each with its place. Raises `ScenarioFaults` for no such scenario."""
    changes: list[Change] = []
    seen: set[str] = set()
    while True:
        world = question.worlds.get(name)
        if world is None or name in seen or (world.scenario is None) == (world.of is None):
            raise _Elsewhere
        seen.add(name)
        node = _at(root, "worlds", name)
        changes[:0] = _changes(node)
        if world.scenario is not None:
            return _scenario(_at(node, "scenario") or node, path), changes
        assert world.of is not None
        name = world.of


def _scenario(node: Node | None, path: Path) -> Path:
    """The file of a scenario named with or without its ending."""
    if isinstance(node, Scalar) and isinstance(node.value, str) and not node.value.endswith(".yaml"):
        node = replace(node, value=f"{node.value}.yaml")
    if node is None:
        raise _Elsewhere
    return find_neighbour(node, path, path, "scenario", "experiment")


def _changes(world: Node | None) -> Iterator[Change]:
    """What ``set`` asks for, each with its place."""
    changes = _at(world, "set")
    if isinstance(changes, Tree):
        for key, entry in changes.entries.items():
            yield Change(key, entry.node, entry.key_mark)


def _at(node: Node | None, *steps: str) -> Node | None:
    for step in steps:
        entry = node.entries.get(step) if isinstance(node, Tree) else None
        node = None if entry is None else entry.node
    return node
