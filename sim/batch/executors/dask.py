"""Tasks on a Dask cluster: workers get a computation and ranges of replications and give chunks back.

The numbers are those of a batch on one machine, as the engines draw by name and chunks join in order.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sim.batch.executors.in_flight import in_flight, lost_chunk, until_lost
from sim.batch.executors.processes import chunk_from, hold_interrupts
from sim.batch.tasks import Task
from sim.errors import InputError, RunFailed
from sim.store.chunk import Chunk
from sim.version import EPOCH, __version__

if TYPE_CHECKING:
    from distributed import Client

_LOCAL: Final = re.compile(r"local:([1-9][0-9]{0,2})")
_REMOTE: Final = re.compile(r"(tcp|tls|ws|wss|ucx)://.+:[0-9]+")
_AHEAD: Final = 2
"""Tasks in hand for each thread of the cluster, so that none waits for the driver."""
_LOOK: Final = 2.0
"""Seconds between two counts of the threads, as workers come and go."""


def on_cluster(tasks: Iterator[Task], address: str) -> Iterator[tuple[Task, Chunk]]:
    """On the workers of the scheduler at ``address``, or of ``local:N``, which starts one with N workers here.

    A task that lost its worker is sent again, several times. What it gives up is tried once more, alone,
    as nobody knows whose fault it was; what kills its workers then counts as failed. Raises `RunFailed`, and
    `InputError` where nobody answers.
    """
    with _client(address) as client:
        crew = _Crew(client)
        while True:
            lost: list[Task] = []
            for task, future in in_flight(crew.submit, until_lost(lost, tasks), crew.room):
                chunk = _chunk(future)
                if chunk is None:
                    lost.append(task)
                else:
                    yield task, chunk
            if not lost:
                return
            for task in lost:
                yield task, _chunk(crew.submit(task)) or lost_chunk(task.replications)


def check_address(address: str) -> None:
    """Raises `InputError` for what cannot be the address of a cluster."""
    if not _LOCAL.fullmatch(address) and not _REMOTE.fullmatch(address):
        raise InputError(
            f"--cluster {address}: expected a scheduler such as tcp://10.0.0.5:8786, or local:N with N workers here"
        )


class _Crew:
    """The workers of a cluster."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._pool = client.get_executor(pure=False, retries=0)
        self._room, self._counted = 1, -_LOOK

    def submit(self, task: Task) -> Future[Chunk]:
        """Ask for a task; what it comes to is there later."""
        future: Future[Chunk] = self._pool.submit(_chunk_there, _versions(), task.computation.packed, task.replications)
        return future

    def room(self) -> int:
        """How many tasks may be in hand."""
        now = time.monotonic()
        if now - self._counted > _LOOK:
            self._room, self._counted = _AHEAD * max(sum(self._client.nthreads().values()), 1), now
        return self._room


def _chunk(future: Future[Chunk]) -> Chunk | None:
    """What a worker gave back; None where the task killed it. Raises `RunFailed`."""
    from distributed.scheduler import KilledWorker

    try:
        return future.result()
    except KilledWorker:
        return None
    except RunFailed:
        raise
    except CancelledError:
        raise RunFailed("the cluster was lost") from None
    except Exception as error:
        raise RunFailed(f"a worker of the cluster cannot do its work: {type(error).__name__}: {error}") from error


def _chunk_there(wanted: dict[str, str], packed: bytes, replications: range) -> Chunk:
    """Run replications on a worker, which must have the driver's versions. Raises `RunFailed`."""
    differing = [
        f"{name} {mine} there and {wanted[name]} here" for name, mine in _versions().items() if mine != wanted[name]
    ]
    if differing:
        raise RunFailed(f"a worker of the cluster has other versions: {'; '.join(differing)}")
    return chunk_from(packed, replications)


def _versions() -> dict[str, str]:
    """What must be the same everywhere for the tables to be the same to the last byte."""
    import numpy as np
    import pyarrow as pa

    return {"spinout": __version__, "epoch": str(EPOCH), "pyarrow": pa.__version__, "numpy": np.__version__}


@contextmanager
def _client(address: str) -> Iterator[Client]:
    try:
        from distributed import Client
    except ImportError:
        raise InputError("--cluster needs the extra: pip install 'spinout[cluster]'") from None
    # What matters of the deaths of workers is said by the driver.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with _scheduler(address) as where:
        try:
            # How long to wait for an answer is a setting of Dask: distributed.comm.timeouts.connect, 30 seconds.
            client = Client(where, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise InputError(f"--cluster {address}: no scheduler answers there ({error})") from error
        with client:
            yield client


@contextmanager
def _scheduler(address: str) -> Iterator[str]:
    """The address of a scheduler: the one given, or one that is started here for the while."""
    from distributed import LocalCluster

    if not address.startswith("local:"):
        yield address
        return
    workers = int(address.removeprefix("local:"))
    try:
        with hold_interrupts():
            cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                # What one task may need is for the user to say, and the system: a limit here would kill sound work.
                memory_limit=0,
                dashboard_address=None,
                silence_logs=logging.CRITICAL,
            )
    except (OSError, RuntimeError) as error:
        raise RunFailed(f"no cluster of {workers} workers could be started here: {error}") from error
    with cluster:
        yield cluster.scheduler_address
