"""`spinout experiment`: answers into their folders, whatever interrupts them."""

import json
import os
import shutil
import signal

import pandas as pd
import pytest

from sim.scenario.library import experiment_names
from sim.version import EPOCH
from tests.helpers.command import WORLDS, contents, fails, started, succeeds, until

COMPARE = """\
title: Does the board matter?
question: What if there were no board?
about: It does, by the rules of this small world.
worlds:
  base: two_ways
  open: {of: base, label: No board, set: {barriers.board.enabled: false}}
  keen: {of: base, label: More determined, set: {staff_groups.traits.determined.probability: 0.8}}
seed: 5
replications: 300
compare: {base: base, factors: [open, keen], outcomes: [launches, cost_programme, cost_per_launch]}
"""
ADDED = """\
title: What does the official way add?
worlds: {programme: two_ways, nothing: one_way}
replications: 400
additionality: {with: programme, without: nothing, points: 5}
"""
BLAME = """\
title: Who is to blame?
worlds: {base: two_ways}
replications: 100
attribute: {world: base}
"""
FRONTIER = """\
title: What buys most?
worlds:
  base:
    scenario: two_ways
    set:
      interventions:
        help: {label: Help, cost: {per_group: 50}, effects: [{barrier: board, odds: 0.5}]}
        push: {enabled: false, label: Push, cost: {fixed: 10000}, effects: [{barrier: board, odds: 0.2}]}
replications: 100
frontier: {base: base, each: interventions, packages: {both: [help, push]}}
"""
LONG = ("experiment", "no_seif_closure", "-n", 500, "--jobs", 1)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    for name in ("two_ways", "one_way"):
        shutil.copy(WORLDS / f"{name}.yaml", home)
    for name, text in (("question", COMPARE), ("added", ADDED), ("blame", BLAME), ("frontier", FRONTIER)):
        (home / f"{name}.yaml").write_text(text)
    return home


@pytest.fixture(scope="module")
def answered(home):
    return succeeds("experiment", "question.yaml", "--out", "answer", "--brief", "short", cwd=home)


@pytest.fixture(scope="module")
def whole(home):
    succeeds(*LONG, "--out", "whole", cwd=home)
    return home / "whole"


def record(folder):
    return json.loads((folder / "experiment.json").read_text(encoding="utf-8"))


def numbers(folder):
    """Every table of an answer, byte for byte."""
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*.csv"))}


def test_the_shipped_ones_are_listed(home):
    listed = succeeds("experiments", cwd=home)
    for name in experiment_names():
        assert name in listed
    assert "Did the Right to Request add anything?" in listed


def test_an_answer_has_its_layout(home, answered):
    folder = home / "answer"
    assert {path.name for path in folder.iterdir()} >= {"experiment.json", "worlds", "tables", "report.html"}
    assert {path.name for path in (folder / "worlds").iterdir()} == {"base", "open", "keen", "open_and_keen"}
    told = record(folder)
    assert told["finished"]
    assert (told["method"], told["seed"], told["replications"], told["epoch"]) == ("compare", 5, 300, EPOCH)
    assert told["worlds"]["open"]["label"] == "No board"
    assert "of: base" in told["asked"]
    assert {"spinout", "python", "numpy"} <= set(told["versions"])
    page = (folder / "report.html").read_text(encoding="utf-8")
    for words in ("Does the board matter?", "What if there were no board?", "It does, by the rules of this small"):
        assert words in page
    assert "No board" in answered


def test_the_short_answer(home, answered):
    text = (home / "short" / "question.md").read_text(encoding="utf-8")
    for words in ("# Does the board matter?", "spinout experiment question", "300 replications", "| No board |"):
        assert words in text
    found = pd.read_csv(home / "short" / "question.csv").set_index(["subject", "measure"])
    assert found.loc[("open", "launches"), "low"] > 0
    assert found.loc[("base", "launches"), "kind"] == "level"
    both, first, second = (found.loc[(name, "launches"), "value"] for name in ("open_and_keen", "open", "keen"))
    assert found.loc[("interaction", "launches"), "value"] == pytest.approx(both - first - second)
    assert found.loc[("main_first", "launches"), "value"] == pytest.approx((first + both - second) / 2)


def test_again_it_is_the_same(home, answered):
    before, stores = numbers(home / "answer"), contents(home / "answer" / "worlds")
    again = succeeds("experiment", "question.yaml", "--out", "answer", cwd=home)
    assert numbers(home / "answer") == before
    assert contents(home / "answer" / "worlds") == stores
    assert again.splitlines()[:10] == answered.splitlines()[:10]


def test_by_default_the_folder_is_named_after_the_question(home):
    out = succeeds("experiment", "blame.yaml", "-n", 20, cwd=home)
    (folder,) = (home / "results").glob("blame-*")
    assert str(folder.relative_to(home)) in out
    assert record(folder)["digest"].startswith(folder.name.removeprefix("blame-"))


def test_other_words_are_the_same_question_and_other_worlds_are_not(home):
    (home / "blame.yaml").write_text(BLAME.replace("Who is to blame?", "Whose fault is it?"))
    succeeds("experiment", "blame.yaml", "-n", 20, cwd=home)
    assert len(list((home / "results").glob("blame-*"))) == 1
    shorter = "{base: {scenario: two_ways, set: {clock.end: 2013-01-01}}}"
    (home / "blame.yaml").write_text(BLAME.replace("{base: two_ways}", shorter))
    succeeds("experiment", "blame.yaml", "-n", 20, cwd=home)
    assert len(list((home / "results").glob("blame-*"))) == 2
    (home / "blame.yaml").write_text(BLAME)


def test_an_attribution_and_a_frontier_are_answered(home):
    out = succeeds("experiment", "frontier.yaml", "--out", "bought", "--brief", "short", cwd=home)
    assert "Both" in out
    found = pd.read_csv(home / "short" / "frontier.csv").set_index(["subject", "measure"])
    assert found.loc[("push", "cost_programme"), "value"] == pytest.approx(10_000)
    assert {path.name for path in (home / "bought" / "worlds").iterdir()} == {"base", "push", "both"}


@pytest.mark.parametrize("spoil", ["another question", "something else", "a broken record"])
def test_a_folder_that_holds_something_else_is_refused_and_left_as_it_is(home, answered, tmp_path, spoil):
    folder = tmp_path / "folder"
    if spoil == "something else":
        folder.mkdir()
        (folder / "thesis.txt").write_text("x")
    else:
        folder.mkdir()
        (folder / "experiment.json").write_text('{"experiment": "thesis"}' if spoil == "another question" else "{")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    error = fails(2, "experiment", "question.yaml", "--out", folder, cwd=home)
    assert str(folder) in error
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.long
@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_killed_it_goes_on_and_ends_the_same(home, whole):
    """Killed twice, in the first world and in the second; what is half written is known by its record."""
    out = home / "killed"
    for world in ("base", "open"):
        with started(*LONG, "--out", out, cwd=home) as run:
            until(lambda: list((out / "worlds" / world / "parts").glob("*.json")), run)  # noqa: B023
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
        assert record(out)["finished"] is None
    succeeds(*LONG[:-1], 2, "--out", out, cwd=home)
    assert record(out)["finished"]
    assert contents(out / "worlds") == contents(whole / "worlds")
    assert numbers(out) == numbers(whole)


@pytest.mark.long
@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_a_killed_additionality_keeps_its_points(home):
    asked = ("experiment", "added.yaml", "--jobs", 1)
    succeeds(*asked, "--out", "added", cwd=home)
    out = home / "cut"
    with started(*asked, "--out", out, cwd=home) as run:
        until(lambda: len(list((out / "points").glob("*/parts/*.json"))) >= 3, run)
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
    # A table without its receipt was cut by the kill, and is computed again.
    tables = [path for point in (out / "points").glob("*/parts/*.json") for path in point.parents[1].glob("tally/*")]
    kept = {path: path.stat().st_mtime_ns for path in tables}
    assert len(kept) >= 3
    assert record(out)["finished"] is None
    assert len(kept) < len(list((home / "added" / "points").glob("*/tally/*.parquet")))
    succeeds(*asked, "--out", out, cwd=home)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert contents(out) == contents(home / "added")
    assert numbers(out) == numbers(home / "added")


@pytest.mark.long
def test_more_replications_add_to_those_that_are_there(home, whole):
    out = home / "grown"
    succeeds("experiment", "no_seif_closure", "-n", 130, "--out", out, cwd=home)
    succeeds(*LONG, "--out", out, cwd=home)
    assert numbers(out) == numbers(whole)
    assert record(out)["replications"] == 500
