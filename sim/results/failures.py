"""Replications that could not be run: what may end one, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sim.errors import RunFailed, TooMuch
from sim.plan.names import identity
from sim.plan.plan import Plan
from sim.results.world import WorldArrays

MOST_STAFF: Final = 10_000_000
MOST_GROUPS: Final = 2_000_000
MOST_TRIES: Final = 10_000
FINE, FULL, TOO_MANY_STAFF, NO_TURNOVER, TOO_MANY_GROUPS, TOO_MANY_TRIES, NO_COST = range(7)
"""What may end a replication; all but `FINE` and `FULL` make it a failure."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A replication that could not be run: why in one line, and where in the program."""

    replication: int
    error: str
    traceback: str


def failure(plan: Plan, world: WorldArrays, status: int, row: int) -> RunFailed:
    """The error with which a status ends a replication."""
    match status:
        case _ if status == TOO_MANY_STAFF:
            who, staff = identity(plan, world.groups[row]), world.groups[row]["headcount"]
            return TooMuch(f"staff group {who} would have {staff:.3g} staff; at_most: bounds a headcount")
        case _ if status == TOO_MANY_GROUPS:
            return TooMuch(f"more than {MOST_GROUPS} staff groups in one replication")
        case _ if status == TOO_MANY_TRIES:
            return TooMuch(f"a staff group tried a stage more than {MOST_TRIES} times")
        case _:
            return RunFailed("the numbers of this scenario grow beyond what can be computed")
