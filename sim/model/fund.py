"""A fund: money that groups ask for, first come first served, paid while it is open."""

from __future__ import annotations

from collections.abc import Generator

import simpy

from sim.model.clock import Clock
from sim.model.queue import Queue, Request, Tally
from sim.plan.plan import FundPlan
from sim.results.world import WorldArrays
from sim.rules.instants import STEP, TIMELINE
from sim.rules.resources import can_serve, may_join


class Fund:
    """One unit of a fund. The first in the queue is served first, also where a later one would ask for less."""

    def __init__(self, clock: Clock, plan: FundPlan, world: WorldArrays, resource: int, unit: int) -> None:
        """``resource`` is the number of the fund, ``unit`` that of this unit among all units."""
        self._clock = clock
        self.plan = plan
        self._world, self._resource, self._unit = world, resource, unit
        self._balance = 0.0
        self.tally = Tally()
        self.queue = Queue(clock, self.tally)
        clock.process(self._calendar())

    def request(self, row: int, amount: float, room: float) -> Request | None:
        """Ask for an award; None where it cannot be paid at once and ``room`` others wait already."""
        waiting, now = len(self.queue), float(self._clock.now)
        if not may_join(self._world, self._resource, waiting, room, self._balance, amount, now):
            self.tally.requests += 1
            self.tally.left_queue += 1
            return None
        request = Request(self._clock, row, amount)
        self.queue.join(request)
        self._serve()
        return request

    def withdraw(self, request: Request) -> None:
        """A group leaves the queue; whoever stood behind it may now be paid."""
        self.queue.withdraw(request)
        self._serve()

    def repay(self, amount: float) -> None:
        """Money of a loan that comes back and can be lent again."""
        self._balance += amount
        self.tally.money_repaid += amount
        self._serve()

    def count_unfinished(self, horizon: float) -> None:
        """Count what is unfinished at the end."""
        self.queue.count_unfinished(horizon)

    def _pays(self, amount: float) -> bool:
        return can_serve(self._world, self._resource, self._balance, amount, float(self._clock.now))

    def _serve(self) -> None:
        while len(self.queue) and self._pays((request := self.queue.first()).amount):
            self._balance -= request.amount
            self.tally.money_granted += request.amount
            self.queue.serve(request)

    def _calendar(self) -> Generator[simpy.Event, None, None]:
        for time, amount in self.plan.calendar:
            if time > 0.0:
                yield self._clock.at(time, TIMELINE, self._unit, STEP)
            self._balance += amount
            self._serve()
