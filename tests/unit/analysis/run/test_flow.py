"""Funnel, exits, occupancy, money, hosts on a world small enough to count by hand."""

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest

from sim.analysis.run import duration, exits, funnel, hosts, money, occupancy
from tests.helpers.synthetic import manifest, results_of

STAGES = [
    {"name": "idea", "label": "Idea", "route": "official", "milestone": None},
    {"name": "board", "label": "Board", "route": "official", "milestone": "approved"},
    {"name": "transfer", "label": "Transfer", "route": "official", "milestone": "live"},
    {"name": "trading", "label": "Trading", "route": "official", "milestone": None},
    {"name": "alone", "label": "Alone", "route": "informal", "milestone": "live"},
]
WORLD = manifest(
    start="2009-01-01",
    end="2010-01-01",
    horizon=365.0,
    stages=STAGES,
    barriers={"managers": "Managers resist", "failure": "Failed"},
    routes={"official": "The programme"},
)


def _exited(time: float, stage: str, cause: str, form: str = "") -> dict[str, object]:
    return {
        "state": "exited",
        "stage": stage,
        "exit_time": time,
        "exit_stage": stage,
        "exit_cause": cause,
        "exit_form": form,
    }


PEOPLE = [
    # Replication 0: one refused at the board, one live and still trading.
    {"replication": 0, "arrived": 10, "entered_idea": 10, "entered_board": 40, "headcount": 10}
    | _exited(70, "board", "managers", "refused"),
    {
        "replication": 0,
        "arrived": 0,
        "entered_idea": 0,
        "entered_board": 31,
        "reached_approved": 59,
        "entered_transfer": 59,
        "reached_live": 90,
        "entered_trading": 90,
        "state": "inside",
        "stage": "trading",
        "headcount": 20,
        "turnover": 1000.0,
        "cost_programme": 300.0,
    },
    # Replication 1: nobody. Replication 2: one in the idea at the end, one lost after launch, one informal.
    {"replication": 2, "arrived": 100, "entered_idea": 100, "state": "inside", "stage": "idea"},
    {
        "replication": 2,
        "arrived": 0,
        "entered_idea": 0,
        "entered_board": 10,
        "reached_approved": 20,
        "entered_transfer": 20,
        "reached_live": 30,
        "entered_trading": 30,
        "headcount": 30,
        "turnover": 3000.0,
        "cost_programme": 600.0,
        "cost_group": 60.0,
    }
    | _exited(200, "trading", "failure"),
    {
        "replication": 2,
        "route": "informal",
        "arrived": 5,
        "entered_alone": 5,
        "reached_live": 65,
        "state": "completed",
        "exit_time": 65,
        "stage": "alone",
        "headcount": 4,
        "turnover": 500.0,
    },
]
HOSTS = [
    {
        "replication": r,
        "region": "north",
        "host": f"north-{k}",
        "trait_aware": float(k == 1),
        "groups": g,
        "launched": n,
    }
    for r, k, g, n in [(0, 1, 2, 1), (0, 2, 0, 0), (1, 1, 0, 0), (1, 2, 0, 0), (2, 1, 2, 1), (2, 2, 1, 1)]
]


@pytest.fixture
def results():
    return results_of(PEOPLE, [0, 1, 2], WORLD, hosts=HOSTS)


def test_funnel_counts(results):
    frame = funnel.funnel(results).set_index(["route", "stage"])
    counts = frame[["entered_mean", "passed_mean", "lost_mean", "inside_mean"]] * 3
    expected = {
        ("official", "idea"): [4, 3, 0, 1],
        ("official", "board"): [3, 2, 1, 0],
        ("official", "transfer"): [2, 2, 0, 0],
        ("official", "trading"): [2, 0, 1, 1],
        ("informal", "alone"): [1, 1, 0, 0],
    }
    for key, row in expected.items():
        assert counts.loc[key].tolist() == pytest.approx(row)
    assert frame.loc[("official", "board"), "share_lost"] == pytest.approx(1 / 3)
    assert frame.loc[("official", "trading"), "after_launch"]
    assert not frame.loc[("official", "transfer"), "after_launch"]
    assert frame.loc[("official", "idea"), "route_label"] == "The programme"


def test_replications_without_groups_count_as_zero(results):
    row = funnel.funnel(results).iloc[0]
    # Entered idea: 2, 0, 2.
    assert row["entered_mean"] == pytest.approx(4 / 3)
    assert row["entered_high"] - row["entered_mean"] == pytest.approx(
        4.302653 * np.std([2, 0, 2], ddof=1) / math.sqrt(3)
    )
    assert (row["entered_range_low"], row["entered_range_high"]) == (0, 2)


def test_every_replication_balances(results):
    frame = funnel.funnel(results)
    gone = frame["passed_mean"] + frame["lost_mean"] + frame["inside_mean"]
    assert gone.to_numpy() == pytest.approx(frame["entered_mean"].to_numpy())


def test_exits_before_and_after_launch_are_apart(results):
    frame = exits.exits_by_cause(results).set_index("when")
    assert frame.loc[exits.BEFORE, "label"] == "Managers resist"
    assert frame.loc[exits.BEFORE, "mean"] == pytest.approx(1 / 3)
    assert frame.loc[exits.AFTER, "cause"] == "failure"
    assert frame.loc[exits.AFTER, "share"] == 1.0
    by_form = exits.exits_by_cause_and_form(results)
    assert by_form.loc[by_form["cause"].eq("managers"), "form"].tolist() == ["refused"]
    by_stage = exits.exits_by_cause_and_stage(results)
    assert set(by_stage["stage_label"]) == {"Board", "Trading"}


def test_occupancy_through_time(results):
    dates = [date(2009, 1, 1), date(2009, 2, 15), date(2009, 3, 15), date(2009, 12, 31)]
    frame = occupancy.occupancy(results, dates)
    mean = frame.set_index(["route", "stage", "date"])["mean"] * 3

    def at(route: str, stage: str) -> list[float]:
        return [round(mean[(route, stage, pd.Timestamp(day))]) for day in dates]

    # Days 0, 45, 73 and 364.
    assert at("official", "idea") == [2, 0, 0, 1]
    assert at("official", "board") == [0, 2, 0, 0]
    assert at("official", "transfer") == [0, 0, 1, 0]
    assert at("official", "trading") == [0, 1, 1, 1]
    assert at("informal", "alone") == [0, 1, 0, 0]
    # Live until lost: a completed route is not a loss.
    assert at("", "(launched)") == [0, 1, 2, 2]


def test_a_skipped_stage_does_not_hold_its_group(results):
    person = {"replication": 0, "arrived": 0, "entered_idea": 0, "entered_transfer": 50, "stage": "transfer"}
    alone = results_of([person], [0, 1], WORLD)
    frame = occupancy.occupancy(alone, [date(2009, 2, 1), date(2009, 4, 1)])
    mean = frame.set_index(["stage", "days"])["mean"]
    assert (mean["idea", 31.0], mean["idea", 90.0]) == (0.5, 0.0)
    assert (mean["board", 90.0], mean["transfer", 90.0]) == (0.0, 0.5)
    row = funnel.funnel(alone).set_index("stage")
    assert row.loc["board", "entered_mean"] == 0
    assert row.loc["idea", "passed_mean"] == 0.5


def test_time_to_launch_among_the_launched(results):
    quantiles = duration.launch_quantiles(results, (0.5, 1.0))
    # Launched after 90, 30 and 60 days.
    assert quantiles["days"].tolist() == [60.0, 90.0]


def test_costs_and_cost_per_launch(results):
    frame = money.costs_by_payer(results).set_index("payer")
    # Programme: 300, 0, 600 pounds; launches 1, 0, 2.
    assert frame.loc["programme", "mean"] == 300.0
    assert frame.loc["programme", "per_launch"] == 300.0
    # Three histories with 1, 0 and 2 launches cannot tell mean launches from none: no bound.
    assert frame.loc["programme", ["per_launch_low", "per_launch_high"]].isna().all()
    assert frame.loc["total", "per_launch"] == pytest.approx(960 / 3)
    items = money.costs_by_item(results).set_index("payer")
    assert items.loc["programme", "mean"] == 300.0
    assert items.loc["group", "mean"] == 20.0
    moved = money.summarise_moved(results).set_index("measure")["mean"] * 3
    assert moved.to_dict() == pytest.approx({"launched": 3, "staff_moved": 54, "value_moved": 4500})


def test_hosts_and_regions(results):
    by_host = hosts.host_outcomes(results).set_index("host")
    assert by_host["chance"].tolist() == pytest.approx([2 / 3, 1 / 3])
    assert by_host["groups_mean"].tolist() == pytest.approx([4 / 3, 1 / 3])
    region = hosts.region_outcomes(results).iloc[0]
    # Replication 2 has two launches in the region and counts once.
    assert region["chance"] == pytest.approx(2 / 3)
    assert region["launched_mean"] == 1.0
    assert region["region_label"] == "North"


def test_no_costs(results):
    assert money.has_costs(results)
    free = results_of([{"replication": 0}], [0], WORLD)
    assert not money.has_costs(free)
    assert len(money.costs_by_item(free)) == 0
