"""Chances: log-odds and probabilities, and clocks that ring when a cumulative hazard is used up."""

import math
from itertools import accumulate, pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.integrate import quad

from sim.draws.probability import happens, log_odds, probability, unit_exponential
from sim.rules.hazards import event_time, is_surely_later
from sim.rules.population import holds, pick, shift
from tests.helpers.rules_by_hand import a_world, ring

"""Compiled rules are loaded within the first example."""

DRAWS = st.integers(0, 2**52 - 1).map(lambda word: (word + 0.5) * 2.0**-52)
DAYS = st.integers(-50, 400).map(float)
FACTORS = st.sampled_from([0.0, 0.25, 0.5, 1.0, 1.7, 4.0])
RATES = st.floats(1e-4, 2.0)
UNITS = st.floats(1e-6, 20.0)


@st.composite
def periods(draw, least=0):
    made = []
    for _ in range(draw(st.integers(least, 5))):
        start = draw(st.one_of(st.just(-math.inf), DAYS))
        stop = draw(st.one_of(st.just(math.inf), DAYS))
        if start < stop:
            made.append((start, stop, draw(FACTORS)))
    return made


@st.composite
def split(draw, changes):
    """The spells that everybody meets, and those that come one by one."""
    common = [draw(st.booleans()) for _ in changes]
    return (
        [change for change, here in zip(changes, common, strict=True) if here],
        [change for change, here in zip(changes, common, strict=True) if not here],
    )


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


@given(st.one_of(st.floats(-40, 40), st.floats(allow_nan=True)), DRAWS, st.booleans())
def test_what_happens_has_the_probability_of_its_log_odds_to_the_last_bit(odds, u, close):
    """However far the draw is from the probability, or however close."""
    if close and 0.0 < probability(odds) < 1.0:
        u = math.nextafter(probability(odds), u)
    assert happens(odds, u) == (u < probability(odds))


@given(DRAWS, st.one_of(st.floats(-50, 50), st.just(-math.inf)), st.floats(0, 1e3), st.booleans())
def test_only_what_rings_late_is_said_to(u, moved, most, close):
    unit, factor = unit_exponential(u), math.exp(moved)
    if close and math.isfinite(unit / factor if factor else math.inf):
        most = unit / factor
    assert not is_surely_later(u, moved, most) or unit > most * factor


def test_what_clearly_rings_late_need_not_be_read():
    """Most draws lie far above what a small hazard comes to."""
    late = [is_surely_later(u, moved, 0.1) for u in (0.1, 0.5, 0.8) for moved in (-1.0, 0.0, 0.3)]
    assert all(late)


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


@given(DAYS, UNITS, RATES, periods(), st.data())
def test_a_clock_rings_when_the_integral_of_its_hazard_is_its_unit(start, unit, rate, changes, data):
    time = ring(start, unit, rate, *data.draw(split(changes)))
    assert time > start
    if time == math.inf:
        last = max([start, *(edge for period in changes for edge in period[:2] if edge < math.inf)])
        assert hazard_at(last, rate, changes) == 0.0
        assert cumulative(start, last, rate, changes) < unit * (1 + 1e-9) + 1e-9
    else:
        assert cumulative(start, time, rate, changes) == pytest.approx(unit, rel=1e-6, abs=1e-9)


@given(DAYS, UNITS, RATES, periods(), st.floats(0.0, 1.0), st.data())
def test_a_weaker_hazard_never_rings_sooner(start, unit, rate, changes, less, data):
    common, narrower = data.draw(split(changes))
    time = ring(start, unit, rate, common, narrower)
    assert ring(start, unit, rate * less, common, narrower) >= time * (1 - 1e-12) - 1e-9
    assume(changes)
    parts = data.draw(st.sampled_from([part for part in (common, narrower) if part]))
    i = data.draw(st.integers(0, len(parts) - 1))
    begin, end, factor = parts[i]
    parts[i] = (begin, end, factor * less)
    assert ring(start, unit, rate, common, narrower) >= time * (1 - 1e-12) - 1e-9


@given(DAYS, UNITS, UNITS, RATES, periods(), st.data())
def test_a_longer_unit_never_rings_sooner(start, one, other, rate, changes, data):
    short, long = sorted((one, other))
    parts = data.draw(split(changes))
    assert ring(start, short, rate, *parts) <= ring(start, long, rate, *parts)


@given(DAYS, UNITS, RATES, periods(), st.data())
def test_the_order_of_spells_does_not_matter_and_neither_does_an_idle_one(start, unit, rate, changes, data):
    """A spell without effect may cut the sum in two, which may move its last digit."""
    time = ring(start, unit, rate, changes)
    assert ring(start, unit, rate, changes[::-1]) == pytest.approx(time, rel=1e-12)
    assert ring(start, unit, rate, [], changes[::-1]) == pytest.approx(time, rel=1e-12)
    idle = (10.0, 60.0, 1.0)
    assert ring(start, unit, rate, [*changes, idle]) == pytest.approx(time, rel=1e-9)
    assert ring(start, unit, rate, changes, [idle]) == pytest.approx(time, rel=1e-9)


@given(DAYS, UNITS, RATES, periods(), st.data())
def test_it_does_not_matter_whether_everybody_meets_a_spell(start, unit, rate, changes, data):
    """A product in another order may differ in the last digit."""
    time = ring(start, unit, rate, changes)
    assert ring(start, unit, rate, *data.draw(split(changes))) == pytest.approx(time, rel=1e-12)


@given(DAYS, UNITS, RATES, periods(), DAYS, st.data())
def test_what_changes_later_does_not_move_a_ring_before_it(start, unit, rate, changes, date, data):
    """Two arms agree to the last bit until the first date on which they differ."""
    common, narrower = data.draw(split(changes))
    time, more = ring(start, unit, rate, common, narrower), (date, math.inf, 0.3)
    for other in (
        ring(start, unit, rate, [*common, more], narrower),
        ring(start, unit, rate, common, [*narrower, more]),
    ):
        if min(time, other) < date:
            assert time == other


@given(DAYS, UNITS, RATES, periods(), periods(1), st.data())
def test_a_policy_that_does_not_reach_a_group_is_not_there(start, unit, rate, common, narrower, data):
    """To the last bit: not even its dates cut the sum."""
    reached = [data.draw(st.booleans()) for _ in narrower]
    left = [period for period, here in zip(narrower, reached, strict=True) if here]
    assert ring(start, unit, rate, common, narrower, reached) == ring(start, unit, rate, common, left)


def test_a_clock_reads_the_reach_of_its_own_row_and_of_its_own_spells():
    world = a_world(
        segments=[(-math.inf, 7.0), (-math.inf, 1.0), (-math.inf, 9.0)],
        periods=[(0.0, math.inf, 0, 5.0), (0.0, math.inf, 1, 0.5), (0.0, math.inf, 0, 3.0)],
    )
    reach = a_world(groups=3, policies=2).reach
    reach[:] = [[1, 1], [0, 2], [1, 0]]
    told = [event_time(world, 0.0, 1.0, 0.1, (1, 2), (1, 2), reach, row) for row in range(3)]
    assert told == [20.0, 20.0, 10.0]


@pytest.mark.parametrize("parts", [lambda period: ([period], []), lambda period: ([], [period])])
def test_from_belongs_to_a_spell_and_until_does_not(parts):
    assert ring(0.0, 1.0, 0.1, *parts((10.0, math.inf, 0.0))) == 10.0
    assert ring(10.0, 1.0, 0.1, *parts((0.0, 10.0, 0.0))) == 20.0
    assert ring(10.0, 1.0, 0.1, *parts((10.0, 20.0, 0.0))) == 30.0


@pytest.mark.parametrize("parts", [lambda period: ([period], []), lambda period: ([], [period])])
def test_a_clock_without_hazard_never_rings(parts):
    assert ring(0.0, 1.0, 0.0, []) == math.inf
    assert ring(0.0, 1.0, 0.1, *parts((5.0, math.inf, 0.0))) == math.inf
    assert ring(0.0, 1.0, 0.1, *parts((-math.inf, 5.0, 0.0))) == 15.0


FACTS = st.lists(st.sampled_from([0.0, 1.0, 2.0, 0.3, -1.7]), min_size=4, max_size=4)
LEVELS = st.sampled_from([math.nan, 0.0, 1.0, 2.0])


@given(st.lists(st.tuples(st.integers(0, 3), LEVELS, st.floats(-2, 2)), max_size=6), FACTS)
def test_a_shift_is_the_sum_of_its_terms(terms, facts):
    """A coefficient times the fact or, where the term names a level, the coefficient where the fact is that level."""
    world = a_world(terms=[(0, math.nan, 99.0), *terms, (0, math.nan, 99.0)])
    wanted = 0.0
    for slot, level, coefficient in terms:
        if math.isnan(level):
            wanted += coefficient * facts[slot]
        elif facts[slot] == level:
            wanted += coefficient
    rows = np.array([[math.nan] * 4, facts])
    assert shift(world, 1, 1 + len(terms), rows, 1) == wanted


@given(st.lists(st.tuples(st.integers(0, 3), st.sets(st.sampled_from([0.0, 1.0, 2.0, 0.3]))), max_size=3), FACTS)
def test_a_condition_holds_where_every_test_finds_one_of_its_values(tests, facts):
    values = [value for _, wanted in tests for value in sorted(wanted)]
    ends = list(accumulate(len(wanted) for _, wanted in tests))
    rows = [(slot, end - len(wanted), end) for (slot, wanted), end in zip(tests, ends, strict=True)]
    world = a_world(tests=rows, values=values)
    wanted = all(facts[slot] in wanted for slot, wanted in tests)
    assert holds(world, 0, len(rows), np.array([facts]), 0) == wanted


@given(st.lists(st.floats(0, 5), min_size=1, max_size=6), st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_what_is_picked_has_its_share(weights, u):
    """The first place at which the running sum passes the draw, never one without a share."""
    total = sum(weights)
    assume(total > 0.0)
    shares = [weight / total for weight in weights]
    place = pick(np.array([9.0, *shares, 9.0]), 1, 1 + len(shares), u)
    before, after = sum(shares[:place]), sum(shares[: place + 1])
    assert before - 1e-12 <= u <= after + 1e-12
    assert shares[place] > 0.0


def test_rounding_never_picks_beyond_the_last_share():
    tenths = np.array([0.1] * 10 + [0.0])
    assert sum(tenths) < 1.0
    assert pick(tenths, 0, 11, 1 - 2**-53) == 9
