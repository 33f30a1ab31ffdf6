"""The benchmark runs and says what it measured; how fast anything is, is not a matter of tests."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.agreement import calendar_agrees
from sim.scenario.load import load
from tests.helpers.require import require

pytestmark = pytest.mark.long

CHECKOUT = Path(__file__).resolve().parents[2]


def measured(folder, script, *options):
    """What a benchmark prints, and its JSON."""
    out = folder / "out.json"
    command = [sys.executable, f"benchmarks/{script}", *options, "--rounds", "1", "--out", str(out)]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, encoding="utf-8", timeout=400, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads(out.read_text(encoding="utf-8"))


def test_the_command_prints_ratios_and_writes_them(tmp_path):
    printed, record = measured(tmp_path, "run.py", "--share", "0.02")
    assert "SimPy engine" in printed
    assert record["ratios"]
    assert record["time_to_answer"]["ways"]
    assert [one["command"] for one in record["start_up"]][1] == "spinout --help"


def test_the_time_to_an_answer_says_what_is_extrapolated(tmp_path):
    printed, record = measured(
        tmp_path, "time_to_answer.py", "--by-hand", "2", "--commands", "0", "--half-width", "0.5"
    )
    assert "extrapolated" in printed
    assert [one["extrapolated"] for one in record["ways"]] == [True, True, True, False]
    assert record["kernel_rounds"][0]["pairs"] >= record["pilot"]


def test_the_compiled_program_brings_every_group_to_the_same_fate(capsys):
    require(any(map(shutil.which, (os.environ.get("CXX", "c++"), "g++", "clang++"))), "needs a C++ compiler")
    assert calendar_agrees(load("west_midlands").scenario, 1, 20, "kernel")
    assert "every group agrees in every column" in capsys.readouterr().out
