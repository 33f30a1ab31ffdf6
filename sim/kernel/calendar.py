"""The kernel's calendar: events to come, earliest first, and in the order of the model at one instant.

The calendar has as many pages as there are groups, each for an equal stretch of time. On a page to come events lie
in no order. Those of the page that is open, a few as a rule, lie in a heap. So putting an event down and taking it up
costs the same however many there are; should all of them fall on one page, it is a heap and no worse.

An event's rank holds its phase, whom it concerns (a row of groups, or a unit) and its kind. Events of one group at one
instant and phase come in the order: a loan's instalment (the loan that was granted first before others), the end of a
wait, a step. What is set off within an event goes on at once, in the order in which it was set off, before anything
else.
"""

from __future__ import annotations

from typing import Any, Final

from sim.compile.cache import inlined, jit
from sim.kernel.state import EVENTS_TO_COME, NOBODY, State
from sim.results.failures import FULL

BEGINNING, TIMELINE, RELEASE, SITTING, REQUEST = -1, 0, 1, 2, 3
INSTALMENT, LATE, STEP = range(3)
_PHASE_BITS: Final = 50
_WHOM_BITS: Final = 8


@jit
def begin_calendar(state: State, horizon: float, groups: int) -> None:
    """An empty calendar up to the horizon, for so many groups."""
    clock = state.clock[0]
    pages = min(groups, len(state.pages) - 1) + 1
    for page in range(pages):
        state.pages[page] = NOBODY
    clock.horizon, clock.pages, clock.pages_a_day = horizon, pages, pages / horizon
    clock.page, clock.open, clock.written, clock.free = -1, 0, 0, NOBODY


@inlined
def _comes_after(event: Any, time: float, rank: int, detail: int) -> bool:
    if event.time != time:
        return bool(event.time > time)
    return bool(event.rank > rank or (event.rank == rank and event.detail > detail))


@inlined
def push(state: State, time: float, phase: int, whom: int, kind: int, detail: int) -> None:
    """Put an event on the calendar; one that lies beyond the horizon never comes."""
    clock = state.clock[0]
    if not time < clock.horizon:
        return
    rank = (phase << _PHASE_BITS) + (whom << _WHOM_BITS) + kind
    page = min(int(time * clock.pages_a_day), clock.pages - 1)
    if page <= clock.page:
        _push_on_open_page(state, time, rank, detail)
        return
    place = clock.free
    if place != NOBODY:
        clock.free = state.coming[place].next
    elif clock.written < len(state.coming):
        place = clock.written
        clock.written += 1
    else:
        clock.trouble, clock.short = FULL, EVENTS_TO_COME
        return
    event = state.coming[place]
    event.time, event.rank, event.detail = time, rank, detail
    event.next = state.pages[page]
    state.pages[page] = place


@jit
def _push_on_open_page(state: State, time: float, rank: int, detail: int) -> None:
    clock, heap = state.clock[0], state.open
    place = clock.open
    if place == len(heap):
        clock.trouble, clock.short = FULL, EVENTS_TO_COME
        return
    clock.open += 1
    while place > 0:
        parent = (place - 1) >> 1
        above = heap[parent]
        if not _comes_after(above, time, rank, detail):
            break
        heap[place] = above
        place = parent
    heap[place].time, heap[place].rank, heap[place].detail = time, rank, detail


@jit
def turn_pages(state: State) -> bool:
    """Turn to the next page with an event on it; false where nothing is to come."""
    clock = state.clock[0]
    while clock.open == 0:
        clock.page += 1
        if clock.page == clock.pages:
            return False
        place = state.pages[clock.page]
        while place != NOBODY:
            event = state.coming[place]
            following = event.next
            _push_on_open_page(state, event.time, event.rank, event.detail)
            event.next = clock.free
            clock.free = place
            place = following
    return True


@inlined
def pop(state: State) -> tuple[float, int, int, int, int]:
    """Take the next event off the open page: its time, phase, whom it concerns, kind and detail."""
    clock, heap = state.clock[0], state.open
    first = heap[0]
    time, rank, detail = first.time, first.rank, first.detail
    clock.open -= 1
    size = clock.open
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
    whom = (rank & ((1 << _PHASE_BITS) - 1)) >> _WHOM_BITS
    return time, rank >> _PHASE_BITS, whom, rank & ((1 << _WHOM_BITS) - 1), detail


@inlined
def set_off(state: State, row: int) -> None:
    """Let a group go on at once, after those that were set off before it."""
    clock = state.clock[0]
    state.at_once[clock.last_at_once] = row
    clock.last_at_once = _following(clock.last_at_once, len(state.at_once))


@inlined
def next_at_once(state: State) -> int:
    """The group that goes on next; there must be one."""
    clock = state.clock[0]
    row = state.at_once[clock.next_at_once]
    clock.next_at_once = _following(clock.next_at_once, len(state.at_once))
    return int(row)


@inlined
def _following(place: int, size: int) -> int:
    """The next place in a ring."""
    return place + 1 if place + 1 < size else 0
