"""A slice of a table: some columns of some whole replications.

Tables grow with the number of replications and need not fit in memory, so analyses read them slice by slice and keep
sums by replication. Because a slice holds its replications whole, it does not matter to any result where the cuts lie.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from sim.scenario.facts import Facts

    Mask = NDArray[np.bool_]
    Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Categories:
    """A column of words: ``codes`` gives for each row the place of its word in ``names``; -1 for none."""

    codes: NDArray[np.int64]
    names: tuple[str, ...]

    def equal(self, name: str) -> Mask:
        """Whether each row holds that word."""
        return self.among((name,))

    def among(self, names: Collection[str]) -> Mask:
        """Whether each row holds one of those words."""
        wanted = [code for code, name in enumerate(self.names) if name in names]
        if len(wanted) < 2:
            return np.equal(self.codes, wanted[0] if wanted else -2)
        return np.isin(self.codes, wanted)


class TableSlice:
    """Some rows of a table: all those of the replications at ``first`` to ``first + replications - 1`` of the results.

    Columns are read when :meth:`load` asks for them, each once.
    """

    def __init__(
        self,
        read: Callable[[Sequence[str]], pa.Table],
        known: Collection[str],
        facts: Facts,
        positions: Callable[[NDArray[np.int64]], NDArray[np.int64]],
        columns: Collection[str] = (),
    ) -> None:
        """``read`` gives columns by name; ``known`` are all that the table has, ``columns`` those to read at once.

        ``positions`` gives numbers of replications their positions among those of the results.
        """
        self._read = read
        self._known = frozenset(known)
        self._columns: dict[str, pa.ChunkedArray] = {}
        self._numbers: dict[str, Numbers] = {}
        self._categories: dict[str, Categories] = {}
        self.facts = facts
        self.load(["replication", *columns])
        places = positions(_plain(self._columns["replication"]).astype(np.int64, copy=False))
        self.rows = len(places)
        self.first = int(places.min()) if self.rows else 0
        self.replications = int(places.max()) + 1 - self.first if self.rows else 0
        self.at = places - self.first
        """For each row the place of its replication, counted from ``first``."""

    def load(self, columns: Collection[str]) -> None:
        """Read those of the columns that the table has and that were not read before."""
        missing = sorted({*columns} & self._known - self._columns.keys())
        if missing:
            table = self._read(missing)
            self._columns.update(zip(missing, table.select(missing).columns, strict=True))

    @property
    def where(self) -> slice:
        """The places of its replications in a vector over all replications."""
        return slice(self.first, self.first + self.replications)

    def has(self, column: str) -> bool:
        """Whether the table has this column."""
        return column in self._known

    def numbers(self, column: str) -> Numbers:
        """A column of numbers; NaN where there is none, and throughout where there is no such column."""
        if column not in self._numbers:
            values = _plain(self._columns[column]) if self.has(column) else np.full(self.rows, np.nan)
            self._numbers[column] = values.astype(np.float64, copy=False)
        return self._numbers[column]

    def categories(self, column: str) -> Categories:
        """A column of words."""
        if column not in self._categories:
            self._categories[column] = _categories(self._columns[column])
        return self._categories[column]

    def count(self, rows: Mask | None = None) -> Numbers:
        """How many rows (of those chosen) each of its replications has: shape (replications,)."""
        at = self.at if rows is None else self.at[rows]
        return np.asarray(np.bincount(at, minlength=self.replications), dtype=np.float64)

    def sums(self, kinds: NDArray[np.int64], number: int, amounts: Numbers | None = None) -> Numbers:
        """The sum of an amount a row (by default 1) by replication and kind: shape (replications, number of kinds).

        ``kinds`` gives each row its kind, -1 for a row that does not count. NaN adds nothing.
        """
        rows = np.flatnonzero(kinds >= 0)
        weights = None if amounts is None else np.nan_to_num(amounts[rows])
        shape = (self.replications, number)
        cells = np.bincount(self.at[rows] * number + kinds[rows], weights, minlength=shape[0] * number)
        return np.asarray(cells.reshape(shape), dtype=np.float64)


def _plain(column: pa.ChunkedArray) -> NDArray[Any]:
    import pyarrow as pa

    if pa.types.is_null(column.type):
        return np.full(len(column), np.nan)
    return np.asarray(column.to_numpy())


def _categories(column: pa.ChunkedArray) -> Categories:
    import pyarrow as pa

    if pa.types.is_null(column.type):
        return Categories(np.full(len(column), -1, dtype=np.int64), ())
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    whole = coded.unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.chunk(0) if whole.num_chunks else pa.array([], coded.type)
    codes = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64, copy=False)
    return Categories(codes, tuple(str(name) for name in whole.dictionary.to_pylist()))


class Totals:
    """Counts or sums by replication, of whatever comes up in the slices: by key, a vector over all replications."""

    def __init__(self, replications: int, kind: type[np.float64] | type[np.int32]) -> None:
        """``kind`` is that of the numbers: counts take half the memory of sums."""
        self._nothing = np.zeros(replications, dtype=kind)
        self._kept: dict[Hashable, NDArray[Any]] = {}

    def add(self, key: Hashable, table_slice: TableSlice, amounts: Numbers) -> None:
        """Add the amounts of a slice, one a replication of it."""
        if key not in self._kept:
            self._kept[key] = self._nothing.copy()
        self._kept[key][table_slice.where] += amounts.astype(self._nothing.dtype)

    def __getitem__(self, key: Hashable) -> Numbers:
        return self._kept.get(key, self._nothing).astype(np.float64)

    @property
    def keys(self) -> list[Any]:
        """All keys, in the order in which they came up."""
        return list(self._kept)


def combine(columns: Sequence[Categories], rows: Mask | None = None) -> tuple[NDArray[np.int64], list[tuple[str, ...]]]:
    """Several columns of words as one: for each row the place of its words among the combinations that occur.

    The combinations are in the order in which they first occur. Of the ``rows`` chosen, each must have a word in every
    column; the others have no place, which is -1.
    """
    size = math.prod(len(words.names) for words in columns)
    whole = np.zeros(len(columns[0].codes), dtype=np.int64)
    for words in columns:
        whole = whole * len(words.names) + words.codes
    chosen = np.arange(len(whole)) if rows is None else np.flatnonzero(rows)
    first = np.full(size, -1, dtype=np.int64)
    # The last of several assignments to one place counts, so the rows go in from the last to the first.
    first[whole[chosen[::-1]]] = chosen[::-1]
    present = np.flatnonzero(first >= 0)
    present = present[np.argsort(first[present])]
    place = np.full(size, -1, dtype=np.int64)
    place[present] = np.arange(len(present))
    places = np.full(len(whole), -1, dtype=np.int64)
    places[chosen] = place[whole[chosen]]
    examples = first[present]
    names = list(zip(*([words.names[code] for code in words.codes[examples]] for words in columns), strict=True))
    return places, names
