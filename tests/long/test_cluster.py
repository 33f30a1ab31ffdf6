"""Batches on a cluster: the same bytes, whoever dies."""

import os
import random
import signal
import threading
import time
from pathlib import Path

import pytest

from sim.batch.case import Case
from sim.batch.executors.dask import on_cluster
from sim.batch.executors.here import here
from sim.batch.extract import Computation
from sim.batch.extracts.tables import Tables
from sim.batch.tasks import Task
from sim.scenario.load import load
from sim.store.receipts import receipts
from tests.helpers.command import (
    CHECKOUT,
    PATIENCE,
    WORLDS,
    contents,
    digest,
    parts,
    started,
    succeeds,
    until,
    workers_below,
)
from tests.helpers.deadly import DEADLY, DeadlyTables
from tests.helpers.require import require_module

pytestmark = pytest.mark.long
require_module("distributed", "needs the extra [cluster]")

PROC = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs a system that shows its processes")
CROWD = WORLDS / "crowd.yaml"
RUN = ("run", CROWD, "-n", 100, "--keep", "events", "--engine", "simpy")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def alone(home):
    succeeds(*RUN[:-2], "--out", home / "alone", cwd=home)
    return contents(home / "alone")


@PROC
def test_workers_that_are_killed_ten_times_change_nothing(home, alone):
    """As long as it runs, one of the two workers is killed again and again."""
    out, killed, luck = home / "killed", 0, random.Random(3)
    with started(*RUN, "--cluster", "local:2", "--out", out, cwd=home) as run:
        said = []
        reader = threading.Thread(target=lambda: said.extend(run.stderr))
        reader.start()
        while run.poll() is None:
            workers = workers_below(run.pid)
            if len(workers) == 2 and killed < 10 and parts(out):
                os.kill(luck.choice(workers), signal.SIGKILL)
                killed += 1
                time.sleep(luck.uniform(0.0, 0.6))
            time.sleep(0.02)
        reader.join()
    assert run.returncode == 0, said
    assert killed == 10
    assert "Traceback" not in "".join(said)
    assert contents(out) == alone


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_ctrl_c_finishes_what_is_in_hand_and_resume_goes_on(home, alone):
    """As a terminal sends it: to the driver and to all workers."""
    out = home / "interrupted"
    with started(*RUN, "--cluster", "local:2", "--out", out, cwd=home) as run:
        until(lambda: parts(out), run, PATIENCE)
        os.killpg(run.pid, signal.SIGINT)
        said, errors = run.communicate(timeout=PATIENCE)
    assert run.returncode == 1, errors
    assert "Traceback" not in said + errors
    assert "finishing what is in hand" in errors
    assert f"spinout resume {out}" in errors
    kept = sum(one.replications for one in receipts(out))
    assert 0 < kept < 100
    succeeds("resume", out, "--cluster", "local:2", cwd=home)
    assert contents(out) == alone
    assert digest(out) == digest(home / "alone")


def test_what_kills_its_workers_is_recorded_and_the_rest_goes_on(monkeypatch):
    # The workers must find the trap, and the package where it is not installed.
    monkeypatch.setenv("PYTHONPATH", str(CHECKOUT))
    case = Case(load(str(WORLDS / "five_gates.yaml")).scenario, 1, engine="simpy")
    deadly, harmless = (
        [Task(Computation((case,), extract), 0, 0, range(first, first + 4)) for first in range(0, 40, 4)]
        for extract in (DeadlyTables(), Tables())
    )
    chunks = {task.replications: chunk for task, chunk in on_cluster(iter(deadly), "local:2")}
    sound = {task.replications: chunk for task, chunk in here(harmless)}
    assert set(chunks) == set(sound)
    for replications, chunk in chunks.items():
        if DEADLY in replications:
            assert [one.replication for one in chunk.failures] == list(replications)
        else:
            assert chunk.tables == sound[replications].tables


def test_a_scheduler_by_its_address(home, alone):
    from distributed import LocalCluster

    with LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=None, memory_limit=0) as cluster:
        succeeds(*RUN, "--cluster", cluster.scheduler_address, "--out", home / "address", cwd=home)
    assert contents(home / "address") == alone
