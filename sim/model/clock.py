"""The clock: a SimPy environment in which events at one instant have a stated order.

At one instant come first changes of the timeline, then releases and exits, then sittings, then requests and arrivals;
within a phase events are ordered by the numbers of whom they concern. What an event sets off at the same instant joins
the same order.
"""

from __future__ import annotations

from enum import IntEnum
from heapq import heappush
from typing import Any

import simpy


class Phase(IntEnum):
    """The part of an instant in which an event belongs. ``AT_ONCE`` is the remainder of the event in hand."""

    AT_ONCE = -1
    TIMELINE = 0
    RELEASE = 1
    SITTING = 2
    REQUEST = 3


class Kind(IntEnum):
    """The order of one group's events within a phase of an instant."""

    INSTALMENT = 0
    TIMEOUT = 1
    STEP = 2


# SimPy orders its queue by (time, priority, number) and types the priority as a whole number, though any value that can
# be compared serves; hence the marks below, where a tuple stands in its place.
class Clock(simpy.Environment):
    """A SimPy environment ordered by (time, phase, whom it concerns, what, when it was scheduled).

    ``phase`` is the latest phase that the present instant has reached.
    """

    def __init__(self) -> None:
        super().__init__()
        self.phase = Phase.AT_ONCE

    def at(self, time: float, phase: Phase, entity: int, what: Kind, number: int = 0) -> simpy.Event:
        """An event that happens at an absolute time in days; ``whom`` is a group's row or a unit's number.

        ``number`` orders what is otherwise alike: the instalments of several loans.
        """
        event = simpy.Event(self)
        event._ok, event._value = True, None
        heappush(self._queue, (time, (phase, entity, what, number), next(self._eid), event))  # type: ignore[misc]
        return event

    def schedule(self, event: simpy.Event, priority: Any = 1, delay: float = 0) -> None:
        """Schedule what SimPy itself sets off: it belongs to the event in hand and comes before anything else."""
        heappush(self._queue, (self._now + delay, (Phase.AT_ONCE,), next(self._eid), event))  # type: ignore[misc]

    def step(self) -> None:
        """Process the next event."""
        time, order = self._queue[0][:2]
        phase: Phase = order[0]  # type: ignore[index]
        if time > self._now or phase > self.phase:
            self.phase = phase
        super().step()
