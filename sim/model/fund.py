"""A fund: money that groups ask for, first come first served, paid while it is open."""

from __future__ import annotations

from collections.abc import Generator

import simpy

from sim.model.clock import Clock, Kind, Phase
from sim.model.queue import Queue, Request, Tally
from sim.plan.plan import FundPlan


class Fund:
    """One unit of a fund. The first in the queue is served first, also where a later one would ask for less."""

    def __init__(self, clock: Clock, plan: FundPlan, unit: int) -> None:
        self._clock = clock
        self.plan = plan
        self._unit = unit
        self._balance = 0.0
        self.tally = Tally()
        self.queue = Queue(clock, self.tally)
        clock.process(self._calendar())

    def request(self, row: int, amount: float, room: float) -> Request | None:
        """Ask for an award; None where it cannot be paid at once and ``room`` others wait already."""
        if len(self.queue) >= room and not (len(self.queue) == 0 and self._pays(amount)):
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
        now = self._clock.now
        return amount <= self._balance and any(start <= now < stop for start, stop in self.plan.openings)

    def _serve(self) -> None:
        while len(self.queue) and self._pays((request := self.queue.first()).amount):
            self._balance -= request.amount
            self.tally.money_granted += request.amount
            self.queue.serve(request)

    def _calendar(self) -> Generator[simpy.Event, None, None]:
        for time, amount in self.plan.calendar:
            if time > 0.0:
                yield self._clock.at(time, Phase.TIMELINE, self._unit, Kind.STEP)
            self._balance += amount
            self._serve()
