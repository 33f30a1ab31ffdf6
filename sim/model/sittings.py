"""Sittings: a board that meets at intervals, or a panel on fixed dates, with room for so many items."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Generator

import simpy

from sim.model.clock import Clock, Phase
from sim.model.queue import Queue, Request, Tally
from sim.rules.plan import NEVER, SittingsPlan


class Sittings:
    """One unit of a meeting or panel. Sittings at which nobody waits are not simulated.

    A sitting comes after the releases and exits and before the requests of its instant; what becomes ready later in
    that instant waits for the next. ``phase`` in days moves the whole calendar of a staggered meeting.
    """

    def __init__(self, clock: Clock, plan: SittingsPlan, order: tuple[int, int], phase: float) -> None:
        self._clock = clock
        self._plan = plan
        self._order = order
        self._first = phase if plan.staggered else plan.first
        self._held = -1.0
        self._awaited = False
        self.tally = Tally()
        self.queue = Queue(clock, self.tally)

    def submit(self, order: tuple[int, ...]) -> Request | None:
        """Put an item on the agenda; None where no sitting will come."""
        if self._next() == NEVER:
            self.tally.requests += 1
            self.tally.left_queue += 1
            return None
        request = Request(self._clock, order)
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
        if self._plan.every > 0.0:
            number = max(math.floor((now - self._first) / self._plan.every) - 1, 0)
            while (time := self._first + number * self._plan.every) < now or (missed and time == now):
                number += 1
            return time
        place = (bisect_right if missed else bisect_left)(self._plan.dates, now)
        return self._plan.dates[place] if place < len(self._plan.dates) else NEVER

    def _sit(self) -> Generator[simpy.Event, None, None]:
        self._awaited = True
        while len(self.queue) and (time := self._next()) < NEVER:
            yield self._clock.at(time, Phase.SITTING, self._order)
            self._held = time
            room = [places for start, places in self._plan.steps if start <= time][-1]
            for place, request in enumerate(self.queue.in_order_of_readiness()):
                if place < room:
                    self.queue.serve(request)
        for request in self.queue.in_order_of_readiness():
            self.queue.dismiss(request)
        self._awaited = False
