"""Outcomes of a world and its discounted money, on a world small enough to count by hand."""

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest

from sim.analysis.dates import DAYS_A_MONTH
from sim.analysis.discount import costs_by_year, discount
from sim.analysis.outcomes import measure, measure_worlds, outcomes, select_names
from sim.analysis.reading import Reading
from sim.errors import InputError
from sim.scenario.facts import Facts
from sim.store.reader import open_results
from sim.store.results import Results, ResultsError
from tests.helpers.synthetic import manifest, results_of, write

STAGES = [
    {"name": "board", "label": "Board", "route": "official", "milestone": "live"},
    {"name": "trading", "label": "Trading", "route": "official", "milestone": None},
    {"name": "alone", "label": "Alone", "route": "informal", "milestone": "live"},
]
BARRIERS = {"managers": "Managers resist", "failure": "Failed"}
WORLD = manifest(start="2009-01-01", end="2011-01-01", horizon=730.0, stages=STAGES, barriers=BARRIERS)
FACTS = Facts.read(WORLD)
PEOPLE = [
    {"replication": 0, "arrived": 10, "state": "exited", "exit_time": 70, "exit_cause": "managers"},
    # Live after three months, lost on day 400 (2010-02-05).
    {"replication": 0, "arrived": 0, "reached_live": 3 * DAYS_A_MONTH, "headcount": 20, "turnover": 1000.0}
    | {"state": "exited", "exit_time": 400.5, "exit_cause": "failure", "cost_programme": 300.0},
    # Live after two months on day 80.9, at the end of its route on day 500: it goes on trading.
    {"replication": 3, "arrived": 20, "reached_live": 20 + 2 * DAYS_A_MONTH, "route": "informal", "headcount": 5}
    | {"state": "completed", "exit_time": 500},
    {"replication": 5, "arrived": 1, "cost_host": 50.0},
]
LEDGER = [
    {"replication": 0, "entity_id": "", "time": 0.0, "payer": "programme", "item": "grant", "amount": 100.0},
    {"replication": 0, "entity_id": "", "time": 364.9, "payer": "programme", "item": "grant", "amount": 200.0},
    {"replication": 5, "entity_id": "", "time": 365.0, "payer": "host", "item": "papers", "amount": 50.0},
]
REPLICATIONS = (0, 2, 3, 5)


@pytest.fixture(scope="module")
def results():
    return results_of(PEOPLE, REPLICATIONS, WORLD, costs=LEDGER)


def values(results, name, reading=None):
    found = measure(results, reading or Reading(), [name])[name]
    return found.numerator.tolist(), None if found.denominator is None else found.denominator.tolist()


@pytest.mark.parametrize(
    ("name", "numerator", "denominator"),
    [
        ("launches", [1, 0, 1, 0], None),
        ("share_launched", [1, 0, 1, 0], [2, 0, 1, 1]),
        ("months_to_launch", [3, 0, 2, 0], [1, 0, 1, 0]),
        ("staff_moved", [20, 0, 5, 0], None),
        ("value_moved", [1000, 0, 400_000, 0], None),
        ("exits", [1, 0, 0, 0], None),
        ("exits_managers", [1, 0, 0, 0], None),
        ("exits_failure", [0, 0, 0, 0], None),
        ("exits_window_closed", [0, 0, 0, 0], None),
        ("closed", [1, 0, 0, 0], None),
        ("closed_failure", [1, 0, 0, 0], None),
        ("trading", [0, 0, 1, 0], None),
        ("cost_programme", [300, 0, 0, 0], None),
        ("cost_total", [300, 0, 0, 50], None),
        ("cost_per_launch", [300, 0, 0, 50], [1, 0, 1, 0]),
        ("programme_cost_per_launch", [300, 0, 0, 0], [1, 0, 1, 0]),
        ("cost_per_staff_moved", [300, 0, 0, 50], [20, 0, 5, 0]),
    ],
)
def test_every_outcome_by_hand(results, name, numerator, denominator):
    assert values(results, name) == (pytest.approx(numerator), denominator)


@pytest.mark.parametrize(
    ("on", "trading"),
    [
        ("2009-03-22", [0, 0, 1, 0]),  # day 80: live during it counts
        ("2009-03-21", [0, 0, 0, 0]),
        ("2010-02-04", [1, 0, 1, 0]),  # day 399
        ("2010-02-05", [0, 0, 1, 0]),  # lost during day 400
    ],
)
def test_trading_on_a_date_is_as_that_day_ends(results, on, trading):
    reading = Reading((date.fromisoformat(on),))
    assert values(results, f"trading_{on}", reading) == (trading, None)


@pytest.mark.parametrize("on", [date(2008, 12, 31), date(2011, 1, 1)])
def test_trading_cannot_be_counted_outside_the_clock(results, on):
    with pytest.raises(InputError, match="2009-01-01 until 2011-01-01"):
        measure(results, Reading((on,)))


def test_without_names_come_all_outcomes_and_the_causes_that_occurred(results):
    found = list(measure(results, Reading()))
    assert [name for name in found if "_" in name and name.split("_")[0] in ("exits", "closed")] == [
        "exits_managers",
        "closed_failure",
    ]
    assert set(outcomes(FACTS, Reading())) > set(found)
    # The order is fixed, however they are asked for.
    assert list(measure(results, Reading(), ["trading", "launches", "exits"])) == ["launches", "exits", "trading"]


def test_an_unknown_name_is_refused_with_the_nearest(results):
    with pytest.raises(InputError, match=r"'lanches' \(did you mean 'launches'\?\)"):
        measure(results, Reading(), ["lanches"])
    with pytest.raises(InputError, match="did you mean 'exits_managers'"):
        select_names(["exits_manager"], [FACTS], Reading())


def test_a_cause_that_only_one_of_two_worlds_knows_takes_nobody_in_the_other(results):
    other = results_of([], [0], {**WORLD, "barriers": {}})
    one, two = measure_worlds([results, other], Reading(), ["exits_managers"])
    assert one["exits_managers"].numerator.sum() == 1
    assert two["exits_managers"].numerator.tolist() == [0]


def test_a_world_without_the_milestone_has_no_launches():
    stages = [{"name": "board", "label": "Board", "route": "official", "milestone": "approved"}]
    results = results_of([{"replication": 0, "reached_approved": 5.0}], [0], {**WORLD, "stages": stages})
    found = measure(results, Reading())
    assert all(found[name].numerator.tolist() == [0] for name in ("launches", "months_to_launch", "trading"))


def test_kpis_alone_suffice_for_what_they_hold_and_no_more(results):
    few = Results.from_frames(WORLD, {"kpis": results.kpis})
    assert values(few, "cost_per_launch") == values(results, "cost_per_launch")
    with pytest.raises(ResultsError, match="--keep groups"):
        measure(few, Reading(), ["exits"])


def test_rows_may_stand_in_any_order_and_in_pieces(results, tmp_path):
    reading = Reading((date(2010, 2, 4),))
    frames = {name: getattr(results, name).iloc[::-1] for name in ("groups", "kpis", "costs")}
    for other in (Results.from_frames(WORLD, frames), open_results(write(results, tmp_path / "cut", parts=3))):
        for name, found in measure(other, reading).items():
            expected = measure(results, reading)[name]
            np.testing.assert_allclose(found.numerator, expected.numerator, rtol=1e-12)
            if expected.denominator is not None:
                np.testing.assert_array_equal(found.denominator, expected.denominator)


def test_discounting_by_hand():
    amounts, times = np.array([100.0, 100.0, 100.0]), np.array([0.0, 365.25, 2 * 365.25])
    assert discount(FACTS, amounts, times, 0.035, 2009) == pytest.approx([100, 100 / 1.035, 100 / 1.035**2])
    # 2008 has 366 days.
    assert discount(FACTS, amounts[:1], times[:1], 0.1, 2008) == pytest.approx(100 / 1.1 ** (366 / 365.25))
    assert discount(FACTS, amounts, times, 0.0, 1999) == pytest.approx(amounts)


def test_discounted_outcomes_add_the_ledger_up(results):
    late = 200 / 1.035 ** (364.9 / 365.25)
    assert values(results, "discounted_programme")[0] == pytest.approx([100 + late, 0, 0, 0])
    host = 50 / 1.035 ** (365 / 365.25)
    assert values(results, "discounted_total")[0] == pytest.approx([100 + late, 0, 0, host])
    assert values(results, "discounted_total", Reading(rate=0.0))[0] == pytest.approx([300, 0, 0, 50])


def test_costs_by_year_are_of_calendar_years(results):
    found = costs_by_year(results, Reading())
    assert found[["year", "payer", "label"]].to_numpy().tolist() == [
        [2009, "programme", "The programme"],
        [2010, "host", "Hosts"],
    ]
    assert found["mean"].tolist() == [75.0, 12.5]
    assert found["discounted"][1] == pytest.approx(12.5 / 1.035 ** (365 / 365.25))
    assert (found["low"] < found["mean"]).all()
    # The years add up to the outcome.
    total = measure(results, Reading(), ["discounted_total"])["discounted_total"].numerator.mean()
    assert found["discounted"].sum() == pytest.approx(total)


def test_costs_by_year_of_nothing_are_an_empty_table():
    nothing = results_of([], [0], WORLD)
    found = costs_by_year(nothing, Reading())
    assert isinstance(found, pd.DataFrame)
    assert found.empty
    assert "discounted_high" in found


@pytest.mark.parametrize("wrong", [{"rate": -1.0}, {"rate": math.nan}, {"base_year": 0}, {"base_year": 20080}])
def test_a_reading_that_cannot_be_is_refused(wrong):
    with pytest.raises(InputError, match="expected"):
        Reading(**wrong)
