"""The clock: a SimPy environment in which events at one instant have a stated order (`sim.rules.instants`).

What an event sets off at the same instant joins that order.
"""

from __future__ import annotations

from heapq import heappush
from typing import Any

import simpy

from sim.rules.instants import AT_ONCE


# SimPy orders its queue by (time, priority, number) and types the priority as a whole number, though any value that can
# be compared serves; hence the marks below, where a tuple stands in its place.
class Clock(simpy.Environment):
    """A SimPy environment ordered by (time, phase, whom it concerns, kind, when it was scheduled).

    ``phase`` is the latest phase that the present instant has reached.
    """

    def __init__(self) -> None:
        super().__init__()
        self.phase = AT_ONCE

    def at(self, time: float, phase: int, entity: int, kind: int, number: int = 0) -> simpy.Event:
        """An event that happens at an absolute time in days; ``entity`` is a group's row or a unit's number.

        ``number`` orders what is otherwise alike: the instalments of several loans.
        """
        event = simpy.Event(self)
        event._ok, event._value = True, None
        heappush(self._queue, (time, (phase, entity, kind, number), next(self._eid), event))  # type: ignore[misc]
        return event

    def schedule(self, event: simpy.Event, priority: Any = 1, delay: float = 0) -> None:
        """Schedule what SimPy itself sets off: it belongs to the event in hand and comes before anything else."""
        heappush(self._queue, (self._now + delay, (AT_ONCE,), next(self._eid), event))  # type: ignore[misc]

    def step(self) -> None:
        """Process the next event."""
        time, order = self._queue[0][:2]
        phase: int = order[0]  # type: ignore[index]
        if time > self._now or phase > self.phase:
            self.phase = phase
        super().step()
