"""What came first for each group, launch or a cause of exit, and when: the ground that incidence stands on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.dates import DAYS_A_MONTH
from sim.analysis.run.endings import end_times, has_launched, launch_column, launch_times
from sim.scenario.vocabulary import COMPLETED, EXITED, WAS_COMPLETED, WAS_LAUNCHED
from sim.store.table_slice import Categories

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sim.store.results import Results
    from sim.store.table_slice import TableSlice

    Times = NDArray[np.float64]

BLOCKS = 50
_COARSE = 2000
_FINE = 2**17
_FEW = 2_000_000
_INSIDE = ""


@dataclass(frozen=True)
class Grid:
    """Numbers of groups by equal steps of time: step k is all after (k - 1) widths up to and with k widths.

    ``counts`` has the shape (causes + 1, blocks of replications, steps + 1); the first of the first axis is censored.
    """

    width: float
    counts: NDArray[np.int64]

    def last_steps(self, at: Times) -> NDArray[np.int64]:
        """The last step that ends at each time or before it."""
        return np.clip(np.floor(at / self.width + 1e-9).astype(np.int64), 0, self.counts.shape[2] - 1)


@dataclass(frozen=True)
class FirstEvents:
    """Times and first events of all groups.

    ``causes`` are the events that occurred, launch first, the others by name. Few groups stand one by one in ``times``
    and ``codes`` (0 for censored, else the place in ``causes`` from 1). Many are counted in ``fine``, of at most 2^17
    steps that make up whole months, and ``times`` is None. ``coarse`` has the counts by blocks of replications.
    So memory does not grow with the number of groups.
    """

    causes: tuple[str, ...]
    longest: float
    times: Times | None
    codes: NDArray[np.int64]
    fine: Grid | None
    coarse: Grid

    def still(self, at: Times) -> NDArray[np.int64]:
        """How many groups were watched for each of these times and were still inside just before."""
        if self.times is not None:
            return np.asarray(len(self.times) - np.searchsorted(np.sort(self.times), at, side="left"))
        assert self.fine is not None
        gone = np.cumsum(self.fine.counts.sum(axis=(0, 1)))
        return np.asarray(gone[-1] - gone[self.fine.last_steps(at)])


def first_events(groups: TableSlice) -> tuple[Times, Categories]:
    """For each group the time from arrival of what came first, and what it was: empty for censored.

    What comes first is launch, an exit, the end of a route that has no launch (``(completed)``), or the end of
    the clock.
    """
    causes, state, live = groups.categories("exit_cause"), groups.categories("state"), has_launched(groups)
    place = {
        name: code for code, name in enumerate(dict.fromkeys((_INSIDE, WAS_LAUNCHED, WAS_COMPLETED, *causes.names)))
    }
    codes = np.zeros(groups.rows, dtype=np.int64)
    left = np.flatnonzero(state.equal(EXITED))
    codes[left] = np.array([place[name] for name in causes.names], dtype=np.int64)[causes.codes[left]]
    codes[state.equal(COMPLETED)] = place[WAS_COMPLETED]
    codes[live] = place[WAS_LAUNCHED]
    stop = np.where(codes == place[_INSIDE], groups.facts.horizon, end_times(groups))
    return np.where(live, launch_times(groups), stop) - groups.numbers("arrived"), Categories(codes, tuple(place))


def collect_first_events(results: Results, few: int = _FEW) -> FirstEvents:
    """What came first for every group of every replication; up to ``few`` of them are kept one by one."""
    blocks = max(min(len(results.replications), BLOCKS), 1)
    kept: list[tuple[Times, Categories, NDArray[np.int64]]] = []
    many: _Many | None = None
    for table_slice in results.slices(
        "groups", ["arrived", "state", "exit_cause", "exit_time", launch_column(results.facts.launch)]
    ):
        kept.append((*first_events(table_slice), (table_slice.at + table_slice.first) % blocks))
        if many is None and sum(len(times) for times, _, _ in kept) > few:
            many = _Many(results.facts.horizon, blocks)
        if many is not None:
            for some in kept:
                many.add(*some)
            kept.clear()
    return _one_by_one(kept, blocks) if many is None else many.watched()


def _one_by_one(kept: Sequence[tuple[Times, Categories, NDArray[np.int64]]], blocks: int) -> FirstEvents:
    times = np.concatenate([np.zeros(0), *(times for times, _, _ in kept)])
    longest = float(times.max(initial=0.0))
    coarse = _Counts(blocks, max(longest, 1e-9) / _COARSE, _COARSE)
    for some in kept:
        coarse.add(*some)
    causes = _ordered(coarse.events)
    place = {_INSIDE: 0, **{name: k + 1 for k, name in enumerate(causes)}}
    codes = [np.array([place.get(name, 0) for name in what.names])[what.codes] for _, what, _ in kept]
    whole = np.concatenate([np.zeros(0, dtype=np.int64), *codes])
    return FirstEvents(causes, longest, times, whole, None, coarse.grid(causes))


class _Many:
    """Counts of many groups by steps of time, from which incidence and its error are computed."""

    def __init__(self, horizon: float, blocks: int) -> None:
        months = max(math.ceil(horizon / DAYS_A_MONTH), 1)
        each = max(_FINE // months, 1)
        self._fine = _Counts(1, DAYS_A_MONTH / each, months * each)
        self._coarse = _Counts(blocks, horizon / _COARSE, _COARSE)
        self._longest = 0.0

    def add(self, times: Times, what: Categories, block: NDArray[np.int64]) -> None:
        """Count some groups: when each ended or was last seen, how, and the block that it belongs to."""
        self._longest = max(self._longest, float(times.max(initial=0.0)))
        self._fine.add(times, what, np.zeros_like(block))
        self._coarse.add(times, what, block)

    def watched(self) -> FirstEvents:
        """All that was counted."""
        causes = _ordered(self._coarse.events)
        nobody = np.zeros(0, dtype=np.int64)
        return FirstEvents(causes, self._longest, None, nobody, self._fine.grid(causes), self._coarse.grid(causes))


class _Counts:
    """Groups by event, block and step, as they come."""

    def __init__(self, blocks: int, width: float, steps: int) -> None:
        self._shape = (blocks, steps + 1)
        self._width = width
        self._of: dict[str, NDArray[np.int64]] = {}

    @property
    def events(self) -> list[str]:
        """The events that occurred, in the order in which they first did."""
        return list(self._of)

    def add(self, times: Times, what: Categories, block: NDArray[np.int64]) -> None:
        """Count some groups; a time beyond the last step counts in it."""
        steps = self._shape[1]
        place = block * steps + np.clip(np.ceil(times / self._width - 1e-9), 0, steps - 1).astype(np.int64)
        for code, name in enumerate(what.names):
            mine = place[what.codes == code]
            if len(mine):
                cells = self._of.setdefault(name, np.zeros(self._shape[0] * steps, dtype=np.int64))
                np.add.at(cells, mine, 1)

    def grid(self, causes: Sequence[str]) -> Grid:
        """The counts: first of those that are still inside, then by cause."""
        nothing = np.zeros(self._shape[0] * self._shape[1], dtype=np.int64)
        cells = [self._of.get(name, nothing).reshape(self._shape) for name in (_INSIDE, *causes)]
        return Grid(self._width, np.stack(cells))


def _ordered(events: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted({*events} - {_INSIDE}, key=lambda name: (name != WAS_LAUNCHED, name)))
