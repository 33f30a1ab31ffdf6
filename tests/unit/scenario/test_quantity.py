"""Numbers as analysts write them: units, ranges, sources, and what is said of those that are wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.scenario.quantity import (
    DAYS_PER_MONTH,
    InvalidValue,
    Problem,
    Quantity,
    count,
    duration_in_days,
    invalid,
    money_in_pounds,
    multiplier,
    number,
    plain_quantity,
    pounds_a_month,
    probability,
    quantity_parser,
    rate_per_day,
    weight,
)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("1 day", 1),
        ("30 days", 30),
        ("2 weeks", 14),
        ("1 month", 30.4375),
        ("3 months", 91.3125),
        ("1 year", 365.25),
        ("1.5 years", 547.875),
        ("0 days", 0),
        ("12 hours", 0.5),
        ("36 minutes", 0.025),
        ("  1 month  ", 30.4375),
        ("1month", 30.4375),
        (".5 months", 15.21875),
        ("1e2 days", 100),
        ("1,000 days", 1000),
    ],
)
def test_a_duration_is_days(text, days):
    assert duration_in_days(text) == pytest.approx(days)


@pytest.mark.parametrize(
    "raw",
    [
        3,
        3.5,
        True,
        None,
        "",
        "3",
        "months",
        "3 fortnights",
        "three months",
        "3 months 2 days",
        "-1 day",
        "1e9 days",
        "1e400 days",
        [],
        {},
        "3 per month",
        "1..2 days",
        "2010-09-30",
        "3 Months",
    ],
)
def test_what_is_no_duration_is_said(raw):
    with pytest.raises(InvalidValue, match=r"is not a (possible )?duration, expected a duration with its unit"):
        duration_in_days(raw)


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("0.11 per month", 0.11 / 30.4375),
        ("1 a year", 1 / 365.25),
        ("2/day", 2),
        ("2 / week", 2 / 7),
        ("0 per month", 0),
        ("1 per hour", 24),
    ],
)
def test_a_rate_is_events_a_day(text, rate):
    assert rate_per_day(text) == pytest.approx(rate)


@pytest.mark.parametrize(
    "raw",
    [
        0.1,
        "0.1",
        "3 months",
        "0.1 per fortnight",
        "-1 per day",
        "1e9 per minute",
        None,
        True,
        "per month",
        "x per month",
    ],
)
def test_what_is_no_rate_is_said(raw):
    with pytest.raises(InvalidValue, match=r"is not a (possible )?rate, expected a rate with its unit"):
        rate_per_day(raw)


@pytest.mark.parametrize(
    ("raw", "pounds"),
    [
        (30000, 30000),
        (0.5, 0.5),
        ("£30k", 30000),
        ("30000", 30000),
        ("£1,200", 1200),
        ("1.2 million pounds", 1.2e6),
        ("£8m", 8e6),
        ("2 bn", 2e9),
        ("5 thousand GBP", 5000),
        ("£ 5", 5),
        (0, 0),
    ],
)
def test_money_is_pounds(raw, pounds):
    assert money_in_pounds(raw) == pytest.approx(pounds)


@pytest.mark.parametrize(
    "raw",
    ["30 euros", "$30", "£", "", "30 months", -5, "-£5", "£-5", "£1e20", 1e15, True, None, [], {}, "£30kk", "thirty"],
)
def test_what_is_no_money_is_said(raw):
    with pytest.raises(InvalidValue, match="expected an amount in pounds, such as 30000 or '£30k'"):
        money_in_pounds(raw)


@pytest.mark.parametrize(
    ("raw", "pounds"), [("£2k per month", 2000), (2000, 2000), ("£2k", 2000), ("£2k per month  ", 2000)]
)
def test_money_a_month_may_say_so(raw, pounds):
    assert pounds_a_month(raw) == pounds


@pytest.mark.parametrize("raw", ["£2k per year", "£2k a month per month", "per month"])
def test_what_is_no_money_a_month_is_said(raw):
    with pytest.raises(InvalidValue, match="is not an amount of money"):
        pounds_a_month(raw)


@pytest.mark.parametrize(
    ("parse", "good", "bad"),
    [
        (
            probability,
            [0, 1, 0.5, 1e-300],
            [-0.001, 1.001, 1.2, "0.5", None, True, float("nan"), float("inf"), 10**400],
        ),
        (number, [0, -3, 1e299, 2.5], ["x", None, True, float("nan"), float("-inf"), 10**400, [], {}]),
        (multiplier, [0.001, 1, 40], [0, -1, "2", None, True]),
        (weight, [0, 0.5, 7], [-0.1, "1", None, False]),
        (count, [0, 3, 3.0, 1e6], [2.5, -1, 1e7, "3", None, True]),
    ],
)
def test_scalars_stay_within_what_they_mean(parse, good, bad):
    assert [parse(raw) for raw in good] == [float(raw) for raw in good]
    for raw in bad:
        with pytest.raises(InvalidValue) as caught:
            parse(raw)
        assert caught.value.problems[0].expected


def test_a_bare_number_keeps_its_text_and_has_no_range():
    one = quantity_parser(duration_in_days)("3 months")
    assert one == Quantity(3 * DAYS_PER_MONTH, "3 months")
    assert not one.uncertain
    assert one.bounds() == (one.value, one.value)
    assert quantity_parser(duration_in_days)(one) is one


def test_an_uncertain_number_keeps_range_source_and_note():
    one = quantity_parser(rate_per_day)(
        {
            "value": "1 per month",
            "low": "1 per year",
            "high": "1 per week",
            "source": ["2.5", "judgement"],
            "spread": "uniform",
            "note": "n",
        }
    )
    assert one.uncertain
    assert one.bounds() == pytest.approx((1 / 365.25, 1 / 7))
    assert (one.text, one.low_text, one.high_text) == ("1 per month", "1 per year", "1 per week")
    assert (one.source, one.spread, one.note) == (("2.5", "judgement"), "uniform", "n")


def test_a_source_may_stand_alone_and_without_a_range():
    assert quantity_parser(number)({"value": 3, "source": "2.10"}).source == ("2.10",)
    assert quantity_parser(number)({"value": 3}).source == ()


def problems(raw, parse=probability):
    with pytest.raises(InvalidValue) as caught:
        quantity_parser(parse)(raw)
    return {(one.path, one.what) for one in caught.value.problems}


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ({}, {((), "an uncertain number without its value")}),
        ({"value": 1.2}, {(("value",), "'1.2' is not a probability")}),
        ({"value": 0.5, "low": 0.1}, {((), "a range with one end")}),
        ({"value": 0.5, "low": 0.6, "high": 0.9}, {((), "the value lies outside its range")}),
        ({"value": 0.5, "low": 0.9, "high": 0.1}, {((), "the value lies outside its range")}),
        ({"value": 0.5, "source": "judgement"}, {(("source",), "a judgement without a range")}),
        ({"value": 0.5, "spread": "normal"}, {(("spread",), "unknown spread 'normal'")}),
        ({"value": 0.5, "hgih": 1}, {(("hgih",), "unknown key 'hgih' in an uncertain number")}),
        ({"value": [1]}, {(("value",), "a list is not a number")}),
        ({"value": None}, {(("value",), "nothing is not a number")}),
    ],
)
def test_what_is_wrong_with_an_uncertain_number_is_said_in_its_place(raw, found):
    assert problems(raw) == found


def test_all_that_is_wrong_with_an_uncertain_number_is_said_at_once():
    raw = {"value": 2, "low": "x", "source": "judgement", "spread": "odd", "more": 1}
    assert {path for path, _ in problems(raw)} == {("value",), ("low",), (), ("spread",), ("more",)}


def test_a_long_or_many_lined_value_is_shown_short():
    with pytest.raises(InvalidValue) as caught:
        number("x" * 10_000)
    assert len(str(caught.value)) < 200


def test_wrong_carries_its_problem():
    error = invalid("odd", "even", "a", 1)
    assert error.problems == (Problem(("a", 1), "odd", "even"),)
    assert str(error) == "odd, expected even"
    assert isinstance(error, ValueError)


def test_a_default_is_certain():
    assert plain_quantity(0.0) == Quantity(0.0, "0")


def answer(raw, parse):
    try:
        return quantity_parser(parse)(raw)
    except InvalidValue as error:
        return error


RAW = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["value", "low", "high", "source", "spread", "note", "x"]), inner, max_size=5)
    ),
    max_leaves=6,
)


@given(
    RAW,
    st.sampled_from(
        [
            duration_in_days,
            rate_per_day,
            money_in_pounds,
            probability,
            number,
            multiplier,
            weight,
            count,
            pounds_a_month,
        ]
    ),
)
def test_whatever_is_written_is_a_finite_quantity_or_wrong(raw, parse):
    one = answer(raw, parse)
    if isinstance(one, InvalidValue):
        assert one.problems
        return
    low, high = one.bounds()
    assert low <= one.value <= high
    assert abs(one.value) <= 1e300


@given(st.floats(0, 1e5).map(lambda x: round(x, 6)), st.sampled_from(["day", "week", "month", "year"]))
def test_a_rate_is_the_inverse_of_a_duration(value, unit):
    days = duration_in_days(f"{value:f} {unit}s") if duration_of(value, unit) < 1e7 else None
    if days is None:
        return
    assert rate_per_day(f"{value:f} per {unit}") * duration_in_days(f"1 {unit}") == pytest.approx(value)
    assert days == pytest.approx(value * duration_in_days(f"1 {unit}"))


def duration_of(value, unit):
    return value * duration_in_days(f"1 {unit}")
