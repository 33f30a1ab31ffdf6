"""The tables of a results folder: the parts that have a receipt, and nothing else that lies there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.store.chunk import Chunk, EncodedTable
from sim.store.receipts import Receipt, receipts, table_path
from sim.store.results import KPIS, Results, ResultsError, check_manifest

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from sim.results.failures import Failure


def open_results(folder: str | Path) -> Results:
    """Open a folder that a run wrote; the tables themselves are read when asked for.

    Raises :class:`ResultsError` for a folder that is not one of results, a manifest that cannot be read, or a
    part that was cut short.
    """
    place = Path(folder)
    if not place.is_dir():
        raise ResultsError(f"{place}: no such folder")
    manifest = read_manifest(place / "manifest.json")
    tables = Folder(place)
    return Results(manifest, place, tables, tables.failures)


class Folder:
    """Tables on disk.

    Raises :class:`ResultsError` where there is no finished part, a receipt cannot be read, or a table that a receipt
    names is missing or of another size.
    """

    def __init__(self, place: Path) -> None:
        self._place = place
        self._receipts = _finished_receipts(place)
        self.names = frozenset(name for receipt in self._receipts for name in receipt.tables)
        self.failures = tuple(failure for receipt in self._receipts for failure in receipt.failures)
        self._columns: dict[str, list[str]] = {}
        if self.names and KPIS not in self.names:
            held = ", ".join(sorted(self.names))
            raise ResultsError(f"{place}: a part of an answer ({held}), expected a results folder or an answer folder")
        if not any(receipt.tables[KPIS].rows for receipt in self._receipts if KPIS in receipt.tables):
            raise ResultsError(f"{place}: no replication was finished{_first_error(place, self.failures)}")

    def columns(self, table: str) -> Sequence[str]:
        """The columns of a table."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        if table not in self._columns:
            first = self._files(table)[0]
            try:
                self._columns[table] = list(pq.read_schema(first).names)
            except (OSError, pa.ArrowException) as fault:
                raise ResultsError(f"{first}: cannot be read ({fault})") from fault
        return self._columns[table]

    def parts(self, table: str) -> Sequence[Callable[[Sequence[str]], pa.Table]]:
        """A table part by part: for each what reads columns of it."""
        return [partial(_read, path) for path in self._files(table)]

    def frame(self, table: str) -> pd.DataFrame:
        """A whole table, its words as categories."""
        import pyarrow as pa

        parts = [_read(path) for path in self._files(table)]
        # Every part has a dictionary of its own.
        whole: pd.DataFrame = pa.concat_tables(parts, promote_options="permissive").unify_dictionaries().to_pandas()
        return whole

    def _files(self, table: str) -> list[Path]:
        return [table_path(self._place, table, receipt.part) for receipt in self._receipts if table in receipt.tables]


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """A batch that was run into a folder, whatever is kept of it."""

    folder: Path

    def chunks(self) -> Iterator[Chunk]:
        """All finished parts in their order, read one by one.

        Raises :class:`ResultsError` where one cannot be read, is missing or of another size.
        """
        for receipt in _finished_receipts(self.folder):
            yield read_part(self.folder, receipt)

    def results(self) -> Results:
        """The tables of a run of one world. Raises :class:`ResultsError` where something else was kept."""
        return open_results(self.folder)


def read_part(folder: Path, receipt: Receipt) -> Chunk:
    """A finished part. Raises :class:`ResultsError` where it cannot be read."""
    try:
        tables = {
            name: EncodedTable(table.rows, table_path(folder, name, receipt.part).read_bytes())
            for name, table in receipt.tables.items()
        }
    except OSError as error:
        raise ResultsError(f"{folder} cannot be read: {error}") from error
    return Chunk(range(receipt.first, receipt.first + receipt.replications), tables, receipt.failures)


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of a results folder. Raises :class:`ResultsError` where there is none or it is not one of a run."""
    if not path.is_file():
        raise ResultsError(f"{path.parent}: not a folder of results (no manifest.json)")
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as fault:
        raise ResultsError(f"{path}: cannot be read ({fault})") from fault
    check_manifest(manifest, str(path))
    return dict(manifest)


def _finished_receipts(place: Path) -> list[Receipt]:
    try:
        finished = receipts(place)
    except (OSError, ValueError) as fault:
        raise ResultsError(f"{place}: a receipt cannot be read ({fault})") from fault
    for receipt in finished:
        for table, kept in receipt.tables.items():
            path = table_path(place, table, receipt.part)
            if not path.is_file():
                raise ResultsError(f"{path}: missing, though its receipt is there")
            if path.stat().st_size != kept.bytes:
                raise ResultsError(
                    f"{path}: {path.stat().st_size:,} bytes, expected {kept.bytes:,}: it was cut or altered"
                )
    return finished


def _first_error(place: Path, failures: Sequence[Failure]) -> str:
    if not failures:
        return ""
    first = failures[0]
    look = f"to look at it: spinout replay {place} --replication {first.replication}"
    return f"; {len(failures):,} failed, the first with: {first.error}; {look}"


def _read(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(path).read(None if columns is None else list(columns))
    except (OSError, pa.ArrowException) as fault:
        raise ResultsError(f"{path}: cannot be read ({fault})") from fault
