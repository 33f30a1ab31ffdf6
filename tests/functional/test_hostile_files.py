"""Hostile files: one clear message, soon, in little memory; and no text at all makes anything but faults."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.scenario.emit import as_yaml
from sim.scenario.faults import ScenarioFaults
from sim.scenario.nodes import as_plain
from sim.scenario.size_limits import MAX_BYTES, MAX_NODES
from sim.scenario.yaml_tree import read_text

CHECKOUT = Path(__file__).resolve().parents[2]

READ = """
import json, sys, time
from pathlib import Path
from sim.scenario.faults import ScenarioFaults
from sim.scenario.yaml_tree import read_file
start = time.process_time()
try:
    read_file(Path(sys.argv[1]), "hostile.yaml")
    messages = []
except ScenarioFaults as faults:
    messages = str(faults).splitlines()
seconds = time.process_time() - start
status = Path("/proc/self/status")
if status.exists():
    # The peak that getrusage gives on Linux starts from that of the parent process.
    peak = int(status.read_text().split("VmHWM:")[1].split()[0]) * 1024
elif sys.platform == "darwin":
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
else:
    peak = 0
print(json.dumps([seconds, peak / 2**20, messages]))
"""

LETTERS = "abcdefghi"
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in pairwise(LETTERS)
)


def filled(unit, size=MAX_BYTES - 100):
    return unit * (size // len(unit))


def reading(path):
    """Read a file in a process of its own; return its seconds, peak MB and messages."""
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    return json.loads(done.stdout)


def write(path, text):
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


REFUSED = {
    "alias bomb": (BOMB, "too many keys and values"),
    "alias bomb of text": ("a: &a " + "x" * 100_000 + "\nb: [" + "*a, " * 9000 + "]", "too large"),
    "alias of itself": ("a: &a {b: *a}", "contains itself"),
    "a million keys": ("".join(f"k{key}: 1\n" for key in range(1_000_000)), "too large"),
    "too many keys": ("".join(f"k{key}:\n" for key in range(MAX_NODES)), "too many keys and values"),
    "brackets without end": ("a: " + "[" * 100_000, "nested too deeply"),
    "braces without end": ("{a: " * 40_000, "nested too deeply"),
    "dashes without end": ("- " * 90_000, "nested too deeply"),
    "question marks without end": ("? " * 90_000, "nested too deeply"),
    "100 000 deep": ("[" * 100_000 + "]" * 90_000, "nested too deeply"),
    "deep indentation": ("".join(" " * depth + "a:\n" for depth in range(600)), "nested too deeply"),
    "binary rubbish": (bytes(range(256)) * 500, "not UTF-8 text"),
    "binary that is text": (bytes(range(128)) * 500, "is not text"),
    "nothing but zeros": (b"\0" * 100_000, "is not text"),
    "a long scalar": ("a: " + "x" * 5_000_000, "too large"),
    "a long number": ("a: " + filled("9"), "too large"),
    "a long key": (filled("k") + ": 1", "where no key can stand"),
    "a long tag": ("a: !" + filled("x"), "a tag"),
    "a long line": ("a: [" + filled("1, "), "too many keys and values"),
    "an object": ("a: !!python/object/apply:os.system ['exit 1']", "a tag"),
    "documents without end": (filled("---\n"), "second document"),
}

# The dearest texts that are within the limits: what the parser is slowest at, as much of it as may be.
SLOW = {
    "keys": "".join(f"k{key}: 1\n" for key in range(MAX_NODES // 2 - 2)).ljust(MAX_BYTES, "\n"),
    "words": "a:\n" + "- x x x x\n" * (MAX_NODES - 4),
    "nested flow": "a: [" + ("[" * 20 + "1," * 480 + "]" * 20 + ",") * (MAX_NODES // 502) + "]",
    "brackets": "a: [" + ("[" * 20 + "]" * 20 + ",") * (MAX_NODES // 20 - 1) + "]",
    "anchors": "".join(f"a{key}: &a{key} x\n" for key in range(MAX_NODES // 2 - 2)),
    "blank lines": "a: |\n x\n" + filled("\n"),
    "quoted lines": 'a: "' + filled("x\n") + '"',
    "folded": "a: >\n" + filled(" x\n\n  y\n"),
    "words on one line": "a: " + filled("x "),
    "comments": "a: 1\n" + filled("#\n"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_file_is_refused_in_one_message_soon_and_in_little_memory(name, tmp_path):
    text, said = REFUSED[name]
    seconds, megabytes, messages = reading(write(tmp_path / "hostile.yaml", text))
    assert len(messages) == 1
    assert messages[0].startswith("hostile.yaml:")
    assert said in messages[0]
    assert len(messages[0]) < 300
    assert seconds < 1
    assert megabytes < 300


@pytest.mark.parametrize("name", SLOW)
def test_the_dearest_file_within_the_limits_is_read_soon(name, tmp_path):
    seconds, megabytes, messages = reading(write(tmp_path / "hostile.yaml", SLOW[name]))
    assert messages == []
    assert seconds < 1
    assert megabytes < 300


def test_a_file_of_a_gigabyte_is_not_read(tmp_path):
    path = tmp_path / "hostile.yaml"
    with path.open("wb") as stream:
        stream.truncate(2**30)
    seconds, megabytes, messages = reading(path)
    assert [message.split(",")[0] for message in messages] == ["hostile.yaml:1:1: the file is too large"]
    assert seconds < 1
    assert megabytes < 300


WORLD = """\
title: "The West: Midlands" # of England
extends: right_to_request.yaml
clock: {start: 2008-11-01, end: 2012-04-01}
hosts: &hosts
  traits:
    aware: {probability: {value: 0.35, low: .14, high: 6.2e-1, source: [2.1, 2.2]}}
routes:
  official:
    - stage: idea
      note: |
        two
        lines
    - {stage: board, retry: {after: 3 months, tries: 2}}
again: *hosts
'quoted ''key''': >-
  folded
  text
"""
MUTANTS = st.lists(
    st.tuples(
        st.integers(0, len(WORLD)),
        st.integers(0, 12),
        st.text(max_size=4)
        | st.sampled_from(list("{}[]:,-?&*!|>'\"%@`#\n\t\r\0\\~. "))
        | st.sampled_from(
            ["---\n", "...\n", "%YAML 1.1\n", "<<: *hosts\n", "&a ", "*hosts", "!!map ", "\\x", "\\U0011"]
        ),
    ),
    min_size=1,
    max_size=8,
)


def answer(text):
    """Read a text; whatever it is, the answer is a tree that can be written and read again, or faults."""
    outcome = tree_or_faults(text)
    if isinstance(outcome, ScenarioFaults):
        assert outcome.faults
        assert all(fault.mark.file == "fuzz.yaml" and fault.mark.line > 0 for fault in outcome.faults)
        assert len(str(outcome).split("\n")) == len(outcome.faults)
    else:
        assert as_plain(read_text(as_yaml(outcome), "again")) == as_plain(outcome)


def tree_or_faults(text):
    try:
        return read_text(text, "fuzz.yaml")
    except ScenarioFaults as faults:
        return faults


@settings(max_examples=400)
@given(MUTANTS)
def test_no_change_to_a_file_makes_anything_but_a_tree_or_faults(mutations):
    text = WORLD
    for place, cut, put in mutations:
        text = text[:place] + put + text[place + cut :]
    answer(text)


@settings(max_examples=300)
@given(st.text(st.sampled_from("ab1:-? ,[]{}&*!|>'\"%#\n\t\\.~@"), max_size=40))
def test_no_text_of_marks_makes_anything_but_a_tree_or_faults(text):
    answer(text)
