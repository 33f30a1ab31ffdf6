"""Who runs tasks on this machine: this process, threads of it, or worker processes.

Each gives the tasks back with their chunks as they are finished. Tasks are taken one by one when there is room, so
that a batch without end needs no more memory than a short one.
"""

from __future__ import annotations

import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import lru_cache, partial
from multiprocessing import get_context, parent_process, resource_tracker
from multiprocessing.process import BaseProcess
from typing import Final

from sim.batch.replicate import Work, made
from sim.batch.tasks import Task
from sim.errors import RunFailed
from sim.results.failures import Failure
from sim.store.chunk import Chunk

Done = Iterator[tuple[Task, Chunk]]
TRIES: Final = 3
"""How often a task that kills its worker is tried alone before its replications count as failed."""
_LISTENING: Final = 0.5
"""Seconds between two looks at whether the user wants to stop; some systems cannot interrupt a wait."""


class RunError(RunFailed):
    """A batch could not be run to its end; what was finished is kept."""


def processors() -> int:
    """How many processors this program may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def here(work: Work, tasks: Iterable[Task]) -> Done:
    """In this process, one after the other. Raises `RunError`."""
    for task in tasks:
        yield task, chunk_of(work, task.replications)


def in_threads(work: Work, tasks: Iterator[Task], jobs: int) -> Done:
    """In threads, for an engine that computes beside others. Raises `RunError`."""
    pool = ThreadPoolExecutor(jobs)
    try:
        for task, future in in_flight(
            lambda task: pool.submit(chunk_of, work, task.replications), tasks, lambda: 2 * jobs
        ):
            yield task, future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def in_processes(work: Work, tasks: Iterator[Task], jobs: int) -> Done:
    """In worker processes, for an engine that holds the interpreter.

    When a worker dies, everything in hand is lost and nobody knows whose fault it was. So each of those tasks is tried
    again alone, and only one that kills its worker then, again and again, counts as failed. Raises `RunError`.
    """
    packed = pickle.dumps(work)
    while True:
        lost: list[Task] = []
        pool = _pool(jobs)
        try:
            sound = while_nothing_is(lost, tasks)
            for task, future in in_flight(partial(_submitted, pool, packed), sound, lambda: 2 * jobs):
                if isinstance(future.exception(), BrokenProcessPool):
                    lost.append(task)
                else:
                    yield task, future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        if not lost:
            return
        for task in lost:
            yield task, _alone(packed, task)


def while_nothing_is(lost: Sequence[Task], tasks: Iterator[Task]) -> Iterator[Task]:
    """Tasks, for as long as nothing is lost."""
    while not lost and (task := next(tasks, None)) is not None:
        yield task


def _submitted(pool: ProcessPoolExecutor, packed: bytes, task: Task) -> Future[Chunk]:
    try:
        with interrupts_held():
            return pool.submit(chunk_from, packed, task.replications)
    except BrokenProcessPool as error:
        refused: Future[Chunk] = Future()
        refused.set_exception(error)
        return refused


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Keep Ctrl-C for later. Processes that are started meanwhile never see it, from their first instant on.

    Nor do those that are started by threads that are started meanwhile.
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


def _alone(packed: bytes, task: Task) -> Chunk:
    for _ in range(TRIES):
        pool = _pool(1)
        try:
            return _submitted(pool, packed, task).result()
        except BrokenProcessPool:
            continue
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    return lost_chunk(task.replications)


def lost_chunk(replications: range) -> Chunk:
    """What is recorded of replications whose worker died every time."""
    error = f"its worker was killed {TRIES} times (too little memory?)"
    return Chunk(replications, {}, tuple(Failure(number, error, "") for number in replications))


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
    os._exit(1)


def in_flight(
    submit: Callable[[Task], Future[Chunk]], tasks: Iterator[Task], room: Callable[[], int]
) -> Iterator[tuple[Task, Future[Chunk]]]:
    """Tasks with their futures as these are done, never more than there is ``room`` for."""
    running: dict[Future[Chunk], Task] = {}
    while True:
        while len(running) < room() and (task := next(tasks, None)) is not None:
            running[submit(task)] = task
        if not running:
            return
        for future in wait(running, _LISTENING, FIRST_COMPLETED).done:
            yield running.pop(future), future


def chunk_from(packed: bytes, replications: range) -> Chunk:
    """Run replications of pickled work; what other processes and machines are asked to do. Raises `RunError`."""
    return chunk_of(_unpacked(packed), replications)


@lru_cache(maxsize=4)
def _unpacked(packed: bytes) -> Work:
    work: Work = pickle.loads(packed)
    return work


def chunk_of(work: Work, replications: range) -> Chunk:
    """Run replications. Raises `RunError` where there is too little memory for them."""
    try:
        return made(work, replications)
    except MemoryError:
        raise RunError(f"out of memory in replications {replications.start} to {replications.stop - 1}") from None
