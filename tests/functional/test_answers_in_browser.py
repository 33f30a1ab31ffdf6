"""The pages of answers as their readers meet them: opened from a file in a real browser, wide and on a telephone."""

import json
import re
from dataclasses import replace
from types import SimpleNamespace

import pytest

from sim.report.answers import additionality, attribute, frontier
from sim.report.write import write_page
from tests.helpers import synthetic_answers as made

WIDE, PHONE = {"width": 1200, "height": 900}, {"width": 390, "height": 844}
DRAWN = "document.documentElement.dataset.drawn === 'all'"

QUESTION = SimpleNamespace(title="Is it so?", question="", about="")


def several(folder):
    return write_page(
        frontier.page(made.bought(made.comparison(["pensions", "champions"]), made.frontier()), QUESTION), folder
    )


def many(folder):
    return write_page(
        frontier.page(made.bought(made.comparison([f"policy_{k}" for k in range(16)]), made.frontier(16)), QUESTION),
        folder,
    )


def hostile(folder):
    found = made.comparison(differences=made.hostile(made.differences()), additional_costs=made.hostile(made.costs()))
    fates = replace(made.fates(), table=made.hostile(made.fates_table()))
    question = SimpleNamespace(title=made.NASTY, question=made.NASTY, about=made.NASTY)
    found = replace(found, alternatives=(replace(found.alternatives[0], label=made.NASTY),), fates={"pensions": fates})
    return write_page(frontier.page(made.bought(found, made.hostile(made.frontier())), question), folder)


def hostile_blame(folder):
    players = made.hostile(made.attribution().players)
    return write_page(
        attribute.page(made.attribution(players=players, pairs=made.hostile(made.pairs())), QUESTION), folder
    )


PAGES = {
    "several": several,
    "many": many,
    "blame": lambda folder: write_page(attribute.page(made.attribution(), QUESTION), folder),
    "additionality": lambda folder: write_page(additionality.page(made.additionality(), QUESTION), folder),
    "hostile": hostile,
    "hostile blame": hostile_blame,
}


@pytest.fixture(scope="module", params=PAGES)
def page(request, tmp_path_factory):
    return PAGES[request.param](tmp_path_factory.mktemp("answer"))


@pytest.mark.parametrize(("size", "shown"), [(WIDE, "wide"), (PHONE, "narrow")], ids=["wide", "phone"])
def test_every_chart_is_drawn_in_silence_and_nothing_sticks_out(browser, page, size, shown):
    tab = browser.new_context(viewport=size).new_page()
    said, asked = [], []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(page.as_uri())
    tab.wait_for_function(DRAWN, timeout=60_000)
    # A warning is a chart that the renderer had to guess at, as where panels disagree on what a colour means.
    assert said == []
    assert asked == [page.as_uri()]
    assert tab.evaluate("window.hurt") is None
    assert tab.locator("img").count() == 0
    assert "could not be drawn" not in tab.inner_text("body")
    for name in json.loads(re.search(r'id="charts">(.*?)</script>', page.read_text("utf-8"), re.S)[1]):
        place = tab.locator(f".chart.{shown}[data-chart='{name}']")
        assert place.is_visible()
        assert place.locator("svg .mark-rect path, svg .mark-area path, svg .mark-symbol path").count() > 0, name
    tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert tab.evaluate("document.documentElement.scrollWidth") <= size["width"]
    sides = tab.evaluate("[...document.querySelectorAll('.chart svg')].map(one => one.getBoundingClientRect().right)")
    assert max(sides) <= size["width"]
    tab.context.close()
