"""One replication of a results folder, run again and held to what was kept of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sim.batch.batch import Batch
from sim.batch.verify import Side, difference
from sim.errors import InputError, RunFailed
from sim.store.receipts import read_receipt, receipt_path, table_path


def compare_with_store(folder: Path, batch: Batch, replication: int) -> str | None:
    """Run a replication on the reference engine; how what the folder holds of it differs, None where it does not.

    Raises `InputError` for a replication that the folder does not hold yet, `RunFailed` for one that cannot be read.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    (case,) = batch.cases
    part = replication // batch.part_size
    path = receipt_path(folder, part)
    if not path.is_file():
        raise InputError(f"replication {replication} is not among the finished ones in {folder}")
    try:
        receipt = read_receipt(path)
        whole = {name: pq.read_table(table_path(folder, name, part)) for name in receipt.tables}
    except (OSError, ValueError, pa.ArrowException) as error:
        raise RunFailed(f"{folder} cannot be read: {error}") from error
    if replication >= receipt.first + receipt.replications:
        raise InputError(f"replication {replication} is not among the finished ones in {folder}")
    kept = {name: table.filter(pc.equal(table["replication"], replication)) for name, table in whole.items()}
    failed = {failure.replication: failure.error for failure in receipt.failures if failure.replication == replication}
    now = batch.extract.lay_out((replace(case, engine="simpy"),))([replication])
    return difference(
        Side("the folder", kept, failed),
        Side("simpy", now.tables, {failure.replication: failure.error for failure in now.failures}),
    )
