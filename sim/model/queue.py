"""A queue in front of a resource, and what is counted about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import simpy


@dataclass(slots=True)
class Tally:
    """What is counted about one unit of a resource; times are in group-days, money in pounds."""

    requests: int = 0
    granted: int = 0
    left_queue: int = 0
    queue_time: float = 0.0
    busy_time: float = 0.0
    capacity_time: float = 0.0
    money_granted: float = 0.0
    money_repaid: float = 0.0


class Outcome(Enum):
    """How a wait ended."""

    SERVED = "served"
    TIMEOUT = "late"
    DISMISSED = "dismissed"


class Request:
    """One group's place in a queue. ``event`` happens when the wait ends; its value is the server, if there is one."""

    __slots__ = ("amount", "event", "outcome", "row", "since")

    def __init__(self, clock: simpy.Environment, row: int, amount: float = 0.0) -> None:
        self.event = simpy.Event(clock)
        self.row = row
        self.since = clock.now
        self.amount = amount
        self.outcome: Outcome | None = None

    def end(self, outcome: Outcome, server: int | None = None) -> None:
        """End the wait, unless it has ended."""
        if self.outcome is None:
            self.outcome = outcome
            self.event.succeed(server)


class Queue:
    """Requests first come first served, counted into a tally."""

    def __init__(self, clock: simpy.Environment, tally: Tally) -> None:
        self._clock = clock
        self._tally = tally
        self._waiting: dict[Request, None] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def join(self, request: Request) -> None:
        """Stand at the end."""
        self._tally.requests += 1
        self._waiting[request] = None

    def first(self) -> Request:
        """The request that has stood longest."""
        return next(iter(self._waiting))

    def in_order_of_readiness(self) -> list[Request]:
        """The waiting by (since when, host and group number)."""
        return sorted(self._waiting, key=lambda request: (request.since, request.row))

    def serve(self, request: Request, server: int | None = None) -> None:
        """Take a request out and give it what it waited for."""
        self._remove(request)
        self._tally.granted += 1
        request.end(Outcome.SERVED, server)

    def dismiss(self, request: Request) -> None:
        """Take out a request that will never be served."""
        self.withdraw(request)
        request.end(Outcome.DISMISSED)

    def withdraw(self, request: Request) -> None:
        """Take out a request whose group has left."""
        self._remove(request)
        self._tally.left_queue += 1

    def count_unfinished(self, horizon: float) -> None:
        """Count the time of those who still wait at the end."""
        for request in self._waiting:
            self._tally.queue_time += horizon - request.since

    def _remove(self, request: Request) -> None:
        del self._waiting[request]
        self._tally.queue_time += self._clock.now - request.since
