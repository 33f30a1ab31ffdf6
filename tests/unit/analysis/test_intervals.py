"""Intervals against numbers worked out by hand or by inverting the test that they come from."""

import math

import numpy as np
import pytest
from scipy.stats import t as student

from sim.analysis.intervals import (
    central_range,
    mean_interval,
    proportion_interval,
    ratio_interval,
    share_interval,
    summarise,
    tail_probability,
)


def test_t_interval_by_hand():
    # s = sqrt(5/3), s / sqrt(4) = 0.6455, t(3) = 3.182446.
    low, high = mean_interval(np.array([1.0, 2.0, 3.0, 4.0]))
    assert low == pytest.approx(2.5 - 2.05426, abs=1e-4)
    assert high == pytest.approx(2.5 + 2.05426, abs=1e-4)


def test_central_range_is_of_values_that_occurred_and_holds_the_level():
    values = np.arange(100.0)
    assert central_range(values) == (2.0, 97.0)
    draws = np.random.default_rng(1).poisson(3.0, 500).astype(float)
    low, high = central_range(draws)
    assert low in draws
    assert high in draws
    assert np.mean((draws >= low) & (draws <= high)) >= 0.95


def test_one_replication_has_neither_error_nor_range():
    summary = summarise([7.0])
    assert summary.mean == 7.0
    assert summary.n == 1
    assert all(math.isnan(x) for x in (summary.low, summary.high, summary.range_low, summary.range_high))
    ratio, low, high = ratio_interval(np.array([3.0]), np.array([4.0]))
    assert ratio == 0.75
    assert math.isnan(low)
    assert math.isnan(high)


def test_undefined_replications_are_left_out_and_counted():
    summary = summarise([1.0, math.nan, 3.0])
    assert (summary.mean, summary.n) == (2.0, 2)
    assert summarise([]).n == 0
    assert math.isnan(summarise([math.nan]).mean)


def test_fieller_with_a_certain_denominator_is_the_t_interval_of_the_numerator():
    # mean 2, standard error 1, t(1) = 12.7062; all halved.
    ratio, low, high = ratio_interval(np.array([1.0, 3.0]), np.array([2.0, 2.0]))
    assert (ratio, low, high) == pytest.approx((1.0, 1.0 - 6.3531, 1.0 + 6.3531), abs=1e-4)


def test_fieller_bounds_are_where_the_t_test_just_rejects():
    draw = np.random.default_rng(3)
    launches = draw.poisson(3.0, 40).astype(float)
    costs = 100.0 * launches + draw.normal(0, 80, 40) + 50
    ratio, low, high = ratio_interval(costs, launches)
    assert low < ratio < high
    for bound in (low, high):
        rest = costs - bound * launches
        statistic = abs(rest.mean()) / (rest.std(ddof=1) / math.sqrt(40))
        assert statistic == pytest.approx(student.ppf(0.975, 39), rel=1e-9)


def test_fieller_of_proportional_counts_is_exact():
    whole = np.array([20.0, 22.0, 24.0])
    assert ratio_interval(0.25 * whole, whole) == pytest.approx((0.25, 0.25, 0.25))


def test_fieller_admits_when_no_bounded_interval_exists():
    ratio, low, high = ratio_interval(np.array([5.0, 0.0, 0.0]), np.array([1.0, 0.0, 0.0]))
    assert ratio == pytest.approx(5.0)
    assert math.isnan(low)
    assert math.isnan(high)
    assert all(math.isnan(x) for x in ratio_interval(np.array([5.0, 6.0]), np.zeros(2)))


def test_fieller_covers():
    draw = np.random.default_rng(11)
    hits = 0
    for _ in range(400):
        groups = draw.poisson(8.0, 60)
        lost = draw.binomial(groups, 0.3)
        _, low, high = share_interval(lost.astype(float), groups.astype(float))
        hits += low <= 0.3 <= high
    # Binomial(400, 0.95) has standard deviation 4.4.
    assert abs(hits - 380) < 4 * 4.4


def test_clustered_share_is_wider_than_groups_taken_one_by_one():
    # Half of the histories lose all ten groups, half none: 100 histories, not 1,000 independent groups.
    whole = np.full(100, 10.0)
    lost = np.where(np.arange(100) % 2 == 0, 10.0, 0.0)
    share, low, high = share_interval(lost, whole)
    assert share == 0.5
    assert (high - low) / 2 > 2.5 * 1.96 * math.sqrt(0.25 / 1000)


def test_wilson_by_hand():
    assert proportion_interval(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert proportion_interval(0, 10)[0] == 0.0


def test_tail_probability_splits_ties():
    simulated = np.array([0.0, 1.0, 2.0, 3.0])
    assert tail_probability(0.0, simulated) == pytest.approx(0.25)
    assert tail_probability(1.0, simulated) == pytest.approx(0.75)
    assert tail_probability(1.5, simulated) == 1.0
    assert tail_probability(10.0, simulated) == 0.0
    assert tail_probability(2.0, np.full(5, 2.0)) == 1.0
    assert math.isnan(tail_probability(1.0, np.array([])))
