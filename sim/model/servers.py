"""Servers: people that a stage's work needs, held until the work is done."""

from __future__ import annotations

from collections.abc import Generator
from itertools import count

import simpy

from sim.model.clock import Clock
from sim.model.queue import Queue, Request, Tally
from sim.plan.plan import ServersPlan
from sim.results.world import WorldArrays
from sim.rules.instants import STEP, TIMELINE
from sim.rules.resources import can_serve, may_join


class Servers:
    """One unit of servers, whose number may step up or down on dates; work in hand is always finished."""

    def __init__(self, clock: Clock, plan: ServersPlan, world: WorldArrays, resource: int, unit: int) -> None:
        """``resource`` is the number of the servers, ``unit`` that of this unit among all units."""
        self._clock = clock
        self._world, self._resource, self._unit = world, resource, unit
        self._steps = plan.steps
        self._number = plan.steps[0][1]
        self._busy: dict[int, float] = {}
        self.tally = Tally()
        self.queue = Queue(clock, self.tally)
        if len(plan.steps) > 1:
            clock.process(self._calendar())

    def request(self, row: int, room: float) -> Request | None:
        """Ask for a server; None where all are busy and ``room`` others wait already."""
        waiting, now = len(self.queue), float(self._clock.now)
        if not may_join(self._world, self._resource, waiting, room, self._free(), 0.0, now):
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

    def _free(self) -> float:
        """How many servers are free; below 0 where there are fewer than are at work."""
        return self._number - len(self._busy)

    def _serves(self) -> bool:
        return can_serve(self._world, self._resource, self._free(), 0.0, float(self._clock.now))

    def _serve(self) -> None:
        while len(self.queue) and self._serves():
            server = next(number for number in count(1) if number not in self._busy)
            self._busy[server] = self._clock.now
            self.queue.serve(self.queue.first(), server)

    def _calendar(self) -> Generator[simpy.Event, None, None]:
        for time, number in self._steps[1:]:
            if time > 0.0:
                yield self._clock.at(time, TIMELINE, self._unit, STEP)
            self._number = number
            self._serve()
