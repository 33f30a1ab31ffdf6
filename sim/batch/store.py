"""The store: a folder of Parquet parts with a manifest, written so that a part is there whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.batch.manifest import IDENTITY
from sim.errors import RunFailed

if TYPE_CHECKING:
    import pyarrow as pa

MANIFEST = "manifest.json"
_LAST = "kpis"
"""The table that is written last: a chunk is finished once its part of this table is there."""


class StoreError(RunFailed):
    """A results folder cannot be used or written; says which and why."""


class Store:
    """One results folder, written by one batch."""

    def __init__(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        """Begin in ``folder``, or go on there where the same batch was begun before.

        Raises `StoreError` for a folder that holds something else or another batch, naming what differs.
        """
        self.folder = folder
        self._manifest = dict(manifest)
        earlier = _earlier(folder)
        if earlier is not None:
            for field in IDENTITY:
                if earlier.get(field) != manifest[field]:
                    raise StoreError(
                        f"{folder} holds another batch: {field} is {earlier.get(field)!r} there and "
                        f"{manifest[field]!r} here; choose another folder with --out"
                    )
            self._manifest["started"] = earlier.get("started")
        self._write_manifest()

    def finished(self, chunk: int) -> bool:
        """Whether a chunk was written whole."""
        return self._part(_LAST, chunk).is_file()

    def write(self, chunk: int, tables: Mapping[str, pa.Table]) -> None:
        """Write the tables of a chunk."""
        import pyarrow.parquet as pq

        try:
            for name in sorted(tables, key=lambda name: (name == _LAST, name)):
                part = self._part(name, chunk)
                part.parent.mkdir(parents=True, exist_ok=True)
                growing = part.with_suffix(".part")
                pq.write_table(tables[name], growing, compression="zstd")
                growing.replace(part)
        except OSError as error:
            raise StoreError(f"{self.folder} cannot be written: {error}; what was finished is kept") from error

    def finish(self, seconds: float) -> None:
        """Mark the batch as done."""
        self._manifest["seconds"] = round(seconds, 3)
        self._write_manifest()

    def _part(self, table: str, chunk: int) -> Path:
        return self.folder / table / f"part-{chunk:06d}.parquet"

    def _write_manifest(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            growing = self.folder / (MANIFEST + ".part")
            growing.write_text(json.dumps(self._manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            growing.replace(self.folder / MANIFEST)
        except OSError as error:
            raise StoreError(f"{self.folder} cannot be written: {error}") from error


def _earlier(folder: Path) -> dict[str, Any] | None:
    """The manifest of a batch begun here before; None for a folder that is new or empty."""
    if not folder.exists():
        return None
    if not folder.is_dir():
        raise StoreError(f"{folder} is a file, expected a folder for results")
    path = folder / MANIFEST
    if not path.is_file():
        if _anything(folder.iterdir()):
            raise StoreError(f"{folder} holds something other than results; choose another folder with --out")
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StoreError(f"{path} cannot be read: {error}") from error
    if not isinstance(found, dict) or found.get("program") != "spinout":
        raise StoreError(f"{path} is the manifest of another program; choose another folder with --out")
    return found


def _anything(entries: Iterable[Path]) -> bool:
    return any(entry.name != MANIFEST + ".part" for entry in entries)
