"""Play replications in several combinations of players, and see which groups launch in each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.batch.extracts.launches.bits import WHO, Causes, Flags, LaunchFlags
from sim.batch.extracts.launches.designs import Masks
from sim.batch.extracts.launches.toggles import World
from sim.batch.play import failures_of
from sim.plan.plan import Plan
from sim.plan.tables import causes
from sim.results.failures import FINE, Failure
from sim.results.record import EXITED, Record
from sim.results.world import WorldArrays

_NUMBER_BITS: Final = 21
"""A group's number within its stream has at most so many bits; see `sim.results.failures.MOST_GROUPS`."""

Numbers = NDArray[np.int64]


def play_combinations(
    world: World, seed: int, numbers: Sequence[int], combinations: Masks, failures: dict[int, Failure]
) -> LaunchFlags:
    """Play replications in combinations, of which the first is 0. What fails in any of them is added to ``failures``.

    A combination that comes several times is played once.
    """
    different, which = np.unique(combinations, return_inverse=True)
    keys: list[Numbers] = []
    launched: list[Flags] = []
    for combination in different.tolist():
        plan, kernel = world(combination)
        arrays, record = kernel.run(seed, numbers)
        for failure in failures_of(plan, arrays, record, numbers):
            failures.setdefault(failure.replication, failure)
        rows = _rows(record)
        here = _Places(plan, arrays).keys(arrays, record, rows)
        same = bool(keys) and np.array_equal(here, keys[0])
        keys.append(keys[0] if same else here)
        assert plan.launch is not None
        launched.append(np.isfinite(arrays.reached[rows, plan.launch]))
        if combination == 0:
            why, places = _causes(plan, record, rows, launched[0]), _Places(plan, arrays)
    everybody, at_all = _align(keys, launched)
    cause = np.full(len(everybody), "", object)
    cause[np.searchsorted(everybody, keys[0])] = why
    return LaunchFlags(places.groups(everybody, numbers), cause, at_all[:, which])


def _rows(record: Record) -> Any:
    """The rows of the groups of all replications that ended well."""
    spans = record.spans
    fine = spans["status"] == FINE
    if fine.all():
        return slice(0, int(spans[-1].end_groups) if len(spans) else 0)
    return np.flatnonzero(np.repeat(fine, spans["end_groups"] - spans["first_group"]))


class _Places:
    """A group as one number, the key, that grows with replication, host, stream and number within the stream."""

    def __init__(self, plan: Plan, arrays: WorldArrays) -> None:
        self._hosts, self._streams = len(arrays.hosts), len(plan.streams) + 1

    def keys(self, arrays: WorldArrays, record: Record, rows: Any) -> Numbers:
        """The keys of the groups in these rows."""
        spans = record.spans
        place = np.repeat(np.arange(len(spans)), spans["end_groups"] - spans["first_group"])[rows]
        group = arrays.groups[rows]
        unit = (place * self._hosts + group["host"]) * self._streams + group["stream"]
        numbers: Numbers = unit << _NUMBER_BITS | group["number"]
        return numbers

    def groups(self, keys: Numbers, replications: Sequence[int]) -> NDArray[np.void]:
        """The groups with these keys."""
        identities = np.empty(len(keys), WHO)
        rest, identities["stream"] = np.divmod(keys >> _NUMBER_BITS, self._streams)
        place, identities["host"] = np.divmod(rest, self._hosts)
        identities["replication"] = np.asarray(replications)[place]
        identities["number"] = keys & ((1 << _NUMBER_BITS) - 1)
        return identities


def _causes(plan: Plan, record: Record, rows: Any, launched: Flags) -> Causes:
    """Why each group exited that had not launched; "" for the others."""
    words = np.array([cause for cause, _ in causes(plan)], object)
    fates = record.fates[rows]
    exit_causes: Causes = words[np.where((fates["state"] == EXITED) & ~launched, fates["cause"], 0)]
    return exit_causes


def _align(keys: Sequence[Numbers], launched: Sequence[Flags]) -> tuple[Numbers, Flags]:
    """All groups there are in any combination, and in which of them (column) each launched."""
    if all(here is keys[0] for here in keys):
        return keys[0], np.stack(launched, axis=1)
    everybody = np.unique(np.concatenate(keys))
    aligned = np.zeros((len(everybody), len(keys)), bool)
    for column, (here, flags) in enumerate(zip(keys, launched, strict=True)):
        aligned[np.searchsorted(everybody, here), column] = flags
    return everybody, aligned
