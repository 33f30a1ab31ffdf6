"""What a batch is to do: which scenario, which replications, kept how, in which parts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sim.batch.replicate import Engine, Keep, Work, plan_of
from sim.errors import InputError
from sim.limits import MOST_REPLICATIONS, MOST_SEED
from sim.plan.plan import Plan, StreamPlan
from sim.scenario.load import Loaded

if TYPE_CHECKING:
    from collections.abc import Mapping

_GROUPS_IN_A_PART: Final[Mapping[Keep, float]] = {"kpis": 1e6, "groups": 1e5, "events": 2.5e4}
"""About how many staff groups the replications of a part hold together: so a part is some megabytes at most."""
_PEOPLE_IN_A_TRIAL: Final = 1e5
"""About how many staff groups and hosts the first task of the kernel holds together: some tenths of a second."""
_SIZES: Final = (10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20)


@dataclass(frozen=True)
class Batch:
    """``replications`` runs of a scenario from number 0 on; ``uncertain`` draws its uncertain numbers anew in each."""

    loaded: Loaded
    replications: int
    seed: int
    uncertain: bool = False
    keep: Keep = "groups"
    engine: Engine = "kernel"

    def __post_init__(self) -> None:
        """Raises `InputError` for a number of replications or a seed that cannot be."""
        if not 1 <= self.replications <= MOST_REPLICATIONS:
            raise InputError(f"{self.replications} replications, expected a number from 1 to {MOST_REPLICATIONS}")
        if not 0 <= self.seed <= MOST_SEED:
            raise InputError(f"seed {self.seed}, expected a number from 0 to {MOST_SEED}")
        if self.keep not in _GROUPS_IN_A_PART:
            raise InputError(f"cannot keep {self.keep!r}, expected kpis, groups or events")
        if self.engine not in ("kernel", "simpy"):
            raise InputError(f"there is no engine {self.engine!r}, expected kernel or simpy")

    @property
    def work(self) -> Work:
        """What a worker must know."""
        return Work(self.loaded.scenario, self.seed, self.uncertain, self.keep, self.engine)

    @cached_property
    def part_size(self) -> int:
        """Replications in a whole part of the store.

        Depends on the scenario and on what is kept alone, so that parts are the same whoever computes them, and the
        parts of a small batch are those with which a larger one begins. Raises `RunFailed` as `plan_of` does.
        """
        wanted = _GROUPS_IN_A_PART[self.keep] / max(expected_groups(self._plan), 1.0)
        return next((size for size in _SIZES if size <= wanted), _SIZES[-1])

    @property
    def trial(self) -> int:
        """Replications with which to try how fast they go; raises `RunFailed` as `plan_of` does."""
        if self.engine == "simpy":
            return 1
        if self.uncertain:
            return 64
        people = expected_groups(self._plan) + sum(region.hosts for region in self._plan.regions)
        return max(1, int(_PEOPLE_IN_A_TRIAL / max(people, 1.0)))

    @cached_property
    def _plan(self) -> Plan:
        return plan_of(self.loaded.scenario)

    def parts(self) -> Iterator[tuple[int, range]]:
        """The number and replications of every part."""
        for number, first in enumerate(range(0, self.replications, self.part_size)):
            yield number, range(first, min(first + self.part_size, self.replications))

    @property
    def folder(self) -> Path:
        """Where its results lie unless somebody says otherwise."""
        return Path("results") / f"{self.loaded.name}-{self.loaded.digest[:12]}-{self.seed}"


def expected_groups(plan: Plan) -> float:
    """About how many groups set out in a replication, traits and overlaps of policies left aside."""
    arriving = sum(
        region.hosts * _arrivals(stream, max(stream.start, region.joins, 0.0), plan.horizon)
        for stream in plan.streams
        for region in plan.regions
    )
    return len(plan.named) + arriving


def _arrivals(stream: StreamPlan, start: float, horizon: float) -> float:
    """About how many groups of a stream set out at a host."""
    stop = min(stream.stop, horizon)
    span = max(stop - start, 0.0)
    if stream.number:
        several = float(stream.number)
    elif stream.every is not None:
        several = span / stream.every if stream.every > 0.0 else math.inf
    else:
        stretched = span + sum(
            max(period.change - 1.0, 0.0) * max(min(period.stop, stop) - max(period.start, start), 0.0)
            for period in stream.periods
        )
        several = stream.rate * stretched
    return min(several, stream.limit)
