"""The launches of one world under many combinations of players, with the same luck in all of them.

What is kept is, for every group, in which combinations it launched: a bit each. So memory and store do not grow with
what else could be said of a group.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.batch.case import Case
from sim.batch.extract import Compute, Extraction
from sim.batch.extracts.launches.bits import TABLE, LaunchFlags, encode_bits, tabulate
from sim.batch.extracts.launches.combinations import play_combinations
from sim.batch.extracts.launches.designs import Design
from sim.batch.extracts.launches.toggles import Players, World, toggle, until_launch
from sim.batch.play import explain
from sim.draws.uniform import luck
from sim.plan.parameters import Parameters
from sim.results.failures import Failure
from sim.store.chunk import EncodedTable

if TYPE_CHECKING:
    import pyarrow as pa

_CELLS: Final = 1 << 23
"""About so many groups times combinations are held at once."""
_MOST_TOGETHER: Final = 100
_NONE_TOGGLED: Final = np.zeros(1, np.int64)
"""Played with no replication it loads what is compiled, and does not lay out every combination for nothing."""


@dataclass(frozen=True, slots=True)
class Launches:
    """Launches of one case with ``players`` toggled in the combinations of a ``design``."""

    players: Players
    design: Design

    @property
    def keep(self) -> str:
        """Design and players: combinations are kept by their numbers, which mean nothing without them."""
        return f"launches by {self.design.method} over {self.players.kind}: {', '.join(self.players.names)}"

    @property
    def runs(self) -> int:
        """One for each combination."""
        return self.design.size

    def part_size(self, groups: float) -> int:
        """So many replications that about as many bits are in memory whatever the scenario and the design."""
        cells = max(groups, 1.0) * self.design.size
        return max(1, min(int(_CELLS / cells), _MOST_TOGETHER))

    def lay_out(self, cases: Sequence[Case]) -> Compute:
        """What runs replications of the one case until its launches, in all their combinations."""
        (case,) = cases
        return _Worlds(case, self)

    def encode(self, table: pa.Table) -> EncodedTable:
        """Bits as the store has them."""
        return encode_bits(table)


class _Worlds:
    """The worlds of all combinations, laid out as they are needed."""

    def __init__(self, case: Case, extract: Launches) -> None:
        scenario = until_launch(case.scenario)
        self._seed, self._players, self._design = case.seed, extract.players, extract.design
        self._parameters = Parameters(scenario) if case.uncertain else None
        self._toggled = None if case.uncertain else toggle(scenario, extract.players)

    def __call__(self, replications: Sequence[int]) -> Extraction:
        """Run replications in all their combinations."""
        failures: dict[int, Failure] = {}
        several: list[LaunchFlags] = []
        shared = self._toggled() if self._toggled else None
        for numbers in self._together(replications):
            combinations = self._design.combinations(numbers[0]) if numbers else _NONE_TOGGLED
            try:
                world = shared or self._draw(numbers[0] if numbers else 0)
                flags = play_combinations(world, self._seed, numbers, combinations, failures)
            except ArithmeticError as error:
                words, where = explain(error), traceback.format_exc()
                failures.update({number: Failure(number, words, where) for number in numbers})
            else:
                several += [flags] if numbers else []
        bits = tabulate(several, self._design.size, failures)
        return Extraction({TABLE: bits}, tuple(failures[number] for number in sorted(failures)))

    def _together(self, replications: Sequence[int]) -> list[Sequence[int]]:
        """Replications that have the same world and the same combinations are played together."""
        if not replications or (self._design.method == "exact" and self._parameters is None):
            return [replications]
        return [[number] for number in replications]

    def _draw(self, replication: int) -> World:
        """The world of a replication that draws its uncertain numbers."""
        assert self._parameters is not None
        return toggle(self._parameters.draw(luck(self._seed, replication)), self._players)()
