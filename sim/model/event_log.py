"""What a replication writes down about its events, for those who want to read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from sim.plan.plan import Plan
from sim.plan.rows import NONE
from sim.plan.tables import causes
from sim.results import record


class Listener(Protocol):
    """Whoever listens to a replication."""

    def log(self, time: float, who: int, what: str, where: str, **details: Any) -> None:
        """``who`` is a group's row, ``what`` the kind of event, ``where`` a stage, resource or milestone."""


class NoListener:
    """Listens to nothing."""

    def log(self, time: float, who: int, what: str, where: str, **details: Any) -> None:
        """Forget it."""


_KINDS: Final = {
    "arrives": record.ARRIVES,
    "leaves": record.LEAVES,
    "enters": record.ENTERS,
    "starts": record.STARTS,
    "releases": record.RELEASES,
    "passes": record.PASSES,
    "blocked": record.BLOCKED,
    "exits": record.EXITS,
    "milestone": record.MILESTONE,
    "granted": record.GRANTED,
}


class EventLog:
    """Keeps the event log of a replication of a plan."""

    def __init__(self, plan: Plan) -> None:
        self.rows: list[record.EventRow] = []
        stages = {stage.name: number for number, stage in enumerate(plan.stages)}
        self._causes = {cause: number for number, cause in enumerate(causes(plan))}
        self._names: Mapping[int, Mapping[str, int]] = {
            **dict.fromkeys(
                (record.ENTERS, record.STARTS, record.WORKS, record.RELEASES, record.PASSES, record.BLOCKED),
                stages,
            ),
            record.ARRIVES: {route.name: number for number, route in enumerate(plan.routes)},
            record.MILESTONE: {name: number for number, name in enumerate(plan.milestones)},
            record.GRANTED: {resource.name: number for number, resource in enumerate(plan.resources)},
            record.LEAVES: {},
        }

    def log(self, time: float, who: int, what: str, where: str, **details: Any) -> None:
        """Keep it as a row where its kind is one that the log has."""
        kind = _KINDS.get(what)
        if kind is None:
            return
        unit = details.get("unit")
        if kind == record.EXITS:
            name = self._causes[details["cause"], details["form"]]
        else:
            if kind == record.STARTS and unit is None:
                kind = record.WORKS
            name = self._names[kind].get(where, NONE)
        unit = NONE if unit is None else unit
        self.rows.append(record.EventRow(row=who, kind=kind, name=name, time=time, unit=unit))


@dataclass(frozen=True, slots=True)
class TraceEntry:
    """One thing that happened, with all that was drawn; ``who`` is the row of a group."""

    time: float
    who: int
    what: str
    where: str
    details: Mapping[str, Any]


@dataclass(slots=True)
class Trace:
    """Keeps everything, for `spinout trace`."""

    entries: list[TraceEntry] = field(default_factory=list)

    def log(self, time: float, who: int, what: str, where: str, **details: Any) -> None:
        """Keep it."""
        self.entries.append(TraceEntry(time, who, what, where, details))
