"""Run a batch: its chunks here or in worker processes, each handed on as soon as it is done."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from sim.batch.manifest import manifest
from sim.batch.plan import Batch
from sim.batch.replicate import Work, compute
from sim.batch.store import Store
from sim.errors import RunFailed
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pyarrow as pa

Tables = Mapping[str, "pa.Table"]
Progress = Callable[[int], None]
"""Told how many replications have just been finished."""
_WORTH_WORKERS = 4.0
"""Seconds of work left above which starting worker processes pays."""


class RunError(RunFailed):
    """A batch could not be run to its end; what was finished is kept."""


def run_to_store(batch: Batch, folder: Path, jobs: int | None, progress: Progress) -> None:
    """Run a batch into a results folder, going on where an earlier run of the same batch stopped.

    ``jobs`` is the number of worker processes (None: as many as there are processors, where that pays). Raises
    `sim.batch.store.StoreError` and `RunError`.
    """
    started = time.perf_counter()
    store = Store(folder, manifest(batch))
    todo = []
    for number, replications in batch.chunks():
        if store.finished(number):
            progress(len(replications))
        else:
            todo.append((number, replications))
    for number, replications, tables in _run(batch, todo, jobs):
        store.write(number, tables)
        progress(len(replications))
    store.finish(time.perf_counter() - started)


def run_in_memory(batch: Batch, jobs: int | None, progress: Progress) -> dict[str, pa.Table]:
    """Run a batch and return its tables, replications in order."""
    import pyarrow as pa

    done: dict[int, Tables] = {}
    for number, replications, tables in _run(batch, list(batch.chunks()), jobs):
        done[number] = tables
        progress(len(replications))
    parts = [done[number] for number in sorted(done)]
    return {name: pa.concat_tables([part[name] for part in parts]) for name in parts[0]}


def _run(batch: Batch, todo: Sequence[tuple[int, range]], jobs: int | None) -> Iterator[tuple[int, range, Tables]]:
    """The chunks as they are finished. The first ones run here, to learn whether workers would pay."""
    arguments = (batch.loaded.scenario, batch.seed)
    place = 0
    while place < len(todo) and (jobs is None or jobs == 1):
        began = time.perf_counter()
        number, replications = todo[place]
        yield number, replications, _chunk(*arguments, replications, batch.uncertain, batch.keep_events)
        place += 1
        left = (time.perf_counter() - began) * (len(todo) - place)
        if jobs is None and left > _WORTH_WORKERS and (os.cpu_count() or 1) > 1:
            break
    if place < len(todo):
        yield from _in_workers(batch, todo[place:], jobs or os.cpu_count() or 1)


def _in_workers(batch: Batch, todo: Sequence[tuple[int, range]], jobs: int) -> Iterator[tuple[int, range, Tables]]:
    waiting = iter(todo)
    running: dict[Future[Tables], tuple[int, range]] = {}
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), _leave_interrupts_to_the_driver)
    try:
        while True:
            while len(running) < 2 * jobs and (part := next(waiting, None)) is not None:
                arguments = (batch.loaded.scenario, batch.seed, part[1], batch.uncertain, batch.keep_events)
                running[pool.submit(_chunk, *arguments)] = part
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                number, replications = running.pop(future)
                yield number, replications, future.result()
    except BrokenProcessPool:
        raise RunError("a worker process was killed; run the same command again to go on") from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _leave_interrupts_to_the_driver() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _chunk(scenario: Scenario, seed: int, replications: range, uncertain: bool, keep_events: bool) -> Tables:
    try:
        part = compute(Work(scenario, seed, uncertain, "events" if keep_events else "groups", "kernel"), replications)
    except MemoryError:
        raise RunError(f"out of memory in replications {replications.start} to {replications.stop - 1}") from None
    for failure in part.failures:
        raise RunError(failure.error)
    return part.tables
