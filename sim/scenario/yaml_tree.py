"""YAML text to a tree of nodes that know their place, within limits that hold while the text is read.

The tree is built from the events of ruamel's pure Python parser, so nothing is ever constructed from a file:
a node is a scalar, a sequence or a mapping, and anything else in the text is a fault. Scalars mean what the
core schema of YAML 1.2 says, except that dates stay text and that infinities and not-a-number are refused.
"""

from __future__ import annotations

import math
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from ruamel.yaml.scanner import Scanner, ScannerError

from sim.scenario.faults import Fault, Mark, ScenarioFaults, quoted
from sim.scenario.nodes import Entry, Mapping, Node, Scalar, Sequence, locate, locate_key, plain

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_KEY",
    "MAX_NODES",
    "Allowance",
    "Entry",
    "Mapping",
    "Node",
    "Scalar",
    "Sequence",
    "locate",
    "locate_key",
    "plain",
    "read_file",
    "read_text",
    "read_value",
    "value_of",
]

# Together these keep the slowest file that is within them, on one core of a modest machine, under a second:
# the parser takes about 4 microseconds for the dearest characters and 40 for the dearest nodes.
MAX_BYTES = 192 * 1024
MAX_NODES = 12_000
MAX_DEPTH = 24
MAX_KEY = 200

_NOT_TEXT = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_LONGEST_INTEGER = 19
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}

# The parser's words on the left, an analyst's on the right: what is wrong, and what was expected.
_TAG = "no tag can stand here"
_READABLE = (
    (_TAG, "a tag (a word that starts with '!')", "a value without a tag, or quotes around the text"),
    ("could not find expected ':'", "a line that is neither a key nor part of one", "'key: value'"),
    (
        "mapping values are not allowed",
        "a ':' where no key can stand",
        "'key: value', or quotes around text with ': '",
    ),
    ("sequence entries are not allowed", "a list item in the wrong place", "'- item' on a line of its own"),
    ("'\\t' that cannot start", "a tab at the start of a value or a line", "spaces"),
    ("that cannot start any token", "a character that no value can start with", "quotes around the text"),
    (
        "expected <block end>",
        "a line that does not line up with those above it",
        "the indentation of its neighbours",
    ),
    ("end of stream", "the text ends inside quotes", "the closing quote"),
    ("'<stream end>'", "the text ends too early", "a value, or the closing bracket"),
    ("expected ',' or", "a bracket that is not closed, or a missing comma", "',' or the closing bracket"),
    ("expected the node content", "a missing value", "a value"),
    ("unknown escape character", "a '\\' that means nothing in double quotes", "'\\\\', or single quotes"),
    ("document separator", "a '---' or '...' inside quotes", "the closing quote"),
)


@dataclass
class Allowance:
    """What may still be read for one scenario; its files share one, so that a chain of them stays bounded."""

    characters: int = MAX_BYTES
    nodes: int = MAX_NODES

    def spend(self, characters: int, nodes: int, mark: Mark) -> None:
        """Take characters and nodes off; raises ScenarioFaults at `mark` when there are not so many left."""
        self.characters -= characters
        self.nodes -= nodes
        if self.characters < 0:
            limit = f"at most {MAX_BYTES // 1024} KiB in all its files together, repeated aliases counted"
            raise ScenarioFaults([Fault(mark, "the scenario is too large", limit)])
        if self.nodes < 0:
            limit = f"at most {MAX_NODES} keys and values in all its files together, repeated aliases counted"
            raise ScenarioFaults([Fault(mark, "the scenario has too many keys and values", limit)])


def read_file(path: Path, label: str, allowance: Allowance | None = None) -> Mapping:
    """Read the YAML file at `path`, called `label` in marks, whose top must be a mapping.

    Raises ScenarioFaults for a file that is missing, not regular, too large, not UTF-8 text or not such YAML.
    """
    allowance = allowance or Allowance()
    start = Mark(label, 1, 1)
    raw = _bytes_of(path, start, allowance.characters)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8-sig")
        what = f"this is not UTF-8 text (byte 0x{raw[error.start]:02x})"
        raise ScenarioFaults([Fault(_mark_after(before, label), what, "a YAML file saved as UTF-8")]) from None
    return read_text(text, label, allowance)


def read_text(text: str, file_label: str, allowance: Allowance | None = None) -> Mapping:
    """Read YAML text, called `file_label` in marks, whose top must be a mapping; raises ScenarioFaults."""
    node = read_value(text, file_label, allowance)
    if not isinstance(node, Mapping):
        raise ScenarioFaults([Fault(node.mark, "the top of the file is not a mapping", "'key: value' lines")])
    return node


def read_value(text: str, file_label: str, allowance: Allowance | None = None) -> Node:
    """Read YAML text that may be any one value, under the same limits; raises ScenarioFaults."""
    allowance = allowance or Allowance()
    allowance.spend(len(text), 0, Mark(file_label, 1, 1))
    odd = _NOT_TEXT.search(text)
    if odd:
        what = f"the character U+{ord(odd.group()):04X} is not text"
        raise ScenarioFaults([Fault(_mark_after(text[: odd.start()], file_label), what, "printable characters")])
    node, allowance.characters, allowance.nodes = _document(text, file_label, allowance.characters, allowance.nodes)
    return node


@lru_cache(maxsize=32)
def _document(text: str, label: str, characters: int, nodes: int) -> tuple[Node, int, int]:
    """The node of a text and what is left of the allowance; remembered, as variations read one file again and again."""
    allowance = Allowance(characters, nodes)
    return _Builder(text, label, allowance).document(), allowance.characters, allowance.nodes


def value_of(text: str) -> bool | int | float | str | None:
    """Return what unquoted `text` means; raises ValueError, in words, for a number that cannot be used."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _INTEGER.fullmatch(text):
        if len(text.lstrip("+-0")) > _LONGEST_INTEGER:
            raise ValueError("a whole number that is too large")
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"{quoted(text)} is not a finite number")
    if not _FLOAT.fullmatch(text):
        return text
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number that is too large")
    return number


@dataclass(frozen=True, slots=True)
class _Anchored:
    """A node that has a name, and what each further use of it costs."""

    node: Node
    characters: int
    nodes: int
    height: int


class _Builder:
    """Turns events into nodes; goes on after a fault where the rest still makes sense."""

    def __init__(self, text: str, label: str, allowance: Allowance) -> None:
        self._label = label
        self._allowance = allowance
        self._events = _events(text, label)
        self._faults: list[Fault] = []
        self._anchors: dict[str, _Anchored | None] = {}
        self._deepest = 0
        self._characters = 0
        self._nodes = 0

    def document(self) -> Node:
        """Return the one document of the text; raises ScenarioFaults."""
        next(self._events)
        start = next(self._events)
        if not isinstance(start, DocumentStartEvent):
            raise ScenarioFaults([Fault(Mark(self._label, 1, 1), "there is nothing in it", "'key: value' lines")])
        if start.version or start.tags:
            self._fault(self._mark(start), "a % directive", "YAML without directives")
        try:
            node = self._node(next(self._events), 1)
            next(self._events)
            after = next(self._events)
        except ScenarioFaults as stop:
            limit_passed = self._allowance.nodes < 0 or self._allowance.characters < 0
            raise ScenarioFaults(stop.faults if limit_passed else [*self._faults, *stop.faults]) from None
        if not isinstance(after, StreamEndEvent):
            self._fault(self._mark(after), "a second document", "one document in a file")
        if self._faults:
            raise ScenarioFaults(self._faults)
        return node

    def _mark(self, event: Any) -> Mark:
        return Mark(self._label, event.start_mark.line + 1, event.start_mark.column + 1)

    def _fault(self, mark: Mark, what: str, expected: str = "") -> None:
        self._faults.append(Fault(mark, what, expected))

    def _node(self, event: Any, depth: int) -> Node:
        mark = self._mark(event)
        if isinstance(event, AliasEvent):
            return self._alias(event.anchor, mark, depth)
        self._reach(depth, mark)
        if event.anchor is None:
            return self._content(event, mark, depth)
        return self._anchored(event, mark, depth)

    def _reach(self, depth: int, mark: Mark) -> None:
        self._deepest = max(self._deepest, depth)
        if depth > MAX_DEPTH:
            raise ScenarioFaults([Fault(mark, "values nested too deeply", f"at most {MAX_DEPTH} levels")])

    def _anchored(self, event: Any, mark: Mark, depth: int) -> Node:
        characters, nodes, deepest = self._characters, self._nodes, self._deepest
        self._deepest = depth
        self._anchors[event.anchor] = None
        node = self._content(event, mark, depth)
        self._anchors[event.anchor] = _Anchored(
            node, self._characters - characters, self._nodes - nodes, self._deepest - depth
        )
        self._deepest = max(deepest, self._deepest)
        return node

    def _alias(self, name: str, mark: Mark, depth: int) -> Node:
        if name not in self._anchors:
            self._fault(mark, f"the alias {quoted('*' + name)} has no anchor", f"an earlier {quoted('&' + name)}")
            return Scalar(None, "", mark)
        meant = self._anchors[name]
        if meant is None:
            raise ScenarioFaults(
                [Fault(mark, f"the alias {quoted('*' + name)} holds itself", "an alias of another value")]
            )
        self._reach(depth + meant.height, mark)
        self._allowance.spend(meant.characters, 0, mark)
        self._count(meant.characters, meant.nodes, mark)
        return meant.node

    def _count(self, characters: int, nodes: int, mark: Mark) -> None:
        self._characters += characters
        self._nodes += nodes
        self._allowance.spend(0, nodes, mark)

    def _content(self, event: Any, mark: Mark, depth: int) -> Node:
        if isinstance(event, ScalarEvent):
            return self._scalar(event, mark)
        self._count(0, 1, mark)
        if isinstance(event, SequenceStartEvent):
            return Sequence(tuple(self._items(depth)), mark)
        return Mapping(self._entries(depth), mark)

    def _scalar(self, event: Any, mark: Mark) -> Scalar:
        text: str = event.value
        self._count(len(text), 1, mark)
        if event.style is not None:
            # Escapes in double quotes can make characters that could not stand in the file itself.
            odd = _NOT_TEXT.search(text) if event.style == '"' else None
            if odd:
                self._fault(mark, f"the character U+{ord(odd.group()):04X} is not text", "printable characters")
            return Scalar(text, text, mark)
        try:
            return Scalar(value_of(text), text, mark)
        except ValueError as error:
            self._fault(mark, str(error), "a number such as 0.5, or quotes around text")
            return Scalar(None, text, mark)

    def _items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self._events), SequenceEndEvent):
            yield self._node(event, depth + 1)

    def _entries(self, depth: int) -> dict[str, Entry]:
        entries: dict[str, Entry] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            mark = self._mark(event)
            key = self._key(event, depth)
            node = self._node(next(self._events), depth + 1)
            if key is None:
                continue
            if key in entries:
                first = entries[key].key_mark
                what = f"the key {quoted(key)} is written again"
                self._fault(mark, what, f"each key once (it is at line {first.line}, column {first.column})")
            else:
                entries[key] = Entry(mark, node)
        return entries

    def _key(self, event: Any, depth: int) -> str | None:
        """Return the text of a key, or nothing when it is not one (which is then a fault)."""
        mark = self._mark(event)
        faults = len(self._faults)
        node = self._node(event, depth + 1)
        if not isinstance(event, ScalarEvent) or not isinstance(node, Scalar):
            self._fault(mark, "a key that is not plain text", "a word")
            return None
        if not node.text or len(node.text) > MAX_KEY:
            what = "a key that is too long" if node.text else "an empty key"
            self._fault(mark, what, f"a word of 1 to {MAX_KEY} characters")
            return None
        return node.text if len(self._faults) == faults else None


class _Scanner(Scanner):
    """The parser's scanner, but it refuses a tag where it starts.

    Nothing is constructed from tags, and decoding a long one takes time that grows with its square.
    """

    def fetch_tag(self) -> None:
        """Refuse it. Raises `ScannerError`."""
        raise ScannerError(None, None, _TAG, self.reader.get_mark())


def _events(text: str, label: str) -> Iterator[Any]:
    """Yield the parser's events; raises ScenarioFaults in readable words for whatever the parser raises."""
    mark = Mark(label, 1, 1)
    parser = YAML(typ="safe", pure=True)
    parser.Scanner = _Scanner
    try:
        for event in parser.parse(text):
            mark = Mark(label, event.end_mark.line + 1, event.end_mark.column + 1)
            yield event
    except MarkedYAMLError as error:
        place = error.problem_mark or error.context_mark
        if place is not None:
            mark = Mark(label, place.line + 1, place.column + 1)
        raise ScenarioFaults([_readable(str(error.problem or error.context), mark)]) from None
    except Exception as error:
        # The parser answers some broken text with its own IndexError or ValueError; to a reader all are one.
        raise ScenarioFaults([Fault(mark, "from here on this is not YAML", "'key: value' lines")]) from error


def _readable(problem: str, mark: Mark) -> Fault:
    for fragment, what, expected in _READABLE:
        if fragment in problem:
            return Fault(mark, what, expected)
    return Fault(mark, f"this is not YAML: {quoted(problem)[1:-1]}")


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
