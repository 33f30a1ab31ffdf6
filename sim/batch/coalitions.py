"""Replications of one scenario under many combinations of players, with the same luck in all of them.

What is kept is, for every group, in which combinations it launched: a bit each. So memory and store do not grow with
what else could be said of a group.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.batch.batch import Batch, expected_groups
from sim.batch.designs import Design, Masks
from sim.batch.toggles import Players, World, switches, until_launch
from sim.draws.uniform import luck
from sim.plan.build import build_plan
from sim.plan.parameters import Parameters
from sim.plan.plan import Plan
from sim.plan.tables import causes
from sim.results.failures import FINE, Failure, failure
from sim.results.record import EXITED, Record
from sim.results.world import WorldArrays
from sim.scenario.schema import Scenario

_CELLS: Final = 1 << 23
"""About so many groups times combinations are held at once."""
_MOST_TOGETHER: Final = 100
_NUMBER_BITS: Final = 21
"""A group's number within its stream has at most so many bits; see `sim.rules.population.MOST_GROUPS`."""

Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]
Words = NDArray[np.object_]
WHO: Final = np.dtype([(name, np.int64) for name in ("replication", "host", "stream", "number")])
"""Which group: its replication, and its number within a stream of a host; the last stream is that of named groups."""


@dataclass(frozen=True, slots=True)
class Block:
    """Some ``replications`` under the combinations of a design. A row is a group that set out in any of these.

    ``who`` (of `WHO`) says which group it is; ``cause`` is why it exited in combination 0 without having launched, ""
    where it did not exit or had launched, or is not there. ``launched`` holds a bit for each combination of the design,
    the lowest bit of a byte first. Those ``sound`` are the replications that could be run in all combinations; the
    others have no rows.
    """

    replications: range
    sound: Numbers
    who: NDArray[np.void]
    cause: Words
    launched: NDArray[np.uint8]
    failures: tuple[Failure, ...]

    def truth(self, combinations: int) -> Flags:
        """In which combinations each group launched: shape (groups, combinations)."""
        return np.unpackbits(self.launched, axis=1, count=combinations, bitorder="little").view(bool)


@dataclass(frozen=True)
class Coalitions:
    """A scenario, the players that are switched in it, and the combinations in which this is done."""

    batch: Batch
    players: Players
    design: Design

    @cached_property
    def scenario(self) -> Scenario:
        """What is run: the scenario until a launch."""
        return until_launch(self.batch.loaded.scenario)

    @cached_property
    def _worlds(self) -> Callable[[], World]:
        return switches(self.scenario, self.players)

    @cached_property
    def part_size(self) -> int:
        """Replications in a whole block; depends on the scenario and the design alone."""
        cells = max(expected_groups(build_plan(self.scenario)), 1.0) * self.design.size
        return max(1, min(int(_CELLS / cells), _MOST_TOGETHER))

    def parts(self) -> Iterator[tuple[int, range]]:
        """The number and replications of every block."""
        asked = self.batch.replications
        for number, first in enumerate(range(0, asked, self.part_size)):
            yield number, range(first, min(first + self.part_size, asked))

    def block(self, replications: range) -> Block:
        """Run replications in all their combinations."""
        failures: dict[int, Failure] = {}
        found = []
        world = None if self.batch.uncertain else self._worlds()
        for numbers in self._together(replications):
            combinations = self.design.combinations(numbers.start)
            try:
                found.append(
                    _played(world or self._drawn(numbers.start), self.batch.seed, numbers, combinations, failures)
                )
            except ArithmeticError as error:
                words = f"the numbers of this scenario grow beyond what can be computed ({error})"
                failures.update({number: Failure(number, words, traceback.format_exc()) for number in numbers})
        return _block(replications, found, self.design.size, failures)

    def _together(self, replications: range) -> list[range]:
        """Replications that have the same world and the same combinations are played together."""
        if self.design.method == "exact" and not self.batch.uncertain:
            return [replications]
        return [range(number, number + 1) for number in replications]

    def _drawn(self, replication: int) -> World:
        """The world of a replication that draws its uncertain numbers."""
        return switches(self._parameters.draw(luck(self.batch.seed, replication)), self.players)()

    @cached_property
    def _parameters(self) -> Parameters:
        return Parameters(self.scenario)


class _Played(NamedTuple):
    """Groups (of `WHO`), why each exited, and in which combinations (a column each) it launched."""

    who: NDArray[np.void]
    cause: Words
    launched: Flags


def _played(
    world: World, seed: int, numbers: Sequence[int], combinations: Masks, failures: dict[int, Failure]
) -> _Played:
    """Play replications in combinations, of which the first is 0."""
    different, which = np.unique(combinations, return_inverse=True)
    keys: list[Numbers] = []
    launched: list[Flags] = []
    for combination in different.tolist():
        plan, kernel = world(combination)
        arrays, record = kernel.run(seed, numbers)
        for at in np.flatnonzero(record.spans["status"] != FINE).tolist():
            span = record.spans[at]
            error = str(failure(plan, arrays, span.status, span.row))
            failures.setdefault(numbers[at], Failure(numbers[at], error, ""))
        rows = _rows(record)
        here = _Places(plan, arrays).keys(arrays, record, rows)
        same = bool(keys) and np.array_equal(here, keys[0])
        keys.append(keys[0] if same else here)
        assert plan.launch is not None
        launched.append(np.isfinite(arrays.reached[rows, plan.launch]))
        if combination == 0:
            why, places = _causes(plan, record, rows, launched[0]), _Places(plan, arrays)
    everybody, at_all = _aligned(keys, launched)
    cause = np.full(len(everybody), "", object)
    cause[np.searchsorted(everybody, keys[0])] = why
    return _Played(places.groups(everybody, numbers), cause, at_all[:, which])


def _rows(record: Record) -> Any:
    """The rows of the groups of all replications that ended well."""
    spans = record.spans
    fine = spans["status"] == FINE
    if fine.all():
        return slice(0, int(spans[-1].end_groups))
    return np.flatnonzero(np.repeat(fine, spans["end_groups"] - spans["first_group"]))


class _Places:
    """A group as one number, the key, that grows with replication, host, stream and number within the stream."""

    def __init__(self, plan: Plan, arrays: WorldArrays) -> None:
        self._hosts, self._streams = len(arrays.hosts), len(plan.streams) + 1

    def keys(self, arrays: WorldArrays, record: Record, rows: Any) -> Numbers:
        """The keys of the groups in these rows."""
        spans = record.spans
        place = np.repeat(np.arange(len(spans)), spans["end_groups"] - spans["first_group"])[rows]
        one = arrays.groups[rows]
        unit = (place * self._hosts + one["host"]) * self._streams + one["stream"]
        found: Numbers = unit << _NUMBER_BITS | one["number"]
        return found

    def groups(self, keys: Numbers, replications: Sequence[int]) -> NDArray[np.void]:
        """The groups with these keys."""
        found = np.empty(len(keys), WHO)
        rest, found["stream"] = np.divmod(keys >> _NUMBER_BITS, self._streams)
        place, found["host"] = np.divmod(rest, self._hosts)
        found["replication"] = np.asarray(replications)[place]
        found["number"] = keys & ((1 << _NUMBER_BITS) - 1)
        return found


def _causes(plan: Plan, record: Record, rows: Any, launched: Flags) -> Words:
    """Why each group exited that had not launched; "" for the others."""
    words = np.array([cause for cause, _ in causes(plan)], object)
    fates = record.fates[rows]
    found: Words = words[np.where((fates["state"] == EXITED) & ~launched, fates["cause"], 0)]
    return found


def _aligned(keys: Sequence[Numbers], launched: Sequence[Flags]) -> tuple[Numbers, Flags]:
    """All groups there are in any combination, and in which of them (column) each launched."""
    if all(here is keys[0] for here in keys):
        return keys[0], np.stack(launched, axis=1)
    everybody = np.unique(np.concatenate(keys))
    found = np.zeros((len(everybody), len(keys)), bool)
    for column, (here, flags) in enumerate(zip(keys, launched, strict=True)):
        found[np.searchsorted(everybody, here), column] = flags
    return everybody, found


def _block(replications: range, found: Sequence[_Played], combinations: int, failures: dict[int, Failure]) -> Block:
    """A block of what was played, without the replications that failed in any combination."""
    who = np.concatenate([np.zeros(0, WHO), *(one.who for one in found)])
    cause = np.concatenate([np.zeros(0, object), *(one.cause for one in found)])
    launched = np.concatenate([np.zeros((0, combinations), bool), *(one.launched for one in found)])
    kept = ~np.isin(who["replication"], list(failures))
    return Block(
        replications,
        np.array([number for number in replications if number not in failures], np.int64),
        who[kept],
        cause[kept],
        np.packbits(launched[kept], axis=1, bitorder="little"),
        tuple(failures[number] for number in sorted(failures)),
    )
