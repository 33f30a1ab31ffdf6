"""Replications by the kernel: arrays in, arrays out, without Python's lock."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.compile.cache import inlined, jit
from sim.kernel.calendar import (
    open_next_bucket,
    pop,
    push,
    reset_calendar,
    take_ready,
)
from sim.kernel.life import advance, arrive, end_wait, repay, resume
from sim.kernel.queues import count_unfinished, hold_sitting, serve, tally_of
from sim.kernel.state import ENTRIES, EVENTS, FUTURE_EVENTS, GROUPS, NOBODY, State, allocate_state
from sim.plan.rows import FUND, SERVERS, SITTINGS, Tables
from sim.results.failures import FINE, FULL
from sim.results.record import Record, allocate_record, order_ledger
from sim.results.world import WorldArrays, allocate_world
from sim.rules.instants import AT_ONCE, INSTALMENT, SITTING, TIMELINE, TIMEOUT
from sim.rules.population import draw_groups, draw_hosts
from sim.rules.resources import first_sitting


class Kernel:
    """Plays replications of one plan, call after call in the same memory."""

    def __init__(self, tables: Tables, keep_events: bool) -> None:
        """``tables`` is the plan as `sim.plan.tables.build_tables` gives it."""
        self._tables = tables
        self._keep_events = keep_events
        self._played = False
        self._expected = min(_expected_groups(tables), 5e4)
        groups = int(2.0 * self._expected) + 16
        # Groups a replication, and of a group: payments, events of the log, events to come.
        self._most = {GROUPS: groups, ENTRIES: 8, EVENTS: 16, FUTURE_EVENTS: 4}
        self._memory: tuple[WorldArrays, Record, State] | None = None

    def replications_at_once(self, groups: int) -> int:
        """How many replications have about so many groups; 1 as long as none was played."""
        return max(1, groups // self._most[GROUPS]) if self._played else 1

    def run(self, seed: int, replications: Sequence[int]) -> tuple[WorldArrays, Record]:
        """Run replications. What is returned holds until the next call.

        What ended each replication stands in the record's spans: `sim.results.failures.FINE`, or another status.
        """
        numbers = np.asarray(replications, np.int64)
        while True:
            world, record, state = self._room_for(len(numbers))
            world.luck[0].seed = np.uint64(seed)
            if _run_replications(world, record, state, numbers) != FULL:
                break
            self._most[int(state.clock[0].short_of)] *= 2
            self._memory = None
        if not self._played and len(numbers):
            self._played = True
            # The first may have been one with few groups, or one that failed.
            self._most[GROUPS] = int(max(1.5 * float(record.spans[-1].end_groups) / len(numbers), self._expected)) + 64
        return world, record

    def _room_for(self, replications: int) -> tuple[WorldArrays, Record, State]:
        most, rows = self._most, replications * self._most[GROUPS] + 64
        if self._memory is None or len(self._memory[1].spans) < replications or len(self._memory[1].fates) < rows:
            world = allocate_world(self._tables, 0, replications, rows)
            events = rows * most[EVENTS] if self._keep_events else 0
            record = allocate_record(world, replications, rows, rows * most[ENTRIES], events)
            self._memory = world, record, allocate_state(world, rows, rows * most[ENTRIES], rows * most[FUTURE_EVENTS])
        world, record, state = self._memory
        return world, record.keep_first(replications), state


def _expected_groups(tables: Tables) -> float:
    """About how many groups a replication has where nothing depends on traits; a guess of the room that it needs."""
    expected = float(len(tables["named"]))
    for stream in tables["streams"]:
        days = max(stream.stop - max(stream.start, 0.0), 0.0)
        segments = tables["segments"][stream.first_segment : stream.end_segments]
        edges = np.clip([*segments["start"], stream.stop], max(stream.start, 0.0), stream.stop)
        arrivals = stream.rate * float(np.dot(np.diff(edges), segments["factor"]))
        if stream.number:
            arrivals = stream.number
        elif stream.every == stream.every:
            arrivals = days / stream.every if stream.every > 0.0 else math.inf
        expected += len(tables["hosts"]) * min(arrivals, stream.limit, 1e6)
    return expected


@jit
def _run_replications(world: WorldArrays, record: Record, state: State, replications: NDArray[np.int64]) -> int:
    hosts, clock = len(world.hosts), state.clock[0]
    clock.entries = clock.events = 0
    row = clock.entries
    for place in range(len(replications)):
        world.luck[0].replication = np.uint64(replications[place])
        span = record.spans[place]
        entry, event = clock.entries, clock.events
        span.first_group, span.first_entry, span.first_event = row, entry, event
        draw_hosts(world, place * hosts)
        clock.short_of = GROUPS
        status, end = draw_groups(world, place * hosts, row)
        ended_by, after = end, end + 1
        if status == FINE:
            after = end
            clock.tallies = place * len(state.units)
            _run_replication(world, record, state, row, end)
            status = clock.status
            if status == FINE:
                order_ledger(world, record, entry, clock.entries, row, end, state.sorting, state.firsts, state.ends)
            else:
                ended_by = clock.row
        if status == FULL:
            return FULL
        if status != FINE:
            clock.entries, clock.events = entry, event
        # What a failed replication drew stays where it is, for its error to tell.
        row = after
        span.end_groups, span.end_entries, span.end_events = row, clock.entries, clock.events
        span.status, span.row = status, ended_by
    return FINE


@jit
def _reset(world: WorldArrays, state: State, groups: int) -> None:
    clock = state.clock[0]
    clock.now, clock.phase, clock.status = 0.0, AT_ONCE, FINE
    clock.first_ready = clock.end_ready = clock.loans = 0
    reset_calendar(state, world.general[0].horizon, groups)
    for milestone in range(world.launches.shape[0]):
        for place in range(world.launches.shape[1]):
            world.launches[milestone, place] = 0


@jit
def _run_replication(world: WorldArrays, record: Record, state: State, first: int, end: int) -> None:
    """One replication, from what is there at the start to the horizon."""
    clock = state.clock[0]
    _reset(world, state, end - first)
    for resource in range(len(world.resources)):
        _reset_units(world, record, state, resource)
    for row in range(first, end):
        _reset_group(record, state, row)
        arrive(world, record, state, row)
    while not clock.status:
        if clock.first_ready != clock.end_ready:
            resume(world, record, state, take_ready(state))
            continue
        if clock.heap_size == 0 and not open_next_bucket(state):
            break
        time, phase, entity, kind, detail = pop(state)
        # A request that leads back to a release has still begun the phase of requests: no sitting is left (ties 5).
        clock.phase = phase if time > clock.now else max(clock.phase, phase)
        clock.now = time
        if phase == TIMELINE:
            _step_unit(world, record, state, entity)
        elif phase == SITTING:
            hold_sitting(world, record, state, entity)
        elif kind == INSTALMENT:
            repay(world, record, state, detail)
        elif kind == TIMEOUT:
            end_wait(world, record, state, entity, detail)
        else:
            advance(world, record, state, entity, time)
    count_unfinished(world, record, state)


@inlined
def _reset_group(record: Record, state: State, row: int) -> None:
    fate, life = record.fates[row], state.lives[row]
    fate.state = fate.cause = fate.tries = 0
    fate.exit_time = math.inf
    fate.award = fate.repaid = fate.programme = fate.host = fate.group = 0.0
    for stage in range(record.entered.shape[1]):
        record.entered[row, stage] = math.inf
    life.outcome = life.ticket = life.server = life.interrupted = 0


@jit
def _reset_units(world: WorldArrays, record: Record, state: State, number: int) -> None:
    resource = world.resources[number]
    for place in range(resource.units):
        unit = resource.first_unit + place
        tally, at = tally_of(record, state, unit), state.units[unit]
        tally.requests = tally.granted = tally.left_queue = tally.waiting = 0
        tally.queue_time = tally.busy_time = tally.capacity_time = tally.money_granted = tally.money_repaid = 0.0
        at.resource, at.kind, at.step = number, resource.kind, resource.first_step
        at.waiting = at.busy = at.scheduled = 0
        at.first = at.last = at.first_busy = NOBODY
        at.number, at.last_sitting = 0.0, -1.0
        if resource.kind == SITTINGS:
            at.first_sitting = first_sitting(world, number, place)
        else:
            _step_unit(world, record, state, unit)


@jit
def _step_unit(world: WorldArrays, record: Record, state: State, unit: int) -> None:
    """The next step of a unit's calendar, and those that lie before the start: servers change, money comes in."""
    at = state.units[unit]
    resource = world.resources[at.resource]
    while at.step < resource.end_steps:
        step = world.steps[at.step]
        if step.time > state.clock[0].now:
            push(state, step.time, TIMELINE, unit, 0, 0)
            return
        if at.kind == SERVERS:
            at.number = step.number
        elif at.kind == FUND:
            at.number += step.number
        at.step += 1
        serve(world, record, state, unit)
