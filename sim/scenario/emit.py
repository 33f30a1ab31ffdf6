"""A tree back to YAML text: one text for one tree, so that it can be compared, kept and digested."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from sim.scenario.faults import Mark
from sim.scenario.nodes import Mapping, Node, Scalar, Sequence
from sim.scenario.scalars import value_of

_INDENT = 2
_SAFE_UNQUOTED = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_ ./%+()'-]*[A-Za-z0-9_./%+()'-])?")


def as_yaml(node: Node) -> str:
    """Return the canonical text of a tree; reading it gives the same keys, values and number spellings."""
    return "".join(f"{line}\n" for line, _ in _lines(node, 0))


def as_yaml_with_origins(node: Node) -> str:
    """Return the canonical text with `# file:line` after every value, saying where it came from."""
    return "".join(
        f"{line}  # {' '.join(origin.file.split())}:{origin.line}\n" if origin else f"{line}\n"
        for line, origin in _lines(node, 0)
    )


def compact(node: Node) -> str:
    """Return the tree as YAML text on one line."""
    if isinstance(node, Mapping):
        pairs = (f"{_text(key)}: {compact(entry.node)}" for key, entry in node.entries.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(node, Sequence):
        return "[" + ", ".join(compact(item) for item in node.items) + "]"
    if isinstance(node.value, str):
        return _text(node.value)
    if node.value is None or isinstance(node.value, bool):
        return json.dumps(node.value)
    # A number keeps its spelling: an evidence id such as 2.10 must not turn into 2.1.
    return node.text


def _lines(node: Node, indent: int) -> Iterator[tuple[str, Mark | None]]:
    """Yield the lines of a block and, for lines that hold a value, the place of the value."""
    margin = " " * indent
    if _on_one_line(node):
        yield margin + compact(node), node.mark
    elif isinstance(node, Mapping):
        for key, entry in node.entries.items():
            head = f"{margin}{_text(key)}:"
            if _on_one_line(entry.node):
                yield f"{head} {compact(entry.node)}", entry.node.mark
            else:
                yield head, None
                yield from _lines(entry.node, indent + _INDENT)
    elif isinstance(node, Sequence):
        for item in node.items:
            bullet = margin + "- "
            for line, origin in _lines(item, indent + _INDENT):
                yield bullet + line[len(bullet) :], origin
                bullet = " " * len(bullet)


def _on_one_line(node: Node) -> bool:
    if isinstance(node, Mapping):
        return not node.entries
    return isinstance(node, Scalar) or all(isinstance(item, Scalar) for item in node.items)


def _text(text: str) -> str:
    if _SAFE_UNQUOTED.fullmatch(text) and _is_text(text):
        return text
    return json.dumps(text, ensure_ascii=False)


def _is_text(text: str) -> bool:
    try:
        return isinstance(value_of(text), str)
    except ValueError:
        return False
