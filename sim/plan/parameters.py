"""Parameter uncertainty: each replication's own values of a scenario's uncertain numbers.

A value is drawn from its place in the file (``barriers.pension_worries.gates.ballot.probability``), so that it is the
same in every scenario that has that number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from pydantic import BaseModel

from sim.draws.arithmetic import triangular
from sim.draws.uniform import ITSELF, NATION, Luck, name_key, uniform
from sim.scenario.quantity import Quantity
from sim.scenario.schema import Scenario
from sim.scenario.walk import Path, children


@dataclass(frozen=True, slots=True)
class _Number:
    """An uncertain number, and the key of its draw."""

    part: Quantity
    key: np.uint64

    def draw(self, luck: Luck) -> Quantity:
        """The number with this replication's draw as its value."""
        u = uniform(luck, self.key, NATION, ITSELF, 0)
        low, high = self.part.bounds()
        value = low + (high - low) * u
        if self.part.spread != "uniform":
            value = triangular(low, self.part.value, high, u)
        return replace(self.part, value=value)


@dataclass(frozen=True, slots=True)
class _Branch:
    """A part of a scenario with those of its own parts, by their keys, in which a number is uncertain."""

    part: Any
    uncertain: Mapping[str, _Branch | _Number]

    def draw(self, luck: Luck) -> Any:
        """The part with this replication's draws in it."""
        return _replace(self.part, {key: part.draw(luck) for key, part in self.uncertain.items()})


class Parameters:
    """The uncertain numbers of a scenario, found once."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._root = _find_uncertain(scenario, ())

    def draw(self, luck: Luck) -> Scenario:
        """The scenario with every uncertain number replaced by this replication's draw."""
        scenario: Any = self._scenario if self._root is None else self._root.draw(luck)
        return cast(Scenario, scenario)


def _find_uncertain(part: Any, path: Path) -> _Branch | _Number | None:
    if isinstance(part, Quantity):
        return _Number(part, name_key(f"parameter/{'.'.join(path)}")) if part.uncertain else None
    uncertain = {}
    for key, value in children(part):
        branch = _find_uncertain(value, (*path, key))
        if branch is not None:
            uncertain[key] = branch
    return _Branch(part, uncertain) if uncertain else None


def _replace(part: Any, changed: Mapping[str, Any]) -> Any:
    """The part with some of its own parts exchanged, by the keys that the file has for them."""
    if isinstance(part, BaseModel):
        fields = {name: name.rstrip("_") for name in type(part).model_fields}
        return part.model_copy(update={name: changed[key] for name, key in fields.items() if key in changed})
    if isinstance(part, Mapping):
        return {key: changed.get(str(key), value) for key, value in part.items()}
    if isinstance(part, tuple):
        return tuple(changed.get(key, value) for key, value in children(part))
    return replace(part, **changed)
