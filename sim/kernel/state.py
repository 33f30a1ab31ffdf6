"""What the kernel remembers while a replication runs: where every group and unit stands, and what is to come."""

from __future__ import annotations

from typing import ClassVar, Final, NamedTuple

import numpy as np

from sim.compile.array_struct import ArrayStruct
from sim.compile.records import record_type
from sim.results.record import ENTRY, count_units
from sim.results.world import WorldArrays

NOBODY: Final = -1
NOT_WAITING, WAITING, SERVED, DISMISSED = range(4)
GROUPS, ENTRIES, EVENTS, FUTURE_EVENTS = range(4)
"""What there may be too little room for."""


class LifeRow(NamedTuple):
    """Where a group stands."""

    # Its next step, and the highest phase of this instant that it was carried through (Design, carried forward).
    step: int
    level: int
    # The present try of its stage: the first hazard event, when its work ends, and whether the hazard is sooner.
    visit: int
    event_time: float
    event_cause: int
    end: float
    interrupted: bool
    # Its place in a queue: of which unit, since when and for how long, its neighbours there, and how the wait ended.
    # The ticket tells one wait of the group from another.
    unit: int
    since: float
    patience: float
    amount: float
    before: int
    after: int
    ticket: int
    outcome: int
    # The server that it holds, 0 for none, and who holds the next one of that unit.
    server: int
    busy_since: float
    next_busy: int


class UnitRow(NamedTuple):
    """A unit of a resource."""

    resource: int
    kind: int
    # Its queue.
    waiting: int
    first: int
    last: int
    # Its busy servers, in the order of their numbers.
    busy: int
    first_busy: int
    # What it has to give, servers or pounds, and the next step of its calendar.
    number: float
    step: int
    # Its first and its latest sitting, and whether the next one is on the calendar.
    first_sitting: float
    last_sitting: float
    scheduled: bool


class FutureEventRow(NamedTuple):
    """An event to come. The rank orders events of one instant (`sim.kernel.calendar`); ``next`` is the place of the
    next event of the same bucket.
    """

    time: float
    rank: int
    detail: int
    next: int


class LoanRow(NamedTuple):
    """A loan: who repays it to which unit, how much in each instalment, from when, and how many were paid."""

    row: int
    unit: int
    part: float
    begin: float
    paid: int


class ClockRow(NamedTuple):
    """The present instant, and how much of every array is in use."""

    now: float
    # The latest phase that this instant has reached.
    phase: int
    # The queue of groups that are ready to be resumed.
    first_ready: int
    end_ready: int
    loans: int
    entries: int
    events: int
    # Where this replication's tallies begin.
    tallies: int
    # What ended the replication: a status, the row of the group, and what there was too little room for.
    status: int
    row: int
    short_of: int
    # The calendar: its buckets, which of them lies in the heap, how many events the heap holds, how many places of the
    # event list were ever used, and the first of those that are free again.
    horizon: float
    buckets: int
    buckets_a_day: float
    bucket: int
    heap_size: int
    used: int
    first_free: int


LIFE: Final = record_type(LifeRow)
UNIT: Final = record_type(UnitRow)
FUTURE_EVENT: Final = record_type(FutureEventRow)
LOAN: Final = record_type(LoanRow)
CLOCK: Final = record_type(ClockRow)


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
