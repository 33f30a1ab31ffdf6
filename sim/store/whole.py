"""Whether a store that was finished is still as it was written."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sim.store.receipts import Receipt, receipts, results_digest, table_path
from sim.store.results import ResultsError
from sim.store.writer import read_manifest


def check_whole(place: Path) -> None:
    """Raise :class:`ResultsError` for a store that is not finished, or in which anything was cut or altered."""
    manifest = read_manifest(place)
    try:
        kept = receipts(place)
    except (OSError, ValueError) as error:
        raise ResultsError(f"{place}: a receipt cannot be read ({error})") from error
    done = sum(receipt.replications for receipt in kept)
    if manifest is None or manifest.get("results") is None or done < int(manifest["replications"]):
        raise ResultsError(f"{place}: not finished; run the same command again to resume")
    for receipt in kept:
        _check_tables(place, receipt)
    if results_digest(kept) != manifest["results"]:
        raise ResultsError(f"{place}: its receipts were altered: they no longer have the digest of the manifest")


def _check_tables(place: Path, receipt: Receipt) -> None:
    for name, wanted in receipt.tables.items():
        path = table_path(place, name, receipt.part)
        try:
            with path.open("rb") as file:
                read = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise ResultsError(f"{path}: cannot be read ({error}), though its receipt is there") from error
        if read != wanted.sha256:
            raise ResultsError(f"{path}: it was cut or altered; run the same command again to compute it again")
