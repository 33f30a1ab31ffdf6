"""The report as its readers meet it: opened from a file in a real browser, on a wide screen, a telephone, and paper."""

import json
import re

import pytest

from sim.report.run.page import write_report
from tests.helpers.synthetic import manifest, world

WIDE, PHONE = {"width": 1200, "height": 900}, {"width": 390, "height": 844}
# Any of these would show that a text of the scenario ran, in the page itself or as an expression of a chart.
NASTY = (
    "</script><script>window.hurt=1</script><img src=x onerror='window.hurt=1'> <!-- \\u003c 'a' + (window.hurt=1) \n"
)
DRAWN = "document.documentElement.dataset.drawn === 'all'"


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return write_report(world(60, seed=2), tmp_path_factory.mktemp("report") / "report.html")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    whole = manifest()
    texts = {
        "title": NASTY,
        "about": NASTY,
        "stages": [{**stage, "label": f"{NASTY} {k}"} for k, stage in enumerate(whole["stages"])],
        "routes": {"official": NASTY, "informal": NASTY + "!"},
        "barriers": {name: f"{NASTY} {name}" for name in whole["barriers"]},
        "timeline": [{**entry, "label": NASTY} for entry in whole["timeline"]],
        "observations": [{**entry, "label": NASTY} for entry in whole["observations"]],
        "scenario": NASTY,
    }
    results = world(20, seed=2, regions={"north": 12}, **texts)
    results.manifest["regions"]["north"]["label"] = NASTY
    return write_report(results, tmp_path_factory.mktemp("hostile") / "report.html")


def opened(browser, page, size, **how):
    """The page when all its charts are drawn, with everything that it said or asked for meanwhile."""
    tab = browser.new_context(viewport=size, **how).new_page()
    tab.said, tab.asked = [], []
    tab.on("console", lambda message: tab.said.append(message.text))
    tab.on("pageerror", lambda error: tab.said.append(str(error)))
    tab.on("request", lambda request: tab.asked.append(request.url))
    tab.goto(page.as_uri())
    if how.get("java_script_enabled", True):
        tab.wait_for_function(DRAWN, timeout=60_000)
    return tab


def charts(page):
    return json.loads(re.search(r'id="charts">(.*?)</script>', page.read_text("utf-8"), re.S)[1])


@pytest.mark.parametrize(("size", "shown"), [(WIDE, "wide"), (PHONE, "narrow")], ids=["wide", "phone"])
def test_every_chart_is_drawn_and_nothing_is_asked_of_the_network(browser, report, size, shown):
    tab = opened(browser, report, size)
    assert tab.said == []
    assert tab.asked == [report.as_uri()]
    named = charts(report)
    for name in named:
        for css in ("wide", "narrow"):
            place = tab.locator(f".chart.{css}[data-chart={name}]")
            assert place.is_visible() == (css == shown)
            assert place.locator("svg").count() == 1
            assert place.locator("svg .mark-rect path, svg .mark-area path, svg .mark-symbol path").count() > 1, name
    assert "could not be drawn" not in tab.inner_text("body")
    # Words for those who cannot see the picture.
    assert tab.get_by_role("img").count() == len(named)
    tab.context.close()


@pytest.mark.parametrize("size", [WIDE, PHONE, {"width": 320, "height": 568}], ids=["wide", "phone", "small phone"])
def test_nothing_sticks_out_at_the_side(browser, report, size):
    tab = opened(browser, report, size)
    tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert tab.evaluate("document.documentElement.scrollWidth") <= size["width"]
    sides = tab.evaluate("[...document.querySelectorAll('.chart svg')].map(one => one.getBoundingClientRect().right)")
    assert max(sides) <= size["width"]
    tab.context.close()


def test_marks_tell_what_they_show(browser, report):
    tab = opened(browser, report, WIDE)
    mark = tab.locator(".chart.wide[data-chart=funnel_official] .role-mark [aria-label]").first
    words = mark.get_attribute("aria-label")
    mark.scroll_into_view_if_needed()
    mark.hover()
    assert tab.locator("#tip").inner_text() == words
    assert "groups enter on average" in words
    tab.context.close()


def test_on_paper_the_wide_charts_stand_even_from_a_telephone(browser, report):
    tab = opened(browser, report, PHONE)
    tab.emulate_media(media="print")
    assert tab.locator(".chart.wide svg").first.is_visible()
    assert not tab.locator(".chart.narrow svg").first.is_visible()
    assert tab.pdf(format="A4").startswith(b"%PDF")
    tab.context.close()


def test_without_scripts_all_words_and_tables_are_there(browser, report):
    tab = opened(browser, report, WIDE, java_script_enabled=False)
    assert tab.locator("noscript").inner_text().startswith("The charts on this page are drawn by scripts")
    assert tab.get_by_role("img").count() == 0
    assert tab.locator("table").count() > 10
    assert "What it shows." in tab.inner_text("body")
    tab.context.close()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_hostile_words_stay_words(browser, hostile, size):
    tab = opened(browser, hostile, size)
    assert tab.evaluate("window.hurt") is None
    assert tab.said == []
    assert tab.asked == [hostile.as_uri()]
    assert tab.locator("img").count() == 0
    assert "could not be drawn" not in tab.inner_text("body")
    assert tab.locator("h1").inner_text().startswith("</script><script>window.hurt=1</script>")
    assert tab.evaluate("document.documentElement.scrollWidth") <= size["width"]
    tab.context.close()
