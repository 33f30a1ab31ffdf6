"""What a replication writes down about its events, for those who want to read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from sim.plan.plan import Plan
from sim.plan.tables import NONE, causes
from sim.results import record as book

EventRow = tuple[int, int, int, float, int]
"""Row of the group, kind, name (a number of its kind), time, and unit, as in `sim.results.record.EVENT`."""


class Journal(Protocol):
    """Whoever listens to a replication."""

    def note(self, time: float, who: int, what: str, where: str, **details: Any) -> None:
        """``who`` is a group's row, ``what`` the kind of event, ``where`` a stage, resource or milestone."""


class Silence:
    """Listens to nothing."""

    def note(self, time: float, who: int, what: str, where: str, **details: Any) -> None:
        """Forget it."""


_KINDS: Final = {
    "arrives": book.ARRIVES,
    "leaves": book.LEAVES,
    "enters": book.ENTERS,
    "starts": book.STARTS,
    "releases": book.RELEASES,
    "passes": book.PASSES,
    "blocked": book.BLOCKED,
    "exits": book.EXITS,
    "milestone": book.MILESTONE,
    "granted": book.GRANTED,
}


class EventLog:
    """Keeps the event log of a replication of a plan."""

    def __init__(self, plan: Plan) -> None:
        self.rows: list[EventRow] = []
        stages = {stage.name: number for number, stage in enumerate(plan.stages)}
        self._causes = {cause: number for number, cause in enumerate(causes(plan))}
        self._names: Mapping[int, Mapping[str, int]] = {
            **dict.fromkeys(
                (book.ENTERS, book.STARTS, book.WORKS, book.RELEASES, book.PASSES, book.BLOCKED),
                stages,
            ),
            book.ARRIVES: {route.name: number for number, route in enumerate(plan.routes)},
            book.MILESTONE: {name: number for number, name in enumerate(plan.milestones)},
            book.GRANTED: {resource.name: number for number, resource in enumerate(plan.resources)},
            book.LEAVES: {},
        }

    def note(self, time: float, who: int, what: str, where: str, **details: Any) -> None:
        """Keep it as a row where its kind is one that the log has."""
        kind = _KINDS.get(what)
        if kind is None:
            return
        unit = details.get("unit")
        if kind == book.EXITS:
            name = self._causes[details["cause"], details["form"]]
        else:
            if kind == book.STARTS and unit is None:
                kind = book.WORKS
            name = self._names[kind].get(where, NONE)
        self.rows.append((who, kind, name, time, NONE if unit is None else unit))


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened, with all that was drawn; ``who`` is the row of a group."""

    time: float
    who: int
    what: str
    where: str
    details: Mapping[str, Any]


@dataclass(slots=True)
class Diary:
    """Keeps everything, for `spinout trace`."""

    entries: list[Entry] = field(default_factory=list)

    def note(self, time: float, who: int, what: str, where: str, **details: Any) -> None:
        """Keep it."""
        self.entries.append(Entry(time, who, what, where, details))
