"""Walk through a scenario to every number in it, by the path that an analyst would write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from pydantic import BaseModel

from sim.scenario.distribution import Distribution
from sim.scenario.quantity import Quantity
from sim.scenario.schema import Stage

Path = tuple[str, ...]


def quantities(part: Any, path: Path = ()) -> Iterator[tuple[Path, Quantity]]:
    """Every number of a part with its path; a stage is named by its name, a list's item by its place."""
    if isinstance(part, Quantity):
        yield path, part
        return
    for key, value in children(part):
        yield from quantities(value, (*path, key))


def distributions(part: Any, path: Path = ()) -> Iterator[tuple[Path, Distribution]]:
    """Every distribution of a part with its path."""
    if isinstance(part, Distribution):
        yield path, part
        return
    for key, value in children(part):
        yield from distributions(value, (*path, key))


def children(part: Any) -> list[tuple[str, Any]]:
    """The parts of a part under the keys that the file has for them."""
    if isinstance(part, BaseModel):
        return [(name.rstrip("_"), getattr(part, name)) for name in type(part).model_fields]
    if isinstance(part, Mapping):
        return [(str(key), value) for key, value in part.items()]
    if isinstance(part, tuple):
        return [(value.stage if isinstance(value, Stage) else str(i), value) for i, value in enumerate(part)]
    if is_dataclass(part) and not isinstance(part, type):
        return [(field.name, getattr(part, field.name)) for field in fields(part)]
    return []
