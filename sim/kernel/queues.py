"""Queues, servers, sittings and funds in the kernel, counted as the reference engine counts them.

A queue is a chain of groups; so are the busy servers of a unit, in the order of their numbers. A unit's number counts
the units of all resources, and so do the tallies of a replication.
"""

from __future__ import annotations

import math
from typing import Any

from sim.compile.cache import inlined, jit
from sim.kernel.calendar import make_ready, push
from sim.kernel.state import DISMISSED, NOBODY, NOT_WAITING, SERVED, WAITING, State
from sim.plan.rows import FUND, SERVERS, SITTINGS
from sim.results.record import Record
from sim.results.world import WorldArrays
from sim.rules.instants import SITTING
from sim.rules.resources import can_serve, may_join, next_sitting, places_at


@inlined
def tally_of(record: Record, state: State, unit: int) -> Any:
    """What is counted about a unit in this replication."""
    return record.tallies[state.clock[0].tallies + unit]


@inlined
def join(record: Record, state: State, number: int, row: int) -> None:
    """Stand in a queue: by the time of joining, and among those of one instant at a sitting by number."""
    unit, life, now = state.units[number], state.lives[row], state.clock[0].now
    tally_of(record, state, number).requests += 1
    life.unit, life.since, life.outcome = number, now, WAITING
    life.ticket += 1
    before = unit.last
    if unit.kind == SITTINGS:
        while before != NOBODY and state.lives[before].since == now and before > row:
            before = state.lives[before].before
    after = unit.first if before == NOBODY else state.lives[before].after
    life.before, life.after = before, after
    if before == NOBODY:
        unit.first = row
    else:
        state.lives[before].after = row
    if after == NOBODY:
        unit.last = row
    else:
        state.lives[after].before = row
    unit.waiting += 1


@inlined
def _remove(record: Record, state: State, number: int, row: int) -> None:
    unit, life = state.units[number], state.lives[row]
    if life.before == NOBODY:
        unit.first = life.after
    else:
        state.lives[life.before].after = life.after
    if life.after == NOBODY:
        unit.last = life.before
    else:
        state.lives[life.after].before = life.before
    unit.waiting -= 1
    life.outcome = NOT_WAITING
    tally_of(record, state, number).queue_time += state.clock[0].now - life.since


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
def has_room(world: WorldArrays, state: State, number: int, amount: float, room: float) -> bool:
    """Whether a request for servers or an award may join a queue with ``room`` for so many (`sim.rules.resources`)."""
    unit = state.units[number]
    available = unit.number - unit.busy
    return may_join(world, unit.resource, unit.waiting, room, available, amount, state.clock[0].now)


@jit
def serve(world: WorldArrays, record: Record, state: State, number: int) -> None:
    """Serve the queue of servers or a fund from its head, for as long as there is something to give."""
    unit, now = state.units[number], state.clock[0].now
    while unit.waiting > 0:
        row = unit.first
        amount = state.lives[row].amount
        if not can_serve(world, unit.resource, unit.number - unit.busy, amount, now):
            return
        if unit.kind == SERVERS:
            _take_server(state, number, row)
        else:
            unit.number -= amount
            tally_of(record, state, number).money_granted += amount
        _grant(record, state, number, row)


@inlined
def _take_server(state: State, number: int, row: int) -> None:
    """Give a group the free server with the lowest number."""
    unit, life = state.units[number], state.lives[row]
    server, before, at = 1, NOBODY, unit.first_busy
    while at != NOBODY and state.lives[at].server == server:
        server += 1
        before, at = at, state.lives[at].next_busy
    life.server, life.busy_since, life.next_busy = server, state.clock[0].now, at
    if before == NOBODY:
        unit.first_busy = row
    else:
        state.lives[before].next_busy = row
    unit.busy += 1


@jit
def release(world: WorldArrays, record: Record, state: State, number: int, row: int) -> None:
    """Give a server back."""
    unit, life = state.units[number], state.lives[row]
    if unit.first_busy == row:
        unit.first_busy = life.next_busy
    else:
        before = unit.first_busy
        while state.lives[before].next_busy != row:
            before = state.lives[before].next_busy
        state.lives[before].next_busy = life.next_busy
    unit.busy -= 1
    life.server = 0
    tally_of(record, state, number).busy_time += state.clock[0].now - life.busy_since
    serve(world, record, state, number)


@inlined
def _next_sitting(world: WorldArrays, state: State, number: int) -> float:
    unit, clock = state.units[number], state.clock[0]
    missed = unit.last_sitting == clock.now or clock.phase > SITTING
    return next_sitting(world, unit.resource, unit.first_sitting, clock.now, missed)


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
def hold_sitting(world: WorldArrays, record: Record, state: State, number: int) -> None:
    """Hold a sitting: decide as many items as there is room for, and let the others wait for the next."""
    unit, now = state.units[number], state.clock[0].now
    unit.last_sitting = now
    room, place = places_at(world, unit.resource, now), 0
    while unit.waiting > 0 and place < room:
        _grant(record, state, number, unit.first)
        place += 1
    if unit.waiting > 0:
        time = _next_sitting(world, state, number)
        if time < math.inf:
            push(state, time, SITTING, number, 0, 0)
            return
        while unit.waiting > 0:
            row = unit.first
            withdraw(world, record, state, number, row)
            state.lives[row].outcome = DISMISSED
            make_ready(state, row)
    unit.scheduled = 0


@jit
def count_unfinished(world: WorldArrays, record: Record, state: State) -> None:
    """Count what is unfinished at the end."""
    horizon = world.general[0].horizon
    for number in range(len(state.units)):
        unit, tally = state.units[number], tally_of(record, state, number)
        tally.waiting = unit.waiting
        row = unit.first
        while row != NOBODY:
            tally.queue_time += horizon - state.lives[row].since
            row = state.lives[row].after
        row = unit.first_busy
        while row != NOBODY:
            tally.busy_time += horizon - state.lives[row].busy_since
            row = state.lives[row].next_busy
        resource = world.resources[unit.resource]
        if unit.kind == SERVERS:
            for step in range(resource.first_step, resource.end_steps):
                start = max(world.steps[step].time, 0.0)
                stop = world.steps[step + 1].time if step + 1 < resource.end_steps else horizon
                tally.capacity_time += world.steps[step].number * max(min(max(stop, 0.0), horizon) - start, 0.0)
