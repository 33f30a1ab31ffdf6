"""Replications by the kernel: arrays in, arrays out, without Python's lock."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.compile.cache import inlined, jit
from sim.kernel.calendar import INSTALMENT, LATE, SITTING, TIMELINE, begin_calendar, next_at_once, pop, push, turn_pages
from sim.kernel.life import arrive, give_up, go_on, repay, resume
from sim.kernel.queues import close, serve, sit, tally_of
from sim.kernel.state import ENTRIES, EVENTS, EVENTS_TO_COME, GROUPS, NOBODY, State, room
from sim.plan.tables import FUND, SERVERS, SITTINGS, Tables
from sim.results.failures import FINE, FULL
from sim.results.record import Book, blank, in_order
from sim.results.world import Setting, setting_of
from sim.rules.population import settle_groups, settle_hosts
from sim.rules.resources import first_sitting


class Kernel:
    """Plays replications of one plan, call after call in the same memory."""

    def __init__(self, tables: Tables, keep_events: bool) -> None:
        """``tables`` is the plan as `sim.plan.tables.tables` lays it out."""
        self._tables = tables
        self._keep_events = keep_events
        self._played = False
        self._usual = min(_usual_groups(tables), 5e4)
        groups = int(2.0 * self._usual) + 16
        # Groups a replication, and of a group: payments, events of the log, events to come.
        self._most = {GROUPS: groups, ENTRIES: 8, EVENTS: 16, EVENTS_TO_COME: 4}
        self._memory: tuple[Setting, Book, State] | None = None

    def together(self, groups: int) -> int:
        """How many replications have about so many groups; 1 as long as none was played."""
        return max(1, groups // self._most[GROUPS]) if self._played else 1

    def play(self, seed: int, replications: Sequence[int]) -> tuple[Setting, Book]:
        """Run replications. What is returned holds until the next call.

        What ended each replication stands in the book's spans: `sim.rules.population.FINE`, or the trouble that it met.
        """
        numbers = np.asarray(replications, np.int64)
        while True:
            setting, book, state = self._room_for(len(numbers))
            setting.luck[0].seed = np.uint64(seed)
            if _play(setting, book, state, numbers) != FULL:
                break
            self._most[int(state.clock[0].short)] *= 2
            self._memory = None
        if not self._played and len(numbers):
            self._played = True
            # The first may have been one with few groups, or one that failed.
            self._most[GROUPS] = int(max(1.5 * float(book.spans[-1].end_group) / len(numbers), self._usual)) + 64
        return setting, book

    def _room_for(self, replications: int) -> tuple[Setting, Book, State]:
        most, rows = self._most, replications * self._most[GROUPS] + 64
        if self._memory is None or len(self._memory[1].spans) < replications or len(self._memory[1].fates) < rows:
            setting = setting_of(self._tables, 0, replications, rows)
            events = rows * most[EVENTS] if self._keep_events else 0
            book = blank(setting, replications, rows, rows * most[ENTRIES], events)
            self._memory = setting, book, room(setting, rows, rows * most[ENTRIES], rows * most[EVENTS_TO_COME])
        setting, book, state = self._memory
        return setting, book.of_first(replications), state


def _usual_groups(tables: Tables) -> float:
    """About how many groups a replication has where nothing depends on traits; a guess of the room that it needs."""
    usual = float(len(tables["named"]))
    for stream in tables["streams"]:
        days = max(stream.stop - max(stream.start, 0.0), 0.0)
        segments = tables["segments"][stream.first_segment : stream.end_segments]
        edges = np.clip([*segments["start"], stream.stop], max(stream.start, 0.0), stream.stop)
        coming = stream.rate * float(np.dot(np.diff(edges), segments["factor"]))
        if stream.number:
            coming = stream.number
        elif stream.every == stream.every:
            coming = days / stream.every if stream.every > 0.0 else math.inf
        usual += len(tables["hosts"]) * min(coming, stream.limit, 1e6)
    return usual


@jit
def _play(world: Setting, book: Book, state: State, replications: NDArray[np.int64]) -> int:
    hosts, clock = len(world.hosts), state.clock[0]
    clock.entries = clock.events = 0
    row = clock.entries
    for place in range(len(replications)):
        world.luck[0].replication = np.uint64(replications[place])
        span = book.spans[place]
        entry, event = clock.entries, clock.events
        span.first_group, span.first_entry, span.first_event = row, entry, event
        settle_hosts(world, place * hosts)
        clock.short = GROUPS
        trouble, end = settle_groups(world, place * hosts, row)
        ended_by, after = end, end + 1
        if trouble == FINE:
            after = end
            clock.tallies = place * len(state.units)
            _run(world, book, state, row, end)
            trouble = clock.trouble
            if trouble == FINE:
                in_order(world, book, entry, clock.entries, row, end, state.sorting, state.firsts, state.ends)
            else:
                ended_by = clock.row
        if trouble == FULL:
            return FULL
        if trouble != FINE:
            clock.entries, clock.events = entry, event
        # What a failed replication drew stays where it is, for its error to tell.
        row = after
        span.end_group, span.end_entry, span.end_event = row, clock.entries, clock.events
        span.trouble, span.row = trouble, ended_by
    return FINE


@jit
def _begin(world: Setting, state: State, groups: int) -> None:
    clock = state.clock[0]
    clock.now, clock.phase, clock.trouble = 0.0, -1, FINE
    clock.next_at_once = clock.last_at_once = clock.loans = 0
    begin_calendar(state, world.general[0].horizon, groups)
    for milestone in range(world.launches.shape[0]):
        for place in range(world.launches.shape[1]):
            world.launches[milestone, place] = 0


@jit
def _run(world: Setting, book: Book, state: State, first: int, end: int) -> None:
    """One replication, from what is there at the start to the horizon."""
    clock = state.clock[0]
    _begin(world, state, end - first)
    for resource in range(len(world.resources)):
        _open_units(world, book, state, resource)
    for row in range(first, end):
        _clear(book, state, row)
        arrive(world, book, state, row)
    while not clock.trouble:
        if clock.next_at_once != clock.last_at_once:
            resume(world, book, state, next_at_once(state))
            continue
        if clock.open == 0 and not turn_pages(state):
            break
        time, phase, whom, kind, detail = pop(state)
        clock.phase = phase if time > clock.now else max(clock.phase, phase)
        clock.now = time
        if phase == TIMELINE:
            _step(world, book, state, whom)
        elif phase == SITTING:
            sit(world, book, state, whom)
        elif kind == INSTALMENT:
            repay(world, book, state, detail)
        elif kind == LATE:
            give_up(world, book, state, whom, detail)
        else:
            go_on(world, book, state, whom, time)
    close(world, book, state)


@inlined
def _clear(book: Book, state: State, row: int) -> None:
    fate, life = book.fates[row], state.lives[row]
    fate.state = fate.cause = fate.tries = 0
    fate.exit_time = math.inf
    fate.award = fate.repaid = fate.programme = fate.host = fate.group = 0.0
    for stage in range(book.entered.shape[1]):
        book.entered[row, stage] = math.inf
    life.outcome = life.ticket = life.server = life.rung = 0


@jit
def _open_units(world: Setting, book: Book, state: State, resource: int) -> None:
    one = world.resources[resource]
    for number in range(one.units):
        unit = one.first_unit + number
        tally, at = tally_of(book, state, unit), state.units[unit]
        tally.requests = tally.granted = tally.left_queue = tally.waiting = 0
        tally.queue_time = tally.busy_time = tally.capacity_time = tally.money_granted = tally.money_repaid = 0.0
        at.resource, at.kind, at.step = resource, one.kind, one.first_step
        at.waiting = at.busy = at.awaited = 0
        at.first = at.last = at.first_busy = NOBODY
        at.number, at.held = 0.0, -1.0
        if one.kind == SITTINGS:
            at.sitting = first_sitting(world, resource, number)
        else:
            _step(world, book, state, unit)


@jit
def _step(world: Setting, book: Book, state: State, unit: int) -> None:
    """The next step of a unit's calendar, and those that lie before the start: servers change, money comes in."""
    at = state.units[unit]
    one = world.resources[at.resource]
    while at.step < one.end_steps:
        step = world.steps[at.step]
        if step.time > state.clock[0].now:
            push(state, step.time, TIMELINE, unit, 0, 0)
            return
        if at.kind == SERVERS:
            at.number = step.number
        elif at.kind == FUND:
            at.number += step.number
        at.step += 1
        serve(world, book, state, unit)
