"""The facts of a scenario are the same whether they are made from it or read back from a manifest."""

from datetime import date

import pytest

from sim.scenario.facts import Facts, as_words
from sim.scenario.library import shipped_names
from sim.scenario.load import load


@pytest.mark.parametrize("name", shipped_names())
def test_facts_read_back_are_the_same(name):
    facts = Facts.of(load(name).scenario)
    assert Facts.read({"title": facts.title, "about": facts.about, **facts.as_json()}) == facts


def test_only_what_is_switched_on_is_a_fact():
    facts = Facts.of(load("west_midlands", ["interventions.pension_guarantee.enabled=true"]).scenario)
    assert facts.interventions == {"pension_guarantee": "Pension guarantee"}
    assert "pension_worries" in facts.barriers
    assert (facts.start, facts.end, facts.horizon) == (date(2008, 11, 1), date(2012, 4, 1), 1247.0)


def test_stages_after_the_launch_are_marked():
    stages = [stage for stage in Facts.of(load("west_midlands").scenario).stages if stage.route == "official"]
    launch = [stage.milestone for stage in stages].index("live")
    assert [stage.after_launch for stage in stages] == [False] * (launch + 1) + [True] * (len(stages) - launch - 1)


def test_a_short_manifest_gives_names_as_words():
    stages = [{"name": "board_paper", "route": "official"}]
    facts = Facts.read({"start": "2009-01-01", "end": "2010-01-01", "stages": stages, "barriers": {"red_tape": None}})
    assert facts.stages[0].label == "Board paper"
    assert facts.cause_label("red_tape") == "Red tape"
    assert facts.cause_label("window_closed") == "The window had closed"
    assert (facts.route_label("official"), facts.region_label("north_east")) == ("Official", "North east")
    assert as_words("union_opposition") == "Union opposition"
