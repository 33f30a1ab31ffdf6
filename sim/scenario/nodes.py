"""The nodes of a scenario tree: what was written and where, and nothing that can be changed."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

from sim.scenario.faults import Mark


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value: what it means, how it was written (without quotes) and where."""

    value: bool | int | float | str | None
    text: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of nodes."""

    items: tuple[Node, ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Entry:
    """What a key of a mapping leads to, and where the key is written."""

    key_mark: Mark
    node: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """Entries by key, in the order of the file."""

    entries: ReadOnly[str, Entry]
    mark: Mark

    def __post_init__(self) -> None:
        """Keep a copy that cannot be changed."""
        object.__setattr__(self, "entries", MappingProxyType(dict(self.entries)))


Node: TypeAlias = Scalar | Sequence | Mapping


def as_plain(node: Node) -> Any:
    """Return the node as new dicts, lists and scalars."""
    if isinstance(node, Mapping):
        return {key: as_plain(entry.node) for key, entry in node.entries.items()}
    if isinstance(node, Sequence):
        return [as_plain(item) for item in node.items]
    return node.value


def locate(node: Node, loc: tuple[str | int, ...]) -> Mark:
    """Return the place that a fault at `loc` should show: of a single value the value, of more its key.

    Steps that do not exist are passed over, so a missing key shows the key that should hold it.
    """
    mark = node.mark
    for entry in _steps(node, loc):
        mark = entry.node.mark if isinstance(entry.node, Scalar) and entry.node.text else entry.key_mark
    return mark


def locate_key(node: Node, loc: tuple[str | int, ...]) -> Mark:
    """Return the place of the key that `loc` ends in (an unknown key, say), else what `locate` returns."""
    entries = list(_steps(node, loc))
    if len(entries) > len(list(_steps(node, loc[:-1]))):
        return entries[-1].key_mark
    return locate(node, loc)


def _steps(node: Node, loc: tuple[str | int, ...]) -> Iterator[Entry]:
    for step in loc:
        if isinstance(node, Mapping) and str(step) in node.entries:
            entry = node.entries[str(step)]
        elif isinstance(node, Sequence) and (item := _item(node, step)) is not None:
            entry = Entry(item.mark, item)
        else:
            continue
        yield entry
        node = entry.node


def _item(node: Sequence, step: str | int) -> Node | None:
    """Return the item of a list at a place, or the one whose `stage` is named so."""
    if str(step).isdecimal():
        return node.items[int(step)] if int(step) < len(node.items) else None
    for item in node.items:
        stage = item.entries.get("stage") if isinstance(item, Mapping) else None
        if stage is not None and isinstance(stage.node, Scalar) and stage.node.value == step:
            return item
    return None
