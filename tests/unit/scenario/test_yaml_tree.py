"""Text to a tree: what scalars mean, where nodes say they are, and every way in which text is refused."""

import dataclasses
import os
import sys

import pytest

from sim.scenario.faults import Mark, ScenarioFaults
from sim.scenario.nodes import as_plain, locate, locate_key
from sim.scenario.size_limits import MAX_BYTES, MAX_DEPTH, MAX_NODES, SizeBudget
from sim.scenario.yaml_tree import read_file, read_text, read_value

WORLD = """\
title: The West Midlands
barriers:
  pension_worries:
    enabled: true
    gates:
    - {stage: idea, probability: 0.2}
empty:
"""


def faults_of(text):
    with pytest.raises(ScenarioFaults) as caught:
        read_text(text, "f")
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("FALSE", False),
        ("yes", "yes"),
        ("off", "off"),
        ("12", 12),
        ("-012", -12),
        ("0o17", 15),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("0.5", 0.5),
        (".5", 0.5),
        ("1e-3", 1e-3),
        ("-2.E2", -200.0),
        ("2008-11-01", "2008-11-01"),
        ("12:30", "12:30"),
        ("'12'", "12"),
        ('"true"', "true"),
        ('""', ""),
        ("0.11 per month", "0.11 per month"),
        ("|\n  two\n  lines\n", "two\nlines\n"),
    ],
)
def test_scalars_mean_what_yaml_1_2_says_and_dates_stay_text(written, meant):
    value = as_plain(read_text(f"a: {written}", "f"))["a"]
    assert value == meant
    assert type(value) is type(meant)


def test_a_scalar_keeps_its_spelling():
    assert read_text("source: 2.10", "f").entries["source"].node.text == "2.10"


def test_keys_become_text_and_a_merge_key_is_a_key():
    assert as_plain(read_text("2010: 1\nyes: 2\n'a b': 3\nnull: 4\n<<: {x: 1}", "f")) == {
        "2010": 1,
        "yes": 2,
        "a b": 3,
        "null": 4,
        "<<": {"x": 1},
    }


def test_nodes_know_their_place_counted_from_one():
    root = read_text(WORLD, "f")
    assert locate(root, ()) == Mark("f", 1, 1)
    assert locate(root, ("title",)) == Mark("f", 1, 8)
    assert locate_key(root, ("title",)) == Mark("f", 1, 1)
    assert locate(root, ("barriers", "pension_worries")) == Mark("f", 3, 3)
    assert locate(root, ("barriers", "pension_worries", "gates", 0)) == Mark("f", 6, 7)
    assert locate(root, ("barriers", "pension_worries", "gates", 0, "probability")) == Mark("f", 6, 34)
    assert locate_key(root, ("barriers", "pension_worries", "gates", 0, "probability")) == Mark("f", 6, 21)
    assert locate(root, ("empty",)) == Mark("f", 7, 1)


def test_what_is_missing_is_placed_at_the_key_that_should_hold_it():
    root = read_text(WORLD, "f")
    assert locate(root, ("barriers", "pension_worries", "hazards")) == Mark("f", 3, 3)
    assert locate_key(root, ("barriers", "pension_worries", "hazards")) == Mark("f", 3, 3)
    assert locate(root, ("barriers", "tagged-union", "pension_worries", "enabled")) == Mark("f", 4, 14)
    assert locate(root, ("barriers", "pension_worries", "gates", 7)) == Mark("f", 5, 5)


def test_nothing_in_a_tree_can_be_changed():
    root = read_text(WORLD, "f")
    with pytest.raises(TypeError):
        root.entries["title"] = None
    with pytest.raises(dataclasses.FrozenInstanceError):
        root.entries["title"].node.value = "x"


def test_aliases_repeat_a_node():
    assert as_plain(read_text("a: &x [1, {b: 2}]\nc: *x", "f")) == {"a": [1, {"b": 2}], "c": [1, {"b": 2}]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "f:1:1: there is nothing in it"),
        ("# only a comment", "f:1:1: there is nothing in it"),
        ("- a", "f:1:1: the top of the file is not a mapping"),
        ("just text", "f:1:1: the top of the file is not a mapping"),
        ("a: 1\nb", "f:2:2: a line that is neither a key nor part of one"),
        ("a: 1\n  b: 2", "f:2:4: a ':' where no key can stand"),
        ("a: 1\n\tb: 2", "f:2:1: a tab at the start"),
        ("a: [1\nb: 2", "f:2:2: a bracket that is not closed"),
        ("a: 'x", "f:1:6: the text ends inside quotes"),
        ("a: @x", "f:1:4: a character that no value can start with"),
        ("a: &x [*x]", "f:1:8: the alias '*x' contains itself"),
        ("a: *x", "f:1:4: the alias '*x' has no anchor"),
        ("a: 1\n---\nb: 2", "f:2:1: a second document"),
        ("%YAML 1.1\n---\na: 1", "f:2:1: a % directive"),
        (f"%YAML {'9' * 5000}.1\n---\na: 1", "f:1:1: from here on this is not YAML"),
        ("[1]: 2", "f:1:1: a key that is not plain text"),
        ("? {a: 1}\n: 2", "f:1:3: a key that is not plain text"),
        ("a: &x b\n*x : 2", "f:2:1: a key that is not plain text"),
        (": 1", "f:1:1: an empty key"),
        (f"{'k' * 201}: 1", "f:1:1: a key that is too long"),
        ("a: .nan", "f:1:4: '.nan' is not a finite number"),
        ("a: -.inf", "f:1:4: '-.inf' is not a finite number"),
        ("a: 1e999", "f:1:4: a number that is too large"),
        (f"a: {'9' * 5000}", "f:1:4: a whole number that is too large"),
        ("a: !!python/object:os.system x", "f:1:4: a tag (a word that starts with '!')"),
        ("a: !mine {b: 1}", "f:1:4: a tag"),
        ("!t k: 1", "f:1:1: a tag"),
        ("a: x\x00", "f:1:5: the character U+0000 is not text"),
        ("a: 1\r\nb: \x1b", "f:2:4: the character U+001B is not text"),
        ('a: "\\0"', "f:1:4: the character U+0000 is not text"),
        ('a: "\\ud800"', "f:1:4: the character U+D800 is not text"),
        ('a: "\\UFFFFFFFF"', "f:1:2: from here on this is not YAML"),
        ("a: " + "[" * (MAX_DEPTH + 1), "values nested too deeply"),
        ("a: [" + "1," * MAX_NODES + "]", "the scenario has too many keys and values"),
        ("a: " + "x" * MAX_BYTES, "f:1:1: the scenario is too large"),
        ("a: &x " + "x" * (MAX_BYTES // 3) + "\nb: [*x, *x]", "f:2:9: the scenario is too large"),
    ],
)
def test_bad_text_is_one_readable_fault_in_its_place(text, said):
    (message,) = faults_of(text)
    assert said in message


def test_every_fault_that_can_be_passed_over_is_reported():
    assert [line.split(", expected")[0] for line in faults_of("a: .nan\nb: *t\na: 2\nc: {d: 1, d: 2}\na: 3")] == [
        "f:1:4: '.nan' is not a finite number",
        "f:2:4: the alias '*t' has no anchor",
        "f:3:1: the key 'a' is written again",
        "f:4:11: the key 'd' is written again",
        "f:5:1: the key 'a' is written again",
    ]
    assert "(it is at line 1, column 1)" in faults_of("a: 1\na: 2")[0]


def test_what_came_before_broken_text_is_reported_too():
    assert len(faults_of("a: 1\na: 2\nb: [")) == 2


def test_the_deepest_and_largest_that_are_allowed_are_read():
    read_text("a: " + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1), "f")
    read_text("a: [" + "1," * (MAX_NODES - 3) + "]", "f")
    read_text("a: " + "x" * (MAX_BYTES - 3), "f")


def test_an_alias_counts_as_deep_as_it_is_where_it_is_used():
    deep = "[" * (MAX_DEPTH - 3) + "]" * (MAX_DEPTH - 3)
    assert "nested too deeply" in faults_of(f"a: &x {deep}\nb: [[[*x]]]")[0]
    read_text(f"a: &x {deep}\nb: [*x]", "f")


def test_one_allowance_bounds_several_texts():
    allowance = SizeBudget(characters=10)
    read_value("1234567", "f", allowance)
    with pytest.raises(ScenarioFaults, match="too large"):
        read_value("1234", "g", allowance)


def test_files_are_read_with_or_without_a_byte_order_mark(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: caf\xc3\xa9\r\nb: 1\r\n")
    root = read_file(path, "a.yaml")
    assert as_plain(root) == {"a": "café", "b": 1}
    assert locate(root, ("a",)) == Mark("a.yaml", 1, 4)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"a: 1\nb: \xff", "a.yaml:2:4: this is not UTF-8 text (byte 0xff)"),
        ("a: 1".encode("utf-16"), "a.yaml:1:1: this is not UTF-8 text"),
        (b"x" * (MAX_BYTES + 1), "a.yaml:1:1: the file is too large"),
    ],
)
def test_files_that_are_no_text_or_too_large_are_refused(tmp_path, raw, said):
    path = tmp_path / "a.yaml"
    path.write_bytes(raw)
    with pytest.raises(ScenarioFaults) as caught:
        read_file(path, "a.yaml")
    assert str(caught.value).startswith(said)


def test_what_is_no_file_is_refused(tmp_path):
    for path, said in [
        (tmp_path / "none.yaml", "cannot be read: No such file"),
        (tmp_path, "this is a folder"),
        (tmp_path / ("n" * 5000), "cannot be read"),
        (tmp_path / "a\0b", "cannot be read"),
    ]:
        with pytest.raises(ScenarioFaults, match=said):
            read_file(path, "f")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_a_pipe_is_refused_without_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(ScenarioFaults, match="not a file"):
        read_file(tmp_path / "pipe.yaml", "f")
