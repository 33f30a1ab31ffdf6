"""The store: a folder of Parquet parts with a manifest, written by one batch at a time.

A part is finished exactly when its receipt is there. Whatever moment the program dies at, each part is whole or is
computed again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import RunFailed
from sim.store.chunk import Chunk, EncodedTable
from sim.store.files import BESIDE, path_beside, put_in_place, set_aside, write_beside
from sim.store.manifest import IDENTITY, MANIFEST
from sim.store.receipts import (
    PARTS,
    Receipt,
    read_receipt,
    receipt_for,
    receipt_path,
    receipt_paths,
    results_digest,
    table_path,
)

if TYPE_CHECKING:
    from sim.results.failures import Failure

_LOCK = ".lock"
Say = Callable[[str], None]
"""Told in a line what the user should know."""


class StoreError(RunFailed):
    """A results folder cannot be used or written; says which and why."""


class Store:
    """One results folder, open for one batch."""

    def __init__(self, folder: Path, manifest: Mapping[str, Any], say: Say) -> None:
        """Begin in ``folder``, or go on there where the same batch was begun before; see `open_store`."""
        self.folder = folder
        self._manifest = dict(manifest)
        self.digest = ""
        earlier = read_manifest(folder)
        self._receipts: dict[int, Receipt] = {}
        if earlier is not None:
            _refuse_another(folder, earlier, manifest)
            self._receipts = _checked_receipts(folder, say)
            self._refuse_fewer()
            _say_other_versions(earlier, manifest, say)
            kept = ("name", "overrides", "started", "versions")
            self._manifest.update({key: earlier.get(key) for key in kept}, seconds=earlier.get("seconds"))
        _sweep(folder)
        self._write_manifest()

    def count(self, part: int) -> int:
        """How many replications of a part are finished."""
        receipt = self._receipts.get(part)
        return receipt.replications if receipt else 0

    @property
    def failures(self) -> Iterator[Failure]:
        """The failed replications of all parts that are finished."""
        for part in sorted(self._receipts):
            yield from self._receipts[part].failures

    def read(self, part: int) -> Chunk:
        """What is there of a part. Raises `StoreError`."""
        receipt = self._receipts[part]
        try:
            tables = {
                name: EncodedTable(table.rows, table_path(self.folder, name, part).read_bytes())
                for name, table in receipt.tables.items()
            }
        except OSError as error:
            raise StoreError(f"{self.folder} cannot be read: {error}") from error
        return Chunk(range(receipt.first, receipt.first + receipt.replications), tables, receipt.failures)

    def write(self, part: int, chunk: Chunk) -> None:
        """Write a part, instead of the shorter one that may be there. Raises `StoreError`."""
        receipt, path = receipt_for(part, chunk), receipt_path(self.folder, part)
        files = [(table_path(self.folder, name, part), table.data) for name, table in chunk.tables.items()]
        with self._writing():
            try:
                for file, data in files:
                    write_beside(file, data)
                # From here until its receipt is there the part counts as not begun.
                path.unlink(missing_ok=True)
                for file, _ in files:
                    put_in_place(file)
                write_beside(path, receipt.text.encode())
                put_in_place(path)
            finally:
                for file, _ in files:
                    path_beside(file).unlink(missing_ok=True)
        self._receipts[part] = receipt

    def forget_failed(self) -> None:
        """Let the parts that have failed replications be computed again."""
        for part in [part for part, receipt in self._receipts.items() if receipt.failures]:
            with self._writing():
                receipt_path(self.folder, part).unlink(missing_ok=True)
            del self._receipts[part]

    def finish(self, seconds: float) -> str:
        """Mark the batch as done after so many seconds of work; returns the digest of the results."""
        digest = results_digest(self._receipts[part] for part in sorted(self._receipts))
        self.digest = digest
        self._manifest.update(results=digest, failed=len(list(self.failures)))
        self.pause(seconds)
        return digest

    def pause(self, seconds: float) -> None:
        """Note the seconds of work when the batch stops before its end."""
        self._manifest["seconds"] = round((self._manifest["seconds"] or 0.0) + seconds, 3)
        self._write_manifest()

    def _refuse_fewer(self) -> None:
        there = max((receipt.first + receipt.replications for receipt in self._receipts.values()), default=0)
        wanted = self._manifest["replications"]
        if there > wanted:
            raise StoreError(
                f"{self.folder} holds more than was asked for: replications is {there} there and {wanted} here; "
                "choose another folder with --out"
            )

    def _write_manifest(self) -> None:
        text = json.dumps(self._manifest, indent=1, ensure_ascii=False) + "\n"
        with self._writing():
            write_beside(self.folder / MANIFEST, text.encode())
            put_in_place(self.folder / MANIFEST)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(f"{self.folder} cannot be written: {error}; what was finished is kept") from error


@contextmanager
def open_store(folder: Path, manifest: Mapping[str, Any], say: Say) -> Iterator[Store]:
    """A store, locked against every other batch until the end.

    Parts that were cut or altered are set aside, said, and count as not computed. Raises `StoreError` for a folder that
    holds something else or another batch, naming what differs, that another batch is writing to, or that cannot be
    written.
    """
    # A foreign folder is left exactly as it is, so it is looked at before the lock is laid into it.
    read_manifest(folder)
    with _locked(folder):
        yield Store(folder, manifest, say)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = FileLock(folder / _LOCK)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(blocking=False)
    except Timeout:
        raise StoreError(f"another batch is writing to {folder}; wait for it, or choose another with --out") from None
    except (OSError, NotImplementedError) as error:
        raise StoreError(f"{folder} cannot be written: {error}") from error
    try:
        yield
    finally:
        lock.release()


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of a batch begun here before; None for a folder that is not there or empty.

    Raises `StoreError` for a folder that holds something else.
    """
    try:
        if not folder.exists():
            return None
        if not folder.is_dir():
            raise StoreError(f"{folder} is a file, expected a folder for results")
        path = folder / MANIFEST
        if not path.is_file():
            if any(entry.name not in (_LOCK, MANIFEST + BESIDE) for entry in folder.iterdir()):
                raise StoreError(f"{folder} holds something other than results; choose another folder with --out")
            return None
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StoreError(f"{folder} cannot be read: {error}") from error
    if not isinstance(manifest, dict) or manifest.get("program") != "spinout":
        raise StoreError(f"{path} is the manifest of another program; choose another folder with --out")
    return manifest


def _refuse_another(folder: Path, earlier: Mapping[str, Any], manifest: Mapping[str, Any]) -> None:
    for field in IDENTITY:
        if earlier.get(field) != manifest.get(field):
            said = "results version" if field == "epoch" else field
            raise StoreError(
                f"{folder} holds another batch: {said} is {earlier.get(field)!r} there and "
                f"{manifest.get(field)!r} here; choose another folder with --out"
            )


def _say_other_versions(earlier: Mapping[str, Any], manifest: Mapping[str, Any], say: Say) -> None:
    before, now = earlier.get("versions") or {}, manifest["versions"]
    changed = [f"{name} {before.get(name)} then, {now[name]} now" for name in now if before.get(name) != now[name]]
    if changed:
        say(f"this batch was begun with other versions: {'; '.join(changed)}")


def _checked_receipts(folder: Path, say: Say) -> dict[int, Receipt]:
    """The receipts of the parts that are as they were written. Sets the others aside."""
    sound: dict[int, Receipt] = {}
    for path in receipt_paths(folder):
        part = int(path.stem)
        try:
            receipt = read_receipt(path)
            damaged = [name for name in receipt.tables if not _is_whole(folder, name, receipt)]
        except (ValueError, OSError):
            damaged = ["receipt"]
        if not damaged:
            sound[part] = receipt
            continue
        try:
            aside = _set_part_aside(folder, part, damaged)
        except OSError as error:
            raise StoreError(f"{folder} cannot be written: {error}") from error
        say(
            f"part {part} was cut or altered ({', '.join(damaged)}) and is computed again; "
            f"what was there is kept as {', '.join(str(path) for path in aside)}"
        )
    return sound


def _is_whole(folder: Path, table: str, receipt: Receipt) -> bool:
    import hashlib

    path, wanted = table_path(folder, table, receipt.part), receipt.tables[table]
    try:
        if path.stat().st_size != wanted.bytes:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == wanted.sha256
    except FileNotFoundError:
        return False


def _set_part_aside(folder: Path, part: int, damaged: Sequence[str]) -> list[Path]:
    """Give another name to the receipt of a part and to what is not whole of it: everything, if the receipt is not."""
    tables = damaged
    if "receipt" in damaged:
        tables = sorted(entry.name for entry in folder.iterdir() if entry.is_dir() and entry.name != PARTS)
    kept = [set_aside(table_path(folder, name, part)) for name in tables]
    return [path for path in (*kept, set_aside(receipt_path(folder, part))) if path is not None]


def _sweep(folder: Path) -> None:
    """Remove what a batch that died had half written."""
    for half in folder.glob(f"*/part-*{BESIDE}"):
        half.unlink(missing_ok=True)
    for half in folder.glob(f"{PARTS}/*.json{BESIDE}"):
        half.unlink(missing_ok=True)
