"""Aalen-Johansen: known answers, its error, and what counts as an event."""

import math

import numpy as np
import pytest

from sim.analysis.intervals import ratio_interval
from sim.analysis.run.competing import collect_first_events
from sim.analysis.run.incidence import aalen_johansen, block_jackknife_error, incidence
from tests.helpers.synthetic import manifest, results_of, world


def test_published_example():
    times = np.arange(1.0, 7.0)
    events = np.array([0, 1, 1, 2, 2, 0])
    found = aalen_johansen(times, events, 2, times)
    assert found[:, 1] == pytest.approx([0, 0, 0, 0.2, 0.4, 0.4])
    assert found[:, 0] == pytest.approx([0, 0.2, 0.4, 0.4, 0.4, 0.4])


def test_order_of_rows_does_not_matter_and_times_before_the_first_are_zero():
    times, events = np.array([3.0, 1.0, 2.0]), np.array([1, 2, 1])
    found = aalen_johansen(times, events, 2, np.array([0.5, 1.0, 2.5, 9.0]))
    assert found == pytest.approx(np.array([[0, 0], [0, 1 / 3], [1 / 3, 1 / 3], [2 / 3, 1 / 3]]))


def test_one_censored_at_an_event_time_is_still_at_risk_there():
    found = aalen_johansen(np.array([1.0, 1.0, 2.0]), np.array([1, 0, 1]), 1, np.array([1.0, 2.0]))
    assert found[:, 0] == pytest.approx([1 / 3, 1.0])


def test_two_constant_hazards_under_censoring():
    # Rates .10 and .05: cumulative incidence at 5 is .351756 and .175878.
    draw = np.random.default_rng(5)
    n = 20_000
    first, second, censored = draw.exponential(10, n), draw.exponential(20, n), draw.uniform(2, 9, n)
    times = np.minimum(np.minimum(first, second), censored)
    events = np.where(times == first, 1, np.where(times == second, 2, 0))
    found = aalen_johansen(times, events, 2, np.array([5.0]))[0]
    for share, truth in zip(found, (0.351756, 0.175878), strict=True):
        # Censoring only loses information, so this is a lower bound of the error; four of them and a half.
        assert abs(share - truth) < 4.5 * math.sqrt(truth * (1 - truth) / n)


def test_jackknife_of_a_mean_is_its_standard_error():
    values = np.array([1.0, 4.0, 2.0, 9.0])
    without = (values.sum() - values) / 3
    error = block_jackknife_error(values.mean(), without, np.ones(4))
    assert float(error) == pytest.approx(values.std(ddof=1) / 2)


def test_what_counts_as_an_event():
    people = [
        {
            "replication": 0,
            "arrived": 10,
            "reached_live": 60,
            "state": "exited",
            "exit_time": 90,
            "exit_cause": "failure",
        },
        {
            "replication": 0,
            "arrived": 20,
            "state": "exited",
            "exit_time": 50,
            "exit_cause": "union_opposition",
        },
        {"replication": 1, "arrived": 1000},
    ]
    results = results_of(people, [0, 1])
    watched = collect_first_events(results)
    assert watched.causes == ("(launched)", "union_opposition")
    assert watched.codes.tolist() == [1, 2, 0]
    assert watched.times.tolist() == [50.0, 30.0, manifest()["horizon"] - 1000]
    frame = incidence(results, months=[0, 1, 2])
    live = frame[frame["cause"].eq("(launched)")]
    assert live["share"].tolist() == pytest.approx([0, 0, 1 / 3])
    assert live["label"].iloc[0] == "Launched"


def test_a_route_without_a_launch_ends_in_completion():
    stages = [{"name": "gate", "label": "Gate", "route": "only", "milestone": "agreed"}]
    people = [
        {
            "replication": 0,
            "route": "only",
            "entered_gate": 0,
            "reached_agreed": 7,
            "state": "completed",
            "exit_time": 7,
            "stage": "gate",
        }
    ]
    watched = collect_first_events(results_of(people, [0], manifest(stages=stages)))
    assert (watched.times.tolist(), watched.codes.tolist(), watched.causes) == ([7.0], [1], ("(completed)",))


def test_interval_without_censoring_is_that_of_a_clustered_share():
    results = world(120, seed=4)
    months = [6.0]
    frame = incidence(results, months).set_index("cause")
    row = frame.loc["manager_resistance"]
    groups = results.groups
    early = groups["exit_cause"].eq("manager_resistance") & (groups["exit_time"] - groups["arrived"] <= 6 * 365.25 / 12)
    lost = early.groupby(groups["replication"]).sum().to_numpy(dtype=float)
    whole = groups.groupby("replication").size().to_numpy(dtype=float)
    share, low, high = ratio_interval(lost, whole)
    # Nobody is censored within six months of setting out.
    assert row["share"] == pytest.approx(share)
    assert row["high"] - row["low"] == pytest.approx(high - low, rel=0.25)


def test_shares_never_exceed_one_and_one_replication_has_no_interval():
    frame = incidence(world(20, seed=2))
    total = frame.groupby("months")["share"].sum()
    assert total.max() <= 1 + 1e-12
    assert (frame["low"] <= frame["share"] + 1e-12).all()
    assert incidence(world(1, seed=2))["low"].isna().all()


def test_no_groups():
    assert len(incidence(results_of([], [0, 1]))) == 0
