"""What a replication writes down about its events, for those who want to read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

EventRow = tuple[str, str, str, float, int | None]
"""entity_id, event_type, event, time, resource_id."""


class Journal(Protocol):
    """Whoever listens to a replication."""

    def note(self, time: float, who: str, what: str, where: str, **details: Any) -> None:
        """``who`` is a group's identity, ``what`` the kind of event, ``where`` a stage, resource or milestone."""


class Silence:
    """Listens to nothing."""

    def note(self, time: float, who: str, what: str, where: str, **details: Any) -> None:
        """Forget it."""


_EVENT_TYPES = {
    "arrives": "arrival_departure",
    "leaves": "arrival_departure",
    "enters": "queue",
    "starts": "resource_use",
    "releases": "resource_use_end",
    "passes": "decision",
    "blocked": "decision",
    "exits": "exit",
    "milestone": "milestone",
    "granted": "award",
}
_EVENT_NAMES = {"arrives": "arrival", "leaves": "depart"}


@dataclass(slots=True)
class EventLog:
    """Keeps the event log: rows in the columns that health simulators' animation tools read."""

    rows: list[EventRow] = field(default_factory=list)

    def note(self, time: float, who: str, what: str, where: str, **details: Any) -> None:
        """Keep it as a row where its kind is one that the log has."""
        kind = _EVENT_TYPES.get(what)
        if kind is None:
            return
        unit = details.get("unit")
        if what == "starts" and unit is None:
            kind = "work"
        name = _EVENT_NAMES.get(what, where)
        if what in ("passes", "blocked"):
            name = f"{where} {what}"
        elif what == "exits":
            name = details["cause"]
        self.rows.append((who, kind, name, time, unit))


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened, with all that was drawn."""

    time: float
    who: str
    what: str
    where: str
    details: Mapping[str, Any]


@dataclass(slots=True)
class Diary:
    """Keeps everything, for `spinout trace`."""

    entries: list[Entry] = field(default_factory=list)

    def note(self, time: float, who: str, what: str, where: str, **details: Any) -> None:
        """Keep it."""
        self.entries.append(Entry(time, who, what, where, details))
