"""YAML text to a tree of nodes that know their place, within limits that hold while the text is read."""

from __future__ import annotations

import stat
from functools import lru_cache
from pathlib import Path

from sim.scenario.faults import Fault, Mark, ScenarioFaults
from sim.scenario.nodes import Mapping, Node
from sim.scenario.scalars import NOT_TEXT
from sim.scenario.size_limits import MAX_BYTES, SizeBudget
from sim.scenario.tree_cache import CachedTree, load_tree, store_tree


def read_file(path: Path, label: str, budget: SizeBudget | None = None) -> Mapping:
    """Read the YAML file at `path`, called `label` in marks, whose top must be a mapping.

    Raises ScenarioFaults for a file that is missing, not regular, too large, not UTF-8 text or not such YAML.
    """
    budget = budget or SizeBudget()
    start = Mark(label, 1, 1)
    raw = _bytes_of(path, start, budget.characters)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8-sig")
        what = f"this is not UTF-8 text (byte 0x{raw[error.start]:02x})"
        raise ScenarioFaults([Fault(_mark_after(before, label), what, "a YAML file saved as UTF-8")]) from None
    return read_text(text, label, budget)


def read_text(text: str, file_label: str, budget: SizeBudget | None = None) -> Mapping:
    """Read YAML text, called `file_label` in marks, whose top must be a mapping; raises ScenarioFaults."""
    node = read_value(text, file_label, budget)
    if not isinstance(node, Mapping):
        raise ScenarioFaults([Fault(node.mark, "the top of the file is not a mapping", "'key: value' lines")])
    return node


def read_value(text: str, file_label: str, budget: SizeBudget | None = None) -> Node:
    """Read YAML text that may be any one value, under the same limits; raises ScenarioFaults."""
    budget = budget or SizeBudget()
    budget.spend(len(text), 0, Mark(file_label, 1, 1))
    odd = NOT_TEXT.search(text)
    if odd:
        what = f"the character U+{ord(odd.group()):04X} is not text"
        raise ScenarioFaults([Fault(_mark_after(text[: odd.start()], file_label), what, "printable characters")])
    node, budget.characters, budget.nodes = _document(text, file_label, budget.characters, budget.nodes)
    return node


@lru_cache(maxsize=32)
def _document(text: str, label: str, characters: int, nodes: int) -> tuple[Node, int, int]:
    """The node of a text and what is left of an budget; variations of a scenario read one file again and again."""
    cached = load_tree(text, label)
    if cached is not None and cached.characters <= characters and cached.nodes <= nodes:
        return cached.node, characters - cached.characters, nodes - cached.nodes
    from sim.scenario.yaml_builder import build_tree

    left = SizeBudget(characters, nodes)
    node = build_tree(text, label, left)
    store_tree(text, CachedTree(node, characters - left.characters, nodes - left.nodes))
    return node, left.characters, left.nodes


def _bytes_of(path: Path, start: Mark, most: int) -> bytes:
    """Return the content of a regular file of at most `most` bytes; raises ScenarioFaults for any other."""
    try:
        status = path.stat()
        # Opening a pipe would wait for ever, so what it is comes before opening it.
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a file"
            raise ScenarioFaults([Fault(start, f"this is {kind}", "a YAML file")])
        with path.open("rb") as stream:
            raw = stream.read(most + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a usable file name"
        raise ScenarioFaults([Fault(start, f"cannot be read: {reason}", "a YAML file")]) from None
    if max(status.st_size, len(raw)) > most:
        limit = f"at most {MAX_BYTES // 1024} KiB for a scenario with the files that it extends"
        raise ScenarioFaults([Fault(start, "the file is too large", limit)])
    return raw


def _mark_after(before: str, label: str) -> Mark:
    """Return the place of the character that follows the text `before`."""
    lines = before.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return Mark(label, len(lines), len(lines[-1]) + 1)
