"""`spinout stress` through the real command line: what it fills, what it escapes, what it refuses."""

import json
import re
import shutil
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from sim.analysis.outcomes import outcomes
from sim.analysis.reading import Reading
from sim.analysis.register import OUTCOMES
from sim.report.renderers.markdown import escape, render_table
from sim.report.table import words_table
from sim.scenario.facts import Facts
from sim.scenario.load import load
from sim.scenario.walk import quantities
from tests.helpers.command import CHECKOUT, EVERYTHING, fails, succeeds

EVIDENCE = (CHECKOUT / "scenarios" / "evidence.yaml").read_text(encoding="utf-8")

HOSTILE = "<script>alert(1)</script> | [a](javascript:alert) `rm -rf` *b* ![c](http://evil.example) \\u202e# $x$"
ITEMS = (
    *("1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4", "2.5", "2.5.1", "2.5.2", "2.5.3", "2.5.4", "2.5.5"),
    *("3.1", "3.2", "3.3", "3.4", "4.1", "4.2", "4.3", "5.1", "5.2", "5.3", "5.4", "6.1"),
)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("stress")


@pytest.fixture(scope="module")
def statement(place):
    """The statement of a results folder whose scenario has a title that attacks."""
    (place / "hostile.yaml").write_text(
        f'extends: west_midlands.yaml\ntitle: "{HOSTILE}"\nabout: "line one\\n# line two"\n', encoding="utf-8"
    )
    guarantee = "interventions.pension_guarantee.enabled=true"
    succeeds("run", "hostile.yaml", "-n", 12, "--seed", 77, "--set", guarantee, "--out", "ran", cwd=place)
    printed = succeeds("stress", "ran", cwd=place)
    assert "stress.md" in printed
    return (place / "ran" / "stress.md").read_text(encoding="utf-8")


def section(statement, item):
    """What stands below the heading of an item."""
    found = re.search(rf"^#+ {re.escape(item)} [^\n]*\n(.*?)(?=^#+ \d|\Z)", statement, re.M | re.S)
    assert found, f"no item {item}"
    return found[1].strip()


def test_every_item_of_the_checklist_is_there_and_says_something(statement):
    for item in ITEMS:
        # 2.5 is a heading over its parts.
        assert item == "2.5" or len(section(statement, item)) > 40, item


def test_what_was_run_is_told(statement, place):
    manifest = json.loads((place / "ran" / "manifest.json").read_text(encoding="utf-8"))
    assert "interventions.pension_guarantee.enabled" in section(statement, "2.3")
    assert "Pension guarantee" in section(statement, "2.3")
    assert manifest["digest"] in section(statement, "3.3")
    assert "1 November 2008" in section(statement, "4.2")
    estimation = section(statement, "4.3")
    assert "| 12 | 0 | 77 |" in estimation
    assert manifest["results"] in estimation
    for name, version in manifest["versions"].items():
        assert f"| {name} | {version} |" in section(statement, "5.1")
    assert "Seed: 77." in section(statement, "5.2")
    assert "Event scheduling" in section(statement, "5.3")
    assert manifest["started"] in section(statement, "5.4")


def test_every_uncertain_number_is_there_with_its_range_and_source(statement, place):
    rows = section(statement, "3.3")
    uncertain = [one for _, one in quantities(load(str(place / "hostile.yaml")).scenario) if one.uncertain]
    assert len(uncertain) > 200
    for one in uncertain:
        cells = [escape(cell) for cell in (one.text, one.low_text, one.high_text, one.spread, ", ".join(one.source))]
        assert f"| {' | '.join(cells)} |" in rows, one
    assert rows.count("| triangular |") + rows.count("| uniform |") == len(uncertain)


def test_a_title_that_attacks_is_only_text(statement):
    assert "\u202e" not in statement
    page = MarkdownIt("commonmark", {"html": True}).enable("table").render(statement)
    assert "<h1>STRESS-DES statement: &lt;script&gt;alert(1)&lt;/script&gt; | [a](javascript:alert) `rm -rf`" in page
    assert set(re.findall(r"<(script|img|h\d|em)\b[^>]*>", page)) == {"h1", "h2", "h3", "h4", "em"}
    assert set(re.findall(r"<em>(.*?)</em>", page)) <= {"Journal of Simulation", "history", "k", "derived"}
    assert page.count("<h1>") == 1
    assert "<h1>line two" not in page
    # Only the evidence's own addresses can be followed.
    assert all(address in EVIDENCE for address in re.findall(r'href="([^"]*)"', page))


QUESTION = f"""
title: What does an earlier end cost?
question: "How many launches, | if any?"
worlds:
  shop: {{scenario: {Path(EVERYTHING).name}}}
  earlier: {{of: shop, set: {{clock.end: 2011-01-01}}}}
replications: 4
compare: {{base: shop, with: [earlier], outcomes: [launches], precision: {{launches: 30}}}}
"""


def test_several_worlds_of_an_answer_are_told_beside_one_another(place):
    (place / "question.yaml").write_text(QUESTION, encoding="utf-8")
    shutil.copy(EVERYTHING, place)
    succeeds("experiment", "question.yaml", "--replications", 100, "--out", "answer", cwd=place)
    succeeds("stress", "answer", "--out", "both.md", cwd=place)
    both = (place / "both.md").read_text(encoding="utf-8")
    assert "How many launches, \\| if any?" in section(both, "1.3")
    assert "Method: compare, {base: shop" in section(both, "1.3")
    assert "The base is `shop`." in both
    assert "| `clock.end` |" in section(both, "2.3")
    assert "Stein" in section(both, "4.3")
    estimation = section(both, "4.3")
    assert estimation.index("`shop`") < estimation.index("`earlier`")


def test_combinations_of_barriers_are_told_too(place):
    players = ("--players", "manager_resistance,pension_worries")
    succeeds("attribute", "west_midlands", *players, "-n", 5, "--out", "blame", cwd=place)
    succeeds("stress", "blame", cwd=place)
    blame = (place / "blame" / "stress.md").read_text(encoding="utf-8")
    assert "manager\\_resistance, pension\\_worries" in section(blame, "4.3")


def test_a_folder_that_holds_no_results_is_refused(place):
    (place / "empty").mkdir()
    assert "neither a results folder nor an answer folder" in fails(2, "stress", "empty", cwd=place)
    assert "nowhere" in fails(2, "stress", "nowhere", cwd=place)
    assert not (place / "empty" / "stress.md").exists()


def test_an_altered_manifest_is_refused(statement, place):
    path = place / "ran" / "manifest.json"
    kept = path.read_text(encoding="utf-8")
    for altered, said in (
        ({**json.loads(kept), "digest": "0" * 64}, "altered"),
        ({name: value for name, value in json.loads(kept).items() if name != "machine"}, "lacks machine"),
        ({**json.loads(kept), "versions": {}}, "manifest's versions should hold spinout"),
        ({**json.loads(kept), "machine": "mine"}, "manifest's machine should hold processor, system"),
    ):
        path.write_text(json.dumps(altered), encoding="utf-8")
        assert said in fails(2, "stress", "ran", cwd=place)
    path.write_text(kept, encoding="utf-8")


def test_every_outcome_has_a_definition(place, statement):
    manifest = json.loads((place / "ran" / "manifest.json").read_text(encoding="utf-8"))
    known = {name for name in outcomes(Facts.read(manifest), Reading()) if not name.startswith(("exits_", "closed_"))}
    assert known == {name for name in OUTCOMES if "<" not in name}
    assert all(f"`{name}`" in section(statement, "1.2") for name in known)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("plain words", "plain words"),
        ("a_b", "a\\_b"),
        ("a|b", "a\\|b"),
        ("a\nb\tc", "a b c"),
        ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
        ("see www.example.org or me@example.org", "see www&#46;example.org or me&#64;example.org"),
        ("https://example.org", "https&#58;//example.org"),
        ("x\u200b\x07y", "xy"),
    ],
)
def test_text_is_escaped(text, wanted):
    assert escape(text) == wanted


def test_a_cell_cannot_leave_its_table():
    lines = render_table(words_table("", ("a", "b"), [("1 | 2", "3\n| 4 |")])).splitlines()
    assert len(lines) == 3
    assert len(re.findall(r"(?<!\\)\|", lines[2])) == 3
