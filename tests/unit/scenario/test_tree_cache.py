"""Trees of texts that were read before: the same tree, or none."""

import json
import os

import pytest

from sim.scenario import yaml_tree
from sim.scenario.evidence import evidence_table
from sim.scenario.faults import ScenarioFaults
from sim.scenario.library import shipped_folder
from sim.scenario.size_limits import SizeBudget
from sim.scenario.tree_cache import load_tree
from sim.scenario.yaml_tree import read_text

PADDING = "# so long that it is kept\n" * 100
LONG = "a: &x [1, -0.0, .5, 1e-3, null, true, '007', é, 2010-07-01]\nb: *x\nc: {}\nd: []\n" + PADDING
SHORT = "a: 1\n"


@pytest.fixture(autouse=True)
def caches(tmp_path, monkeypatch):
    """An empty cache, and a process that has read nothing."""
    monkeypatch.setenv("SPINOUT_CACHE", str(tmp_path))
    yaml_tree._document.cache_clear()
    yield tmp_path / "trees"
    yaml_tree._document.cache_clear()


def read_again(text, label="file.yaml", allowance=None):
    """Read a text as another process would."""
    yaml_tree._document.cache_clear()
    return read_text(text, label, allowance)


@pytest.mark.parametrize(
    "text", [LONG, *(path.read_text(encoding="utf-8") + PADDING for path in sorted(shipped_folder().glob("*.yaml")))]
)
def test_what_is_recalled_is_what_was_read(text, caches):
    first = read_again(text)
    kept = load_tree(text, "file.yaml")
    assert kept.node == first
    # Equality would take True for 1 and -0.0 for 0.0.
    assert repr(kept.node) == repr(first)
    assert read_again(text) == first
    assert repr(load_tree(text, "other.yaml").node) == repr(first).replace("file.yaml", "other.yaml")


def test_what_it_costs_is_recalled_too():
    first, second = SizeBudget(), SizeBudget()
    read_again(LONG, allowance=first)
    read_again(LONG, allowance=second)
    assert first == second
    with pytest.raises(ScenarioFaults, match="too many keys and values"):
        read_again(LONG, allowance=SizeBudget(nodes=10))


def test_another_text_is_another_tree(caches):
    read_again(LONG)
    assert load_tree(LONG.replace("1e-3", "1e-4"), "file.yaml") is None


def test_a_short_text_and_a_faulty_one_are_not_kept(caches):
    read_again(SHORT)
    with pytest.raises(ScenarioFaults):
        read_again(LONG + "a: again\n")
    assert not caches.exists()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("0.001", "0.002"),
        lambda text: text[:-5],
        lambda text: "",
        lambda text: json.dumps([]),
        lambda text: "\udcff",
    ],
    ids=["altered", "cut", "empty", "something else", "no text"],
)
def test_a_tree_that_was_spoiled_is_read_anew(caches, spoil):
    first = read_again(LONG)
    (kept,) = caches.iterdir()
    kept.write_text(spoil(kept.read_text(encoding="utf-8")), encoding="utf-8", errors="surrogateescape")
    assert load_tree(LONG, "file.yaml") is None
    assert repr(read_again(LONG)) == repr(first)
    assert load_tree(LONG, "file.yaml") is not None


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SPINOUT_CACHE", str(tmp_path / "file"))
    assert repr(read_again(LONG)) == repr(read_again(LONG))


def test_the_oldest_are_forgotten(caches, monkeypatch):
    monkeypatch.setattr("sim.scenario.tree_cache._MOST", 3)
    texts = [LONG + f"e: {number}\n" for number in range(5)]
    for second, text in enumerate(texts):
        read_again(text)
        newest = max(caches.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        os.utime(newest, (second, second))
    assert [load_tree(text, "file.yaml") is not None for text in texts] == [False, False, True, True, True]


def test_the_evidence_table_reads_the_same_twice(caches):
    first = evidence_table.__wrapped__()
    yaml_tree._document.cache_clear()
    assert evidence_table.__wrapped__() == first
