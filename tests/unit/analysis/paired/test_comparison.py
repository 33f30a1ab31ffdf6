"""Differences between worlds: by hand, against scipy, and what must hold of any of them."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student
from scipy.stats import ttest_rel

from sim.analysis.intervals import proportion_interval, ratio_interval
from sim.analysis.paired.comparison import COLUMNS, additional_costs, differences, needed, replications_needed
from sim.analysis.reading import Reading
from sim.errors import InputError
from sim.store.results import Results

MANIFEST = {"start": "2009-01-01", "end": "2010-01-01", "horizon": 365.0, "stages": [], "barriers": {}, "seed": 1}
PAYERS = ("cost_programme", "cost_host", "cost_group")


def results(launched, groups=10, cost=0.0, numbers=None):
    """A world of which only these numbers a replication are known."""
    n = len(launched)
    frame = {"replication": range(n) if numbers is None else numbers, "launched": launched, "groups": groups}
    costs = dict.fromkeys(("cost_total", *PAYERS), cost)
    return Results.from_frames(MANIFEST, {"kpis": pd.DataFrame({**frame, **costs, "staff_moved": 0.0})})


def compared(base, alternatives, names, **more):
    found = differences(base, alternatives, Reading(), names, **more)
    assert list(found.columns) == ["alternative", *COLUMNS]
    return found


def only(base, alternative, name, **more):
    (row,) = compared(base, {"a": alternative}, [name], **more).itertuples()
    return row


def test_a_mean_is_compared_as_a_paired_t_test_does():
    row = only(results([1, 2, 3, 4]), results([2, 2, 5, 5]), "launches")
    theirs = ttest_rel([2, 2, 5, 5], [1, 2, 3, 4]).confidence_interval(0.95)
    assert (row.n, row.base, row.alt, row.difference) == (4, 2.5, 3.5, 1.0)
    assert (row.low, row.high) == pytest.approx((theirs.low, theirs.high))
    # One alternative is a family of its own.
    assert (row.family_low, row.family_high) == (row.low, row.high)
    assert row.sd == pytest.approx(math.sqrt(2 / 3))
    assert row.correlation == pytest.approx(np.corrcoef([1, 2, 3, 4], [2, 2, 5, 5])[0, 1])
    # Variances 5/3 and 3 in the worlds, 2/3 of the difference.
    assert row.variance_unpaired == pytest.approx(14 / 3)
    assert row.variance_ratio == pytest.approx(7.0)
    assert (row.p_better, row.p_equal, row.histories) == (0.75, 0.25, 4)
    assert (row.p_better_low, row.p_better_high) == proportion_interval(3, 4)
    relative = ratio_interval(np.array([1.0, 0.0, 2.0, 1.0]), np.array([1.0, 2.0, 3.0, 4.0]))
    assert (row.relative, row.relative_low, row.relative_high) == pytest.approx(relative, nan_ok=True)
    assert row.method == "t over replications"


def test_less_cost_is_better_and_its_precision_is_a_hundredth_unless_stated():
    base, cheaper = results([1, 1], cost=[100.0, 300.0]), results([1, 1], cost=[90.0, 250.0])
    row = only(base, cheaper, "cost_total")
    assert row.p_better == 1.0
    assert row.precision == 2.0
    assert row.needed == math.ceil((student.ppf(0.975, 1) * row.sd / 2.0) ** 2)
    assert only(base, cheaper, "cost_total", precision={"cost_total": 5.0}).precision == 5.0


def test_a_ratio_is_a_ratio_of_means_with_linearised_values():
    draw = np.random.default_rng(1)
    groups, others = draw.poisson(8, 60) + 1, draw.poisson(8, 60) + 1
    launched, more = draw.binomial(groups, 0.3), draw.binomial(others, 0.6)
    row = only(results(launched, groups), results(more, others), "share_launched")
    one, other = launched.sum() / groups.sum(), more.sum() / others.sum()
    assert (row.base, row.alt) == pytest.approx((one, other))
    assert row.difference == pytest.approx(other - one)
    lines = (more - other * others) / others.mean() - (launched - one * groups) / groups.mean()
    assert row.sd == pytest.approx(lines.std(ddof=1))
    assert (row.base_low, row.base_high) == ratio_interval(launched.astype(float), groups.astype(float))[1:]
    # Near normal: the bootstrap-t is close to t.
    assert (row.high - row.low) / 2 == pytest.approx(2.0 * row.sd / math.sqrt(60), rel=0.1)
    assert row.difference - row.low == pytest.approx(row.high - row.difference)
    assert row.method == "bootstrap-t over replications"


def test_histories_without_a_launch_have_no_cost_per_launch_and_are_left_out_of_the_chances():
    base = results([0, 1, 2, 1], cost=[5.0, 10.0, 10.0, 10.0])
    other = results([1, 0, 2, 2], cost=[5.0, 10.0, 10.0, 10.0])
    row = only(base, other, "cost_per_launch")
    assert (row.base, row.alt) == (35 / 4, 35 / 5)
    # The last two count: 5 against 5, and 5 against 10.
    assert (row.histories, row.p_better, row.p_equal) == (2, 0.5, 0.5)


@pytest.mark.parametrize("name", ["launches", "share_launched", "cost_per_launch", "cost_total"])
def test_no_effect_is_a_difference_of_exactly_zero(name):
    launched = np.random.default_rng(2).poisson(3, 40)
    base, same = (results(launched, launched + 5, 1.1 * launched + np.arange(40) % 7) for _ in range(2))
    more = results(launched + launched % 2, launched + 6, 3.7 * launched + 1)
    rows = compared(base, {"same": same, "more": more}, [name]).set_index("alternative")
    zero = ["difference", "low", "high", "family_low", "family_high", "sd", "p_better"]
    assert (rows.loc["same", zero] == 0.0).all()
    assert rows.loc["same", "p_equal"] == 1.0
    assert rows.loc["same", "variance_ratio"] == math.inf
    # What is known takes no part in the family of the others.
    alone = compared(base, {"more": more}, [name]).iloc[0]
    assert rows.loc["more", "family_low"] == alone["family_low"]
    assert rows.loc["more", "needed"] == alone["needed"]


def test_a_shift_that_is_the_same_in_every_history_is_known():
    base = results([1, 2, 3], cost=[0.1, 0.2, 0.3])
    row = only(base, results([1, 2, 3], cost=[1000.1, 1000.2, 1000.3]), "cost_total")
    assert row.difference == pytest.approx(1000.0)
    assert row.low == row.high == row.difference


def test_replications_are_paired_by_number_and_the_failed_left_out_everywhere():
    base = results([1, 2, 3, 4], numbers=[0, 1, 2, 4])
    one = results([40, 30, 20], numbers=[4, 2, 1])
    two = results([7, 7, 7, 7], numbers=[0, 2, 3, 4])
    found = compared(base, {"one": one, "two": two}, ["launches"]).set_index("alternative")
    # Only 2 and 4 are in all three worlds.
    assert found["n"].tolist() == [2, 2]
    assert found["base"].tolist() == [3.5, 3.5]
    assert found["difference"].tolist() == [31.5, 3.5]
    assert found.loc["one", "sd"] == pytest.approx(np.std([27, 36], ddof=1))


def test_what_is_not_defined_is_nan_and_never_an_exception():
    base, never = results([1, 2, 3]), results([0, 0, 0], cost=[1.0, 2.0, 3.0])
    row = only(base, never, "cost_per_launch")
    assert row.base == 0.0
    assert all(math.isnan(x) for x in (row.alt, row.difference, row.low, row.high, row.family_low, row.relative))
    assert math.isnan(row.needed)
    assert row.histories == 0
    nobody = results([], cost=[])
    assert math.isnan(only(base, nobody, "launches").difference)
    single = only(results([1]), results([2]), "share_launched")
    assert single.difference == pytest.approx(0.1)
    assert math.isnan(single.low)
    assert compared(base, {}, ["launches"]).empty


def test_family_intervals_hold_together_and_are_wider():
    draw = np.random.default_rng(3)
    base = draw.poisson(5, 50)
    others = {name: results(base + draw.poisson(1, 50)) for name in "abc"}
    found = compared(results(base), others, ["launches"])
    assert (found.family_low < found.low).all()
    assert (found.high < found.family_high).all()
    # All by the same critical value.
    critical = (found.family_high - found.difference) / found.sd * math.sqrt(50)
    assert critical.to_numpy() == pytest.approx(critical[0])
    assert 2.3 < critical[0] < student.ppf(1 - 0.025 / 3, 49)


counts = st.lists(st.integers(0, 9), min_size=4, max_size=12)


@settings(max_examples=30, derandomize=True)
@given(st.data(), counts)
def test_what_holds_of_any_comparison(data, base):
    n = len(base)
    other = data.draw(st.lists(st.integers(0, 9), min_size=n, max_size=n))
    order = data.draw(st.permutations(range(n)))
    forth = only(results(base), results(other), "launches")
    shuffled = results([base[k] for k in order], numbers=list(order))
    assert only(shuffled, results(other), "launches") == pytest.approx(forth, nan_ok=True)
    back = only(results(other), results(base), "launches")
    assert back.difference == pytest.approx(-forth.difference)
    assert (back.low, back.high) == pytest.approx((-forth.high, -forth.low))
    assert forth.low <= forth.difference <= forth.high
    assert forth.family_low <= forth.low
    assert forth.p_better + back.p_better + forth.p_equal == pytest.approx(1.0)
    assert forth.difference == pytest.approx(forth.alt - forth.base)


def test_stein_by_hand():
    # (2.262 * 3 / 0.5)^2 = 184.2.
    assert needed(3.0, 0.5, 10) == 185
    assert needed(3.0, 100.0, 10) == 10
    assert needed(0.0, 0.5, 10) == 10
    assert needed(3.0, 0.5, 10, critical=2.5) == 225


def test_an_interval_after_a_pilot_has_the_pilots_spread_and_everybodys_mean():
    draw = np.random.default_rng(4)
    base, gain = draw.poisson(5, 300), draw.poisson(1, 300)
    first = results(base[:20]), {"a": results((base + gain)[:20])}
    aim = {"launches": 0.2}
    number = replications_needed(*first, Reading(), aim, 20)
    spread, critical = gain[:20].std(ddof=1), student.ppf(0.975, 19)
    assert number == math.ceil((critical * spread / 0.2) ** 2)
    row = only(results(base[:number]), results((base + gain)[:number]), "launches", precision=aim, pilot=20)
    assert row.difference == pytest.approx(gain[:number].mean())
    half = critical * spread / math.sqrt(number)
    assert (row.low, row.high) == pytest.approx((row.difference - half, row.difference + half))
    assert half <= 0.2
    assert row.needed == number
    assert row.method == "Stein, two stages, t over replications"
    # An outcome without a stated precision is judged by all replications.
    plain = only(results(base[:number]), results((base + gain)[:number]), "launches", pilot=20)
    assert plain.method == "t over replications"


def test_a_difference_that_shows_only_after_the_pilot_is_judged_by_all_replications():
    base, other = np.zeros(30), np.zeros(30)
    other[25] = 1.0
    row = only(results(base), results(other), "launches", precision={"launches": 0.1}, pilot=20)
    assert row.method == "t over replications"
    assert row.low < row.difference < row.high


def test_the_most_demanding_outcome_and_alternative_decide():
    draw = np.random.default_rng(5)
    base = draw.poisson(5, 40)
    others = {"calm": results(base + draw.poisson(0.1, 40)), "wild": results(base + draw.poisson(3, 40))}
    found = compared(results(base), others, ["launches"], precision={"launches": 0.1}, pilot=40)
    asked = replications_needed(results(base), others, Reading(), {"launches": 0.1, "share_launched": 1.0}, 40)
    assert asked == found.needed.max()
    # A quarter of the pilot failed: as many more are to be run.
    some = [k for k in range(40) if k % 4]
    failed = results(base[some], numbers=some)
    part = {name: results(one.kpis.launched[some], numbers=some) for name, one in others.items()}
    rows = compared(failed, part, ["launches"], precision={"launches": 0.1}, pilot=40)
    assert replications_needed(failed, part, Reading(), {"launches": 0.1}, 40) == math.ceil(rows.needed.max() * 4 / 3)


def test_a_precision_that_cannot_be_judged_or_asked_is_refused():
    base, never = results([1, 2, 3]), {"a": results([0, 0, 0])}
    with pytest.raises(InputError, match="too few to judge the precision of cost_per_launch"):
        replications_needed(base, never, Reading(), {"cost_per_launch": 1.0}, 3)
    with pytest.raises(InputError, match="did you mean 'launches'"):
        differences(base, never, Reading(), ["launches"], {"lanches": 1.0})
    for wrong in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(InputError, match="half-width above 0"):
            differences(base, never, Reading(), ["launches"], {"launches": wrong})


def with_ledger(launched, cost):
    ledger = pd.DataFrame(
        {
            "replication": range(len(launched)),
            "time": 0.0,
            "payer": "programme",
            "amount": np.asarray(cost, dtype=float),
        }
    )
    return Results.from_frames(MANIFEST, {"kpis": results(launched, cost=cost).kpis, "costs": ledger})


def test_the_cost_of_an_additional_launch_is_fiellers_on_paired_differences():
    draw = np.random.default_rng(6)
    launched, more = draw.poisson(5, 80), draw.poisson(2, 80)
    base = with_ledger(launched, 10.0 * launched)
    other = with_ledger(launched + more, 10.0 * launched + 30.0 * more + draw.normal(0, 5, 80))
    found = additional_costs(base, {"a": other, "same": base}, Reading()).set_index(["alternative", "money", "payer"])
    row = found.loc["a", "undiscounted", "total"]
    costs = other.kpis.cost_total - base.kpis.cost_total
    expected = ratio_interval(costs.to_numpy(), more.astype(float))
    assert row[["per_launch", "per_launch_low", "per_launch_high"]].tolist() == pytest.approx(expected)
    assert row["per_launch"] == pytest.approx(30.0, abs=1.0)
    assert row["bounded"]
    assert (row["cost"], row["launches"]) == pytest.approx((costs.mean(), more.mean()))
    # Paid on the first day of the base year: discounting changes nothing.
    assert found.loc["a", "discounted", "total"]["per_launch"] == pytest.approx(row["per_launch"])
    same = found.loc["same", "undiscounted", "total"]
    assert not same["bounded"]
    assert math.isnan(same["per_launch"])
    assert same["launches_low"] == same["launches_high"] == 0.0


def test_no_bounded_cost_per_additional_launch_where_launches_are_not_told_apart():
    draw = np.random.default_rng(7)
    base = with_ledger(draw.poisson(5, 20), np.full(20, 10.0))
    other = with_ledger(draw.poisson(5, 20), np.full(20, 25.0))
    row = additional_costs(base, {"a": other}, Reading()).iloc[0]
    assert not row["bounded"]
    assert math.isnan(row["per_launch_low"])
    assert row["cost_low"] == row["cost_high"] == 15.0
