"""The report: what it says, that it needs no network, that a hostile scenario cannot write into it."""

import json
import math
import re
from datetime import date
from html.parser import HTMLParser
from io import StringIO
from itertools import pairwise
from typing import Any

import pytest
from rich.console import Console

from sim.analysis.run.observed import compare
from sim.report import format as words
from sim.report.charts.style import NARROW, WIDE, break_lines
from sim.report.pictures import chart_svg
from sim.report.renderers.html import render_page
from sim.report.renderers.terminal import print_summary
from sim.report.run.figures import sections
from sim.report.run.headline import headline, reading
from sim.report.run.page import page as page_of
from sim.report.run.page import write_charts, write_report
from sim.report.run.summary import summarise_kpis, summarise_run, summarise_validation
from sim.report.run.tables import write_tail
from sim.results.failures import Failure
from sim.store.results import Results
from tests.helpers.synthetic import NAN, manifest, results_of, world
from tests.helpers.synthetic_words import ASSUMPTIONS, OBSERVATIONS

LOADING = {
    "src",
    "srcset",
    "data",
    "poster",
    "action",
    "formaction",
    "background",
    "cite",
    "manifest",
    "ping",
}


def html_of(results: Results) -> str:
    return render_page(page_of(results))


class Page(HTMLParser):
    """What a test wants to know of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        # Words between tags; those of a script or style are no words of the page.
        if self.tags and self.tags[-1][0] not in {"script", "style"}:
            self.text += data

    def every(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def drawn(html: str) -> dict[str, dict[str, Any]]:
    """The charts that a page holds, as its script reads them."""
    return json.loads(re.search(r'<script type="application/json" id="charts">(.*?)</script>', html, re.S)[1])


@pytest.fixture(scope="module")
def results():
    return world(60, seed=2)


@pytest.fixture(scope="module")
def html(results):
    return html_of(results)


def test_needs_no_network(html):
    page = Page(html)
    for tag, attrs in page.tags:
        assert not LOADING & set(attrs), (tag, attrs)
        for name in ("href", "xlink:href"):
            assert (attrs.get(name) or "#").startswith("#"), (tag, attrs)
    assert not page.every("link")
    assert not page.every("iframe")
    assert not page.every("image")
    styles = re.search(r"<style>(.*?)</style>", html, re.S)[1]
    assert "@import" not in styles
    assert "url(" not in styles
    assert len(html.encode()) < 2_000_000


def test_structure(html):
    page = Page(html)
    assert len(page.every("h1")) == 1
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = {(attrs.get("href") or "#")[1:] for attrs in page.every("a")}
    assert links <= set(ids)
    charts = [attrs for attrs in page.every("div") if "data-chart" in attrs]
    assert len(charts) >= 2 * 9
    assert all(chart["role"] == "img" and len(chart["aria-label"] or "") > 40 for chart in charts)
    assert {chart["class"] for chart in charts} == {"chart wide", "chart narrow"}
    assert {chart["data-chart"] for chart in charts} == set(drawn(html))
    assert all(set(chart) == {"wide", "narrow"} for chart in drawn(html).values())
    # Empty until a script draws them: without one they are not announced, and a note says why.
    assert all("hidden" in chart for chart in charts)
    assert len(page.every("noscript")) == 1
    assert all(cell.get("scope") for cell in page.every("th"))
    assert page.every("html")[0]["lang"] == "en-GB"


def test_says_where_the_numbers_come_from(html, results):
    text = " ".join(Page(html).text.split())
    for needed in (
        str(results.manifest["digest"]),
        "barriers.pension_worries.enabled",
        "Replications60",
        "numpy 2.4.6",
        "held at their best values",
        "hosts.traits.aware.probability",
        "0.14 to 0.62",
        "1 November 2008 to 1 April 2012",
        "The whole scenario, as it was resolved",
    ):
        assert needed in text
    # Cited evidence is quoted, from the table that ships with the scenarios.
    assert "read in two sources" in text


NASTY = "<script>alert('x')</script> & \"quotes\" <!-- ]]> \\u003c {{ 7 * 7 }} \u2028 \x07"


def test_a_hostile_scenario_cannot_write_into_the_page(tmp_path):
    whole = manifest()
    hostile = {
        "title": NASTY,
        "about": NASTY,
        "scenario": NASTY,
        "digest": NASTY,
        "stages": [{**stage, "label": f"{NASTY} {k}"} for k, stage in enumerate(whole["stages"])],
        "routes": {"official": NASTY, "informal": NASTY + "!"},
        "barriers": {name: f"{NASTY} {name}" for name in whole["barriers"]},
        "timeline": [{**entry, "label": NASTY} for entry in whole["timeline"]],
        "observations": [{**entry, "label": NASTY} for entry in OBSERVATIONS],
        "assumptions": [{**entry, "path": NASTY, "note": NASTY, "value": NASTY} for entry in ASSUMPTIONS],
        "overrides": [{"path": NASTY, "old": NASTY, "new": NASTY}],
        "versions": {NASTY: NASTY},
        "machine": {NASTY: NASTY},
        "interventions": {"one": NASTY},
    }
    results = world(8, seed=1, regions={"north": 3}, **hostile)
    results.manifest["regions"]["north"]["label"] = NASTY
    page = write_report(results, tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "<!--" not in page
    parsed = Page(page)
    assert [attrs.get("type") for attrs in parsed.every("script")] == ["application/json", None, None]
    assert page.count("</script") == 3
    assert not any(name.startswith("on") for _, attrs in parsed.tags for name in attrs)
    assert "<script>alert('x')</script>" in json.dumps(drawn(page))
    assert "{{ 7 * 7 }}" in parsed.text
    written = StringIO()
    print_summary(summarise_run(results), Console(file=written, width=80, color_system=None))
    assert "{{ 7 * 7 }}" in written.getvalue()


def _no_launch() -> dict[str, object]:
    return {"replication": 0, "entered_idea": 0.0, "state": "exited", "exit_stage": "idea", "exit_time": 5.0}


GATES = [{"name": "gate", "label": "Gate", "route": "only", "milestone": "agreed"}]
PASSED = {
    "route": "only",
    "entered_gate": 0.0,
    "reached_agreed": 7.0,
    "state": "completed",
    "exit_time": 7.0,
    "stage": "gate",
}
EDGES = {
    "one replication": lambda: world(1, seed=2),
    "two replications": lambda: world(2, seed=2),
    "no groups": lambda: results_of([], range(5)),
    "no groups, one replication": lambda: results_of([], [3]),
    "no launches": lambda: results_of([{**_no_launch(), "exit_cause": "union_opposition"}], range(4)),
    "no route": lambda: results_of(
        [
            {
                "replication": 0,
                "route": "",
                "stage": "",
                "state": "exited",
                "exit_time": 0.0,
                "exit_cause": "no_route",
            }
        ],
        range(4),
    ),
    "no live milestone": lambda: results_of(
        [{**PASSED, "replication": r} for r in range(3)],
        range(4),
        manifest(stages=GATES, routes={}, observations=[]),
    ),
    "nothing but what must be": lambda: results_of(
        [{"replication": 0, "entered_idea": 0.0}],
        range(3),
        {key: manifest()[key] for key in ("start", "end", "horizon", "stages", "barriers")},
    ),
    "unknown sizes": lambda: results_of(
        [{"replication": 0, "entered_idea": 0.0, "turnover": NAN, "award": NAN, "cost_host": NAN}], range(3)
    ),
    "several regions": lambda: world(6, seed=1, regions={"north": 31, "south": 12, "east": 1}, rate=0.3),
    "uncertain and unfinished": lambda: world(6, uncertain=True, seconds=None),
}


@pytest.mark.parametrize("edge", EDGES)
def test_edges_are_told_and_do_not_crash(edge):
    results = EDGES[edge]()
    page = html_of(results)
    assert Page(page).every("h1")
    written = StringIO()
    print_summary(summarise_run(results), Console(file=written, width=80, color_system=None))
    for text in (Page(page).text, written.getvalue()):
        assert not re.search(r"\bnan\b|\binf\b|\bNone\b(?! of the)", text), edge


def test_headline_in_words():
    people = [
        {
            "replication": r,
            "entered_idea": 0.0,
            "reached_live": 365.25 if k < r % 3 else NAN,
            "state": "completed" if k < r % 3 else "exited",
            "stage": "idea",
            "exit_stage": "" if k < r % 3 else "idea",
            "exit_cause": "" if k < r % 3 else "lack_of_time",
            "exit_time": 400.0,
            "cost_programme": 1000.0,
        }
        for r in range(60)
        for k in range(13)
    ]
    results = results_of(people, range(60))
    sentences = headline(results, compare([], results))
    assert sentences[0] == (
        "On average 1 of 13 groups launched (7.7%). In 95 of 100 simulated histories between 0 and 2 did."
    )
    assert sentences[1] == (
        "On average 12 groups were lost before launch. The most common cause was “Lack of time” "
        "(100% of these losses), and most were lost at the stage “Forming the idea” (100%)."
    )
    assert sentences[2].startswith("Of the groups that launched, half did so within 12.0 months of arriving")
    assert sentences[3].startswith("A launch cost all payers together £13,000 on average")
    assert len(sentences) == 4


def test_headline_of_little():
    nobody = results_of([], range(5))
    assert headline(nobody, compare([], nobody)) == ["No staff group arrived in any of the 5 simulated histories."]
    none = results_of([{"replication": r, "entered_idea": 0.0} for r in range(5)], range(5))
    assert headline(none, compare([], none)) == ["None of the 1 groups launched in any of the 5 simulated histories."]
    assert "no interval can be given" in reading(results_of([], [0]))[0]
    assert any("6 histories" in sentence for sentence in reading(world(6)))


def test_observed_beside_simulated_is_counted_out(results):
    sentence = headline(results, compare(OBSERVATIONS, results))[-1]
    assert sentence.startswith("5 of 6 published figures fall within the model's 95% range")
    assert sentence.endswith("outside: “Live by October 2010”.")


@pytest.mark.parametrize("layout", [WIDE, NARROW])
def test_every_chart_fits_its_layout(results, layout):
    observed = compare(OBSERVATIONS, results)
    for section in sections(results, observed):
        assert section.figures
        for figure in section.figures:
            json.dumps(figure.draw(layout), allow_nan=False)
            svg = chart_svg(figure.draw(layout))
            width = float(re.search(r'width="([0-9.]+)"', svg)[1])
            assert width <= layout.width + 1, figure.name
            assert "NaN" not in svg
            assert "undefined" not in svg


def test_pictures(results, tmp_path):
    written = write_charts(world(4, seed=1), tmp_path / "new" / "folder", "png")
    assert [path.stem for path in written][:2] == ["funnel_official", "funnel_informal"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in written)


def test_terminal_is_plain_and_fits(results, capsys):
    for width in (80, 100):
        written = StringIO()
        print_summary(summarise_run(results), Console(file=written, width=width, color_system=None))
        text = written.getvalue()
        assert max(len(line) for line in text.splitlines()) <= width
        assert "…" not in text
    for heading in (
        "Groups by stage",
        "Groups lost before launch",
        "Launches, staff and contracts moved",
        "Months from arrival to launch",
    ):
        assert heading in text
    for heading in ("Costs by payer", "Per launch", "Observed and simulated", "Tail p"):
        assert heading in text
    print_summary(summarise_run(results))
    assert "\x1b" not in capsys.readouterr().out


def test_validation_says_plainly_what_fails(results):
    written = StringIO()
    print_summary(summarise_validation(results), Console(file=written, width=100, color_system=None))
    text = " ".join(written.getvalue().split())
    assert "5 of 6 observations within the model's 95% range" in text
    assert "Outside: Live by October 2010." in text
    written = StringIO()
    print_summary(summarise_validation(results_of([], [0])), Console(file=written, width=100, color_system=None))
    assert "we cannot say" in written.getvalue()


def test_same_results_same_page(results, html):
    again = html_of(Results(results.manifest, None, results.tables))
    assert again == html


def test_failures_are_told_the_commonest_first(results, tmp_path):
    failed = [
        Failure(60 + k, "ValueError: <b>odd</b>" if k % 3 else "KeyError: 'x'", "Traceback ...") for k in range(9)
    ]
    some = Results(results.manifest, tmp_path, results.tables, tuple(failed))
    expected = [
        "9 of 69 replications failed.",
        "6 replications, the first of them number 61: ValueError: <b>odd</b>",
        "3 replications, the first of them number 60: KeyError: 'x'",
        "--replication 61",
    ]
    written = StringIO()
    print_summary(summarise_run(some), Console(file=written, width=100, color_system=None))
    for text in (" ".join(written.getvalue().split()), " ".join(Page(html_of(some)).text.split())):
        places = [text.index(sentence) for sentence in expected]
        assert places == sorted(places)
    assert "<b>odd" not in html_of(some)


def test_the_numbers_of_each_history_when_nothing_else_was_kept(results):
    only = Results.from_frames(results.manifest, {"kpis": results.kpis})
    written = StringIO()
    print_summary(summarise_kpis(only), Console(file=written, width=80, color_system=None))
    text = written.getvalue()
    assert max(len(line) for line in text.splitlines()) <= 80
    rows = {line[1:26].strip(): line[26:].split() for line in text.splitlines()}
    groups = results.kpis["groups"]
    mean, error = (float(part) for part in rows["Groups that arrived"][0].split("±"))
    # Student's t with 59 degrees of freedom.
    assert error == pytest.approx(2.001 * groups.std() / math.sqrt(60), rel=0.4)
    assert mean == pytest.approx(groups.mean(), abs=error / 2)
    assert rows["Cost, all together"][0].startswith("£")
    for label in ("Groups launched", "Share that launched", "Median months to launch", "Cost to hosts"):
        assert label in rows
    alone = Results.from_frames(results.manifest, {"kpis": results.kpis.head(1)})
    print_summary(summarise_kpis(alone), Console(file=written, width=80, color_system=None))
    assert "nan" not in written.getvalue()


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (0.003, "<0.01"),
        (0.284, "0.28"),
        (2.5, "2.5"),
        (13.14, "13.1"),
        (541.7, "542"),
        (24900.2, "24,900"),
        (7.0, "7"),
        (0.996, "1.0"),
        (99.96, "100"),
        (1234.0, "1,234"),
        (math.nan, "–"),
    ],
)
def test_numbers(value, written):
    assert words.number(value) == written


@pytest.mark.parametrize(
    ("value", "error", "unit", "written"),
    [
        (61.4768, 0.0213, "", "61.48±0.02"),
        (941.3, 56.2, "", "941±56"),
        (2.0, 0.0, "", "2"),
        (2.5, math.nan, "", "2.5"),
        (0.03241, 0.00004, "share", "3.241±0.004%"),
        (478_660.0, 590.0, "pounds", "£478.7±0.6k"),
        (33.2e6, 0.06e6, "pounds", "£33.20±0.06m"),
        (math.nan, math.nan, "pounds", "–"),
    ],
)
def test_a_number_with_its_error(value, error, unit, written):
    assert words.with_error(value, error, unit) == written


def test_other_words():
    assert [words.percent(x) for x in (0, 0.0001, 0.023, 0.154, 1.0)] == [
        "0%",
        "<0.1%",
        "2.3%",
        "15%",
        "100%",
    ]
    assert [words.money(x) for x in (0, 950, 163_349, 19_523_760, 1.25e9)] == [
        "£0",
        "£950",
        "£163,000",
        "£19.5 million",
        "£1.25 billion",
    ]
    assert words.money(999_999) == "£1 million"
    assert words.span("1", "2") == "1 to 2"
    assert words.span("1", words.UNKNOWN) == words.UNKNOWN
    assert words.day(date(2010, 9, 30)) == "30 September 2010"
    assert words.join_words(["a", "b", "c"]) == "a, b and c"
    assert write_tail(0.0, 300) == "<0.01"
    assert write_tail(0.0, 20) == "<0.05"


def test_long_labels_are_broken_and_cleaned():
    assert break_lines("Contract with the commissioner", 18) == "Contract with the\ncommissioner"
    assert break_lines("a\x00b\x1bc", 18) == "a b c"
    assert break_lines("word " * 40, 10, 3).endswith("…")
    assert break_lines("", 10) == ""
