"""What a batch is to do: which scenario, which replications, in which chunks, kept where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sim.errors import InputError
from sim.scenario.load import Loaded

CHUNK = 20
"""Replications in a part of the store. Fixed, so that the parts do not depend on how the work was shared out."""
MOST_REPLICATIONS = 2**31 - 1
MOST_SEED = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Batch:
    """``replications`` runs of a scenario from number 0 on; ``uncertain`` draws its uncertain numbers anew in each."""

    loaded: Loaded
    replications: int
    seed: int
    uncertain: bool = False
    keep_events: bool = False

    def __post_init__(self) -> None:
        """Raises `InputError` for a number of replications or a seed that cannot be."""
        if not 1 <= self.replications <= MOST_REPLICATIONS:
            raise InputError(f"{self.replications} replications, expected a number from 1 to {MOST_REPLICATIONS}")
        if not 0 <= self.seed <= MOST_SEED:
            raise InputError(f"seed {self.seed}, expected a number from 0 to {MOST_SEED}")

    def chunks(self) -> Iterator[tuple[int, range]]:
        """The number and replications of every part."""
        for number, first in enumerate(range(0, self.replications, CHUNK)):
            yield number, range(first, min(first + CHUNK, self.replications))

    @property
    def folder(self) -> Path:
        """Where its results lie unless somebody says otherwise."""
        return Path("results") / f"{self.loaded.name}-{self.loaded.digest[:12]}-{self.seed}"
