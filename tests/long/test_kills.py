"""Batches whose processes are stopped and killed: the results are the same to the last byte."""

import os
import random
import shutil
import signal
import time
from functools import partial
from pathlib import Path

import pytest

from sim.batch.case import Case
from sim.batch.executors.here import here
from sim.batch.executors.processes import in_processes
from sim.batch.extract import Computation
from sim.batch.extracts.tables import Tables
from sim.batch.tasks import Task
from sim.scenario.load import load
from tests.helpers.command import WORLDS, contents, started, succeeds, until, workers_of
from tests.helpers.deadly import DEADLY, DeadlyTables

pytestmark = pytest.mark.long
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
PROC = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs a system that shows its processes")
CROWD = WORLDS / "crowd.yaml"
N = 45
RUN = ("run", CROWD, "-n", N, "--keep", "events")
SLOW = (*RUN, "--engine", "simpy")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def alone(home):
    """The files of a batch that one process ran through on the reference engine, and how many seconds it took."""
    began = time.monotonic()
    succeeds(*SLOW, "--jobs", 1, "--out", home / "alone", cwd=home)
    return contents(home / "alone"), time.monotonic() - began


@POSIX
@PROC
def test_worker_processes_work(home, alone):
    out, seen = home / "workers", {}
    with started(*SLOW, "--jobs", 2, "--out", out, cwd=home) as run:
        while run.poll() is None:
            seen.update(workers_of(run))
            time.sleep(0.02)
        assert run.returncode == 0, run.communicate()
    # An idle worker has not even imported the model, so processor time beyond a start shows that it worked.
    assert len(seen) == 2
    assert all(seconds > 0.3 for seconds in seen.values()), seen
    assert contents(out) == alone[0]


@POSIX
def test_a_notice_of_termination_is_heeded_too(home, alone):
    out = home / "terminated"
    with started(*SLOW, "--jobs", 1, "--out", out, cwd=home) as run:
        until((out / "manifest.json").is_file, run)
        run.terminate()
        _, errors = run.communicate(timeout=60)
    assert run.returncode == 1
    assert "spinout resume" in errors
    succeeds("resume", out, cwd=home)
    assert contents(out) == alone[0]


@POSIX
def test_the_second_ctrl_c_stops_at_once_and_nothing_is_lost(home, alone):
    out = home / "twice"
    with started(*SLOW, "--jobs", 1, "--out", out, cwd=home) as run:
        until((out / "manifest.json").is_file, run)
        for _ in range(2):
            os.killpg(run.pid, signal.SIGINT)
            time.sleep(0.1)
        began = time.monotonic()
        said, errors = run.communicate(timeout=30)
        assert time.monotonic() - began < 10
    assert run.returncode == 1
    assert "Traceback" not in said + errors
    succeeds("resume", out, cwd=home)
    assert contents(out) == alone[0]


@POSIX
def test_killed_at_random_instants_nothing_is_lost_or_differs(home, alone):
    """``SPINOUT_KILLS`` says how many times; some batches are killed twice. What one engine began another ends."""
    wanted, _ = alone
    instants = random.Random(20081101)
    wished, killed, number = int(os.environ.get("SPINOUT_KILLS", "4")), 0, 0
    while killed < wished and number < 5 * wished:
        out = home / f"shot-{number}"
        engine, jobs, longest = (("simpy", 1, 6.0), ("kernel", 2, 1.0), ("simpy", 2, 8.0), ("kernel", 1, 1.0))[
            number % 4
        ]
        command = (*RUN, "--engine", engine, "--jobs", jobs, "--out", out)
        for _ in range(1 + number % 3 // 2):
            with started(*command, cwd=home) as run:
                until(partial(has_begun, run, out), run)
                time.sleep(instants.uniform(0.0, longest))
                if run.poll() is None:
                    os.killpg(run.pid, signal.SIGKILL)
                    killed += 1
        succeeds(*(("resume", out) if engine == "kernel" else (*RUN, "--out", out)), cwd=home)
        assert contents(out) == wanted
        assert not list(out.rglob("*.damaged*"))
        shutil.rmtree(out)
        number += 1
    assert killed >= wished
    print(f"{killed} kills of {number} batches")


def has_begun(run, out):
    return (out / "manifest.json").is_file() or run.poll() is not None


@POSIX
@PROC
def test_the_workers_of_a_killed_batch_end_too(home):
    with started(*SLOW, "--jobs", 2, "--out", home / "orphans", cwd=home) as run:
        workers = until(lambda: len(found := workers_of(run)) == 2 and found, run)
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
        end = time.monotonic() + 20
        while any(Path(f"/proc/{worker}").exists() for worker in workers) and time.monotonic() < end:
            time.sleep(0.05)
        assert not any(Path(f"/proc/{worker}").exists() for worker in workers)


@POSIX
@PROC
def test_a_worker_that_is_killed_is_replaced(home, alone):
    out, killed = home / "killed", 0
    with started(*SLOW, "--jobs", 2, "--out", out, cwd=home) as run:
        while run.poll() is None and killed < 3:
            busy = [worker for worker, seconds in workers_of(run).items() if seconds > 1.0]
            if busy:
                os.kill(busy[0], signal.SIGKILL)
                killed += 1
                time.sleep(0.5)
            time.sleep(0.02)
        said, errors = run.communicate(timeout=120)
    assert killed
    assert run.returncode == 0, errors
    assert "Traceback" not in said + errors
    assert contents(out) == alone[0]


@POSIX
def test_what_kills_its_worker_again_and_again_is_recorded_and_the_rest_goes_on():
    case = Case(load(str(WORLDS / "five_gates.yaml")).scenario, 1, engine="simpy")
    deadly, harmless = (
        [Task(Computation((case,), extract), 0, 0, range(first, first + 4)) for first in range(0, 40, 4)]
        for extract in (DeadlyTables(), Tables())
    )
    chunks = {task.replications: chunk for task, chunk in in_processes(iter(deadly), 2)}
    sound = {task.replications: chunk for task, chunk in here(harmless)}
    assert set(chunks) == set(sound)
    for replications, chunk in chunks.items():
        if DEADLY in replications:
            assert [one.replication for one in chunk.failures] == list(replications)
            assert "killed 3 times" in chunk.failures[0].error
        else:
            assert chunk.tables == sound[replications].tables
