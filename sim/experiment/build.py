"""Build an experiment from worlds that are loaded already, as the command line and Python do.

The question is written as a file would ask it, and read as a file is: so whatever way it is asked, the same checks hold
and the same answer comes out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sim.errors import InputError
from sim.experiment.checks import problems_between
from sim.experiment.experiment import Experiment, read_question
from sim.experiment.study import Study
from sim.experiment.worlds import World, check_names
from sim.scenario.check import as_raw
from sim.scenario.emit import as_yaml
from sim.scenario.extend import Override
from sim.scenario.faults import Fault
from sim.scenario.nodes import as_plain
from sim.scenario.quantity import Problem
from sim.scenario.yaml_tree import read_text, read_value

Written = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asking:
    """How a question is asked beside its worlds: by which ``command``, under what ``title``, which ``method``.

    ``part`` is what is asked of the method, as a file has it below the method's name.
    """

    command: str
    title: str
    method: str
    part: Mapping[str, Any]


def build(asking: Asking, worlds: Sequence[World], study: Study, variations: Sequence[World] = ()) -> Experiment:
    """The experiment that asks this of ``worlds`` and of ``variations``, which are variations of the first of them.

    Raises `InputError` with everything in the question that does not fit together.
    """
    check_names([*worlds, *variations])
    written = {
        **{world.name: _scenario(world) for world in worlds},
        **{world.name: _variation(worlds[0], world) for world in variations},
    }
    root = read_text(_text(asking, written, study), "question")
    question, faults = read_question(root)
    loaded = {world.name: world for world in (*worlds, *variations)}
    wrong: Sequence[Fault | Problem] = faults or list(problems_between(question, as_raw(root), loaded))
    if wrong:
        lines = (
            f"{problem.what}, expected {problem.expected}" if problem.expected else problem.what for problem in wrong
        )
        raise InputError("\n".join(lines))
    name = f"{asking.method}-{worlds[0].name}"
    return Experiment(name, asking.command, question, MappingProxyType(loaded), as_yaml(root))


def _text(asking: Asking, worlds: Mapping[str, Written], study: Study) -> str:
    """The text of the question; what stands in it as None is left out."""
    question = {
        "title": asking.title,
        "worlds": worlds,
        "seed": study.seed,
        "replications": study.replications,
        "uncertain": study.uncertain,
        asking.method: asking.part,
    }
    # What JSON says is YAML too.
    return json.dumps(_without_none(question), ensure_ascii=False)


def _scenario(world: World) -> Written:
    """A world as a scenario with its overrides."""
    source = world.loaded.source or world.loaded.name
    return {"scenario": source, "label": world.label, "set": _set(world.loaded.overrides)}


def _variation(base: World, world: World) -> Written:
    """A world as a variation on another, whose overrides come first among its own."""
    own = world.loaded.overrides[len(base.loaded.overrides) :]
    return {"of": base.name, "label": world.label, "set": _set(own)}


def _set(overrides: Sequence[Override]) -> Written | None:
    return {change.path: as_plain(read_value(change.new, "set")) for change in overrides} or None


def _without_none(part: Any) -> Any:
    """A part without what is None in its mappings, except the values that overrides remove."""
    if not isinstance(part, Mapping):
        return list(part) if isinstance(part, tuple) else part
    kept = {key: value for key, value in part.items() if value is not None}
    return {key: value if key == "set" else _without_none(value) for key, value in kept.items()}
