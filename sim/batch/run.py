"""The driver: batches x replications x what is kept of each, by whoever is quickest, into stores that resume.

All batches of a question go through one call: one bar, one set of workers (a cluster takes seconds to start), one
Ctrl-C. They are computed one after the other; where one ends and the next begins, workers have tasks of both.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from sim.batch.batch import Batch
from sim.batch.executors.here import here
from sim.batch.extracts.tables import KEEPS, prepare
from sim.batch.interrupt import listen_for_stop
from sim.batch.tasks import Assembly, Pace, Task, divide
from sim.errors import RunFailed
from sim.limits import MOST_FAILURES
from sim.results.failures import Failure
from sim.store.chunk import Chunk, join
from sim.store.memory import MemoryStore
from sim.store.writer import StoreError, open_store

_WORTH_PROCESSES: Final = 4.0
"""Seconds of work left above which starting worker processes pays: each takes a second or two to import the program."""
_WORTH_THREADS: Final = 0.2
_SAVE_EVERY: Final = 10.0
"""Seconds after which parts that are not whole are written too, so that a crash loses little of a slow batch."""


class Progress(Protocol):
    """Whoever shows how a run gets on."""

    def begin(self, replications: int) -> None:
        """So many replications are there from before."""

    def advance(self, replications: int) -> None:
        """So many replications more have just been finished."""

    def say(self, line: str) -> None:
        """Something that the user should know."""


class Silence:
    """Progress that nobody wants to see."""

    def begin(self, replications: int) -> None:
        """Nothing."""

    def advance(self, replications: int) -> None:
        """Nothing."""

    def say(self, line: str) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class How:
    """How batches are run; nothing of this can change their results.

    ``jobs`` threads or worker processes (None: what pays), or those of a ``cluster``. More than the share
    ``most_failures`` of a batch's replications that fail stop it. Those that failed before are run again where
    ``retry_failed`` says so.
    """

    jobs: int | None = None
    cluster: str | None = None
    most_failures: float = MOST_FAILURES
    progress: Progress = field(default_factory=Silence)
    retry_failed: bool = False

    def __post_init__(self) -> None:
        """Raises `InputError` for an address of a cluster that cannot be."""
        if self.cluster is not None:
            from sim.batch.executors.dask import check_address

            check_address(self.cluster)


class Stopped(RunFailed):
    """A run was asked to stop before its end; what was finished is kept."""


class TooManyFailures(RunFailed):
    """More replications failed than the user would have."""


class Parts(Protocol):
    """Where the parts of a batch are kept: a store on disk, or in memory. Workers never see it."""

    def count(self, part: int) -> int:
        """How many replications of a part are finished."""

    @property
    def failures(self) -> Iterator[Failure]:
        """The failed replications of all parts that are finished."""

    def read(self, part: int) -> Chunk:
        """What is there of a part."""

    def write(self, part: int, chunk: Chunk) -> None:
        """Keep a part, instead of the shorter one that may be there."""

    def finish(self, seconds: float) -> object:
        """All parts are there, after so many seconds of work."""

    def pause(self, seconds: float) -> None:
        """No more comes for now."""


def run_to_store(batch: Batch, folder: Path, how: How) -> str:
    """Run a batch into a results folder, as `run_to_stores`; returns the digest of its results."""
    return run_to_stores({folder: batch}, how)[folder]


def run_to_stores(batches: Mapping[Path, Batch], how: How) -> dict[Path, str]:
    """Run batches, each into its folder, resuming where an earlier run of the same batches stopped.

    Returns the digests of the results. Raises `sim.store.writer.StoreError` for a folder that holds something else,
    before anything is run; `Stopped`, `TooManyFailures`, and `RunFailed` for what cannot be run.
    """
    say = how.progress.say
    with listen_for_stop(say) as stopped, ExitStack() as opened:
        stores = {
            folder: opened.enter_context(open_store(folder, batch.manifest(), say)) for folder, batch in batches.items()
        }
        for store in stores.values() if how.retry_failed else ():
            store.forget_failed()
        fillings = [
            _Filling(number, batch, stores[folder], how.most_failures, _how_to_look(batch, folder))
            for number, (folder, batch) in enumerate(batches.items())
        ]
        _run(fillings, how, stopped)
        if not all(filling.is_complete for filling in fillings):
            for filling in fillings:
                filling.pause()
            raise Stopped(_how_to_resume(batches))
        return {folder: store.digest for folder, store in stores.items()}


def run_in_memory(batches: Sequence[Batch], how: How) -> list[MemoryStore]:
    """Run batches and return what is kept of each. Raises `TooManyFailures`, and `RunFailed` for what cannot be run."""
    stores = [MemoryStore(batch.manifest()) for batch in batches]
    fillings = [
        _Filling(number, batch, store, how.most_failures, "")
        for number, (batch, store) in enumerate(zip(batches, stores, strict=True))
    ]
    _run(fillings, how, lambda: False)
    return stores


def _how_to_look(batch: Batch, folder: Path) -> str:
    """How to look at a replication that failed, but for its number: only a run of one world can be replayed."""
    return f"; to look at it: spinout replay {folder} --replication " if batch.extract.keep in KEEPS else ""


def _how_to_resume(batches: Mapping[Path, Batch]) -> str:
    folders = list(batches)
    if len(folders) == 1 and batches[folders[0]].extract.keep in KEEPS:
        (folder,) = folders
        return (
            f"stopped; what was finished is kept in {folder}: to resume, run the same command again, or "
            f"spinout resume {folder}"
        )
    where = os.path.commonpath(folders)
    return f"stopped; what was finished is kept in {where}: to resume, run the same command again"


class _Filling:
    """A batch on its way into where its parts are kept."""

    def __init__(self, number: int, batch: Batch, parts: Parts, most_failures: float, look: str) -> None:
        self.batch = batch
        self._number, self._parts, self._seconds = number, parts, 0.0
        left = [(part, some[parts.count(part) :]) for part, some in batch.parts() if parts.count(part) < len(some)]
        self._left = left
        self.replications_left = sum(len(some) for _, some in left)
        self._assembly = Assembly(left, partial(join, encode=batch.extract.encode))
        self._limit = _Limit(batch, most_failures, look)
        self._limit.count(parts.failures)
        self._pace: Pace | None = None
        self._began = time.perf_counter()

    @property
    def is_complete(self) -> bool:
        """Whether all replications are there."""
        return self._assembly.is_complete

    def tasks(self, prepares: bool, stopped: Callable[[], bool]) -> Iterator[Task]:
        """The tasks of what is left, cut when they are asked for. ``prepares``: what is compiled is loaded before.

        So the pace of the first task, which says how the others are cut, is that of the computation alone.
        """
        self._began = time.perf_counter()
        # Tasks alone hold it: what it laid out goes when the last of them is done.
        computation = self.batch.computation
        if prepares:
            computation.prepare()
        self._pace = pace = Pace(self.batch.trial)
        for part, replications in divide(self._left, pace, stopped):
            yield Task(computation, self._number, part, replications)

    def add(self, task: Task, chunk: Chunk) -> None:
        """Keep what came of a task: on disk once its part is whole. Raises `TooManyFailures`."""
        assert self._pace is not None
        self._pace.learn(len(chunk.replications), chunk.seconds)
        whole = self._assembly.add(task.part, chunk)
        self.replications_left -= len(chunk.replications)
        if whole is not None:
            self._write(task.part, whole)
        if self.is_complete:
            self.finish()
        self._limit.count(chunk.failures)

    def seconds_a_run(self) -> float:
        """How long one run of the engine takes; 0 before anything was learned."""
        seconds = self._pace.seconds(1) if self._pace is not None else None
        return (seconds or 0.0) / self.batch.extract.runs

    def write_beginnings(self) -> None:
        """Write what there is of parts that are not whole yet."""
        for part, chunk in self._assembly.take_beginnings():
            self._write(part, chunk)

    def finish(self) -> None:
        """Everything is there."""
        self._parts.finish(time.perf_counter() - self._began)

    def pause(self) -> None:
        """No more comes for now."""
        if not self.is_complete:
            self._parts.pause(time.perf_counter() - self._began)

    def _write(self, part: int, chunk: Chunk) -> None:
        earlier = [self._parts.read(part)] if self._parts.count(part) else []
        self._parts.write(part, join([*earlier, chunk], self.batch.extract.encode))


def _run(fillings: Sequence[_Filling], how: How, stopped: Callable[[], bool]) -> None:
    """Run everything that is left, or until it is ``stopped``."""
    for filling in fillings:
        if filling.is_complete:
            filling.finish()
    total = sum(filling.batch.replications for filling in fillings)
    todo = [filling for filling in fillings if not filling.is_complete]
    how.progress.begin(total - sum(filling.replications_left for filling in todo))
    written = time.monotonic()
    try:
        for task, chunk in _compute(fillings, todo, how, stopped):
            fillings[task.batch].add(task, chunk)
            if time.monotonic() - written > _SAVE_EVERY:
                _write_beginnings(fillings)
                written = time.monotonic()
            how.progress.advance(len(chunk.replications))
    except RunFailed as error:
        # A disk that cannot be written is not tried again: its error says more than another would.
        if not isinstance(error, StoreError):
            _write_beginnings(fillings)
        raise
    _write_beginnings(fillings)


def _write_beginnings(fillings: Sequence[_Filling]) -> None:
    for filling in fillings:
        filling.write_beginnings()


def _compute(
    fillings: Sequence[_Filling], todo: Sequence[_Filling], how: How, stopped: Callable[[], bool]
) -> Iterator[tuple[Task, Chunk]]:
    """Tasks and their chunks, by whoever is quickest. The first ones run here, to learn whether others would pay."""
    kernel_here = [f.batch for f in todo if f.batch.engine == "kernel"] if how.cluster is None else []
    if kernel_here:
        prepare(kernel_here[0].cases[0], how.progress.say)
    tasks = _tasks(todo, how.cluster is None, stopped)
    if how.cluster is not None:
        from sim.batch.executors.dask import on_cluster

        yield from on_cluster(tasks, how.cluster)
        return
    jobs = processors() if how.jobs is None else how.jobs
    if jobs == 1:
        yield from here(tasks)
        return
    threads = all(filling.batch.runs_without_lock for filling in todo)
    if threads or how.jobs is None:
        for task, chunk in here(tasks):
            yield task, chunk
            runs_left = sum(filling.replications_left * filling.batch.extract.runs for filling in todo)
            seconds_left = fillings[task.batch].seconds_a_run() * runs_left
            if how.jobs is not None or seconds_left > (_WORTH_THREADS if threads else _WORTH_PROCESSES):
                break
    if threads:
        from sim.batch.executors.threads import in_threads

        yield from in_threads(tasks, jobs)
    else:
        from sim.batch.executors.processes import in_processes

        yield from in_processes(tasks, jobs)


def _tasks(fillings: Sequence[_Filling], local: bool, stopped: Callable[[], bool]) -> Iterator[Task]:
    """The tasks of all batches, one batch after the other. What is compiled is loaded once, with the first of them."""
    for place, filling in enumerate(fillings):
        if stopped():
            return
        yield from filling.tasks(local and place == 0 and filling.batch.engine == "kernel", stopped)


def processors() -> int:
    """How many processors this program may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


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
