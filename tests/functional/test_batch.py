"""Batches: whoever computes them, and whatever interrupts them, the results are the same to the last byte."""

import json
import os
import random
import shutil
import signal
import time
from datetime import datetime
from pathlib import Path

import pytest

import sim
import sim.errors
from sim.batch.extracts.tables import table_batch
from sim.batch.run import How, Silence, run_to_store
from sim.scenario.library import shipped_names
from sim.scenario.load import load
from sim.store.receipts import receipts
from tests.helpers.command import WORLDS, contents, digest, spinout, started, succeeds, until

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
PROC = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs a system that shows its processes")
CROWD = WORLDS / "crowd.yaml"
N = 25
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


# The plan


@pytest.mark.parametrize("name", shipped_names())
def test_parts_depend_on_the_scenario_and_what_is_kept_alone(name):
    loaded = load(name)
    sizes = {}
    for keep in ("kpis", "groups", "events"):
        found = {
            table_batch(loaded, replications, seed, uncertain, keep, engine).part_size
            for replications in (1, 999, 10**6)
            for seed, uncertain, engine in ((1, False, "kernel"), (2, True, "simpy"))
        }
        assert len(found) == 1
        sizes[keep] = found.pop()
        assert 20 <= sizes[keep] <= 10_000
        assert str(sizes[keep]).strip("0") in ("1", "2", "5")
    assert sizes["kpis"] >= sizes["groups"] >= sizes["events"]


def test_parts_of_a_small_batch_are_those_of_a_large_one():
    small, large = (table_batch(load(str(CROWD)), n, 1, keep="events") for n in (50, 1000))
    assert list(small.parts())[:2] == list(large.parts())[:2]
    assert [number for _, part in large.parts() for number in part] == list(range(1000))


@pytest.mark.parametrize(
    "wrong", [{"replications": 0}, {"seed": -1}, {"seed": 2**64}, {"keep": "all"}, {"engine": "fast"}]
)
def test_impossible_batches_are_refused_in_words(wrong):
    with pytest.raises(sim.errors.InputError, match="expected"):
        table_batch(load(str(CROWD)), **{"replications": 1, "seed": 1, **wrong})


# Whoever computes


@pytest.mark.parametrize(
    ("engine", "jobs"),
    [
        ("kernel", 1),
        ("kernel", 2),
        ("kernel", 7),
        *(pytest.param("simpy", jobs, marks=pytest.mark.long) for jobs in (1, 2)),
    ],
)
def test_jobs_and_engines_change_nothing(jobs, engine, home, alone):
    out = home / f"{engine}-{jobs}"
    succeeds(*RUN, "--engine", engine, "--jobs", jobs, "--out", out, cwd=home)
    assert contents(out) == alone[0]


@pytest.mark.parametrize("seed", [pytest.param("0", marks=pytest.mark.long), "4242"])
def test_the_hash_seed_changes_nothing(seed, home, alone):
    succeeds(*RUN, "--out", home / seed, cwd=home, PYTHONHASHSEED=seed)
    assert contents(home / seed) == alone[0]


def test_a_clock_that_jumps_changes_nothing(home, alone, monkeypatch):
    jumps = random.Random(1)
    monkeypatch.setattr(time, "time", lambda: jumps.uniform(-1e9, 4e9))

    class Jumping(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.fromtimestamp(jumps.uniform(0, 4e9), tz)

    monkeypatch.setattr("sim.store.manifest.datetime", Jumping)
    for replications in (15, N):
        batch = table_batch(load(str(CROWD)), replications, 1, keep="events")
        run_to_store(batch, home / "jumping", How(jobs=2))
    assert contents(home / "jumping") == alone[0]
    assert 0 < json.loads((home / "jumping" / "manifest.json").read_text())["seconds"] < 600


def test_memory_does_not_hold_what_is_finished(tmp_path):
    seen = []

    class Watching(Silence):
        def advance(self, replications):
            seen.append((replications, len(list((tmp_path / "out").glob("parts/*.json")))))

    run_to_store(table_batch(load(str(CROWD)), N, 1, keep="events"), tmp_path / "out", How(jobs=1, progress=Watching()))
    assert sum(done for done, _ in seen) == N
    done = 0
    for some, parts in seen:
        done += some
        assert parts >= done // 20


# Interruptions


@POSIX
@pytest.mark.parametrize("engine", ["kernel", pytest.param("simpy", marks=pytest.mark.long)])
@pytest.mark.long
def test_ctrl_c_finishes_what_is_in_hand_and_the_same_command_goes_on(engine, home, alone):
    out = home / f"interrupted-{engine}"
    command = (*RUN, "--engine", engine, "--jobs", 2, "--out", out)
    for pause in (0.3, 0.1, 0.03, 0.0):
        with started(*command, cwd=home) as run:
            until((out / "manifest.json").is_file, run)
            time.sleep(pause)
            os.killpg(run.pid, signal.SIGINT)
            said, errors = run.communicate(timeout=60)
        if run.returncode:
            break
        shutil.rmtree(out)  # It was quicker than Ctrl-C.
    assert run.returncode == 1, errors
    assert "Traceback" not in said + errors
    assert "finishing what is in hand" in errors
    assert f"stopped; what was finished is kept in {out}: to resume, run the same command again" in errors
    assert f"spinout resume {out}" in errors
    before = json.loads((out / "manifest.json").read_text())
    assert before["results"] is None
    kept = sum(one.replications for one in receipts(out))
    # Compiled code may still have been on its way into memory: then nothing was in hand.
    assert kept < N
    assert kept or engine == "kernel"
    done = spinout(*command, cwd=home)
    assert done.returncode == 0, done.stderr
    assert not kept or f"{kept} of {N} replications were already done" in done.stderr
    assert contents(out) == alone[0]


# From Python


def test_the_python_door_keeps_what_is_asked_for(tmp_path):
    world = sim.load(str(CROWD))
    found = sim.run(world, replications=3, keep="events", engine="simpy")
    assert list(found.kpis.replication) == [0, 1, 2]
    assert found.events is not None
    stored = sim.run(world, replications=3, keep="events", out=tmp_path / "out")
    assert stored.groups.equals(found.groups)
    assert stored.events.equals(found.events)


def test_a_batch_in_another_thread_needs_no_signals(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    batch = table_batch(load(str(WORLDS / "five_gates.yaml")), 5, 1)
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(run_to_store, batch, tmp_path / "out", How(jobs=1)).result()
    assert found == digest(tmp_path / "out")


def test_more_failures_than_are_stated_stop_a_batch_in_memory():
    with pytest.raises(sim.errors.RunFailed, match="of 100 replications failed"):
        sim.run(sim.load(str(WORLDS / "spread.yaml")), replications=100)
