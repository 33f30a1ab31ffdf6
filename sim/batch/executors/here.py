"""Tasks in this process, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sim.batch.tasks import Task
from sim.store.chunk import Chunk


def here(tasks: Iterable[Task]) -> Iterator[tuple[Task, Chunk]]:
    """Compute tasks one by one, each when it is asked for. Raises what `Computation.chunk` raises."""
    for task in tasks:
        yield task, task.computation.chunk(task.replications)
