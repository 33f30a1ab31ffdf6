"""Trees of texts that were read before, kept among the user's caches: recalling one takes a tenth of reading it.

A tree is kept as JSON under a digest of its text and of all that decides what the text means, below a digest of
itself. One that was altered, or that cannot be read, is as good as none.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from sim.caches import keep, user_caches
from sim.scenario.faults import Mark
from sim.scenario.nodes import Entry, Mapping, Node, Scalar, Sequence

_WORTH: Final = 2_000
"""Characters below which reading is as quick."""
_MOST: Final = 200
_DECIDES: Final = ("size_limits.py", "tree_cache.py", "nodes.py", "scalars.py", "yaml_builder.py")


@dataclass(frozen=True, slots=True)
class CachedTree:
    """A tree, and what it takes off an budget."""

    node: Node
    characters: int
    nodes: int


def load_tree(text: str, label: str) -> CachedTree | None:
    """What was kept of a text, called ``label`` in marks; None where nothing was."""
    if len(text) < _WORTH:
        return None
    try:
        digest, _, written = _place(text).read_text(encoding="utf-8").partition("\n")
        if digest != _digest(written):
            return None
        content = json.loads(written)
        return CachedTree(_read(content["tree"], label), content["characters"], content["nodes"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def store_tree(text: str, kept: CachedTree) -> None:
    """Keep the tree of a text; where the cache cannot be written, nothing happens."""
    if len(text) < _WORTH:
        return
    content = {"characters": kept.characters, "nodes": kept.nodes, "tree": _written(kept.node)}
    written = json.dumps(content, separators=(",", ":"))
    place = _place(text)
    keep(place, f"{_digest(written)}\n{written}")
    _forget_oldest(place.parent)


def _place(text: str) -> Path:
    return user_caches() / "trees" / f"{_digest(_meaning() + text)[:32]}.json"


@cache
def _meaning() -> str:
    """Of all that decides what a text means."""
    here = Path(__file__).parent
    return _digest(version("ruamel.yaml") + "".join((here / name).read_text(encoding="utf-8") for name in _DECIDES))


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _forget_oldest(folder: Path) -> None:
    # Another program may be doing the same.
    with suppress(OSError):
        for old in sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)[:-_MOST]:
            old.unlink()


def _written(node: Node) -> list[Any]:
    place = [node.mark.line, node.mark.column]
    if isinstance(node, Scalar):
        return [*place, node.value, node.text]
    if isinstance(node, Sequence):
        return [*place, [_written(item) for item in node.items]]
    return [
        *place,
        {
            key: [entry.key_mark.line, entry.key_mark.column, _written(entry.node)]
            for key, entry in node.entries.items()
        },
    ]


def _read(written: list[Any], label: str) -> Node:
    line, column, content, *text = written
    mark = Mark(label, line, column)
    if text:
        return Scalar(content, text[0], mark)
    if isinstance(content, list):
        return Sequence(tuple(_read(item, label) for item in content), mark)
    return Mapping(
        {key: Entry(Mark(label, line, column), _read(node, label)) for key, (line, column, node) in content.items()},
        mark,
    )
