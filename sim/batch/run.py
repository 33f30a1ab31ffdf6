"""Run a batch: into a results folder, going on where it stopped, or in memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from sim.batch.batch import Batch
from sim.batch.cluster import check_address, on_cluster
from sim.batch.interrupt import asked_to_stop
from sim.batch.manifest import manifest
from sim.batch.replicate import compute, prepare
from sim.batch.tasks import Assembly, Pace, Task, divided
from sim.batch.workers import Done, RunError, here, in_processes, in_threads, processors
from sim.errors import RunFailed
from sim.limits import MOST_FAILURES
from sim.results.failures import Failure
from sim.store.chunk import Chunk, decode, join
from sim.store.writer import Store, open_store

if TYPE_CHECKING:
    import pyarrow as pa

_WORTH_PROCESSES: Final = 4.0
"""Seconds of work left above which starting worker processes pays."""
_WORTH_THREADS: Final = 0.2
_SAVE_EVERY: Final = 10.0
"""Seconds after which parts that are not whole are written too, so that a crash loses little of a slow batch."""


class Progress(Protocol):
    """Whoever is told how a batch gets on."""

    def found(self, replications: int) -> None:
        """So many replications are there from before."""

    def finished(self, replications: int) -> None:
        """So many replications more have just been finished."""

    def say(self, line: str) -> None:
        """Something that the user should know."""


class Silence:
    """Progress that nobody wants to see."""

    def found(self, replications: int) -> None:
        """Nothing."""

    def finished(self, replications: int) -> None:
        """Nothing."""

    def say(self, line: str) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class How:
    """How a batch is run; nothing of this can change its results.

    ``jobs`` threads or worker processes (None: what pays), or those of a ``cluster``. More than the share
    ``most_failures`` of replications that fail stop it. Those that failed before are run again where that is wished.
    """

    jobs: int | None = None
    cluster: str | None = None
    most_failures: float = MOST_FAILURES
    progress: Progress = field(default_factory=Silence)
    retry_failed: bool = False

    def __post_init__(self) -> None:
        """Raises `InputError` for an address of a cluster that cannot be."""
        if self.cluster is not None:
            check_address(self.cluster)


class Stopped(RunFailed):
    """A batch was asked to stop before its end; what was finished is kept."""


class TooManyFailures(RunFailed):
    """More replications failed than the user would have."""


def run_to_store(batch: Batch, folder: Path, how: How) -> str:
    """Run a batch into a results folder, going on where an earlier run of the same batch stopped.

    Returns the digest of the results. Raises `sim.store.writer.StoreError`, `RunError`, `Stopped` and
    `TooManyFailures`.
    """
    began = time.perf_counter()
    say = how.progress.say
    with asked_to_stop(say) as stopped, open_store(folder, manifest(batch), say) as store:
        if how.retry_failed:
            store.forget_failed()
        left = list(_left(batch, store))
        how.progress.found(batch.replications - sum(len(replications) for _, replications in left))
        limit = _Limit(batch, how.most_failures, f"; to look at it: spinout replay {folder} --replication ")
        limit.count(store.failures)
        _fill(store, left, _chunks(batch, left, how, stopped), limit, how.progress)
        seconds = time.perf_counter() - began
        if any(store.there(part) < len(replications) for part, replications in batch.parts()):
            store.pause(seconds)
            raise Stopped(
                f"stopped; what was finished is kept in {folder}: to go on, run the same command again, or "
                f"spinout resume {folder}"
            )
        return store.finish(seconds)


def run_in_memory(batch: Batch, how: How) -> tuple[dict[str, pa.Table], tuple[Failure, ...]]:
    """Run a batch and return its tables, replications in order, and those that failed.

    Raises `RunError` and `TooManyFailures`.
    """
    parts = list(batch.parts())
    limit = _Limit(batch, how.most_failures, "")
    found: dict[int, Chunk] = {}
    for _, chunk in _chunks(batch, parts, how, lambda: False):
        found[chunk.replications.start] = chunk
        how.progress.finished(len(chunk.replications))
        limit.count(chunk.failures)
    chunks = [found[first] for first in sorted(found)]
    return decode(chunks), tuple(failure for chunk in chunks for failure in chunk.failures)


def _left(batch: Batch, store: Store) -> Iterator[tuple[int, range]]:
    """The replications of each part that are not there yet."""
    for part, replications in batch.parts():
        there = store.there(part)
        if there < len(replications):
            yield part, replications[there:]


def _fill(store: Store, left: Sequence[tuple[int, range]], chunks: Done, limit: _Limit, progress: Progress) -> None:
    """Write every part when its last chunk is there; now and then, and at the end, what there is of the others."""
    assembly = Assembly(left)
    written = time.monotonic()
    try:
        for task, chunk in chunks:
            whole = assembly.add(task.part, chunk)
            if whole is not None:
                _write(store, task.part, whole)
            if time.monotonic() - written > _SAVE_EVERY:
                _write_beginnings(store, assembly)
                written = time.monotonic()
            progress.finished(len(chunk.replications))
            limit.count(chunk.failures)
    except (RunError, TooManyFailures):
        _write_beginnings(store, assembly)
        raise
    _write_beginnings(store, assembly)


def _write_beginnings(store: Store, assembly: Assembly) -> None:
    for part, chunk in assembly.take_beginnings():
        _write(store, part, chunk)


def _write(store: Store, part: int, chunk: Chunk) -> None:
    store.write(part, join([store.read(part), chunk]) if store.there(part) else chunk)


def _chunks(batch: Batch, left: Sequence[tuple[int, range]], how: How, stopped: Callable[[], bool]) -> Done:
    """The chunks of a batch by whoever is quickest."""
    if left and batch.engine == "kernel" and how.cluster is None:
        prepare(batch.work, how.progress.say)
        # What is compiled is loaded before the first task: its pace says how the others are cut.
        compute(batch.work, ())
    pace = Pace(batch.trial)
    tasks = divided(left, pace, stopped)
    todo = sum(len(replications) for _, replications in left)
    for task, chunk in _done(batch, tasks, pace, todo, how):
        pace.learn(len(chunk.replications), chunk.seconds)
        yield task, chunk


def _done(batch: Batch, tasks: Iterator[Task], pace: Pace, todo: int, how: How) -> Done:
    """Tasks and their chunks. The first ones run here, to learn whether others would pay."""
    work = batch.work
    if how.cluster is not None:
        yield from on_cluster(work, tasks, how.cluster)
        return
    threads = batch.engine == "kernel" and not batch.uncertain
    worth = _WORTH_THREADS if threads else _WORTH_PROCESSES
    jobs = processors() if how.jobs is None else how.jobs
    if jobs == 1:
        yield from here(work, tasks)
        return
    if threads or how.jobs is None:
        for task, chunk in here(work, tasks):
            yield task, chunk
            todo -= len(chunk.replications)
            if how.jobs is not None or (pace.seconds(todo) or 0.0) > worth:
                break
    yield from (in_threads if threads else in_processes)(work, tasks, jobs)


class _Limit:
    """Counts the replications that failed, and stops a batch with too many of them."""

    def __init__(self, batch: Batch, share: float, look: str) -> None:
        self._asked, self._share, self._look, self._failed = batch.replications, share, look, 0

    def count(self, failures: Iterable[Failure]) -> None:
        """Raises `TooManyFailures`."""
        for failure in failures:
            self._failed += 1
            if self._failed > self._share * self._asked:
                look = f"{self._look}{failure.replication}" if self._look else ""
                raise TooManyFailures(
                    f"{self._failed} of {self._asked} replications failed, more than the {self._share:.2%} allowed "
                    f"(--most-failures); replication {failure.replication}: {failure.error}{look}"
                )
