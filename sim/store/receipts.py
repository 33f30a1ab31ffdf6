"""Receipts: what stands in each part of a store, written last, so that a part is finished exactly when it has one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from sim.results.failures import Failure
from sim.store.chunk import Chunk

PARTS = "parts"
"""The folder of the receipts."""


@dataclass(frozen=True, slots=True)
class TableFile:
    """What the file of a table must be."""

    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """Part number ``part`` holds ``replications`` from number ``first`` on."""

    part: int
    first: int
    replications: int
    tables: Mapping[str, TableFile]
    failures: tuple[Failure, ...]

    @property
    def text(self) -> str:
        """As it stands in its file."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"


def receipt_for(part: int, chunk: Chunk) -> Receipt:
    """The receipt of a part that is to be written."""
    tables = {
        name: TableFile(table.rows, len(table.data), hashlib.sha256(table.data).hexdigest())
        for name, table in sorted(chunk.tables.items())
    }
    return Receipt(part, chunk.replications.start, len(chunk.replications), tables, chunk.failures)


def receipt_path(folder: Path, part: int) -> Path:
    """Where the receipt of a part lies."""
    return folder / PARTS / f"{part:06d}.json"


def table_path(folder: Path, table: str, part: int) -> Path:
    """Where a table's share of a part lies."""
    return folder / table / f"part-{part:06d}.parquet"


def read_receipt(path: Path) -> Receipt:
    """The receipt in a file. Raises `ValueError` where it is none, `OSError` where it cannot be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        tables = {name: TableFile(**entry) for name, entry in content["tables"].items()}
        failures = tuple(Failure(**entry) for entry in content["failures"])
        receipt = Receipt(int(content["part"]), int(content["first"]), int(content["replications"]), tables, failures)
    except (KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no receipt: {error}") from error
    if receipt_path(path.parent.parent, receipt.part) != path:
        raise ValueError(f"{path} is the receipt of part {receipt.part}")
    return receipt


def receipt_paths(folder: Path) -> list[Path]:
    """The files of all receipts of a results folder, in the order of the parts."""
    numbered = [path for path in (folder / PARTS).glob("*.json") if path.stem.isdecimal()]
    return sorted(numbered, key=lambda path: int(path.stem))


def receipts(folder: Path) -> list[Receipt]:
    """All receipts of a results folder, in the order of the parts. Raises as `read_receipt`."""
    return [read_receipt(path) for path in receipt_paths(folder)]


def results_digest(finished: Iterable[Receipt]) -> str:
    """The SHA-256 over the hashes of all tables of all parts in order: equal digests are equal results."""
    digest = hashlib.sha256()
    for receipt in finished:
        for name, table in sorted(receipt.tables.items()):
            digest.update(f"{receipt.part} {name} {table.sha256}\n".encode())
    return digest.hexdigest()
