"""Critical values against tables, scipy and a bootstrap written out at length."""

import numpy as np
import pytest
from scipy.stats import multivariate_t
from scipy.stats import t as student

from sim.analysis.critical import RESAMPLES, bootstrap_t, pointwise_critical, resample, simultaneous_critical


def correlated(correlation, n, seed=1):
    """Numbers whose sample correlation is exactly this: shape (quantities, n)."""
    draw = np.random.default_rng(seed).standard_normal((len(correlation), n))
    draw -= draw.mean(axis=1, keepdims=True)
    white = np.linalg.inv(np.linalg.cholesky(draw @ draw.T)) @ draw
    return np.linalg.cholesky(np.asarray(correlation)) @ white


def even(number, rho):
    return np.full((number, number), rho) + (1 - rho) * np.eye(number)


@pytest.mark.parametrize("df", [1, 4, 299])
def test_pointwise_is_students(df):
    assert pointwise_critical(df) == pytest.approx(student.ppf(0.975, df))
    assert np.isnan(pointwise_critical(0))


@pytest.mark.parametrize(("number", "df", "table"), [(2, 20, 2.38), (3, 20, 2.54), (4, 20, 2.65), (3, 60, 2.41)])
def test_simultaneous_is_dunnetts(number, df, table):
    """Two-sided, 5 %, equal correlations of one half: Dunnett (1964, Biometrics 20:482-491), table II."""
    assert simultaneous_critical(correlated(even(number, 0.5), df + 1)) == pytest.approx(table, abs=0.012)


@pytest.mark.parametrize("rho", [-0.3, 0.0, 0.8])
def test_simultaneous_is_the_quantile_of_the_multivariate_t(rho):
    value = simultaneous_critical(correlated(even(3, rho), 40))
    box = np.full(3, value)
    covered = multivariate_t(np.zeros(3), even(3, rho), df=39, seed=2).cdf(box, lower_limit=-box, maxpts=100_000)
    assert covered == pytest.approx(0.95, abs=0.002)


def test_simultaneous_lies_between_one_interval_and_bonferroni():
    one = correlated(even(1, 0.0), 30)
    assert simultaneous_critical(one) == pointwise_critical(29)
    assert simultaneous_critical(np.vstack([one, 2 * one, -one])) == pytest.approx(pointwise_critical(29), abs=0.01)
    for rho in (-0.3, 0.0, 0.99):
        value = simultaneous_critical(correlated(even(3, rho), 30))
        assert pointwise_critical(29) < value < pointwise_critical(29, 1 - 0.05 / 3)


def test_resamples_repeat_and_hold_every_replication_as_often_as_expected():
    first, again = (np.concatenate(list(resample(30))) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert first.shape == (RESAMPLES, 30)
    assert (first.sum(axis=1) == 30).all()
    # Each count is binomial with variance 1 - 1/30.
    z = (first.mean(axis=0) - 1) / np.sqrt((1 - 1 / 30) / RESAMPLES)
    assert np.abs(z).max() < 4
    assert first.var() == pytest.approx(1 - 1 / 30, rel=0.03)


def at_length(a, b, c, d):
    """|t*| of a/b - c/d in every resample, by repeating the replications."""
    n = len(a)
    truth = a.mean() / b.mean() - c.mean() / d.mean()
    found = []
    for weights in np.concatenate(list(resample(n))).astype(int):
        x, y, u, v = (np.repeat(values, weights) for values in (a, b, c, d))
        one, other = x.mean() / y.mean(), u.mean() / v.mean()
        lines = (x - one * y) / y.mean() - (u - other * v) / v.mean()
        found.append(abs(one - other - truth) / (lines.std(ddof=1) / np.sqrt(n)))
    return np.sort(found)


def test_bootstrap_t_is_what_resampling_at_length_gives():
    draw = np.random.default_rng(4)
    below = draw.poisson(6.0, (2, 25)) + 1.0
    quads = np.stack([draw.gamma(2.0, 1e6, 25), below[0], draw.gamma(2.0, 1e6, 25), below[1]])
    other = quads[[2, 1, 0, 3]]
    alone, together = bootstrap_t(np.stack([quads, other]))
    one, two = at_length(*quads), at_length(*other)
    # The 1 900th of 1 999 in order has 95 % of 2 000 below or at it.
    assert alone == pytest.approx([one[1899], two[1899]], rel=1e-9)
    assert max(alone) <= together <= max(one[1949], two[1949])


def test_bootstrap_t_comes_to_the_normal_for_many_replications():
    draw = np.random.default_rng(5)
    below = draw.poisson(20.0, 3000) + 1.0
    quads = np.stack([below + draw.normal(0, 1, 3000), below, below + draw.normal(0, 1, 3000), below])
    alone, together = bootstrap_t(quads[None])
    assert alone[0] == together
    assert together == pytest.approx(1.96, abs=0.12)


def test_bootstrap_t_is_unbounded_where_denominators_vanish():
    rare = np.zeros(20)
    rare[3] = 1.0
    alone, together = bootstrap_t(np.stack([[np.arange(20.0), rare, np.arange(20.0), np.ones(20)]]))
    assert np.isinf(alone).all()
    assert np.isinf(together)


def test_twenty_thousand_replications_stay_small():
    import tracemalloc

    draw = np.random.default_rng(6)
    quads = draw.gamma(3.0, 1.0, (1, 4, 20_000))
    tracemalloc.start()
    bootstrap_t(quads)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 150e6
