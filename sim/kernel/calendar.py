"""The kernel's calendar: events to come, earliest first, and in the order of the model at one instant.

It is a calendar queue: as many buckets as there are groups, each for an equal part of the time. In a bucket to come
events lie in no order. Those of the present bucket, a few as a rule, lie in a heap. So putting an event down and taking
it up costs the same however many there are; should all of them fall into one bucket, it is a heap and no worse.

An event's rank holds its phase, whom it concerns (a row of groups, or a unit) and its kind (`sim.rules.instants`).
Events of one group at one instant and phase come in the order: a loan's instalment (the loan that was granted first
before others), the end of a wait, a step. What is set off within an event is resumed at once, in the order in which it
was set off, before anything else.
"""

from __future__ import annotations

from typing import Any, Final

from sim.compile.cache import inlined, jit
from sim.kernel.state import FUTURE_EVENTS, NOBODY, State
from sim.results.failures import FULL

_PHASE_BITS: Final = 50
_ENTITY_BITS: Final = 8


@jit
def reset_calendar(state: State, horizon: float, groups: int) -> None:
    """An empty calendar up to the horizon, for so many groups."""
    clock = state.clock[0]
    buckets = min(groups, len(state.buckets) - 1) + 1
    for bucket in range(buckets):
        state.buckets[bucket] = NOBODY
    clock.horizon, clock.buckets, clock.buckets_a_day = horizon, buckets, buckets / horizon
    clock.bucket, clock.heap_size, clock.used, clock.first_free = -1, 0, 0, NOBODY


@inlined
def _comes_after(event: Any, time: float, rank: int, detail: int) -> bool:
    if event.time != time:
        return bool(event.time > time)
    return bool(event.rank > rank or (event.rank == rank and event.detail > detail))


@inlined
def push(state: State, time: float, phase: int, entity: int, kind: int, detail: int) -> None:
    """Put an event on the calendar; one that lies beyond the horizon never comes."""
    clock = state.clock[0]
    if not time < clock.horizon:
        return
    rank = (phase << _PHASE_BITS) + (entity << _ENTITY_BITS) + kind
    bucket = min(int(time * clock.buckets_a_day), clock.buckets - 1)
    if bucket <= clock.bucket:
        _push_on_heap(state, time, rank, detail)
        return
    place = clock.first_free
    if place != NOBODY:
        clock.first_free = state.event_list[place].next
    elif clock.used < len(state.event_list):
        place = clock.used
        clock.used += 1
    else:
        clock.status, clock.short_of = FULL, FUTURE_EVENTS
        return
    event = state.event_list[place]
    event.time, event.rank, event.detail = time, rank, detail
    event.next = state.buckets[bucket]
    state.buckets[bucket] = place


@jit
def _push_on_heap(state: State, time: float, rank: int, detail: int) -> None:
    clock, heap = state.clock[0], state.heap
    place = clock.heap_size
    if place == len(heap):
        clock.status, clock.short_of = FULL, FUTURE_EVENTS
        return
    clock.heap_size += 1
    while place > 0:
        parent = (place - 1) >> 1
        above = heap[parent]
        if not _comes_after(above, time, rank, detail):
            break
        heap[place] = above
        place = parent
    heap[place].time, heap[place].rank, heap[place].detail = time, rank, detail


@jit
def open_next_bucket(state: State) -> bool:
    """Put the next bucket with events into the heap; false where nothing is to come."""
    clock = state.clock[0]
    while clock.heap_size == 0:
        clock.bucket += 1
        if clock.bucket == clock.buckets:
            return False
        place = state.buckets[clock.bucket]
        while place != NOBODY:
            event = state.event_list[place]
            next_place = event.next
            _push_on_heap(state, event.time, event.rank, event.detail)
            event.next = clock.first_free
            clock.first_free = place
            place = next_place
    return True


@inlined
def pop(state: State) -> tuple[float, int, int, int, int]:
    """Take the next event off the heap: its time, phase, whom it concerns, kind and detail."""
    clock, heap = state.clock[0], state.heap
    first = heap[0]
    time, rank, detail = first.time, first.rank, first.detail
    clock.heap_size -= 1
    size = clock.heap_size
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
    entity = (rank & ((1 << _PHASE_BITS) - 1)) >> _ENTITY_BITS
    return time, rank >> _PHASE_BITS, entity, rank & ((1 << _ENTITY_BITS) - 1), detail


@inlined
def make_ready(state: State, row: int) -> None:
    """Let a group be resumed at once, after those that were made ready before it."""
    clock = state.clock[0]
    state.ready[clock.end_ready] = row
    clock.end_ready = _next_place(clock.end_ready, len(state.ready))


@inlined
def take_ready(state: State) -> int:
    """The group that is resumed next; there must be one."""
    clock = state.clock[0]
    row = state.ready[clock.first_ready]
    clock.first_ready = _next_place(clock.first_ready, len(state.ready))
    return int(row)


@inlined
def _next_place(place: int, size: int) -> int:
    """The next place in a queue whose end joins its beginning."""
    return place + 1 if place + 1 < size else 0
