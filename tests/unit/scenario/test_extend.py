"""Files that extend files, overrides, and the canonical text of what comes out."""

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.scenario import extend, library
from sim.scenario.emit import as_yaml, as_yaml_with_origins
from sim.scenario.extend import Override, resolve
from sim.scenario.faults import Mark, ScenarioFaults
from sim.scenario.library import find_scenario, shipped_names
from sim.scenario.nodes import as_plain, locate
from sim.scenario.yaml_tree import read_text

PARENT = """\
title: England
hosts:
  traits:
    aware: {probability: {value: 0.35, low: 0.14, high: 0.62, source: [2.1]}}
    active: {probability: 0.5}
work: {lognormal: {median: 2 months, p90: 4 months}}
routes:
  official:
    - stage: idea
      work: 1 month
    - stage: board
      decided_by: meeting
    - {stage: live, milestone: live}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder for the main file, in a world whose shipped scenarios are two files of the test."""
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    (shipped / "england.yaml").write_text(PARENT)
    (shipped / "evidence.yaml").write_text("rows: {}")
    monkeypatch.setattr(library, "shipped_folder", lambda: shipped)
    monkeypatch.setattr(extend, "shipped_folder", lambda: shipped)
    home = tmp_path / "home"
    home.mkdir()
    return home


def resolved(folder, text, *overrides):
    (folder / "main.yaml").write_text(text)
    return resolve(folder / "main.yaml", overrides)


def outcome(folder, text, *overrides):
    return as_plain(resolved(folder, text, *overrides).root)


def said(folder, text, *overrides):
    with pytest.raises(ScenarioFaults) as caught:
        resolved(folder, text, *overrides)
    return str(caught.value)


def test_a_child_changes_keys_adds_keys_after_and_removes_them_with_null(folder):
    child = "extends: england.yaml\nnew: 1\ntitle: West\nhosts: {traits: {active: null, no: null}}\ngone: null"
    root = outcome(folder, child)
    assert list(root) == ["title", "hosts", "work", "routes", "new"]
    assert root["title"] == "West"
    assert list(root["hosts"]["traits"]) == ["aware"]


def test_a_null_stays_for_the_schema_to_judge_in_a_file_that_extends_nothing(folder):
    assert outcome(folder, "a: null") == {"a": None}


def test_nodes_keep_the_place_of_the_file_that_wrote_them(folder):
    found = resolved(folder, "extends: england.yaml\nhosts: {traits: {active: {probability: 0.9}}}\n")
    shipped = found.files[1]
    assert found.files == (folder / "main.yaml", shipped)
    aware = locate(found.root, ("hosts", "traits", "aware", "probability", "low"))
    assert aware == Mark(shipped.name, 4, 45)
    assert locate(found.root, ("hosts", "traits", "active", "probability")) == Mark(str(folder / "main.yaml"), 2, 40)


@pytest.mark.parametrize(
    ("before", "after", "result"),
    [
        ("{value: 0.2, low: 0.1}", "{value: 0.3}", {"value": 0.3}),
        ("{value: 0.2, low: 0.1}", "{low: 0.05}", {"low": 0.05}),
        ("{a: 1}", "{value: 0.3, low: null}", {"value": 0.3, "low": None}),
        ("0.2", "{value: 0.3}", {"value": 0.3}),
        ("{value: 0.2}", "0.3", 0.3),
        ("{lognormal: {median: 1, p90: 2}}", "{lognormal: {p90: 3}}", {"lognormal": {"median": 1, "p90": 3}}),
        ("{lognormal: {median: 1, p90: 2}}", "{fixed: 3}", {"fixed": 3}),
        ("{lognormal: {median: 1}, source: [1]}", "{uniform: {low: 1}}", {"uniform": {"low": 1}}),
        ("[1, 2]", "[3]", [3]),
        ("[1, 2]", "{a: {b: null, c: 1}}", {"a": {"c": 1}}),
        ("{a: 1}", "[3]", [3]),
    ],
)
def test_what_is_one_choice_is_replaced_whole(folder, before, after, result):
    (folder / "parent.yaml").write_text(f"x: {before}")
    assert outcome(folder, f"extends: parent.yaml\nx: {after}") == {"x": result}


def test_a_route_is_edited_by_the_names_of_its_stages(folder):
    root = outcome(
        folder,
        "extends: england.yaml\nroutes: {official: {live: {work: 2 weeks}, board: null, idea: {x: 1}}}",
    )
    assert root["routes"]["official"] == [
        {"stage": "idea", "work": "1 month", "x": 1},
        {"stage": "live", "milestone": "live", "work": "2 weeks"},
    ]


def test_a_stage_that_the_route_lacks_is_a_fault_in_the_childs_place(folder):
    text = said(folder, "extends: england.yaml\nroutes: {official: {bored: null, idea: 3}}")
    first, second = text.splitlines()
    assert "main.yaml:2:21: the route has no stage 'bored' (did you mean 'board'?)" in first
    assert "main.yaml:2:40: no change to stage 'idea', expected a mapping, or null" in second


def test_a_parent_is_looked_for_beside_the_child_and_then_among_the_shipped(folder):
    (folder / "england.yaml").write_text("title: mine")
    assert outcome(folder, "extends: england.yaml") == {"title": "mine"}
    (folder / "deeper").mkdir()
    (folder / "deeper" / "one.yaml").write_text("extends: two.yaml")
    (folder / "deeper" / "two.yaml").write_text("extends: ../england.yaml\nb: 2")
    assert outcome(folder, "extends: deeper/one.yaml") == {"title": "mine", "b": 2}


def test_a_fault_in_a_parent_is_reported_in_the_parents_file(folder):
    (folder / "parent.yaml").write_text("a: 1\na: 2\n")
    assert said(folder, "extends: parent.yaml").startswith(f"{folder / 'parent.yaml'}:2:1: the key 'a'")


def test_circles_are_refused_with_the_chain(folder):
    (folder / "a.yaml").write_text("extends: b.yaml")
    (folder / "b.yaml").write_text("extends: main.yaml")
    assert "main.yaml extends a.yaml extends b.yaml extends main.yaml" in said(folder, "extends: a.yaml")
    assert "main.yaml extends main.yaml" in said(folder, "extends: ./main.yaml")


def test_a_long_chain_is_refused(folder):
    for number in range(12):
        (folder / f"f{number}.yaml").write_text(f"extends: f{number + 1}.yaml")
    assert "at most 10" in said(folder, "extends: f0.yaml")
    (folder / "f8.yaml").write_text("end: 1")
    assert outcome(folder, "extends: f0.yaml") == {"end": 1}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("/etc/passwd", "absolute path"),
        ("C:\\worlds\\a.yaml", "absolute path"),
        ("\\\\server\\share\\a.yaml", "absolute path"),
        ("../outside.yaml", "leaves the folder"),
        ("../home/../outside.yaml", "leaves the folder"),
        ("englund.yaml", "there is no such file (did you mean 'england.yaml'?)"),
        ("x" * 5000, "leaves the folder"),
        ("[a.yaml]", "extends does not name a file"),
        ("3", "extends does not name a file"),
        ("null", "extends does not name a file"),
    ],
)
def test_extends_stays_inside(folder, name, message):
    (folder.parent / "outside.yaml").write_text("secret: 1")
    text = said(folder, f"extends: {name}")
    assert message in text
    assert f"{folder / 'main.yaml'}:1:10: " in text
    assert "secret" not in text


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_a_link_that_leaves_the_folder_is_refused(folder):
    (folder.parent / "outside.yaml").write_text("secret: 1")
    (folder / "link.yaml").symlink_to(folder.parent / "outside.yaml")
    (folder / "loop.yaml").symlink_to(folder / "loop.yaml")
    assert "leaves the folder" in said(folder, "extends: link.yaml")
    said(folder, "extends: loop.yaml")


def test_the_files_of_a_chain_share_one_allowance(folder):
    for number in range(3):
        (folder / f"f{number}.yaml").write_text(f"# {'x' * 70_000}\nextends: f{number + 1}.yaml")
    assert "f2.yaml:1:1: the file is too large" in said(folder, "extends: f0.yaml")


def test_overrides_are_done_in_turn_and_recorded_old_to_new(folder):
    found = resolved(
        folder,
        "extends: england.yaml",
        "hosts.traits.aware.probability=0.9",
        "routes.official.board.decided_by=null",
        "routes.official.0.work={fixed: 2 weeks}",
        "hosts.traits.active.low=.1",
        "routes.official.live=null",
        "title='a: b'",
    )
    root = as_plain(found.root)
    assert root["hosts"]["traits"]["aware"] == {"probability": 0.9}
    assert root["hosts"]["traits"]["active"] == {"probability": 0.5, "low": 0.1}
    assert root["routes"]["official"] == [{"stage": "idea", "work": {"fixed": "2 weeks"}}, {"stage": "board"}]
    assert found.overrides == (
        Override("hosts.traits.aware.probability", "{value: 0.35, low: 0.14, high: 0.62, source: [2.1]}", "0.9"),
        Override("routes.official.board.decided_by", "meeting", "null"),
        Override("routes.official.0.work", "1 month", "{fixed: 2 weeks}"),
        Override("hosts.traits.active.low", "", ".1"),
        Override("routes.official.live", "{stage: live, milestone: live}", "null"),
        Override("title", "England", '"a: b"'),
    )
    assert locate(found.root, ("title",)) == Mark("--set title='a: b'", 1, 1)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "hots.traits.aware=1",
            "--set hots.traits.aware=1:1:1: the scenario has no 'hots' (did you mean 'hosts'?)",
        ),
        ("hosts.trait.aware=1", "'hosts' has no 'trait' (did you mean 'traits'?)"),
        ("title.x=1", "'title' is a single value, so it has no 'x'"),
        ("routes.official.bored.work=1", "'routes.official' has no item 'bored' (did you mean 'board'?)"),
        ("routes.official.3=1", "'routes.official' has no item '3', expected one of idea, board, live"),
        ("routes.official.-1=1", "'routes.official' has no item '-1'"),
        ("title", "this is not an override"),
        ("title=", "this is not an override"),
        ("a..b=1", "this is not an override"),
        ("=1", "this is not an override"),
        ("title=[", "--set title=[:1:2: the text ends too early"),
        ("title=!x y", "--set title=!x y:1:1: a tag"),
    ],
)
def test_overrides_that_cannot_be_done_say_why(folder, override, message):
    assert message in said(folder, "extends: england.yaml", override)


def test_all_faulty_overrides_are_reported_at_once(folder):
    assert len(said(folder, "extends: england.yaml", "x.y=1", "title=a", "z.y=1").splitlines()) == 2


def test_the_canonical_text_is_plain_yaml_that_does_not_depend_on_how_it_was_written(folder):
    text = as_yaml(resolved(folder, "extends: england.yaml\nextra: {}\nnothing: []").root)
    assert text.startswith("title: England\nhosts:\n  traits:\n    aware:\n      probability:\n        value: 0.35\n")
    assert "        source: [2.1]\n" in text
    assert "    - stage: idea\n      work: 1 month\n    - stage: board\n" in text
    assert text.endswith("extra: {}\nnothing: []\n")
    assert as_yaml(read_text(text, "f")) == text


def test_every_value_can_say_where_it_came_from(folder):
    text = as_yaml_with_origins(resolved(folder, "extends: england.yaml\ntitle: West", "x=[1, 2]").root)
    assert f"title: West  # {folder / 'main.yaml'}:2\n" in text
    assert "      probability: 0.5  # " in text.replace("        ", "      ")
    assert "x: [1, 2]  # --set x=[1, 2]:1\n" in text


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029\ufeff\ufffe\uffff"))
WORDS = st.sampled_from(
    ["yes", "null", "~", "1", "0x1", "1e3", "a: b", "a #b", "- a", "'", "---", "x\ny", " a ", "2.10"]
)
TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
    | WORDS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries((TEXT | WORDS).filter(bool).map(lambda key: key[:30]), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["a", "b", "c d"]), TREES, max_size=3))
def test_canonical_text_reads_back_as_the_tree_that_it_came_from(content):
    tree = read_text(json.dumps(content, ensure_ascii=False), "f")
    assert as_plain(tree) == content
    text = as_yaml(tree)
    again = read_text(text, "f")
    assert as_plain(again) == content
    assert as_yaml(again) == text
    assert as_plain(read_text(as_yaml_with_origins(tree), "f")) == content


def test_scenarios_are_found_by_path_or_by_name(folder, monkeypatch):
    assert shipped_names() == ["england"]
    assert find_scenario("england") == find_scenario("england.yaml")
    assert find_scenario("england").name == "england.yaml"
    (folder / "mine.yaml").write_text("a: 1")
    monkeypatch.chdir(folder)
    assert find_scenario("mine.yaml").read_text() == "a: 1"
    for name in ("evidence", "../shipped/england", "x" * 5000, "a\0b"):
        with pytest.raises(ScenarioFaults, match="there is no scenario"):
            find_scenario(name)
    with pytest.raises(ScenarioFaults, match=r"'englnd' .did you mean 'england'."):
        find_scenario("englnd")


def test_the_shipped_folder_of_a_checkout_is_beside_the_package():
    assert library.shipped_folder().name == "scenarios"
