"""Laws: quantiles as SciPy has them, in every parametrisation that an analyst may write."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.draws.arithmetic import triangular
from sim.plan.distributions import DistributionPlan, build_distribution
from sim.rules.distributions import quantile
from sim.scenario.distribution import distribution_parser
from sim.scenario.quantity import duration_in_days, number
from tests.helpers.rules_by_hand import quantiles, with_laws

"""Compiled rules are loaded within the first example."""

SHARES = (1e-12, 1e-6, 0.001, 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.999, 1 - 1e-6, 1 - 1e-12)
U = (2**-53, *((math.floor(share * 2**52) + 0.5) * 2**-52 for share in SHARES), 1 - 2**-53)
"""Draws as `sim.draws.uniform.uniform` makes them, the least and the largest included: 1 - u is exact for them."""


def planned(raw, parse=number, group_type=None):
    return build_distribution(distribution_parser(parse)(raw), group_type)


def lognormal(mean, sd):
    spread = math.log1p((sd / mean) ** 2)
    return stats.lognorm(math.sqrt(spread), scale=mean / math.exp(spread / 2))


def lognormal_by_p90(median, p90):
    return stats.lognorm(math.log(p90 / median) / stats.norm.ppf(0.9), scale=median)


CASES = [
    ({"exponential": {"mean": 3.5}}, stats.expon(scale=3.5)),
    ({"exponential": {"median": 2}}, stats.expon(scale=2 / math.log(2))),
    ({"weibull": {"scale": 4, "shape": 0.7}}, stats.weibull_min(0.7, scale=4)),
    ({"weibull": {"scale": 4, "shape": 2.5}}, stats.weibull_min(2.5, scale=4)),
    ({"lognormal": {"mean": 5, "sd": 3}}, lognormal(5, 3)),
    ({"lognormal": {"median": 12, "p90": 40}}, lognormal_by_p90(12, 40)),
    ({"triangular": {"low": 1, "mode": 2, "high": 7}}, stats.triang(1 / 6, loc=1, scale=6)),
    ({"triangular": {"low": 1, "mode": 1, "high": 7}}, stats.triang(0, loc=1, scale=6)),
    ({"triangular": {"low": 1, "mode": 7, "high": 7}}, stats.triang(1, loc=1, scale=6)),
    ({"uniform": {"low": -2, "high": 5}}, stats.uniform(-2, 7)),
]


@pytest.mark.parametrize(("raw", "expected"), CASES, ids=[str(raw) for raw, _ in CASES])
def test_quantiles_are_scipys(raw, expected):
    one = planned(raw)
    assert quantiles(one, U) == pytest.approx([expected.ppf(u) for u in U], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("mean", "sd"), [(5, 1), (5, 5), (5, 12), (0.3, 0.02), (100, 400)])
def test_a_weibull_by_mean_and_sd_has_them(mean, sd):
    one = planned({"weibull": {"mean": mean, "sd": sd}})
    theory = stats.weibull_min(one.b, scale=one.a)
    assert (theory.mean(), theory.std()) == pytest.approx((mean, sd), rel=1e-9)
    assert quantiles(one, U) == pytest.approx(list(theory.ppf(U)), rel=1e-9)


@pytest.mark.parametrize("kind", ["weibull", "lognormal"])
@pytest.mark.parametrize(("median", "p90"), [(2, 4), (12, 40), (1, 1.01), (0.5, 600)])
def test_a_median_and_p90_are_kept(kind, median, p90):
    one = planned({kind: {"median": median, "p90": p90}})
    assert quantiles(one, (0.5, 0.9)) == pytest.approx([median, p90], rel=1e-12)


def test_fixed_values_stand_as_they_are():
    for raw in (3, {"value": 3, "low": 1, "high": 5}, {"fixed": 3}, {"fixed": {"value": 3}}):
        assert quantiles(planned(raw), U) == [3.0] * len(U)
    assert quantiles(planned("3 months", duration_in_days), [0.1]) == [3 * 365.25 / 12]


def test_an_empirical_law_gives_each_value_its_share():
    one = planned({"empirical": {"values": [7, 1, 3], "weights": [5, 2, 3]}})
    assert quantiles(one, (1e-9, 0.19, 0.21, 0.49, 0.51, 1 - 1e-12)) == [1, 1, 3, 3, 7, 7]
    plain = planned({"empirical": {"values": [4, 2]}})
    assert quantiles(plain, (0.4, 0.6)) == [2, 4]


def test_an_empirical_value_without_weight_is_never_drawn():
    one = planned({"empirical": {"values": [1, 2, 3, 4], "weights": [0, 1, 0, 1]}})
    assert set(quantiles(one, np.linspace(1e-16, 1 - 1e-16, 999))) == {2, 4}


@pytest.mark.parametrize("raw", [raw for raw, _ in CASES] + [{"empirical": {"values": [1, 5, 9]}}, 6])
def test_what_is_drawn_is_clipped(raw):
    whole = raw if isinstance(raw, dict) else {"fixed": raw}
    free, bound = planned(whole), planned({**whole, "at_least": 2, "at_most": 3})
    assert quantiles(bound, U) == [min(max(value, 2), 3) for value in quantiles(free, U)]
    assert min(quantiles(planned({**whole, "at_least": 4}), U)) >= 4
    assert max(quantiles(planned({**whole, "at_most": 0.25}), U)) <= 0.25


def test_a_type_may_have_a_law_of_its_own():
    raw = {"by_type": {"team": 3, "arm": {"uniform": {"low": 10, "high": 20}, "at_most": 12}}, "otherwise": 7}
    assert quantiles(planned(raw, group_type="team"), [0.5]) == [3]
    assert quantiles(planned(raw, group_type="arm"), (0.1, 0.9)) == [11, 12]
    assert quantiles(planned(raw, group_type="cluster"), [0.5]) == [7]
    assert quantiles(planned(raw, group_type=None), [0.5]) == [7]


def test_units_of_time_make_the_same_law():
    for unit, days in (("days", 1), ("weeks", 7), ("months", 365.25 / 12), ("years", 365.25)):
        one = planned({"lognormal": {"median": f"2 {unit}", "p90": f"5 {unit}"}}, duration_in_days)
        assert quantiles(one, [0.3]) == pytest.approx([lognormal_by_p90(2, 5).ppf(0.3) * days])


@given(st.sampled_from([raw for raw, _ in CASES]), st.floats(0, 1, exclude_min=True, exclude_max=True), st.data())
def test_more_luck_means_a_larger_value(raw, u, data):
    v = data.draw(st.floats(u, 1, exclude_max=True))
    less, more = quantiles(planned(raw), (u, v))
    assert less <= more


ALL = with_laws(*(planned(raw) for raw, _ in CASES))


@given(st.floats(2**-53, 1 - 2**-53))
def test_every_law_is_finite_at_every_draw(u):
    assert all(math.isfinite(quantile(ALL, place, u)) for place in range(len(CASES)))


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3).map(sorted),
    st.floats(0, 1, exclude_min=True, exclude_max=True),
)
def test_a_triangular_draw_lies_in_its_range(corners, u):
    low, mode, high = corners
    room = 1e-9 * max(1.0, abs(low), abs(high))
    assert low - room <= triangular(low, mode, high, u) <= high + room


@pytest.mark.parametrize(("raw", "expected"), CASES, ids=[str(raw) for raw, _ in CASES])
def test_draws_have_the_law(raw, expected):
    drawn = quantiles(planned(raw), (np.arange(10_000) + 0.5) / 10_000)
    assert stats.kstest(drawn, expected.cdf).statistic < 1e-3


def test_laws_stand_side_by_side_and_each_is_found_by_its_number():
    empirical = planned({"empirical": {"values": [7, 1, 3], "weights": [5, 2, 3]}})
    distributions = [
        planned(3),
        empirical,
        planned({"uniform": {"low": -2, "high": 5}}),
        planned({"empirical": {"values": [4, 2]}}),
    ]
    world = with_laws(*distributions)
    for place, one in enumerate(distributions):
        assert [quantile(world, place, u) for u in U] == quantiles(one, U)


@pytest.mark.parametrize("u", [2**-53, 1 - 2**-53])
def test_a_spread_beyond_floating_point_is_infinite_and_can_be_bound(u):
    """What a rule does with such a number is its own affair; a law says what it is."""
    wide = DistributionPlan("lognormal", 0.0, 1e300)
    assert quantiles(wide, [u]) == [0.0 if u < 0.5 else math.inf]
    assert quantiles(DistributionPlan("lognormal", 0.0, 1e300, at_least=1.0, at_most=9.0), [u]) == [
        1.0 if u < 0.5 else 9.0
    ]


@pytest.mark.parametrize(
    ("one", "u", "told"),
    [
        (DistributionPlan("exponential", 12.5), 0.1952959348409048, "0x1.5ba62baff9f5fp+1"),
        (DistributionPlan("weibull", 4.0, 0.7), 0.8791359398666768, "0x1.74b7547d46438p+3"),
        (DistributionPlan("lognormal", 2.5, 0.9), 0.8791359398666768, "0x1.17838e5b58af6p+5"),
    ],
)
def test_a_value_never_changes(one, u, told):
    """A change here changes every stored result."""
    assert [value.hex() for value in quantiles(one, [u])] == [told]


@pytest.mark.parametrize("kind", ["lognormal", "weibull"])
def test_a_spread_beyond_floating_point_is_refused(kind):
    with pytest.raises(OverflowError, match="too many times its mean"):
        planned({kind: {"mean": 1e-200, "sd": 1}})
