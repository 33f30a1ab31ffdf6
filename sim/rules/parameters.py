"""Parameter uncertainty: each replication's own values of a scenario's uncertain numbers.

A value is drawn from its place in the file (``barriers.pension_worries.gates.ballot.probability``), so that it is the
same in every scenario that has that number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from sim.rules.draws import ITSELF, NATION, Luck, name_key, uniform
from sim.rules.laws import triangular
from sim.scenario.quantity import Quantity
from sim.scenario.schema import Scenario
from sim.scenario.walk import Path, children


def with_parameters_drawn(scenario: Scenario, luck: Luck) -> Scenario:
    """The scenario with every uncertain number replaced by this replication's draw."""
    drawn: Scenario = _drawn(scenario, (), luck)
    return drawn


def _drawn(part: Any, path: Path, luck: Luck) -> Any:
    if isinstance(part, Quantity):
        return replace(part, value=_draw(part, path, luck)) if part.uncertain else part
    changed = {}
    for key, value in children(part):
        new = _drawn(value, (*path, key), luck)
        if new is not value:
            changed[key] = new
    return _rebuilt(part, changed) if changed else part


def _draw(part: Quantity, path: Path, luck: Luck) -> float:
    u = uniform(luck, name_key(f"parameter/{'.'.join(path)}"), NATION, ITSELF, 0)
    low, high = part.bounds()
    return low + (high - low) * u if part.spread == "uniform" else triangular(low, part.value, high, u)


def _rebuilt(part: Any, changed: Mapping[str, Any]) -> Any:
    if isinstance(part, BaseModel):
        fields = {name: name.rstrip("_") for name in type(part).model_fields}
        return part.model_copy(update={name: changed[key] for name, key in fields.items() if key in changed})
    if isinstance(part, Mapping):
        return {key: changed.get(str(key), value) for key, value in part.items()}
    if isinstance(part, tuple):
        return tuple(changed.get(key, value) for key, value in children(part))
    return replace(part, **changed)
