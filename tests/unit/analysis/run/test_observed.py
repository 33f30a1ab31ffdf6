"""Observations: every key of a selection, every measure, and the comparison, on hand-made groups."""

import math

import numpy as np
import pytest

from sim.analysis.run.observed import compare, measure_observations
from sim.analysis.run.selection import select, selection_columns
from sim.store.results import ResultsError
from tests.helpers.synthetic import manifest, results_of

STAGES = [
    {"name": "idea", "label": "Idea", "route": "official", "milestone": "submitted"},
    {"name": "board", "label": "Board", "route": "official", "milestone": "approved"},
    {"name": "transfer", "label": "Transfer", "route": "official", "milestone": "live"},
]
WORLD = manifest(start="2009-01-01", end="2010-01-01", horizon=365.0, stages=STAGES)
PEOPLE = [
    # 0: sets out on day 0, submitted on day 30 (31 January), approved on day 59 (1 March), live on day 90.
    {
        "replication": 0,
        "arrived": 0.0,
        "entered_idea": 0.0,
        "reached_submitted": 30.0,
        "entered_board": 30.0,
        "reached_approved": 59.0,
        "entered_transfer": 59.0,
        "reached_live": 90.0,
        "state": "completed",
        "stage": "transfer",
        "exit_time": 90.0,
    },
    # 1: set out on day 31 (1 February) and was refused on day 100.
    {
        "replication": 0,
        "type": "provider_arm",
        "region": "north",
        "arrived": 31.0,
        "entered_idea": 31.0,
        "reached_submitted": 60.0,
        "entered_board": 60.0,
        "state": "exited",
        "stage": "board",
        "exit_time": 100.0,
        "exit_stage": "board",
        "exit_cause": "manager_resistance",
    },
    # 2: still has an idea at the end, in replication 1.
    {"replication": 1, "arrived": 200.0, "entered_idea": 200.0, "stage": "idea"},
]


@pytest.fixture
def results():
    hosts = [
        {"replication": r, "region": g, "host": f"{g}-1", "trait_aware": a, "groups": 1, "launched": 0}
        for r, g, a in [(0, "north", 1.0), (0, "south", 1.0), (1, "north", 0.0), (1, "south", 1.0)]
    ]
    return results_of(PEOPLE, [0, 1], WORLD, hosts=hosts)


def meant(results, selection):
    """Which groups a selection means, by the columns that it says it needs."""
    [table_slice] = results.slices("groups", selection_columns(results.facts, selection))
    return select(table_slice, selection).astype(int).tolist()


def measure(results, observation):
    [values] = measure_observations([observation], results)
    return values


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ({}, [1, 1, 1]),
        ({"types": ["provider_arm"]}, [0, 1, 0]),
        ({"regions": ["north"]}, [0, 1, 0]),
        ({"routes": ["informal"]}, [0, 0, 0]),
        ({"causes": ["manager_resistance"]}, [0, 1, 0]),
        ({"set_out_by": "2009-01-31"}, [1, 0, 0]),
        ({"set_out_by": "2009-02-01"}, [1, 1, 0]),
        ({"reached": "submitted"}, [1, 1, 0]),
        ({"reached": "approved", "by": "2009-02-28"}, [0, 0, 0]),
        ({"reached": "approved", "by": "2009-03-01"}, [1, 0, 0]),
        ({"reached": "approved", "from": "2009-03-01", "by": "2009-03-01"}, [1, 0, 0]),
        ({"reached": "approved", "from": "2009-03-02"}, [0, 0, 0]),
        ({"reached": "submitted", "not_reached": "live", "on": "2009-03-31"}, [1, 1, 0]),
        ({"reached": "submitted", "not_reached": "live", "on": "2009-04-01"}, [0, 1, 0]),
        ({"not_reached": "live"}, [0, 1, 1]),
        ({"alive_on": "2009-04-10"}, [1, 1, 0]),
        ({"alive_on": "2009-04-11"}, [1, 0, 0]),
        ({"in_stages": ["idea"], "on": "2009-01-15"}, [1, 0, 0]),
        ({"in_stages": ["idea", "board"], "on": "2009-02-10"}, [1, 1, 0]),
        ({"in_stages": ["board"], "on": "2009-12-01"}, [0, 0, 0]),
        ({"in_stages": ["idea"]}, [0, 0, 1]),
        ({"before_milestone": "approved", "on": "2009-02-27"}, [1, 1, 0]),
        ({"before_milestone": "approved", "on": "2009-03-01"}, [0, 1, 0]),
        ({"types": None, "reached": "live"}, [1, 0, 0]),
    ],
)
def test_selection(results, selection, expected):
    assert meant(results, selection) == expected


def test_unknown_keys_and_milestones_are_refused(results):
    with pytest.raises(ResultsError, match="unknown key reachd"):
        meant(results, {"reachd": "live"})
    with pytest.raises(ResultsError, match="no milestone lost"):
        meant(results, {"reached": "lost"})
    with pytest.raises(ResultsError, match="exactly one of"):
        measure(results, {"name": "x", "value": 1})
    with pytest.raises(ResultsError, match="no host trait keen"):
        measure(results, {"value": 1, "hosts": {"trait": "keen"}})


def test_measures(results):
    count = measure(results, {"count": {"reached": "submitted"}})
    assert count.tolist() == [2.0, 0.0]
    share = measure(results, {"share": {"of": {"reached": "submitted"}, "that": {"reached": "live"}}})
    assert share[0] == 0.5
    assert math.isnan(share[1])
    months = measure(results, {"median_months": {"from": "arrived", "to": "submitted"}})
    assert months[0] * 365.25 / 12 == pytest.approx((30 + 29) / 2)
    assert math.isnan(months[1])
    assert measure(results, {"hosts": {"trait": "aware"}}).tolist() == [2.0, 1.0]
    assert measure(results, {"hosts": {"trait": "aware", "regions": ["north"]}}).tolist() == [1.0, 0.0]


def test_comparison():
    people = [{"replication": r, "arrived": 0.0} for r in range(40) for _ in range(r % 4)]
    results = results_of(people, range(40), WORLD)
    entries = [
        {"name": "usual", "label": "Usual", "value": 1, "source": ["2.1", "judgement"], "count": {}},
        {"name": "never", "value": 9, "low": 7, "high": 12, "count": {}},
        {
            "name": "undefined",
            "value": 0.5,
            "share": {"of": {"reached": "live"}, "that": {"reached": "live"}},
        },
    ]
    frame = compare(entries, results).set_index("name")
    assert frame.loc["usual", ["mean", "range_low", "range_high"]].tolist() == [1.5, 0, 3]
    # A quarter below, a quarter at the value: 2 (1/4 + 1/8).
    assert frame.loc["usual", "tail"] == pytest.approx(0.75)
    assert bool(frame.loc["usual", "inside"]) is True
    assert frame.loc["usual", "source"] == "2.1, judgement"
    assert bool(frame.loc["never", "inside"]) is False
    assert frame.loc["never", "tail"] == 0.0
    assert frame.loc["never", "label"] == "Never"
    assert frame.loc["never", ["observed_low", "observed_high"]].tolist() == [7, 12]
    assert frame.loc["undefined", "histories"] == 0
    assert frame.loc["undefined", "inside"] is None or np.isnan(frame.loc["undefined", "inside"])
    assert len(compare([], results)) == 0
