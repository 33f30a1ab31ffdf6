"""Load a scenario: by the name of a shipped one or by path, with overrides, checked."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sim.scenario.check import check_scenario
from sim.scenario.emit import as_yaml
from sim.scenario.extend import Change, Override, apply_overrides, resolve
from sim.scenario.library import find_scenario
from sim.scenario.schema import Scenario
from sim.scenario.yaml_tree import read_text


@dataclass(frozen=True, slots=True)
class Loaded:
    """A scenario with how it came to be: its short name, the resolved text, and the overrides old to new.

    ``digest`` identifies the resolved text: equal digests are equal worlds. ``source`` is the name or path by which it
    was loaded; empty for one that was read back from its results.
    """

    name: str
    scenario: Scenario
    text: str
    overrides: tuple[Override, ...]
    source: str = ""

    @property
    def digest(self) -> str:
        """The SHA-256 of the resolved text, in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def load(name_or_path: str, overrides: Sequence[str | Change] = ()) -> Loaded:
    """Load a scenario. ``overrides`` are texts such as ``barriers.pension_worries.enabled=false``, or changes that
    another file asks for.

    Raises `sim.scenario.faults.ScenarioFaults` with every fault of the file and of those that it extends.
    """
    path = find_scenario(name_or_path)
    resolved = resolve(path, overrides)
    scenario = check_scenario(resolved.root)
    return Loaded(path.stem, scenario, as_yaml(resolved.root), resolved.overrides, name_or_path)


def apply_changes(loaded: Loaded, overrides: Sequence[str | Change]) -> Loaded:
    """A loaded scenario with further overrides. Raises `sim.scenario.faults.ScenarioFaults`."""
    root, recorded = apply_overrides(read_text(loaded.text, loaded.name), overrides)
    return Loaded(loaded.name, check_scenario(root), as_yaml(root), (*loaded.overrides, *recorded), loaded.source)
