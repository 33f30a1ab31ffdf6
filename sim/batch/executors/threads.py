"""Tasks in threads, for what computes without Python's lock."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from sim.batch.executors.in_flight import in_flight
from sim.batch.tasks import Task
from sim.store.chunk import Chunk


def in_threads(tasks: Iterator[Task], jobs: int) -> Iterator[tuple[Task, Chunk]]:
    """Compute tasks in so many threads. Raises what `Computation.chunk` raises."""
    pool = ThreadPoolExecutor(jobs)
    try:
        # Twice as many in hand as threads, so that none waits while this one writes.
        flying = in_flight(lambda task: pool.submit(task.computation.chunk, task.replications), tasks, lambda: 2 * jobs)
        for task, future in flying:
            yield task, future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
