"""Tasks in worker processes, for what holds Python's lock.

Workers are started afresh (spawn) on every system: a fork would copy the locks of threads that are running, and Windows
and macOS do not fork.
"""

from __future__ import annotations

import os
import pickle
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import lru_cache, partial
from multiprocessing import get_context, parent_process, resource_tracker
from multiprocessing.process import BaseProcess

from sim.batch.executors.in_flight import TRIES, in_flight, lost_chunk, until_lost
from sim.batch.extract import Computation
from sim.batch.tasks import Task
from sim.store.chunk import Chunk


def in_processes(tasks: Iterator[Task], jobs: int) -> Iterator[tuple[Task, Chunk]]:
    """Compute tasks in so many worker processes.

    When a worker dies, everything in hand is lost and nobody knows whose fault it was. So each of those tasks is tried
    again alone, and only one that kills its worker then, again and again, counts as failed. Raises what
    `Computation.chunk` raises.
    """
    while True:
        lost: list[Task] = []
        pool = _pool(jobs)
        try:
            sound = until_lost(lost, tasks)
            for task, future in in_flight(partial(_submit, pool), sound, lambda: 2 * jobs):
                if isinstance(future.exception(), BrokenProcessPool):
                    lost.append(task)
                else:
                    yield task, future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        if not lost:
            return
        for task in lost:
            yield task, _compute_alone(task)


def _submit(pool: ProcessPoolExecutor, task: Task) -> Future[Chunk]:
    try:
        with hold_interrupts():
            return pool.submit(chunk_from, task.computation.packed, task.replications)
    except BrokenProcessPool as error:
        refused: Future[Chunk] = Future()
        refused.set_exception(error)
        return refused


@contextmanager
def hold_interrupts() -> Iterator[None]:
    """Keep Ctrl-C for later. Processes that are started meanwhile never see it, from their first instant on.

    Nor do those that are started by threads that are started meanwhile. Where a system cannot hold signals back
    (Windows), a worker ignores them once it has begun.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # Started by the first process, it would let interrupts through again.
    resource_tracker.ensure_running()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _compute_alone(task: Task) -> Chunk:
    for _ in range(TRIES):
        pool = _pool(1)
        try:
            return _submit(pool, task).result()
        except BrokenProcessPool:
            continue
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    return lost_chunk(task.replications)


def _pool(jobs: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(jobs, get_context("spawn"), _begin_worker)


def _begin_worker() -> None:
    """A worker leaves interrupts to the driver, and does not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    driver = parent_process()
    if driver is not None:
        threading.Thread(target=_end_with, args=(driver,), daemon=True).start()


def _end_with(driver: BaseProcess) -> None:
    driver.join()
    # A driver that was killed cannot tell its workers to end, and one that computes would not notice for long.
    os._exit(1)


def chunk_from(packed: bytes, replications: range) -> Chunk:
    """Compute replications of a pickled computation; what other processes and machines are asked to do."""
    return _unpack(packed).chunk(replications)


@lru_cache(maxsize=2)
def _unpack(packed: bytes) -> Computation:
    # Kept from task to task with what it laid out; of two batches at most, as they follow each other in a run.
    computation: Computation = pickle.loads(packed)
    return computation
