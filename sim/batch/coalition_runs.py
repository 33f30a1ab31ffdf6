"""Run a scenario in many combinations: into a folder, going on where it stopped, or in memory."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, Final

import numpy as np

from sim.batch.coalitions import WHO, Block, Coalitions
from sim.batch.interrupt import asked_to_stop
from sim.batch.manifest import manifest
from sim.batch.replicate import prepare
from sim.batch.run import How, Stopped, TooManyFailures
from sim.batch.workers import processors
from sim.store.chunk import Chunk, EncodedTable
from sim.store.writer import open_store

_LISTENING: Final = 0.5
"""Seconds between two looks at whether the user wants to stop; some systems cannot interrupt a wait."""
_TABLE: Final = "launches"


def run_coalitions(coalitions: Coalitions, how: How, folder: Path | None) -> Iterator[Block]:
    """The blocks of all replications, in order; only as many are held at once as threads work on them.

    With a ``folder`` they are written there as they are finished and an earlier run is gone on with; then they are
    read one by one. Raises what `sim.batch.run.run_to_store` raises.
    """
    prepare(coalitions.batch.work, how.progress.say)
    failed = 0
    for block in _in_memory(coalitions, how) if folder is None else _in_folder(coalitions, how, folder):
        failed += len(block.failures)
        if failed > how.most_failures * coalitions.batch.replications:
            first = block.failures[0]
            raise TooManyFailures(
                f"{failed} of {coalitions.batch.replications} replications failed, more than the "
                f"{how.most_failures:.2%} allowed; replication {first.replication}: {first.error}"
            )
        yield block


def _in_memory(coalitions: Coalitions, how: How) -> Iterator[Block]:
    for _, block in _computed(coalitions, coalitions.parts(), how, lambda: False):
        yield block


def _in_folder(coalitions: Coalitions, how: How, folder: Path) -> Iterator[Block]:
    began = time.perf_counter()
    say = how.progress.say
    with asked_to_stop(say) as stopped, open_store(folder, _manifest(coalitions), say) as store:
        parts = list(coalitions.parts())
        left = [(part, replications) for part, replications in parts if store.there(part) < len(replications)]
        here = coalitions.batch.replications - sum(len(replications) for _, replications in left)
        how.progress.found(here * coalitions.design.size)
        for part, block in _computed(coalitions, left, how, stopped):
            store.write(part, _chunk(block))
        seconds = time.perf_counter() - began
        if any(store.there(part) < len(replications) for part, replications in parts):
            store.pause(seconds)
            raise Stopped(f"stopped; what was finished is kept in {folder}: to go on, run the same command again")
        store.finish(seconds)
        for part, _ in parts:
            yield _block(store.read(part))


def _computed(
    coalitions: Coalitions, parts: Iterable[tuple[int, range]], how: How, stopped: Callable[[], bool]
) -> Iterator[tuple[int, Block]]:
    """Blocks with their numbers, in order, computed in threads; no more of them once it is ``stopped``."""
    jobs = processors() if how.jobs is None else how.jobs
    pool = ThreadPoolExecutor(jobs)
    running: deque[tuple[int, Future[Block]]] = deque()
    todo = iter(parts)
    try:
        while True:
            while len(running) < 2 * jobs and not stopped() and (one := next(todo, None)) is not None:
                running.append((one[0], pool.submit(coalitions.block, one[1])))
            if not running:
                return
            part, future = running.popleft()
            while not wait([future], _LISTENING).done:
                pass
            block = future.result()
            how.progress.finished(len(block.replications) * coalitions.design.size)
            yield part, block
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _manifest(coalitions: Coalitions) -> dict[str, Any]:
    """The manifest of the batch, whose results are of another kind than those of a run."""
    players, method = coalitions.players, coalitions.design.method
    return {
        **manifest(coalitions.batch),
        "keep": f"launches by {method} over {players.kind}: {', '.join(players.names)}",
        "part_size": coalitions.part_size,
    }


def _chunk(block: Block) -> Chunk:
    """A block as a Parquet file: its groups, and for each the bits of its combinations."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    width = block.launched.shape[1]
    flat = pa.py_buffer(np.ascontiguousarray(block.launched))
    bits = pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), len(block.launched), [None, flat])
    columns = {
        **{name: pa.array(block.who[name].astype(np.int32)) for name in WHO.names or ()},
        "cause": pa.array(block.cause, pa.string()).dictionary_encode(),
        "launched": bits,
    }
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink, compression="zstd", use_dictionary=["cause"], write_statistics=False)
    return Chunk(
        block.replications, {_TABLE: EncodedTable(len(block.cause), sink.getvalue().to_pybytes())}, block.failures
    )


def _block(chunk: Chunk) -> Block:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(pa.BufferReader(chunk.tables[_TABLE].data)).combine_chunks()
    who = np.empty(len(table), WHO)
    for name in WHO.names or ():
        who[name] = table[name].to_numpy()
    bits = table["launched"].combine_chunks()
    bits = bits.chunks[0] if isinstance(bits, pa.ChunkedArray) else bits
    width = table.schema.field("launched").type.byte_width
    launched = np.frombuffer(bits.buffers()[1], np.uint8)[bits.offset * width :][: len(bits) * width]
    failed = {failure.replication for failure in chunk.failures}
    return Block(
        replications=chunk.replications,
        sound=np.array([number for number in chunk.replications if number not in failed], np.int64),
        who=who,
        cause=np.asarray(table["cause"].cast(pa.string()).to_pylist(), object),
        launched=launched.reshape(len(bits), width),
        failures=chunk.failures,
    )
