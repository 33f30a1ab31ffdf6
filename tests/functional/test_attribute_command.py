"""The command that shares out blame: what it prints and writes, and that a kill costs nothing."""

import json
import os
import signal

import pandas as pd
import pytest

from tests.helpers.command import contents, fails, started, succeeds, until

TWO = "manager_resistance,unaware_host"
MANY = ("attribute", "west_midlands", "--players", f"{TWO},lack_of_time", "-n", 1200)


def finished(folder):
    """The receipts of the blocks that are finished."""
    return sorted((folder / "combinations" / "parts").glob("*.json"))


def tables(folder):
    return {path.name: path.read_bytes() for path in sorted((folder / "tables").glob("*.csv"))}


def digest(folder):
    return json.loads((folder / "combinations" / "manifest.json").read_text(encoding="utf-8"))["results"]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("blame")


@pytest.fixture(scope="module")
def whole(home):
    """A run from beginning to end."""
    succeeds(*MANY, "--out", home / "whole", "--jobs", 2, cwd=home)
    return home / "whole"


def test_it_prints_and_writes_what_it_found(home):
    told = succeeds("attribute", "west_midlands", "--players", f"{TWO}, lost_retender", "-n", 50, cwd=home)
    assert "50 replications of each of 4 combinations of barriers" in told
    assert "Exactly zero: “Contract lost at re-tender”." in told
    for title in ("Launches that barriers cost", "Pairs:", "The smallest sets", "to be removed", "Not even all"):
        assert title in told
    [folder] = (home / "results").iterdir()
    assert folder.name.startswith("attribute-west_midlands-")
    assert (folder / "report.html").is_file()
    players = pd.read_csv(folder / "tables" / "players.csv")
    assert set(players["name"]) == {"manager_resistance", "unaware_host", "lost_retender"}
    loss = pd.read_csv(folder / "tables" / "whole.csv")["loss"].iloc[0]
    assert players["shapley"].sum() == pytest.approx(loss)


def test_interventions_by_permutations_with_uncertain_numbers(home):
    asked = ("--of", "interventions", "--players", "pension_guarantee,active_promotion", "--method", "permutations")
    told = succeeds("attribute", "west_midlands", *asked, "--uncertain", "-n", 10, "--out", home / "added", cwd=home)
    assert "Launches that interventions bring" in told
    assert pd.read_csv(home / "added" / "tables" / "sets.csv").empty


def test_mistakes_are_told(home):
    error = fails(2, "attribute", "west_midlands", "--players", "manager_resistence", cwd=home)
    assert "no barrier is called 'manager_resistence' (did you mean 'manager_resistance'?)" in error
    error = fails(2, "attribute", "right_to_request", "--method", "exact", "--set", "clock.end=2008-01-01", cwd=home)
    assert "clock" in error


@pytest.mark.long
def test_killed_it_goes_on_and_ends_the_same(home, whole):
    """Killed twice, at whatever moment; then continued with another number of threads."""
    out = home / "killed"
    for blocks in (1, 4):
        with started(*MANY, "--out", out, "--jobs", 1, cwd=home) as run:
            until(lambda: len(finished(out)) >= blocks, run)  # noqa: B023
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
        assert len(finished(out)) < len(finished(whole))
    succeeds(*MANY, "--out", out, "--jobs", 2, cwd=home)
    assert contents(out / "combinations") == contents(whole / "combinations")
    assert digest(out) == digest(whole)
    assert tables(out) == tables(whole)


@pytest.mark.long
def test_asked_to_stop_it_keeps_what_it_has(home, whole):
    out = home / "stopped"
    with started(*MANY, "--out", out, "--jobs", 1, cwd=home) as run:
        until(lambda: finished(out), run)
        os.killpg(run.pid, signal.SIGINT)
        _, error = run.communicate(timeout=60)
    assert run.returncode == 1
    assert "to resume, run the same command again" in error
    kept = {path: path.stat().st_mtime_ns for path in finished(out)}
    succeeds(*MANY, "--out", out, cwd=home)
    assert {path: path.stat().st_mtime_ns for path in finished(out) if path in kept} == kept
    assert tables(out) == tables(whole)


@pytest.mark.long
def test_more_replications_add_to_those_that_are_there(home, whole):
    fewer = tuple(250 if one == 1200 else one for one in MANY)
    out = home / "fewer"
    succeeds(*fewer, "--out", out, cwd=home)
    succeeds(*MANY, "--out", out, cwd=home)
    assert digest(out) == digest(whole)


def test_a_damaged_block_is_computed_again(home, whole):
    block = sorted((whole / "combinations" / "launches").glob("*.parquet"))[1]
    before, told = block.read_bytes(), digest(whole)
    block.write_bytes(before[:-20])
    succeeds(*MANY, "--out", whole, cwd=home)
    assert block.read_bytes() == before
    assert digest(whole) == told
