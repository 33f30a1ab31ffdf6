"""What a batch is to do: which worlds, which replications, what is kept of each, in which parts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sim.batch.case import ENGINES, Case, Engine
from sim.batch.extract import Computation, Extract
from sim.batch.play import plan_of
from sim.errors import InputError
from sim.limits import MOST_REPLICATIONS, MOST_SEED
from sim.store.manifest import BatchSettings, manifest

if TYPE_CHECKING:
    from sim.plan.plan import Plan, StreamPlan
    from sim.scenario.load import Loaded

_UNITS_IN_A_TRIAL: Final = 1e5
"""About how many staff groups and hosts the first task of the kernel holds together: some tenths of a second."""
_UNCERTAIN_IN_A_TRIAL: Final = 64
_SIZES: Final = (10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20)


@dataclass(frozen=True)
class Batch:
    """``replications`` of one or several worlds under one seed, from number 0 on, and what is kept of each.

    All worlds of a batch are run in every replication, with common random numbers; ``uncertain`` draws their uncertain
    numbers again in each.
    """

    worlds: tuple[Loaded, ...]
    extract: Extract
    replications: int
    seed: int
    uncertain: bool = False
    engine: Engine = "kernel"

    def __post_init__(self) -> None:
        """Raises `InputError` for a number of replications, a seed or an engine that cannot be."""
        if not 1 <= self.replications <= MOST_REPLICATIONS:
            raise InputError(f"{self.replications} replications, expected a number from 1 to {MOST_REPLICATIONS}")
        if not 0 <= self.seed <= MOST_SEED:
            raise InputError(f"seed {self.seed}, expected a number from 0 to {MOST_SEED}")
        if self.engine not in ENGINES:
            raise InputError(f"there is no engine {self.engine!r}, expected kernel or simpy")

    @property
    def cases(self) -> tuple[Case, ...]:
        """The worlds as they are run."""
        return tuple(Case(world.scenario, self.seed, self.uncertain, self.engine) for world in self.worlds)

    @property
    def computation(self) -> Computation:
        """What a worker must know besides the numbers of its replications."""
        return Computation(self.cases, self.extract)

    @property
    def runs_without_lock(self) -> bool:
        """Whether threads pay: the kernel computes beside Python, but drawing and laying out a world is Python's."""
        return self.engine == "kernel" and not self.uncertain

    @cached_property
    def part_size(self) -> int:
        """Replications in a whole part of the store. Raises `RunFailed` as `plan_of` does.

        Depends on the scenarios and on what is kept alone, so that parts are the same whoever computes them, and the
        parts of a small batch are those with which a larger one begins.
        """
        return self.extract.part_size(sum(expected_groups(plan) for plan in self._plans))

    @cached_property
    def trial(self) -> int:
        """Replications with which to try how fast they go; raises `RunFailed` as `plan_of` does."""
        if self.engine == "simpy":
            return 1
        if self.uncertain:
            return max(1, _UNCERTAIN_IN_A_TRIAL // self.extract.runs)
        units = max(_expected_units(plan) for plan in self._plans)
        return max(1, int(_UNITS_IN_A_TRIAL / max(units, 1.0) / self.extract.runs))

    @cached_property
    def _plans(self) -> tuple[Plan, ...]:
        return tuple(plan_of(case.scenario) for case in self.cases)

    def manifest(self) -> dict[str, Any]:
        """The manifest before it is run. Raises `RunFailed` as `plan_of` does."""
        settings = BatchSettings(
            replications=self.replications,
            seed=self.seed,
            uncertain=self.uncertain,
            keep=self.extract.keep,
            engine=self.engine,
            part_size=self.part_size,
        )
        return manifest(self.worlds, settings)

    def parts(self) -> Iterator[tuple[int, range]]:
        """The number and replications of every part."""
        for number, first in enumerate(range(0, self.replications, self.part_size)):
            yield number, range(first, min(first + self.part_size, self.replications))

    @property
    def folder(self) -> Path:
        """Where the results of its first world lie unless somebody says otherwise."""
        return Path("results") / f"{self.worlds[0].name}-{self.worlds[0].digest[:12]}-{self.seed}"


def choose_part_size(groups: float, groups_in_a_part: float) -> int:
    """A round number of replications, of about ``groups`` staff groups each, that have about so many together."""
    wanted = groups_in_a_part / max(groups, 1.0)
    return next((size for size in _SIZES if size <= wanted), _SIZES[-1])


def expected_groups(plan: Plan) -> float:
    """About how many groups arrive in a replication, traits and overlaps of policies left aside."""
    arriving = sum(
        region.hosts * _arrivals(stream, max(stream.start, region.joins, 0.0), plan.horizon)
        for stream in plan.streams
        for region in plan.regions
    )
    return len(plan.named) + arriving


def _expected_units(plan: Plan) -> float:
    return expected_groups(plan) + sum(region.hosts for region in plan.regions)


def _arrivals(stream: StreamPlan, start: float, horizon: float) -> float:
    """About how many groups of a stream arrive at a host."""
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
