"""The results of a batch: its manifest, and its tables whole or by the slice, from memory or from a folder."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sim.errors import InputError
from sim.scenario.facts import Facts

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

    from sim.results.failures import Failure
    from sim.store.table_slice import TableSlice

T = TypeVar("T")
KPIS = "kpis"
TABLES = ("groups", KPIS, "hosts", "costs", "resources")
_MANIFEST_KEYS = ("start", "end", "horizon", "stages", "barriers")


class ResultsError(InputError):
    """A folder is not a folder of results, or something in it is cut, missing or at odds with the rest."""


class Tables(Protocol):
    """Where the tables of results are."""

    names: frozenset[str]

    def columns(self, table: str) -> Sequence[str]:
        """The columns of a table."""

    def parts(self, table: str) -> Sequence[Callable[[Sequence[str]], pa.Table]]:
        """A table in parts of whole replications, in their order: for each what reads columns of it."""

    def frame(self, table: str) -> pd.DataFrame:
        """A whole table."""


@dataclass(frozen=True)
class Results:
    """The outcome of a batch.

    ``manifest`` says what was run; ``folder`` is where it lies (None when it was never written); ``failures`` are the
    replications that could not be run. Tables are read when first asked for. They, and whatever analyses give, must not
    be changed. A table that was not kept raises :class:`ResultsError`.
    """

    manifest: Mapping[str, Any]
    folder: Path | None
    tables: Tables
    failures: tuple[Failure, ...] = ()
    _made: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_frames(
        cls, manifest: Mapping[str, Any], frames: Mapping[str, pd.DataFrame], failures: Sequence[Failure] = ()
    ) -> Results:
        """Results that live in memory. Raises :class:`ResultsError` where a table or key is missing."""
        _check(manifest, frames)
        return cls(manifest, None, Frames(frames), tuple(failures))

    @classmethod
    def from_tables(
        cls, manifest: Mapping[str, Any], tables: Mapping[str, pa.Table], failures: Sequence[Failure] = ()
    ) -> Results:
        """As :meth:`from_frames`, from Arrow tables; a data frame is made of one only when asked for."""
        _check(manifest, tables)
        return cls(manifest, None, Arrow(tables), tuple(failures))

    @cached_property
    def facts(self) -> Facts:
        """What there is in the world that was run, with labels and dates."""
        return Facts.read(self.manifest)

    @cached_property
    def groups(self) -> pd.DataFrame:
        """One row a staff group a replication."""
        return self._table("groups")

    @cached_property
    def kpis(self) -> pd.DataFrame:
        """One row a replication."""
        return self._table(KPIS)

    @cached_property
    def hosts(self) -> pd.DataFrame:
        """One row a host a replication."""
        return self._table("hosts")

    @cached_property
    def costs(self) -> pd.DataFrame:
        """The ledger: one row a payment."""
        return self._table("costs")

    @cached_property
    def resources(self) -> pd.DataFrame:
        """One row a resource unit a replication."""
        return self._table("resources")

    @cached_property
    def events(self) -> pd.DataFrame | None:
        """The event log, or None where it was not kept."""
        return self.tables.frame("events") if "events" in self.tables.names else None

    @cached_property
    def replications(self) -> NDArray[np.int64]:
        """The numbers of the finished replications, ascending: those with a row in ``kpis``."""
        import numpy as np

        numbers = self.kpis["replication"].to_numpy(dtype=np.int64)
        distinct: NDArray[np.int64] = np.unique(numbers)
        if len(distinct) != len(numbers):
            raise ResultsError("the kpis table holds a replication twice")
        return distinct

    def has(self, table: str, column: str = "replication") -> bool:
        """Whether there is such a table, with such a column."""
        return table in self.tables.names and column in self.tables.columns(table)

    def slices(self, table: str, columns: Sequence[str]) -> Iterator[TableSlice]:
        """A table slice by slice, in the order of replications, with those of ``columns`` that it has.

        No more than two slices are held in memory, the one in hand and the one that is being read. One that is the
        whole table is kept. Slices have at least one row.
        """
        from sim.store.table_slice import TableSlice

        self._must_have(table)
        columns_there, parts = self.tables.columns(table), self.tables.parts(table)
        makes = [partial(TableSlice, read, columns_there, self.facts, self.positions, columns) for read in parts]
        loaded = _one_ahead(makes) if len(makes) > 1 else iter([self.once(("slice", table), makes[0])])
        for table_slice in loaded:
            if table_slice.rows:
                table_slice.load(columns)
                yield table_slice

    def positions(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """For each number of a replication its position in :attr:`replications`.

        Raises :class:`ResultsError` for one that is not finished.
        """
        import numpy as np

        finished = self.replications
        if len(finished) == 0:
            at, is_finished = numbers, np.zeros(len(numbers), dtype=bool)
        elif finished[-1] - finished[0] == len(finished) - 1:
            at = numbers - finished[0]
            is_finished = (at >= 0) & (at < len(finished))
        else:
            at = np.minimum(np.searchsorted(finished, numbers), len(finished) - 1)
            is_finished = finished[at] == numbers
        if not is_finished.all():
            strange = int(numbers[~is_finished][0])
            raise ResultsError(f"replication {strange} has rows but is not in the kpis table: the results are cut")
        return np.asarray(at, dtype=np.int64)

    def once(self, name: Hashable, make: Callable[[], T]) -> T:
        """What ``make`` gives, made when first asked for by this name and kept with the results."""
        if name not in self._made:
            self._made[name] = make()
        value: T = self._made[name]
        return value

    def _table(self, name: str) -> pd.DataFrame:
        self._must_have(name)
        return self.tables.frame(name)

    def _must_have(self, table: str) -> None:
        if table not in self.tables.names:
            kept = ", ".join(name for name in TABLES if name in self.tables.names)
            raise ResultsError(f"these results hold no table {table}, only {kept}; run again with --keep groups")


def _one_ahead(makes: Sequence[Callable[[], T]]) -> Iterator[T]:
    """What each gives, in turn, the next already in the making on a thread of its own."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(makes[0])
        for make in makes[1:]:
            ready, coming = coming.result(), reader.submit(make)
            yield ready
        yield coming.result()


class Frames:
    """Tables in memory, as data frames."""

    def __init__(self, frames: Mapping[str, pd.DataFrame]) -> None:
        self._frames = dict(frames)
        self.names = frozenset(self._frames)

    def columns(self, table: str) -> Sequence[str]:
        """The columns of a table."""
        return list(self._frames[table].columns)

    def parts(self, table: str) -> Sequence[Callable[[Sequence[str]], pa.Table]]:
        """The table as one part."""
        return [partial(self._columns_of, table)]

    def _columns_of(self, table: str, columns: Sequence[str]) -> pa.Table:
        import pyarrow as pa

        return pa.Table.from_pandas(self._frames[table][list(columns)], preserve_index=False)

    def frame(self, table: str) -> pd.DataFrame:
        """The table."""
        return self._frames[table]


class Arrow:
    """Tables in memory, as Arrow tables."""

    def __init__(self, tables: Mapping[str, pa.Table]) -> None:
        self._tables = dict(tables)
        self.names = frozenset(self._tables)

    def columns(self, table: str) -> Sequence[str]:
        """The columns of a table."""
        return list(self._tables[table].column_names)

    def parts(self, table: str) -> Sequence[Callable[[Sequence[str]], pa.Table]]:
        """The table as one part."""
        return [self._tables[table].select]

    def frame(self, table: str) -> pd.DataFrame:
        """The table."""
        whole: pd.DataFrame = self._tables[table].unify_dictionaries().to_pandas()
        return whole


def _check(manifest: Mapping[str, Any], tables: Mapping[str, object]) -> None:
    if KPIS not in tables:
        raise ResultsError(f"no table {KPIS}, expected {', '.join(TABLES)}")
    check_manifest(manifest, "the manifest")


def check_manifest(manifest: object, name: str) -> None:
    """Raise :class:`ResultsError` for what is not the manifest of a run; ``name`` says what was read."""
    if not isinstance(manifest, Mapping):
        raise ResultsError(f"{name}: not a mapping")
    missing = [key for key in _MANIFEST_KEYS if key not in manifest]
    if missing:
        raise ResultsError(f"{name}: no {', '.join(missing)}: not the manifest of a run")
