"""Launches as bits: a row a group, with a bit for each combination in which it launched."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.store.chunk import Chunk, EncodedTable, canonicalise, decode

if TYPE_CHECKING:
    import pyarrow as pa

TABLE: Final = "launches"
Flags = NDArray[np.bool_]
Causes = NDArray[np.object_]
WHO: Final = np.dtype([(name, np.int64) for name in ("replication", "host", "stream", "number")])
"""Which group: its replication, and its number within a stream of a host; the last stream is that of named groups."""


class LaunchFlags(NamedTuple):
    """Groups (of `WHO`), why each exited, and in which combinations (a column each) it launched."""

    who: NDArray[np.void]
    cause: Causes
    launched: Flags


@dataclass(frozen=True, slots=True)
class LaunchBits:
    """Some replications under the combinations of a design. A row is a group that arrived in any of these.

    ``who`` (of `WHO`) says which group it is; ``cause`` is why it exited in combination 0 without having launched, ""
    where it did not exit or had launched, or is not there. ``launched`` holds a bit for each combination of the design,
    the lowest bit of a byte first. ``complete`` are the numbers of the replications that could be run in all
    combinations; the ``failed`` others have no rows.
    """

    complete: NDArray[np.int64]
    who: NDArray[np.void]
    cause: Causes
    launched: NDArray[np.uint8]
    failed: int

    def truth(self, combinations: int) -> Flags:
        """In which combinations each group launched: shape (groups, combinations)."""
        return np.unpackbits(self.launched, axis=1, count=combinations, bitorder="little").view(bool)


def tabulate(several: Sequence[LaunchFlags], combinations: int, failed: Collection[int]) -> pa.Table:
    """The rows of all replications but those that ``failed`` in any combination, as a table."""
    import pyarrow as pa

    who = np.concatenate([np.zeros(0, WHO), *(flags.who for flags in several)])
    cause = np.concatenate([np.zeros(0, object), *(flags.cause for flags in several)])
    launched = np.concatenate([np.zeros((0, combinations), bool), *(flags.launched for flags in several)])
    kept = ~np.isin(who["replication"], list(failed))
    bits = np.packbits(launched[kept], axis=1, bitorder="little")
    packed = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(bits.shape[1]), len(bits), [None, pa.py_buffer(np.ascontiguousarray(bits))]
    )
    return pa.table(
        {
            **{name: pa.array(who[name][kept].astype(np.int32)) for name in WHO.names or ()},
            "cause": pa.array(cause[kept], pa.string()).dictionary_encode(),
            "launched": packed,
        }
    )


def encode_bits(table: pa.Table) -> EncodedTable:
    """Bits as a Parquet file. They repeat much, so they are compressed more thoroughly than drawn numbers are."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    plain = canonicalise(table)
    # Every column may be missing, as in the files of earlier versions, whose bytes these are.
    plain = pa.table(dict(zip(plain.column_names, plain.columns, strict=True)))
    sink = pa.BufferOutputStream()
    pq.write_table(plain, sink, compression="zstd", use_dictionary=["cause"], write_statistics=False)
    return EncodedTable(len(plain), sink.getvalue().to_pybytes())


def read_bits(chunk: Chunk) -> LaunchBits:
    """The bits of a chunk, as they were before they were encoded."""
    import pyarrow as pa

    failed = {failure.replication for failure in chunk.failures}
    complete = np.array([number for number in chunk.replications if number not in failed], np.int64)
    tables = decode([chunk])
    if TABLE not in tables:
        return LaunchBits(complete, np.zeros(0, WHO), np.zeros(0, object), np.zeros((0, 1), np.uint8), len(failed))
    table = tables[TABLE].combine_chunks()
    who = np.empty(len(table), WHO)
    for name in WHO.names or ():
        who[name] = table[name].to_numpy()
    bits = table["launched"].combine_chunks()
    bits = bits.chunks[0] if isinstance(bits, pa.ChunkedArray) else bits
    width = table.schema.field("launched").type.byte_width
    launched = np.frombuffer(bits.buffers()[1], np.uint8)[bits.offset * width :][: len(bits) * width]
    cause = np.asarray(table["cause"].cast(pa.string()).to_pylist(), object)
    return LaunchBits(complete, who, cause, launched.reshape(len(bits), width), len(failed))
