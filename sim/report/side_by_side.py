"""Two lives of one staff group side by side: what happened to it in two worlds, and where the lives part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from sim.report.story import Event

if TYPE_CHECKING:
    from rich.console import Console

NOT_THERE = "never sets out"
_OVER = "(nothing more)"


@dataclass(frozen=True, slots=True)
class TwoLives:
    """Two lives: ``shared`` is what happened in both, then the ``first`` and the ``second`` went on alone.

    A shared line stands in one of the two lives only (0 or 1) where nothing followed from it, such as a gate that did
    not block, or a chance that was another; else it stands in both (None).
    """

    shared: tuple[tuple[str, int | None], ...]
    first: tuple[str, ...]
    second: tuple[str, ...]

    @property
    def part(self) -> bool:
        """Whether the lives part at all."""
        return bool(self.first or self.second)


def two_lives(first: Sequence[Event], second: Sequence[Event]) -> TwoLives:
    """Put two lives beside each other, and cut them where the course of events parts."""
    one, other = _steps(first), _steps(second)
    pairs = zip_longest(one, other)
    at = next((place for place, (a, b) in enumerate(pairs) if not a or not b or a[-1].course != b[-1].course), len(one))
    shared = tuple(line for a, b in zip(one[:at], other[:at], strict=True) for line in _merged(a, b))
    return TwoLives(shared, _lines(one[at:]), _lines(other[at:]))


def _steps(events: Sequence[Event]) -> list[list[Event]]:
    """Events cut behind each from which something followed."""
    steps: list[list[Event]] = [[]]
    for event in events:
        steps[-1].append(event)
        if event.course is not None:
            steps.append([])
    return steps if steps[-1] else steps[:-1]


def _merged(first: Sequence[Event], second: Sequence[Event]) -> Iterator[tuple[str, int | None]]:
    """The lines of a step that both lives took, each once."""
    here, there = [event.line for event in first], [event.line for event in second]
    yield from ((line, None if line in there else 0) for line in here)
    yield from ((line, 1) for line in there if line not in here)


def _lines(steps: Sequence[Sequence[Event]]) -> tuple[str, ...]:
    return tuple(event.line for step in steps for event in step)


def print_two_lives(lives: TwoLives, group: str, first: str, second: str, console: Console) -> None:
    """Tell the two lives of ``group`` in the worlds that people call ``first`` and ``second``."""
    from rich.table import Table
    from rich.text import Text

    console.print(Text(f"{group} in both worlds:", style="bold"))
    for line, where in lives.shared:
        console.print(Text(f"  {line}" if where is None else f"  {line}   [only: {(first, second)[where]}]"))
    if not lives.shared:
        console.print(Text("  nothing"))
    if not lives.part:
        console.print(Text("The two lives are the same."))
        return
    console.print(Text("\nHere they part:", style="bold"))
    table = Table(first, second, box=None, padding=(0, 2, 0, 0), expand=True)
    table.columns[0].ratio = table.columns[1].ratio = 1
    missing = (_OVER if lives.shared else NOT_THERE,)
    for one, other in zip_longest(lives.first or missing, lives.second or missing, fillvalue=""):
        table.add_row(Text(one), Text(other))
    console.print(table)
