"""The first date on which two worlds differ, and the check that they are the same until then."""

from datetime import date

import pandas as pd
import pytest

from sim.experiment.divergence import Divergence, _first_difference, as_table, differences, find_divergence
from sim.scenario.load import load

START = date(2008, 11, 1)


def places(*overrides, of="west_midlands", before=()):
    """Where two worlds differ, and from when on."""
    base, other = load(of, before).scenario, load(of, overrides).scenario
    return {one.place: one.on for one in differences(base, other)}


@pytest.mark.parametrize(
    ("override", "place", "on"),
    [
        ("interventions.pension_guarantee.enabled=true", "interventions.pension_guarantee.enabled", date(2009, 4, 1)),
        (
            "interventions.working_capital_fund.enabled=true",
            "interventions.working_capital_fund.enabled",
            date(2009, 10, 1),
        ),
        ("timeline.seif_closed.enabled=false", "timeline.seif_closed.enabled", date(2010, 5, 12)),
        ("timeline.seif_closed.until=2010-12-24", "timeline.seif_closed.until", date(2010, 11, 12)),
        ("timeline.seif_closed.from=2010-06-01", "timeline.seif_closed.from", date(2010, 5, 12)),
        ("barriers.pension_worries.enabled=false", "barriers.pension_worries.enabled", START),
        ("routes.official.closes=2011-09-30", "routes.official.closes", date(2010, 9, 30)),
        ("routes.official.closes=null", "routes.official.closes", date(2010, 9, 30)),
        ("routes.official.opens=null", "routes.official.opens", START),
        (
            "routes.official.stages.submission.closes=2010-01-31",
            "routes.official.stages.submission.closes",
            date(2010, 1, 31),
        ),
        ("routes.official.stages.idea.work=2 months", "routes.official.stages.idea.work", START),
        ("resources.seif.fund.top_ups=null", "resources.seif.fund.top_ups", date(2010, 11, 16)),
        ("staff_groups.arrivals.profile.1.times=3", "staff_groups.arrivals.profile", date(2010, 7, 12)),
        ("staff_groups.arrivals.rate=0.2 per month", "staff_groups.arrivals.rate", START),
        ("clock.end=2011-01-01", "clock.end", date(2011, 1, 1)),
        ("hosts.regions.west_midlands.joins=2009-06-01", "hosts.regions.west_midlands.joins", date(2009, 6, 1)),
    ],
)
def test_every_kind_of_difference_has_its_place_and_date(override, place, on):
    assert places(override) == {place: on}


@pytest.mark.parametrize(
    "override",
    [
        "title=Another",
        "barriers.pension_worries.label=Fear",
        "interventions.pension_guarantee.cost={fixed: 5}",
        "interventions.pension_guarantee.from=2010-01-01",
        "routes.official.stages.idea.costs={group: 9}",
        "observations=null",
        "hosts.traits.aware.probability.source=judgement",
    ],
)
def test_what_changes_no_event_is_no_difference(override):
    assert places(override) == {}


def test_a_panel_with_another_sitting_differs_from_the_last_sitting_of_either():
    dates = "resources.wave_panel.panel.dates=[2009-11-19, 2010-08-04, 2010-11-16, 2011-03-01]"
    assert places(dates) == {"resources.wave_panel.panel.dates": date(2010, 11, 16)}
    dates = "resources.wave_panel.panel.dates=[2009-11-19, 2010-01-04, 2010-08-04, 2010-11-16]"
    assert places(dates) == {"resources.wave_panel.panel.dates": date(2010, 1, 4)}


def test_two_worlds_are_the_same_until_they_differ():
    base = load("west_midlands").scenario
    other = load("west_midlands", ["timeline.white_paper.enabled=false"]).scenario
    until = Divergence("timeline.white_paper.enabled", date(2010, 7, 12), 3, "")
    assert find_divergence(base, other, 1, False) == until
    assert find_divergence(base, other, 1, True).earlier == ""
    assert find_divergence(base, base, 1, False) == Divergence(None, None, 3, "")


def test_a_difference_before_its_date_is_found(monkeypatch):
    """Where the date is told wrongly, the logs give it away: the check can fail."""
    from sim.experiment import divergence as module

    base = load("west_midlands").scenario
    other = load("west_midlands", ["staff_groups.arrivals.rate=0.2 per month"]).scenario
    late = [module.Difference("somewhere", date(2010, 1, 1))]
    monkeypatch.setattr(module, "differences", lambda *_: iter(late))
    found = module.find_divergence(base, other, 1, False)
    assert "replication 0, 20" in found.earlier
    assert "only in the alternative" in found.earlier


def log(*rows):
    return pd.DataFrame(rows, columns=["replication", "time", "entity_id", "event_type", "event"])


def test_the_first_difference_is_the_earliest_and_counts_how_often():
    one = log((0, 5.0, "a/1", "queue", "idea"), (0, 5.0, "a/1", "queue", "idea"), (1, 2.0, "a/2", "exit", "worry"))
    other = log((0, 5.0, "a/1", "queue", "idea"), (1, 2.0, "a/2", "exit", "worry"))
    assert _first_difference(one, one, START) == ""
    assert _first_difference(one, other, START) == "replication 0, 2008-11-06: a/1 has queue 'idea' only in the base"
    assert "only in the alternative" in _first_difference(other, one, START)


def test_the_table_tells_every_alternative():
    frame = as_table({"p": Divergence("x", date(2010, 1, 1), 3, ""), "q": Divergence(None, None, 3, "oh")})
    assert frame.to_dict("records") == [
        {"alternative": "p", "place": "x", "date": "2010-01-01", "checked": 3, "agrees": True, "first_difference": ""},
        {"alternative": "q", "place": "", "date": "", "checked": 3, "agrees": False, "first_difference": "oh"},
    ]
