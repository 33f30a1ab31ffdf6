"""Tasks that are in hand at workers: taken one by one when there is room, given back as they are done.

So a batch without end needs no more memory than a short one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Final

from sim.batch.tasks import Task
from sim.results.failures import Failure
from sim.store.chunk import Chunk

TRIES: Final = 3
"""How often a task that kills its worker is tried alone before its replications count as failed."""
_LISTENING: Final = 0.5
"""Seconds between two looks at whether the user wants to stop; some systems cannot interrupt a wait."""


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


def until_lost(lost: Sequence[Task], tasks: Iterator[Task]) -> Iterator[Task]:
    """Tasks, for as long as nothing is lost: what lost its worker is tried alone before more is handed out."""
    while not lost and (task := next(tasks, None)) is not None:
        yield task


def lost_chunk(replications: range) -> Chunk:
    """What is recorded of replications whose worker died every time."""
    error = f"its worker was killed {TRIES} times (too little memory?)"
    return Chunk(replications, {}, tuple(Failure(number, error, "") for number in replications))
