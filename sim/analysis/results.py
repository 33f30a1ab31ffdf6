"""A folder of results, opened: the tables as data frames and the manifest that says where they came from."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

TABLES = ("groups", "kpis", "hosts", "costs", "resources")
OPTIONAL_TABLES = ("events",)
_LAST = "kpis"
_MANIFEST_KEYS = ("start", "end", "horizon", "stages", "barriers")


class ResultsError(InputError):
    """A folder is not a folder of results, or something in it is cut, missing or at odds with the rest."""


@dataclass(frozen=True)
class Results:
    """The outcome of a batch.

    ``manifest`` says what was run; ``folder`` is where it lies (None when it was never written). ``read``
    gives a table by name, or None where there is no such table. Tables are read when first asked for and must
    not be changed.
    """

    manifest: Mapping[str, Any]
    folder: Path | None
    read: Callable[[str], pd.DataFrame | None]

    @classmethod
    def from_frames(cls, manifest: Mapping[str, Any], frames: Mapping[str, pd.DataFrame]) -> Results:
        """Results that live in memory. Raises :class:`ResultsError` where a table or key is missing."""
        missing = [name for name in TABLES if name not in frames]
        if missing:
            raise ResultsError(f"no table {', '.join(missing)}, expected {', '.join(TABLES)}")
        _check_manifest(manifest, "the manifest")
        return cls(manifest, None, dict(frames).get)

    @cached_property
    def groups(self) -> pd.DataFrame:
        """One row a staff group a replication."""
        return self._table("groups")

    @cached_property
    def kpis(self) -> pd.DataFrame:
        """One row a replication."""
        return self._table("kpis")

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
        return self.read("events")

    @cached_property
    def replications(self) -> NDArray[np.int64]:
        """The numbers of the finished replications, ascending: those with a row in ``kpis``."""
        import numpy as np

        found: NDArray[np.int64] = np.unique(self.kpis["replication"].to_numpy(dtype=np.int64))
        if len(found) != len(self.kpis):
            raise ResultsError("the kpis table holds a replication twice")
        return found

    def positions(self, frame: pd.DataFrame) -> NDArray[np.intp]:
        """For each row of ``frame``, the position of its replication in :attr:`replications`.

        Raises :class:`ResultsError` for a row of a replication that is not finished.
        """
        import numpy as np

        numbers = frame["replication"].to_numpy(dtype=np.int64)
        at = np.searchsorted(self.replications, numbers)
        known = at < len(self.replications)
        known[known] = self.replications[at[known]] == numbers[known]
        if not known.all():
            strange = int(numbers[~known][0])
            raise ResultsError(f"replication {strange} has rows but is not in the kpis table: the results are cut")
        return at

    def _table(self, name: str) -> pd.DataFrame:
        frame = self.read(name)
        if frame is None:
            raise ResultsError(f"the results hold no table {name}")
        return frame


def open_results(folder: str | Path) -> Results:
    """Open a folder that a run wrote; the tables themselves are read when asked for.

    Raises :class:`ResultsError` for a folder that is not one of results, a manifest that cannot be read, or a
    Parquet part that was cut short.
    """
    place = Path(folder)
    if not place.is_dir():
        raise ResultsError(f"{place}: no such folder")
    manifest = _read_manifest(place / "manifest.json")
    for name in TABLES:
        if not (place / name).is_dir():
            raise ResultsError(f"{place}: no table {name}")
    if not _parts(place, _LAST):
        raise ResultsError(f"{place}: no replication was finished")
    for name in (*TABLES, *OPTIONAL_TABLES):
        for part in _parts(place, name):
            _check_part(part)
    return Results(manifest, place, lambda name: _read_table(place, name))


def _read_manifest(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise ResultsError(f"{path.parent}: not a folder of results (no manifest.json)")
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as fault:
        raise ResultsError(f"{path}: cannot be read ({fault})") from fault
    _check_manifest(manifest, str(path))
    return dict(manifest)


def _check_manifest(manifest: object, name: str) -> None:
    if not isinstance(manifest, Mapping):
        raise ResultsError(f"{name}: not a mapping")
    missing = [key for key in _MANIFEST_KEYS if key not in manifest]
    if missing:
        raise ResultsError(f"{name}: no {', '.join(missing)}: not the manifest of a run")


def _parts(folder: Path, table: str) -> list[Path]:
    """The parts of a table that belong to finished chunks of replications: the last table to be written has
    them.

    Raises :class:`ResultsError` where the table lacks one of those parts.
    """
    finished = sorted(part.name for part in (folder / _LAST).glob("part-*.parquet"))
    if not (folder / table).is_dir():
        return []
    parts = [folder / table / name for name in finished]
    for part in parts:
        if not part.is_file():
            raise ResultsError(f"{part}: missing, though that part of {_LAST} is there")
    return parts


def _check_part(part: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        pq.read_metadata(part)
    except (OSError, pa.ArrowException) as fault:
        raise ResultsError(f"{part}: not a whole Parquet file ({fault})") from fault


def _read_table(folder: Path, table: str) -> pd.DataFrame | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    parts = _parts(folder, table)
    if not parts:
        return None
    try:
        whole = pa.concat_tables([pq.read_table(part) for part in parts], promote_options="permissive")
        frame: pd.DataFrame = whole.to_pandas()
    except (OSError, pa.ArrowException) as fault:
        raise ResultsError(f"{folder / table}: cannot be read ({fault})") from fault
    return frame
