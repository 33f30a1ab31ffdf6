"""Chances: log-odds and probabilities, and clocks that ring when a cumulative hazard is used up."""

import math
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.integrate import quad

from sim.rules.chances import log_odds, probability, ring_time, unit_exponential

DAYS = st.integers(-50, 400).map(float)
FACTORS = st.sampled_from([0.0, 0.25, 0.5, 1.0, 1.7, 4.0])
RATES = st.floats(1e-4, 2.0)
UNITS = st.floats(1e-6, 20.0)


@st.composite
def spells(draw):
    made = []
    for _ in range(draw(st.integers(0, 5))):
        start = draw(st.one_of(st.just(-math.inf), DAYS))
        stop = draw(st.one_of(st.just(math.inf), DAYS))
        if start < stop:
            made.append((start, stop, draw(FACTORS)))
    return made


def hazard_at(time, rate, changes):
    for start, stop, factor in changes:
        if start <= time < stop:
            rate *= factor
    return rate


def cumulative(start, stop, rate, changes):
    """The hazard integrated numerically between its jumps."""
    jumps = {edge for start_, stop_, _ in changes for edge in (start_, stop_) if start < edge < stop}
    edges = sorted({start, *jumps, stop})
    return sum(quad(hazard_at, a, b, (rate, changes))[0] for a, b in pairwise(edges))


@pytest.mark.parametrize("p", [1e-300, 1e-12, 0.01, 0.2, 0.5, 0.8, 0.99, 1 - 1e-12])
def test_log_odds_and_back(p):
    assert probability(log_odds(p)) == pytest.approx(p, rel=1e-9)
    assert log_odds(p) == pytest.approx(math.log(p / (1 - p)), rel=1e-9, abs=1e-15)


def test_certainty_and_impossibility_cannot_be_moved():
    assert log_odds(0.0) == -math.inf
    assert log_odds(1.0) == math.inf
    assert probability(-math.inf) == probability(log_odds(0.0) + 50) == 0.0
    assert probability(math.inf) == probability(log_odds(1.0) - 50) == 1.0


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_probabilities_rise_with_log_odds_and_stay_inside(one, other):
    low, high = sorted((one, other))
    assert 0.0 <= probability(low) <= probability(high) <= 1.0


@given(st.floats(-30, 30))
def test_probability_is_symmetric(x):
    assert probability(x) + probability(-x) == pytest.approx(1.0, abs=1e-15)
    assert log_odds(probability(x)) == pytest.approx(x, rel=1e-3, abs=1e-9)


@given(st.floats(2**-54, 1, exclude_max=True))
def test_a_unit_exponential_is_positive_and_has_its_law(u):
    assert unit_exponential(u) > 0.0
    assert math.exp(-unit_exponential(u)) == pytest.approx(u, rel=1e-12)


@given(DAYS, UNITS, RATES, spells())
def test_a_clock_rings_when_the_integral_of_its_hazard_is_its_unit(start, unit, rate, changes):
    time = ring_time(start, unit, rate, changes)
    assert time > start
    if time == math.inf:
        last = max([start, *(edge for spell in changes for edge in spell[:2] if edge < math.inf)])
        assert hazard_at(last, rate, changes) == 0.0
        assert cumulative(start, last, rate, changes) < unit * (1 + 1e-9) + 1e-9
    else:
        assert cumulative(start, time, rate, changes) == pytest.approx(unit, rel=1e-6, abs=1e-9)


@given(DAYS, UNITS, RATES, spells(), st.floats(0.0, 1.0), st.data())
def test_a_weaker_hazard_never_rings_sooner(start, unit, rate, changes, less, data):
    time = ring_time(start, unit, rate, changes)
    assert ring_time(start, unit, rate * less, changes) >= time * (1 - 1e-12) - 1e-9
    assume(changes)
    i = data.draw(st.integers(0, len(changes) - 1))
    begin, end, factor = changes[i]
    weaker = [*changes[:i], (begin, end, factor * less), *changes[i + 1 :]]
    again = ring_time(start, unit, rate, weaker)
    assert again >= time * (1 - 1e-12) - 1e-9


@given(DAYS, UNITS, UNITS, RATES, spells())
def test_a_longer_unit_never_rings_sooner(start, one, other, rate, changes):
    short, long = sorted((one, other))
    assert ring_time(start, short, rate, changes) <= ring_time(start, long, rate, changes)


@given(DAYS, UNITS, RATES, spells())
def test_the_order_of_spells_does_not_matter_and_neither_does_an_idle_one(start, unit, rate, changes):
    """A spell without effect may cut the sum in two, which may move its last digit."""
    time = ring_time(start, unit, rate, changes)
    assert ring_time(start, unit, rate, changes[::-1]) == pytest.approx(time, rel=1e-12)
    assert ring_time(start, unit, rate, [*changes, (10.0, 60.0, 1.0)]) == pytest.approx(time, rel=1e-9)


@given(DAYS, UNITS, RATES, spells(), DAYS)
def test_what_changes_later_does_not_move_a_ring_before_it(start, unit, rate, changes, date):
    """Two arms agree to the last bit until the first date on which they differ."""
    time = ring_time(start, unit, rate, changes)
    other = ring_time(start, unit, rate, [*changes, (date, math.inf, 0.3)])
    if min(time, other) < date:
        assert time == other


def test_from_belongs_to_a_spell_and_until_does_not():
    assert ring_time(0.0, 1.0, 0.1, [(10.0, math.inf, 0.0)]) == 10.0
    assert ring_time(10.0, 1.0, 0.1, [(0.0, 10.0, 0.0)]) == 20.0
    assert ring_time(10.0, 1.0, 0.1, [(10.0, 20.0, 0.0)]) == 30.0


def test_a_clock_without_hazard_never_rings():
    assert ring_time(0.0, 1.0, 0.0, []) == math.inf
    assert ring_time(0.0, 1.0, 0.1, [(5.0, math.inf, 0.0)]) == math.inf
    assert ring_time(0.0, 1.0, 0.1, [(-math.inf, 5.0, 0.0)]) == 15.0
