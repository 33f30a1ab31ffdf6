"""What the kernel remembers while a replication runs: where every group and unit stands, and what is to come."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from sim.compile.array_struct import Bundle
from sim.plan.tables import record
from sim.results.record import ENTRY, units_of
from sim.results.world import Setting

NOBODY: Final = -1
NOT_WAITING, WAITING, SERVED, DISMISSED = range(4)
LIFE: Final = record(
    "i:step i:level i:visit ring i:cause i:outcome i:ticket patience amount end "
    "i:unit since i:before i:after i:server busy_since i:next_busy i:rung"
)
"""Where a group stands: its next step, the hazard of this visit, its place in a queue, the server that it holds."""
UNIT: Final = record(
    "i:resource i:kind i:waiting i:first i:last i:busy i:first_busy number i:step sitting held i:awaited"
)
"""A unit of a resource: its queue, its busy servers in the order of their numbers, what it has to give (servers or
pounds), the next step of its calendar, its first and its latest sitting, and whether the next sitting is on the
calendar."""
COMING: Final = record("time i:rank i:detail i:next")
"""An event to come, and where the next of the same page lies. The rank orders events of one instant; see
`sim.kernel.calendar`."""
LOAN: Final = record("i:row i:unit part begin i:paid")
GROUPS, ENTRIES, EVENTS, EVENTS_TO_COME = range(4)
"""What there may be too little room for."""
CLOCK: Final = record(
    "now i:phase i:next_at_once i:last_at_once i:loans i:entries i:events i:trouble i:row i:tallies i:short "
    "horizon i:pages pages_a_day i:page i:open i:written i:free"
)
"""The present instant and the latest phase that it has reached; how much of every array is in use, and where
this replication's tallies begin. ``short`` says what there was too little room for. Of the calendar: how many pages it
has, which is open and how many events lie on it; how many events to come were ever written down at once, and the first
of the places among them that are free again."""


class State(Bundle):
    """The memory of one replication, used again for the next."""

    fields: ClassVar = {
        "clock": (CLOCK, 1),
        "lives": (LIFE, 1),
        "units": (UNIT, 1),
        "coming": (COMING, 1),
        "pages": (np.dtype("i8"), 1),
        "open": (COMING, 1),
        "at_once": (np.dtype("i8"), 1),
        "loans": (LOAN, 1),
        "sorting": (ENTRY, 1),
        "firsts": (np.dtype("i8"), 1),
        "ends": (np.dtype("i8"), 1),
    }


def room(world: Setting, groups: int, entries: int, coming: int) -> State:
    """Memory for replications of up to so many groups, payments and events to come."""
    units = units_of(world)
    return State(
        clock=np.zeros(1, CLOCK),
        lives=np.zeros(groups, LIFE),
        units=np.zeros(units, UNIT),
        coming=np.zeros(coming + units, COMING),
        pages=np.zeros(groups + 1, np.int64),
        open=np.zeros(coming + units, COMING),
        at_once=np.zeros(groups + 1, np.int64),
        loans=np.zeros(entries, LOAN),
        sorting=np.zeros(entries, ENTRY),
        firsts=np.zeros(groups + 1, np.int64),
        ends=np.zeros(groups + 1, np.int64),
    )
