"""Attribution and additionality, stopped and killed on one machine and on a cluster: the same bytes in the end."""

import os
import random
import shutil
import signal
import time

import pytest

from tests.helpers.command import PATIENCE, WORLDS, contents, started, succeeds, until, workers_below
from tests.helpers.require import require_module

require_module("distributed", "needs the extra [cluster]")

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them"),
]
ADDED = """\
title: What does the official way add?
worlds: {programme: two_ways.yaml, nothing: one_way.yaml}
replications: 2000
additionality: {with: programme, without: nothing, points: 5}
"""
TWO = "manager_resistance,unaware_host"
COMMANDS = {
    "attribution": (
        "attribute",
        "west_midlands",
        "--players",
        "manager_resistance,unaware_host,lack_of_time",
        "-n",
        900,
    ),
    "additionality": ("experiment", "added.yaml"),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "added.yaml").write_text(ADDED, encoding="utf-8")
    for name in ("two_ways.yaml", "one_way.yaml"):
        shutil.copy(WORLDS / name, home)
    for name, command in COMMANDS.items():
        succeeds(*command, "--jobs", 1, "--out", home / name, cwd=home)
    return home


def parts(out):
    """All finished parts of the stores of an answer."""
    return list(out.glob("**/parts/*.json"))


def tables(out):
    return {path.name: path.read_bytes() for path in (out / "tables").glob("*.csv")}


def assert_same(out, whole):
    assert contents(out) == contents(whole)
    assert tables(out) == tables(whole)
    assert not list(out.rglob("*.damaged*"))


@pytest.mark.parametrize("name", COMMANDS)
def test_killed_at_random_instants_nothing_is_lost_or_differs(home, name):
    """Each time with another number of workers, or on a cluster."""
    instants, killed, out = random.Random(name), 0, home / f"{name}-killed"
    for how in (("--jobs", 2), ("--jobs", 1), ("--cluster", "local:2"), ("--jobs", 2)):
        with started(*COMMANDS[name], *how, "--out", out, cwd=home) as run:
            until(lambda: parts(out) or run.poll() is not None, run, PATIENCE)
            time.sleep(instants.uniform(0.0, 1.5))
            if run.poll() is None:
                os.killpg(run.pid, signal.SIGKILL)
                killed += 1
    succeeds(*COMMANDS[name], "--out", out, cwd=home)
    assert killed
    assert_same(out, home / name)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_cluster_whose_workers_are_killed_gives_the_same(home, name):
    luck, killed, out = random.Random(4), 0, home / f"{name}-cluster"
    with started(*COMMANDS[name], "--cluster", "local:2", "--out", out, cwd=home) as run:
        # Not before the first part is there: workers that die as they start are another story.
        until(lambda: parts(out), run, PATIENCE)
        while run.poll() is None:
            workers = workers_below(run.pid)
            if len(workers) == 2 and killed < 4:
                os.kill(luck.choice(workers), signal.SIGKILL)
                killed += 1
                time.sleep(luck.uniform(0.2, 1.0))
            time.sleep(0.05)
        _, errors = run.communicate(timeout=PATIENCE)
    assert run.returncode == 0, errors
    assert killed
    assert "Traceback" not in errors
    assert_same(out, home / name)


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("how", [("--jobs", 2), ("--cluster", "local:2")], ids=["jobs", "cluster"])
def test_ctrl_c_says_how_to_resume_and_resuming_gives_the_same(home, name, how):
    out = home / f"{name}-stopped-{how[1]}".replace(":", "-")
    with started(*COMMANDS[name], *how, "--out", out, cwd=home) as run:
        until(lambda: parts(out), run, PATIENCE)
        os.killpg(run.pid, signal.SIGINT)
        said, errors = run.communicate(timeout=PATIENCE)
    assert run.returncode == 1, errors
    assert "Traceback" not in said + errors
    assert "to resume" in errors
    succeeds(*COMMANDS[name], "--out", out, cwd=home)
    assert_same(out, home / name)
