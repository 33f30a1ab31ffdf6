"""Distributions as analysts write them: every law in every form, and what is said of those that are wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.scenario.distribution import PARAMETERS, ZERO, Distribution, distribution_parser
from sim.scenario.quantity import InvalidValue, duration_in_days, money_in_pounds, number

read = distribution_parser(number)
MONTH = 30.4375


def values(law):
    return {name: part.value for name, part in law.parameters.items()}


@pytest.mark.parametrize(
    ("raw", "kind", "expected"),
    [
        (3, "fixed", {"value": 3}),
        ({"value": 3, "low": 2, "high": 4, "source": "judgement"}, "fixed", {"value": 3}),
        ({"fixed": 3}, "fixed", {"value": 3}),
        ({"fixed": {"value": 3}}, "fixed", {"value": 3}),
        ({"fixed": {"value": 3, "low": 2, "high": 4}}, "fixed", {"value": 3}),
        ({"exponential": {"mean": 3}}, "exponential", {"mean": 3}),
        ({"exponential": {"median": 3}}, "exponential", {"median": 3}),
        ({"weibull": {"median": 1, "p90": 3}}, "weibull", {"median": 1, "p90": 3}),
        ({"weibull": {"mean": 1, "sd": 3}}, "weibull", {"mean": 1, "sd": 3}),
        ({"weibull": {"scale": 1, "shape": 3}}, "weibull", {"scale": 1, "shape": 3}),
        ({"lognormal": {"median": 1, "p90": 3}}, "lognormal", {"median": 1, "p90": 3}),
        ({"lognormal": {"mean": 1, "sd": 3}}, "lognormal", {"mean": 1, "sd": 3}),
        ({"triangular": {"low": 1, "mode": 2, "high": 3}}, "triangular", {"low": 1, "mode": 2, "high": 3}),
        ({"uniform": {"low": 1, "high": 3}}, "uniform", {"low": 1, "high": 3}),
        ({"uniform": {"low": 2, "high": 2}}, "uniform", {"low": 2, "high": 2}),
    ],
)
def test_a_law_is_read_in_every_form(raw, kind, expected):
    law = read(raw)
    assert law.kind == kind
    assert values(law) == expected
    assert law.by_type is None
    assert read(law) is law


def test_parameters_carry_their_units_ranges_and_sources():
    law = distribution_parser(duration_in_days)(
        {
            "lognormal": {
                "median": {"value": "2 months", "low": "1 month", "high": "3 months", "source": ["2.5"]},
                "p90": "6 months",
            },
            "at_least": "1 week",
            "at_most": "1 year",
        }
    )
    assert values(law) == {"median": 2 * MONTH, "p90": 6 * MONTH}
    assert law.parameters["median"].bounds() == (MONTH, 3 * MONTH)
    assert law.parameters["median"].source == ("2.5",)
    assert (law.at_least.value, law.at_most.value) == (7, 365.25)


def test_a_weibulls_shape_has_no_unit():
    law = distribution_parser(duration_in_days)({"weibull": {"scale": "1 month", "shape": 0.8}})
    assert values(law) == {"scale": MONTH, "shape": 0.8}
    with pytest.raises(InvalidValue):
        distribution_parser(duration_in_days)({"weibull": {"scale": "1 month", "shape": "1 month"}})


def test_an_empirical_law_is_sorted_with_its_weights():
    law = distribution_parser(duration_in_days)(
        {"empirical": {"values": ["5 days", "1 day", "3 days"], "weights": [1, {"value": 2}, 3]}}
    )
    assert [one.value for one in law.values] == [1, 3, 5]
    assert [one.value for one in law.weights] == [2, 3, 1]


def test_an_empirical_law_without_weights_weighs_all_alike():
    law = read({"empirical": {"values": [4, 2]}})
    assert [one.value for one in law.values] == [2, 4]
    assert [one.value for one in law.weights] == [1, 1]


def test_a_law_by_type_has_branches_and_a_law_for_the_others():
    law = read(
        {"by_type": {"team": 3, "arm": {"uniform": {"low": 1, "high": 2}}}, "otherwise": {"exponential": {"mean": 5}}}
    )
    assert {name: one.kind for name, one in law.by_type.items()} == {"team": "fixed", "arm": "uniform"}
    assert (law.kind, values(law)) == ("exponential", {"mean": 5})
    assert read({"by_type": {"team": 3}}).kind == ""


def test_a_type_may_be_called_otherwise():
    law = read({"by_type": {"otherwise": 3, "team": 4}})
    assert set(law.by_type) == {"otherwise", "team"}
    assert law.kind == ""


def test_nothing_is_always_0():
    assert Distribution("fixed", ZERO.parameters) == ZERO
    assert values(ZERO) == {"value": 0.0}


@pytest.mark.parametrize(
    ("raw", "path", "what"),
    [
        ({}, (), "not a distribution"),
        ({"lognorm": {}}, ("lognorm",), "unknown distribution 'lognorm'"),
        ({"lognormal": {"median": 1, "p90": 2}, "atleast": 1}, ("atleast",), "unknown distribution 'atleast'"),
        ({"uniform": {"low": 1, "high": 2}, "fixed": 3}, (), "not a distribution"),
        ({"at_least": 3}, (), "not a distribution"),
        ({"lognormal": 3}, ("lognormal",), "lognormal without its parameters"),
        ({"lognormal": [1, 2]}, ("lognormal",), "lognormal without its parameters"),
        ({"lognormal": {}}, ("lognormal",), "lognormal cannot be made from nothing"),
        ({"lognormal": {"median": 1}}, ("lognormal",), "lognormal cannot be made from median"),
        (
            {"lognormal": {"median": 1, "p90": 2, "mean": 3}},
            ("lognormal",),
            "lognormal cannot be made from median, p90, mean",
        ),
        ({"lognormal": {"median": 2, "p90": 1}}, ("lognormal", "p90"), "p90 is not above median"),
        ({"lognormal": {"median": 2, "p90": 2}}, ("lognormal", "p90"), "p90 is not above median"),
        ({"weibull": {"median": 2, "p90": 2}}, ("weibull", "p90"), "p90 is not above median"),
        ({"lognormal": {"median": 0, "p90": 2}}, ("lognormal", "median"), "median must be above 0"),
        ({"exponential": {"mean": 0}}, ("exponential", "mean"), "mean must be above 0"),
        ({"weibull": {"scale": 1, "shape": -1}}, ("weibull", "shape"), "shape must be above 0"),
        ({"triangular": {"low": 3, "mode": 2, "high": 4}}, ("triangular", "mode"), "mode is not above low"),
        ({"triangular": {"low": 1, "mode": 5, "high": 4}}, ("triangular", "high"), "high is not above mode"),
        ({"uniform": {"low": 2, "high": 1}}, ("uniform", "high"), "high is not above low"),
        (
            {"uniform": {"low": {"value": 1, "low": 0, "high": 5}, "high": {"value": 6, "low": 4, "high": 8}}},
            ("uniform", "high"),
            "high is not above low",
        ),
        ({"exponential": {"mean": {"value": 1, "low": 0, "high": 2}}}, ("exponential", "mean"), "mean must be above 0"),
        ({"empirical": {"values": []}}, ("empirical", "values"), "an empirical distribution without values"),
        ({"empirical": {"values": 3}}, ("empirical", "values"), "an empirical distribution without values"),
        (
            {"empirical": {"values": [1], "weights": [1, 2]}},
            ("empirical", "weights"),
            "weights do not match the values",
        ),
        ({"empirical": {"values": [1], "weights": [0]}}, ("empirical", "weights"), "weights that add up to zero"),
        ({"empirical": {"values": [1, "x"]}}, ("empirical", "values", 1), "'x' is not a number"),
        ({"empirical": {"values": [1, 2], "weights": [1, -1]}}, ("empirical", "weights", 1), "'-1' is not a share"),
        ({"fixed": None}, ("fixed", "value"), "nothing is not a number"),
        ({"uniform": {"low": "x", "high": 1}}, ("uniform", "low"), "'x' is not a number"),
        ({"fixed": 3, "at_most": "x"}, ("at_most",), "'x' is not a number"),
        ({"by_type": {}}, ("by_type",), "by_type without types"),
        ({"by_type": [1]}, ("by_type",), "by_type without types"),
        ({"by_type": {"team": "x"}}, ("by_type", "team"), "'x' is not a number"),
        ({"by_type": {"team": 1}, "otherwise": "x"}, ("otherwise",), "'x' is not a number"),
        ({"by_type": {"team": 1}, "else": 2}, ("else",), "unknown key 'else' beside by_type"),
        (None, (), "nothing is not a number"),
        ([1], (), "a list is not a number"),
        (True, (), "'True' is not a number"),
    ],
)
def test_what_is_wrong_with_a_law_is_said_in_its_place(raw, path, what):
    with pytest.raises(InvalidValue) as caught:
        read(raw)
    assert [(one.path, one.what) for one in caught.value.problems] == [(path, what)]
    assert caught.value.problems[0].expected


def test_all_that_is_wrong_with_a_law_is_said_at_once():
    with pytest.raises(InvalidValue) as caught:
        read(
            {
                "by_type": {"team": {"uniform": {"low": "x", "high": "y"}, "at_most": "z"}, "arm": {"normal": 1}},
                "otherwise": None,
                "more": 1,
            }
        )
    assert {one.path for one in caught.value.problems} == {
        ("by_type", "team", "uniform", "low"),
        ("by_type", "team", "uniform", "high"),
        ("by_type", "team", "at_most"),
        ("by_type", "arm", "normal"),
        ("otherwise",),
        ("more",),
    }


def test_clips_the_wrong_way_round_are_said():
    with pytest.raises(InvalidValue, match="at_most"):
        read({"uniform": {"low": 0, "high": 9}, "at_least": 5, "at_most": 1})


@pytest.mark.parametrize(
    "raw", [{"by_type": {"a": {"by_type": {"a": 1}}}}, {"by_type": {"a": 1}, "otherwise": {"by_type": {"b": 1}}}]
)
def test_types_within_types_are_said(raw):
    with pytest.raises(InvalidValue, match="by_type"):
        read(raw)


def answer(raw, parse):
    try:
        return distribution_parser(parse)(raw)
    except InvalidValue as error:
        return error


RAW = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | st.sampled_from(["1 day", "£3", "x", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *PARAMETERS,
                    "value",
                    "low",
                    "high",
                    "mode",
                    "median",
                    "mean",
                    "sd",
                    "p90",
                    "scale",
                    "shape",
                    "values",
                    "weights",
                    "at_least",
                    "at_most",
                    "by_type",
                    "otherwise",
                    "source",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(RAW, st.sampled_from([number, duration_in_days, money_in_pounds]))
def test_whatever_is_written_is_a_law_or_wrong(raw, parse):
    law = answer(raw, parse)
    if isinstance(law, InvalidValue):
        assert law.problems
        return
    assert law.by_type is not None or law.kind in PARAMETERS
