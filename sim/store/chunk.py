"""A chunk: the results of consecutive replications as the bytes of Parquet files.

Workers make chunks, chunks join to parts, and a part on disk is a chunk again. The bytes depend on the values alone:
not on the engine, on the worker, or on the chunks that were joined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sim.results.failures import Failure

if TYPE_CHECKING:
    import pyarrow as pa


_BATCH: Final = 1 << 17
"""Values that are encoded at once; the library's own 1024 take half as long again."""


@dataclass(frozen=True, slots=True)
class EncodedTable:
    """A table as a Parquet file, and how many rows it has."""

    rows: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Chunk:
    """The results of ``replications``: every table by name, and those that failed, which have no rows.

    ``seconds`` is how long a worker took over it.
    """

    replications: range
    tables: Mapping[str, EncodedTable]
    failures: tuple[Failure, ...] = ()
    seconds: float = 0.0


Encode = Callable[["pa.Table"], EncodedTable]


def join(chunks: Sequence[Chunk], encode: Encode) -> Chunk:
    """One chunk out of several that follow each other, whose tables were encoded by ``encode``."""
    if len(chunks) == 1:
        return chunks[0]
    tables = {name: encode(table) for name, table in decode(chunks).items()}
    failures = tuple(failure for chunk in chunks for failure in chunk.failures)
    return Chunk(range(chunks[0].replications.start, chunks[-1].replications.stop), tables, failures)


def decode(chunks: Iterable[Chunk]) -> dict[str, pa.Table]:
    """The tables of several chunks, one after the other."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables: dict[str, list[pa.Table]] = {}
    for chunk in chunks:
        for name, encoded in chunk.tables.items():
            tables.setdefault(name, []).append(pq.read_table(pa.BufferReader(encoded.data)))
    return {name: pa.concat_tables(several).unify_dictionaries() for name, several in tables.items()}


def encode(table: pa.Table) -> EncodedTable:
    """A table as a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    plain = canonicalise(table)
    words = [field.name for field in plain.schema if pa.types.is_dictionary(field.type)]
    sink = pa.BufferOutputStream()
    # Drawn numbers hardly repeat: dictionaries, statistics and a thorough compression of them would take as long as the
    # kernel takes to compute them, and save a fifth of the space.
    pq.write_table(
        plain,
        sink,
        compression="lz4",
        use_dictionary=words,
        write_statistics=False,
        row_group_size=max(len(plain), 1),
        write_batch_size=_BATCH,
    )
    return EncodedTable(len(plain), sink.getvalue().to_pybytes())


def canonicalise(table: pa.Table) -> pa.Table:
    """The same values laid out in the one way that the store knows.

    Words become dictionaries in the order in which they first appear, columns have one chunk, and a missing number
    has one bit pattern.
    """
    import pyarrow as pa

    columns = [_canonical(column) for column in table.columns]
    # Whole numbers alone may be missing; what is known to be there is written faster.
    fields = [
        pa.field(name, column.type, nullable=pa.types.is_integer(column.type))
        for name, column in zip(table.column_names, columns, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def _canonical(column: pa.ChunkedArray) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        return _in_order_of_appearance(_one_chunk(column.unify_dictionaries()))
    if pa.types.is_string(column.type):
        return _one_chunk(column.dictionary_encode())
    if pa.types.is_floating(column.type):
        values = column.to_numpy()
        missing = np.isnan(values)
        return pa.array(np.where(missing, np.nan, values) if missing.any() else values, column.type, from_pandas=False)
    return _one_chunk(column)


def _one_chunk(column: pa.ChunkedArray) -> pa.Array:
    import pyarrow as pa

    whole = column.combine_chunks()
    return pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole


def _in_order_of_appearance(column: pa.DictionaryArray) -> pa.DictionaryArray:
    import numpy as np
    import pyarrow as pa

    codes, words = column.indices.to_numpy(), column.dictionary
    first = np.full(len(words), len(codes))
    # Written backwards, so that the first appearance of a code is the one that stays.
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    order = np.argsort(first, kind="stable")
    rank = np.empty(len(words), np.int32)
    rank[order] = np.arange(len(words), dtype=np.int32)
    used = order[: int((first < len(codes)).sum())]
    return pa.DictionaryArray.from_arrays(pa.array(rank[codes]), words.take(pa.array(used)))
