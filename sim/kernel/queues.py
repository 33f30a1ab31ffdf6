"""Queues, servers, sittings and funds in the kernel, counted as the reference engine counts them.

A queue is a chain of groups; so are the busy servers of a unit, in the order of their numbers. A unit's number counts
the units of all resources, and so do the tallies of a replication.
"""

from __future__ import annotations

import math
from typing import Any

from sim.compile.cache import inlined, jit
from sim.kernel.calendar import SITTING, make_ready, push
from sim.kernel.state import DISMISSED, NOBODY, NOT_WAITING, SERVED, WAITING, State
from sim.plan.tables import FUND, SERVERS, SITTINGS
from sim.results.record import Record
from sim.results.world import WorldArrays
from sim.rules.resources import is_open, next_sitting, places_at


@inlined
def tally_of(record: Record, state: State, unit: int) -> Any:
    """What is counted about a unit in this replication."""
    return record.tallies[state.clock[0].tallies + unit]


@inlined
def join(record: Record, state: State, unit: int, row: int) -> None:
    """Stand in a queue: by the time of joining, and among those of one instant at a sitting by number."""
    one, life, now = state.units[unit], state.lives[row], state.clock[0].now
    tally_of(record, state, unit).requests += 1
    life.unit, life.since, life.outcome = unit, now, WAITING
    life.ticket += 1
    before = one.last
    if one.kind == SITTINGS:
        while before != NOBODY and state.lives[before].since == now and before > row:
            before = state.lives[before].before
    after = one.first if before == NOBODY else state.lives[before].after
    life.before, life.after = before, after
    if before == NOBODY:
        one.first = row
    else:
        state.lives[before].after = row
    if after == NOBODY:
        one.last = row
    else:
        state.lives[after].before = row
    one.waiting += 1


@inlined
def _remove(record: Record, state: State, unit: int, row: int) -> None:
    one, life = state.units[unit], state.lives[row]
    if life.before == NOBODY:
        one.first = life.after
    else:
        state.lives[life.before].after = life.after
    if life.after == NOBODY:
        one.last = life.before
    else:
        state.lives[life.after].before = life.before
    one.waiting -= 1
    life.outcome = NOT_WAITING
    tally_of(record, state, unit).queue_time += state.clock[0].now - life.since


@jit
def withdraw(world: WorldArrays, record: Record, state: State, unit: int, row: int) -> None:
    """A group leaves a queue; whoever stood behind it in that of a fund may now be paid."""
    _remove(record, state, unit, row)
    tally_of(record, state, unit).left_queue += 1
    if state.units[unit].kind == FUND:
        serve(world, record, state, unit)


@jit
def turn_away(record: Record, state: State, unit: int) -> None:
    """Count a group that did not even join."""
    tally_of(record, state, unit).requests += 1
    tally_of(record, state, unit).left_queue += 1


@inlined
def _grant(record: Record, state: State, unit: int, row: int) -> None:
    _remove(record, state, unit, row)
    tally_of(record, state, unit).granted += 1
    state.lives[row].outcome = SERVED
    make_ready(state, row)


@inlined
def may_join(world: WorldArrays, state: State, unit: int, amount: float, room: float) -> bool:
    """Whether a request can be served at once, or fewer than ``room`` others wait."""
    one = state.units[unit]
    if one.waiting < room:
        return True
    if one.kind == SERVERS:
        return bool(one.busy < one.number)
    return bool(one.waiting == 0 and _pays(world, state, unit, amount))


@inlined
def _pays(world: WorldArrays, state: State, unit: int, amount: float) -> bool:
    one = state.units[unit]
    return bool(amount <= one.number and is_open(world, one.resource, state.clock[0].now))


@jit
def serve(world: WorldArrays, record: Record, state: State, unit: int) -> None:
    """Serve the queue of servers or a fund from its head, for as long as there is something to give."""
    one = state.units[unit]
    if one.kind == SERVERS:
        while one.waiting > 0 and one.busy < one.number:
            row = one.first
            _take_server(state, unit, row)
            _grant(record, state, unit, row)
        return
    while one.waiting > 0 and _pays(world, state, unit, state.lives[one.first].amount):
        row = one.first
        one.number -= state.lives[row].amount
        tally_of(record, state, unit).money_granted += state.lives[row].amount
        _grant(record, state, unit, row)


@inlined
def _take_server(state: State, unit: int, row: int) -> None:
    """Give a group the free server with the lowest number."""
    one, life = state.units[unit], state.lives[row]
    number, before, at = 1, NOBODY, one.first_busy
    while at != NOBODY and state.lives[at].server == number:
        number += 1
        before, at = at, state.lives[at].next_busy
    life.server, life.busy_since, life.next_busy = number, state.clock[0].now, at
    if before == NOBODY:
        one.first_busy = row
    else:
        state.lives[before].next_busy = row
    one.busy += 1


@jit
def release(world: WorldArrays, record: Record, state: State, unit: int, row: int) -> None:
    """Give a server back."""
    one, life = state.units[unit], state.lives[row]
    if one.first_busy == row:
        one.first_busy = life.next_busy
    else:
        before = one.first_busy
        while state.lives[before].next_busy != row:
            before = state.lives[before].next_busy
        state.lives[before].next_busy = life.next_busy
    one.busy -= 1
    life.server = 0
    tally_of(record, state, unit).busy_time += state.clock[0].now - life.busy_since
    serve(world, record, state, unit)


@inlined
def _next_sitting(world: WorldArrays, state: State, unit: int) -> float:
    one, clock = state.units[unit], state.clock[0]
    missed = one.last_sitting == clock.now or clock.phase > SITTING
    return next_sitting(world, one.resource, one.first_sitting, clock.now, missed)


@inlined
def submit(world: WorldArrays, record: Record, state: State, unit: int, row: int) -> bool:
    """Put an item on the agenda of the next sitting; false where none will come."""
    time = _next_sitting(world, state, unit)
    if time == math.inf:
        turn_away(record, state, unit)
        return False
    join(record, state, unit, row)
    if not state.units[unit].scheduled:
        state.units[unit].scheduled = 1
        push(state, time, SITTING, unit, 0, 0)
    return True


@jit
def hold_sitting(world: WorldArrays, record: Record, state: State, unit: int) -> None:
    """Hold a sitting: decide as many items as there is room for, and let the others wait for the next."""
    one, now = state.units[unit], state.clock[0].now
    one.last_sitting = now
    room, place = places_at(world, one.resource, now), 0
    while one.waiting > 0 and place < room:
        _grant(record, state, unit, one.first)
        place += 1
    if one.waiting > 0:
        time = _next_sitting(world, state, unit)
        if time < math.inf:
            push(state, time, SITTING, unit, 0, 0)
            return
        while one.waiting > 0:
            row = one.first
            withdraw(world, record, state, unit, row)
            state.lives[row].outcome = DISMISSED
            make_ready(state, row)
    one.scheduled = 0


@jit
def count_unfinished(world: WorldArrays, record: Record, state: State) -> None:
    """Count what is unfinished at the end."""
    horizon = world.general[0].horizon
    for unit in range(len(state.units)):
        one, tally = state.units[unit], tally_of(record, state, unit)
        tally.waiting = one.waiting
        row = one.first
        while row != NOBODY:
            tally.queue_time += horizon - state.lives[row].since
            row = state.lives[row].after
        row = one.first_busy
        while row != NOBODY:
            tally.busy_time += horizon - state.lives[row].busy_since
            row = state.lives[row].next_busy
        resource = world.resources[one.resource]
        if one.kind == SERVERS:
            for step in range(resource.first_step, resource.end_steps):
                start = max(world.steps[step].time, 0.0)
                stop = world.steps[step + 1].time if step + 1 < resource.end_steps else horizon
                tally.capacity_time += world.steps[step].number * max(min(max(stop, 0.0), horizon) - start, 0.0)
