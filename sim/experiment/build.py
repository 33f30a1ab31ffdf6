"""A question that was asked on the command line, written as a file of ``experiments/`` would ask it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sim.experiment.study import Study
from sim.experiment.worlds import World
from sim.scenario.emit import as_yaml
from sim.scenario.extend import Override
from sim.scenario.nodes import plain
from sim.scenario.yaml_tree import read_text, read_value

Written = dict[str, Any]


def question(title: str, worlds: Mapping[str, Written], study: Study, method: Mapping[str, Written]) -> str:
    """The text of a question: its worlds as `scenario` and `variation` give them, and one method with what it asks.

    What stands in it as None is left out.
    """
    told = {
        "title": title,
        "worlds": worlds,
        "seed": study.seed,
        "replications": study.replications,
        "uncertain": study.uncertain,
        **method,
    }
    # What JSON says is YAML too.
    return as_yaml(read_text(json.dumps(_known(told), ensure_ascii=False), "question"))


def scenario(name_or_path: str, world: World) -> Written:
    """A world as a scenario with its overrides."""
    return {"scenario": name_or_path, "label": world.label, "set": _set(world.loaded.overrides)}


def variation(base: World, world: World) -> Written:
    """A world as a variation on another, whose overrides come first among its own."""
    own = world.loaded.overrides[len(base.loaded.overrides) :]
    return {"of": base.name, "label": world.label, "set": _set(own)}


def _set(overrides: Sequence[Override]) -> Written | None:
    return {one.path: plain(read_value(one.new, "set")) for one in overrides} or None


def _known(part: Any) -> Any:
    """A part without what is None in its mappings, except the values that overrides remove."""
    if not isinstance(part, Mapping):
        return list(part) if isinstance(part, tuple) else part
    known = {key: value for key, value in part.items() if value is not None}
    return {key: value if key == "set" else _known(value) for key, value in known.items()}
