"""Sittings: a board that meets at intervals, or a panel on fixed dates, with room for so many items."""

from __future__ import annotations

from collections.abc import Generator

import simpy

from sim.model.clock import Clock
from sim.model.queue import Queue, Request, Tally
from sim.plan.plan import NEVER
from sim.results.world import WorldArrays
from sim.rules.instants import SITTING, STEP
from sim.rules.resources import first_sitting, next_sitting, places_at


class Sittings:
    """One unit of a meeting or panel. Sittings at which nobody waits are not simulated.

    A sitting comes after the releases and exits and before the requests of its instant; what becomes ready later in
    that instant waits for the next.
    """

    def __init__(self, clock: Clock, world: WorldArrays, resource: int, place: int, unit: int) -> None:
        """``place`` is the region or host that it serves, ``unit`` its number among all units."""
        self._clock = clock
        self._world = world
        self._resource = resource
        self._unit = unit
        self._first_sitting = first_sitting(world, resource, place)
        self._last_sitting = -1.0
        self._scheduled = False
        self.tally = Tally()
        self.queue = Queue(clock, self.tally)

    def submit(self, row: int) -> Request | None:
        """Put an item on the agenda; None where no sitting will come."""
        if self._next() == NEVER:
            self.tally.requests += 1
            self.tally.left_queue += 1
            return None
        request = Request(self._clock, row)
        self.queue.join(request)
        if not self._scheduled:
            self._clock.process(self._sit())
        return request

    def withdraw(self, request: Request) -> None:
        """A group leaves before its item is decided."""
        self.queue.withdraw(request)

    def count_unfinished(self, horizon: float) -> None:
        """Count what is unfinished at the end."""
        self.queue.count_unfinished(horizon)

    def _next(self) -> float:
        """The next sitting that is still to come."""
        now = self._clock.now
        missed = self._last_sitting == now or self._clock.phase > SITTING
        return next_sitting(self._world, self._resource, self._first_sitting, float(now), missed)

    def _sit(self) -> Generator[simpy.Event, None, None]:
        self._scheduled = True
        while len(self.queue) and (time := self._next()) < NEVER:
            yield self._clock.at(time, SITTING, self._unit, STEP)
            self._last_sitting = time
            room = places_at(self._world, self._resource, time)
            for place, request in enumerate(self.queue.in_order_of_readiness()):
                if place < room:
                    self.queue.serve(request)
        for request in self.queue.in_order_of_readiness():
            self.queue.dismiss(request)
        self._scheduled = False
