"""What is wrong with a file, and where: every reader of scenario files speaks in these words."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from sim.errors import InputError

_LONGEST_SHOWN = 60
_MOST_COMPARED = 300


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a file: its label as the reader knows it, line and column, both counted from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        """Return `file:line:column`, which terminals and editors turn into a link."""
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One mistake: its place, what is wrong and (if it can be said) what was expected."""

    mark: Mark
    what: str
    expected: str = ""

    def __str__(self) -> str:
        """Return `file:line:column: what, expected ...` on one line."""
        tail = f", expected {self.expected}" if self.expected else ""
        return f"{self.mark}: {self.what}{tail}"


class ScenarioFaults(InputError):
    """Every mistake that was found, in the order of file, line and column, each one once."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Sort the faults and keep each once."""
        self.faults: tuple[Fault, ...] = tuple(sorted(set(faults)))
        super().__init__(self.faults)

    def __str__(self) -> str:
        """Return the faults one to a line."""
        return "\n".join(str(fault) for fault in self.faults)


def suggest(name: str, candidates: Iterable[str]) -> str:
    """Return ` (did you mean 'x'?)` for the candidate most like `name`, or nothing when none is like it."""
    # The matcher's time grows with the square of the length, and a name may come from a hostile file.
    by_lower_case = {candidate.lower(): candidate for candidate in candidates}
    if len(name) > _LONGEST_SHOWN or len(by_lower_case) > _MOST_COMPARED:
        return ""
    closest = difflib.get_close_matches(name.lower(), by_lower_case, n=1)
    return f" (did you mean {quote(by_lower_case[closest[0]])}?)" if closest else ""


def quote(text: str) -> str:
    """Return `text` in single quotes on one printable line, cut short when it is long."""
    line = "".join(letter if letter.isprintable() else " " for letter in text[: _LONGEST_SHOWN + 1])
    return f"'{line[:_LONGEST_SHOWN]}…'" if len(line) > _LONGEST_SHOWN else f"'{line}'"
