"""Sittings: a board that meets at intervals, or a panel on fixed dates, with room for so many items."""

from __future__ import annotations

from collections.abc import Generator

import simpy

from sim.model.clock import Clock, Kind, Phase
from sim.model.queue import Queue, Request, Tally
from sim.plan.plan import NEVER
from sim.results.world import Setting
from sim.rules.resources import first_sitting, next_sitting, places_at


class Sittings:
    """One unit of a meeting or panel. Sittings at which nobody waits are not simulated.

    A sitting comes after the releases and exits and before the requests of its instant; what becomes ready later in
    that instant waits for the next.
    """

    def __init__(self, clock: Clock, setting: Setting, resource: int, place: int, unit: int) -> None:
        """``place`` is the region or host that it serves, ``unit`` its number among all units."""
        self._clock = clock
        self._setting = setting
        self._resource = resource
        self._unit = unit
        self._first = first_sitting(setting, resource, place)
        self._held = -1.0
        self._awaited = False
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
        if not self._awaited:
            self._clock.process(self._sit())
        return request

    def withdraw(self, request: Request) -> None:
        """A group leaves before its item is decided."""
        self.queue.withdraw(request)

    def close(self, horizon: float) -> None:
        """Count what is unfinished at the end."""
        self.queue.close(horizon)

    def _next(self) -> float:
        """The next sitting that is still to come."""
        now = self._clock.now
        missed = self._held == now or self._clock.phase > Phase.SITTING
        return next_sitting(self._setting, self._resource, self._first, float(now), missed)

    def _sit(self) -> Generator[simpy.Event, None, None]:
        self._awaited = True
        while len(self.queue) and (time := self._next()) < NEVER:
            yield self._clock.at(time, Phase.SITTING, self._unit, Kind.STEP)
            self._held = time
            room = places_at(self._setting, self._resource, time)
            for place, request in enumerate(self.queue.in_order_of_readiness()):
                if place < room:
                    self.queue.serve(request)
        for request in self.queue.in_order_of_readiness():
            self.queue.dismiss(request)
        self._awaited = False
