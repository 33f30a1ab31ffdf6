"""What the kernel remembers while a replication runs: where every group and unit stands, and what is to come."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from sim.compile.array_struct import ArrayStruct
from sim.plan.tables import record_type
from sim.results.record import ENTRY, count_units
from sim.results.world import WorldArrays

NOBODY: Final = -1
NOT_WAITING, WAITING, SERVED, DISMISSED = range(4)
LIFE: Final = record_type(
    "i:step i:level i:visit event_time i:event_cause i:outcome i:ticket patience amount end "
    "i:unit since i:before i:after i:server busy_since i:next_busy i:interrupted"
)
"""Where a group stands: its next step, the hazard of this visit, its place in a queue, the server that it holds."""
UNIT: Final = record_type(
    "i:resource i:kind i:waiting i:first i:last i:busy i:first_busy number i:step first_sitting "
    "last_sitting i:scheduled"
)
"""A unit of a resource: its queue, its busy servers in the order of their numbers, what it has to give (servers or
pounds), the next step of its calendar, its first and its latest sitting, and whether the next sitting is on the
calendar."""
FUTURE_EVENT: Final = record_type("time i:rank i:detail i:next")
"""An event to come, and where the next of the same page lies. The rank orders events of one instant; see
`sim.kernel.calendar`."""
LOAN: Final = record_type("i:row i:unit part begin i:paid")
GROUPS, ENTRIES, EVENTS, FUTURE_EVENTS = range(4)
"""What there may be too little room for."""
CLOCK: Final = record_type(
    "now i:phase i:first_ready i:end_ready i:loans i:entries i:events i:status i:row i:tallies i:short_of "
    "horizon i:buckets buckets_a_day i:bucket i:heap_size i:used i:first_free"
)
"""The present instant and the latest phase that it has reached; how much of every array is in use, and where
this replication's tallies begin. ``short`` says what there was too little room for. Of the calendar: how many pages it
has, which is open and how many events lie on it; how many events to come were ever written down at once, and the first
of the places among them that are free again."""


class State(ArrayStruct):
    """The memory of one replication, used again for the next."""

    fields: ClassVar = {
        "clock": (CLOCK, 1),
        "lives": (LIFE, 1),
        "units": (UNIT, 1),
        "event_list": (FUTURE_EVENT, 1),
        "buckets": (np.dtype("i8"), 1),
        "heap": (FUTURE_EVENT, 1),
        "ready": (np.dtype("i8"), 1),
        "loans": (LOAN, 1),
        "sorting": (ENTRY, 1),
        "firsts": (np.dtype("i8"), 1),
        "ends": (np.dtype("i8"), 1),
    }


def allocate_state(world: WorldArrays, groups: int, entries: int, events: int) -> State:
    """Memory for replications of up to so many groups, payments and events to come."""
    units = count_units(world)
    return State(
        clock=np.zeros(1, CLOCK),
        lives=np.zeros(groups, LIFE),
        units=np.zeros(units, UNIT),
        event_list=np.zeros(events + units, FUTURE_EVENT),
        buckets=np.zeros(groups + 1, np.int64),
        heap=np.zeros(events + units, FUTURE_EVENT),
        ready=np.zeros(groups + 1, np.int64),
        loans=np.zeros(entries, LOAN),
        sorting=np.zeros(entries, ENTRY),
        firsts=np.zeros(groups + 1, np.int64),
        ends=np.zeros(groups + 1, np.int64),
    )
