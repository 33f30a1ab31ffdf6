"""The nodes of a YAML text, from the events of ruamel's pure Python parser.

Nothing is ever constructed from a file: a node is a scalar, a sequence or a mapping, and anything else is a fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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

from sim.scenario.faults import Fault, Mark, ScenarioFaults, quote
from sim.scenario.nodes import Entry, Mapping, Node, Scalar, Sequence
from sim.scenario.scalars import NOT_TEXT, value_of
from sim.scenario.size_limits import MAX_DEPTH, MAX_KEY, SizeBudget

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


def build_tree(text: str, label: str, budget: SizeBudget) -> Node:
    """The node of a text, called `label` in marks; takes off what it costs. Raises ScenarioFaults."""
    return _Builder(text, label, budget).document()


@dataclass(frozen=True, slots=True)
class _Anchored:
    """A node that has a name, and what each further use of it costs."""

    node: Node
    characters: int
    nodes: int
    height: int


class _Builder:
    """Turns events into nodes; goes on after a fault where the rest still makes sense."""

    def __init__(self, text: str, label: str, budget: SizeBudget) -> None:
        self._label = label
        self._budget = budget
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
            limit_passed = self._budget.nodes < 0 or self._budget.characters < 0
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
            self._fault(mark, f"the alias {quote('*' + name)} has no anchor", f"an earlier {quote('&' + name)}")
            return Scalar(None, "", mark)
        meant = self._anchors[name]
        if meant is None:
            raise ScenarioFaults(
                [Fault(mark, f"the alias {quote('*' + name)} contains itself", "an alias of another value")]
            )
        self._reach(depth + meant.height, mark)
        self._budget.spend(meant.characters, 0, mark)
        self._count(meant.characters, meant.nodes, mark)
        return meant.node

    def _count(self, characters: int, nodes: int, mark: Mark) -> None:
        self._characters += characters
        self._nodes += nodes
        self._budget.spend(0, nodes, mark)

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
            odd = NOT_TEXT.search(text) if event.style == '"' else None
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
                what = f"the key {quote(key)} is written again"
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
    return Fault(mark, f"this is not YAML: {quote(problem)[1:-1]}")
