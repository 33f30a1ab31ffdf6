"""One staff group in two worlds, side by side: what happened to it in both, and where its story diverges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from sim.report.renderers.terminal import print_table, print_text
from sim.report.story import Event
from sim.report.table import words_table

if TYPE_CHECKING:
    from rich.console import Console

NOT_THERE = "never arrives"
_NOTHING_MORE = "(nothing more)"


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Two lives: ``shared`` is what happened in both worlds, then the ``first`` and the ``second`` continue alone.

    A shared line stands in one of the two lives only (0 or 1) where nothing followed from it, such as a gate that did
    not block, or a different chance; otherwise it stands in both (None).
    """

    shared: tuple[tuple[str, int | None], ...]
    first: tuple[str, ...]
    second: tuple[str, ...]

    @property
    def diverge(self) -> bool:
        """Whether the lives differ at all."""
        return bool(self.first or self.second)


def side_by_side(first: Sequence[Event], second: Sequence[Event]) -> SideBySide:
    """Put two lives beside each other, and cut them where the course of events diverges."""
    here, there = _steps(first), _steps(second)
    pairs = zip_longest(here, there)
    at = next(
        (place for place, (a, b) in enumerate(pairs) if not a or not b or a[-1].course != b[-1].course), len(here)
    )
    shared = tuple(line for a, b in zip(here[:at], there[:at], strict=True) for line in _merge(a, b))
    return SideBySide(shared, _lines(here[at:]), _lines(there[at:]))


def _steps(events: Sequence[Event]) -> list[list[Event]]:
    """Events cut behind each from which something followed."""
    steps: list[list[Event]] = [[]]
    for event in events:
        steps[-1].append(event)
        if event.course is not None:
            steps.append([])
    return steps if steps[-1] else steps[:-1]


def _merge(first: Sequence[Event], second: Sequence[Event]) -> Iterator[tuple[str, int | None]]:
    """The lines of a step that both lives took, each once."""
    here, there = [event.line for event in first], [event.line for event in second]
    yield from ((line, None if line in there else 0) for line in here)
    yield from ((line, 1) for line in there if line not in here)


def _lines(steps: Sequence[Sequence[Event]]) -> tuple[str, ...]:
    return tuple(event.line for step in steps for event in step)


def print_side_by_side(lives: SideBySide, group: str, first: str, second: str, console: Console) -> None:
    """Print the two lives of ``group`` in the worlds that people call ``first`` and ``second``."""
    print_text(f"{group} in both worlds:", console, "bold")
    for line, where in lives.shared:
        print_text(f"  {line}" if where is None else f"  {line}   [only: {(first, second)[where]}]", console)
    if not lives.shared:
        print_text("  nothing", console)
    if not lives.diverge:
        print_text("Both worlds are the same for this group.", console)
        return
    missing = (_NOTHING_MORE if lives.shared else NOT_THERE,)
    rows = zip_longest(lives.first or missing, lives.second or missing, fillvalue="")
    console.print()
    print_table(words_table("From here they differ:", (first, second), rows), console)
