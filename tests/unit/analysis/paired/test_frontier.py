"""The efficient frontier: the textbook's example, and what must hold of any set of options."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.analysis.intervals import ratio_interval
from sim.analysis.paired.frontier import compare_on_frontier, dominance, frontier, frontier_chances
from sim.analysis.reading import Reading
from sim.errors import InputError
from sim.store.results import Results


def points(**options):
    rows = [{"alternative": name, "label": name, "cost": c, "launches": e} for name, (c, e) in options.items()]
    return frontier(pd.DataFrame(rows)).set_index("alternative")


def test_dominance_by_hand():
    # Between b and d a mixture launches 2 for 22.5, so c at 30 is extendedly dominated; e costs more than d for less.
    found = points(status_quo=(0, 0), b=(10, 1), c=(30, 2), d=(35, 3), e=(60, 2.5))
    assert found["dominated"].tolist() == ["", "", "extendedly", "", "strongly"]
    assert found["on_frontier"].tolist() == [True, True, False, True, False]
    assert found["icer"].tolist() == pytest.approx([np.nan, 10.0, np.nan, 12.5, np.nan], nan_ok=True)


def test_what_saves_money_and_launches_more_dominates_the_status_quo():
    found = points(status_quo=(0, 0), cheaper=(-5, 1), worse=(3, -1))
    assert found["dominated"].tolist() == ["strongly", "", "strongly"]
    assert found["icer"].isna().all()


def test_equal_options_are_both_on_the_frontier_and_one_on_a_line_is_not_dominated():
    found = points(status_quo=(0, 0), nothing=(0, 0), half=(5, 1), whole=(10, 2), dear=(1, 0))
    assert found["dominated"].tolist() == ["", "", "", "", "strongly"]
    assert found["icer"].tolist() == pytest.approx([np.nan, np.nan, 5.0, 5.0, np.nan], nan_ok=True)


options = st.lists(st.tuples(st.integers(-20, 20), st.integers(-20, 20)), min_size=1, max_size=7)


@settings(max_examples=200, derandomize=True)
@given(options)
def test_the_frontier_is_what_somebody_would_choose_at_some_price_of_a_launch(options):
    """On the frontier is what minimises cost - price x launches at some price from 0 up (or close to 0: no waste)."""
    cost, launches = np.array(options, float).T
    with np.errstate(all="ignore"):
        slopes = (cost[:, None] - cost) / (launches[:, None] - launches)
    prices = np.unique(slopes[np.isfinite(slopes) & (slopes > 0)])
    prices = np.array([1e-7, *prices, 1e7])
    worth = cost - prices[:, None] * launches
    chosen = (worth <= worth.min(axis=1, keepdims=True) + 1e-6 * (1 + np.abs(worth).min(axis=1, keepdims=True))).any(0)
    # At prices near 0 and near infinity the tolerance lets waste through that strong dominance does not.
    on = dominance(cost, launches) == 0
    assert not (on & ~chosen).any()
    wasteful = chosen & ~on
    for place in np.flatnonzero(wasteful):
        better = (cost <= cost[place]) & (launches >= launches[place])
        assert (better & ((cost < cost[place]) | (launches > launches[place]))).any()


def test_dominance_of_many_resamples_is_that_of_each():
    draw = np.random.default_rng(1)
    cost, launches = draw.normal(size=(2, 50, 6))
    together = dominance(cost, launches)
    for row in range(50):
        np.testing.assert_array_equal(together[row], dominance(cost[row], launches[row]))


def test_chances_are_certain_where_nothing_varies_and_even_between_equals():
    cost = np.array([np.zeros(40), np.full(40, 10.0), np.full(40, 30.0)])
    launches = np.array([np.zeros(40), np.full(40, 1.0), np.full(40, 0.5)])
    assert frontier_chances(cost, launches).tolist() == [1.0, 1.0, 0.0]
    draw = np.random.default_rng(2)
    noise = draw.normal(size=400)
    noise -= noise.mean()
    # Equal costs, the two symmetric about one launch: each is ahead half of the time, the other then is dominated.
    cost = np.array([np.zeros(400), np.ones(400), np.ones(400)])
    launches = np.array([np.zeros(400), 1 + noise, 1 - noise])
    found = frontier_chances(cost, launches)
    assert found[0] == 1.0
    assert found[1] + found[2] == pytest.approx(1.0)
    assert found[1] == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / 1999))
    assert np.isnan(frontier_chances(cost[:, :1], launches[:, :1])).all()


MANIFEST = {"start": "2009-01-01", "end": "2010-01-01", "horizon": 365.0, "stages": [], "barriers": {}, "seed": 1}


def results(launched, cost):
    kpis = {"replication": range(len(launched)), "launched": launched, "cost_total": cost}
    return Results.from_frames(MANIFEST, {"kpis": pd.DataFrame(kpis)})


def test_points_and_intervals_come_from_paired_differences():
    draw = np.random.default_rng(3)
    launched, more, most = draw.poisson((5, 2, 4), (60, 3)).T
    base = results(launched, 10.0 * launched)
    others = {
        "some": results(launched + more, 10.0 * launched + 5.0 * more + draw.normal(0, 1, 60)),
        "all": results(launched + more + most, 10.0 * launched + 5.0 * more + 20.0 * most + draw.normal(0, 1, 60)),
    }
    found = compare_on_frontier(base, others, Reading(), {"some": "Some of it"}, money="cost_total")
    assert found["alternative"].tolist() == ["", "some", "all"]
    assert found["label"].tolist() == ["As it is", "Some of it", "all"]
    assert found["launches"].tolist() == pytest.approx([0.0, more.mean(), (more + most).mean()])
    assert found["dominated"].tolist() == ["", "", ""]
    assert found["chance"].tolist() == [1.0, 1.0, 1.0]
    gap = (others["all"].kpis.cost_total - others["some"].kpis.cost_total).to_numpy()
    expected = ratio_interval(gap, most.astype(float))
    last = found.iloc[2]
    assert (last["icer"], last["icer_low"], last["icer_high"]) == pytest.approx(expected)
    assert found.loc[0, ["cost", "cost_low", "cost_high"]].tolist() == [0.0, 0.0, 0.0]
    with pytest.raises(InputError, match="cost_totel"):
        compare_on_frontier(base, others, Reading(), money="cost_totel")
