"""The kernel's calendar: events to come, earliest first, and in the order of the model at one instant.

An event's rank holds its phase, whom it concerns (a row of groups, or a unit) and its kind. Events of one group at one
instant and phase come in the order: a loan's instalment (the loan that was granted first before others), the end of a
wait, a step. What is set off within an event goes on at once, in the order in which it was set off, before anything
else.
"""

from __future__ import annotations

from typing import Any, Final

from sim.kernel.state import EVENTS_TO_COME, State
from sim.rules.compiled import inlined
from sim.rules.people import FULL

BEGINNING, TIMELINE, RELEASE, SITTING, REQUEST = -1, 0, 1, 2, 3
INSTALMENT, LATE, STEP = range(3)
_PHASE: Final = 1 << 50
_WHOM: Final = 1 << 8


@inlined
def _comes_after(event: Any, time: float, rank: int, detail: int) -> bool:
    if event.time != time:
        return bool(event.time > time)
    return bool(event.rank > rank or (event.rank == rank and event.detail > detail))


@inlined
def push(state: State, time: float, phase: int, whom: int, kind: int, detail: int) -> None:
    """Put an event on the calendar."""
    clock, heap = state.clock[0], state.coming
    place = clock.coming
    if place == len(heap):
        clock.trouble, clock.short = FULL, EVENTS_TO_COME
        return
    clock.coming += 1
    rank = phase * _PHASE + whom * _WHOM + kind
    while place > 0:
        parent = (place - 1) >> 1
        above = heap[parent]
        if not _comes_after(above, time, rank, detail):
            break
        heap[place] = heap[parent]
        place = parent
    heap[place].time, heap[place].rank, heap[place].detail = time, rank, detail


@inlined
def pop(state: State) -> tuple[float, int, int, int, int]:
    """Take the next event off the calendar: its time, phase, whom it concerns, kind and detail."""
    clock, heap = state.clock[0], state.coming
    first = heap[0]
    time, rank, detail = first.time, first.rank, first.detail
    clock.coming -= 1
    size = clock.coming
    last_time, last_rank, last_detail = heap[size].time, heap[size].rank, heap[size].detail
    place, child = 0, 1
    while child < size:
        other = child + 1
        if other < size and _comes_after(heap[child], heap[other].time, heap[other].rank, heap[other].detail):
            child = other
        if _comes_after(heap[child], last_time, last_rank, last_detail):
            break
        heap[place] = heap[child]
        place = child
        child = 2 * place + 1
    heap[place].time, heap[place].rank, heap[place].detail = last_time, last_rank, last_detail
    return time, rank // _PHASE, rank % _PHASE // _WHOM, rank % _WHOM, detail


@inlined
def set_off(state: State, row: int) -> None:
    """Let a group go on at once, after those that were set off before it."""
    clock = state.clock[0]
    state.at_once[clock.last_at_once] = row
    clock.last_at_once = (clock.last_at_once + 1) % len(state.at_once)


@inlined
def next_at_once(state: State) -> int:
    """The group that goes on next; there must be one."""
    clock = state.clock[0]
    row = state.at_once[clock.next_at_once]
    clock.next_at_once = (clock.next_at_once + 1) % len(state.at_once)
    return int(row)
