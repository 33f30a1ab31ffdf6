"""Servers: people that a stage's work needs, held until the work is done."""

from __future__ import annotations

from collections.abc import Generator
from itertools import count

import simpy

from sim.model.clock import Clock, Kind, Phase
from sim.model.queue import Queue, Request, Tally
from sim.plan.plan import ServersPlan


class Servers:
    """One unit of servers, whose number may step up or down on dates; work in hand is always finished."""

    def __init__(self, clock: Clock, plan: ServersPlan, unit: int) -> None:
        self._clock = clock
        self._unit = unit
        self._steps = plan.steps
        self._number = plan.steps[0][1]
        self._busy: dict[int, float] = {}
        self.tally = Tally()
        self.queue = Queue(clock, self.tally)
        if len(plan.steps) > 1:
            clock.process(self._calendar())

    def request(self, row: int, room: float) -> Request | None:
        """Ask for a server; None where all are busy and ``room`` others wait already."""
        if not self._free() and len(self.queue) >= room:
            self.tally.requests += 1
            self.tally.left_queue += 1
            return None
        request = Request(self._clock, row)
        self.queue.join(request)
        self._serve()
        return request

    def withdraw(self, request: Request) -> None:
        """A group leaves the queue."""
        self.queue.withdraw(request)

    def release(self, server: int) -> None:
        """Give a server back."""
        self.tally.busy_time += self._clock.now - self._busy.pop(server)
        self._serve()

    def count_unfinished(self, horizon: float) -> None:
        """Count what is unfinished at the end."""
        self.queue.count_unfinished(horizon)
        for server in sorted(self._busy):
            self.tally.busy_time += horizon - self._busy[server]
        times = [max(time, 0.0) for time, _ in self._steps] + [horizon]
        for (_, number), start, stop in zip(self._steps, times, times[1:], strict=False):
            self.tally.capacity_time += number * max(min(stop, horizon) - start, 0.0)

    def _free(self) -> bool:
        return len(self._busy) < self._number

    def _serve(self) -> None:
        while len(self.queue) and self._free():
            server = next(number for number in count(1) if number not in self._busy)
            self._busy[server] = self._clock.now
            self.queue.serve(self.queue.first(), server)

    def _calendar(self) -> Generator[simpy.Event, None, None]:
        for time, number in self._steps[1:]:
            if time > 0.0:
                yield self._clock.at(time, Phase.TIMELINE, self._unit, Kind.STEP)
            self._number = number
            self._serve()
