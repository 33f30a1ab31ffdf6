"""The kinds of value a scenario file may hold, as types that the schema is written in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import PlainValidator, WithJsonSchema

from sim.scenario.distribution import PARAMETERS, Distribution, distribution_parser
from sim.scenario.quantity import (
    InvalidValue,
    Problem,
    Quantity,
    count,
    describe,
    duration_in_days,
    invalid,
    money_in_pounds,
    multiplier,
    number,
    pounds_a_month,
    probability,
    quantity_parser,
    rate_per_day,
    shift,
    weight,
)
from sim.scenario.vocabulary import SPREADS

_MOST_TRIES = 1000
NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_]*$")


def _scalar_schema(kind: str, **limits: Any) -> dict[str, Any]:
    return {"type": kind, **limits}


def _quantity_schema(scalar: dict[str, Any], title: str) -> dict[str, Any]:
    uncertain = {
        "type": "object",
        "properties": {
            "value": scalar,
            "low": scalar,
            "high": scalar,
            "spread": {"enum": list(SPREADS)},
            "source": {"description": "evidence ids, or the word judgement"},
            "note": {"type": "string"},
        },
        "required": ["value"],
        "additionalProperties": False,
    }
    return {"title": title, "anyOf": [scalar, uncertain]}


def _distribution_schema(scalar: dict[str, Any], title: str) -> dict[str, Any]:
    leaf = _quantity_schema(scalar, title)
    clips = {"at_least": leaf, "at_most": leaf}
    forms = [
        {
            "type": "object",
            "properties": {kind: {}, **clips},
            "required": [kind],
            "additionalProperties": False,
            "description": " or ".join("{" + ", ".join(names) + "}" for names in PARAMETERS[kind]),
        }
        for kind in PARAMETERS
    ]
    by_type = {
        "type": "object",
        "properties": {"by_type": {"type": "object"}, "otherwise": {}},
        "required": ["by_type"],
        "additionalProperties": False,
    }
    return {"title": title, "anyOf": [*leaf["anyOf"], *forms, by_type]}


_NUMBER = _scalar_schema("number")
_DURATION = _scalar_schema("string", pattern=r"^\s*[-+.\d,_eE]+\s*(minute|hour|day|week|month|year)s?\s*$")
_RATE = _scalar_schema("string", pattern=r"^.*(per|a|/)\s*(minute|hour|day|week|month|year)\s*$")
_MONEY: dict[str, Any] = {"type": ["number", "string"]}


def _leaf(parse: Callable[[Any], float], scalar: dict[str, Any], title: str) -> tuple[Any, Any]:
    return PlainValidator(quantity_parser(parse)), WithJsonSchema(_quantity_schema(scalar, title))


Probability = Annotated[Quantity, *_leaf(probability, _scalar_schema("number", minimum=0, maximum=1), "probability")]
Number = Annotated[Quantity, *_leaf(number, _NUMBER, "number")]
Factor = Annotated[Quantity, *_leaf(multiplier, _scalar_schema("number", exclusiveMinimum=0), "factor")]
Weight = Annotated[Quantity, *_leaf(weight, _scalar_schema("number", minimum=0), "share")]
Count = Annotated[Quantity, *_leaf(count, _scalar_schema("integer", minimum=0), "count")]
Duration = Annotated[Quantity, *_leaf(duration_in_days, _DURATION, "duration such as '3 months'")]
Rate = Annotated[Quantity, *_leaf(rate_per_day, _RATE, "rate such as '0.11 per month'")]
Money = Annotated[Quantity, *_leaf(money_in_pounds, _MONEY, "pounds")]
MoneyPerMonth = Annotated[Quantity, *_leaf(pounds_a_month, _MONEY, "pounds a month")]

Durations = Annotated[
    Distribution,
    PlainValidator(distribution_parser(duration_in_days)),
    WithJsonSchema(_distribution_schema(_DURATION, "durations")),
]
Numbers = Annotated[
    Distribution, PlainValidator(distribution_parser(number)), WithJsonSchema(_distribution_schema(_NUMBER, "numbers"))
]
Amounts = Annotated[
    Distribution,
    PlainValidator(distribution_parser(money_in_pounds)),
    WithJsonSchema(_distribution_schema(_MONEY, "amounts in pounds")),
]


def _tries(raw: Any) -> int | Literal["unlimited"]:
    if raw == "unlimited":
        return "unlimited"
    if isinstance(raw, bool) or not isinstance(raw, int) or not 2 <= raw <= _MOST_TRIES:
        raise invalid(
            f"{describe(raw)} is not a number of tries", f"a whole number from 2 to {_MOST_TRIES}, or unlimited"
        )
    return raw


Tries = Annotated[
    int | Literal["unlimited"],
    PlainValidator(_tries),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 2, "maximum": _MOST_TRIES}, {"enum": ["unlimited"]}]}),
]


def _calendar_date(raw: Any) -> date:
    if isinstance(raw, date):
        return raw
    try:
        if not isinstance(raw, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", raw):
            raise ValueError
        return date.fromisoformat(raw)
    except ValueError:
        raise invalid(f"{describe(raw)} is not a date", "a calendar date such as 2010-09-30") from None


Date = Annotated[
    date, PlainValidator(_calendar_date), WithJsonSchema({"type": "string", "format": "date", "title": "date"})
]


def _name(raw: Any) -> str:
    if not isinstance(raw, str) or not NAME.match(raw):
        raise invalid(f"{describe(raw)} is not a name", "letters, digits and _ beginning with a letter")
    return raw


Name = Annotated[str, PlainValidator(_name), WithJsonSchema({"type": "string", "pattern": NAME.pattern})]


def _names(raw: Any) -> tuple[str, ...]:
    return tuple(_name(item) for item in (raw if isinstance(raw, list | tuple) else [raw]))


Names = Annotated[
    tuple[str, ...],
    PlainValidator(_names),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]


def _coefficients(raw: Any) -> Mapping[str, Quantity]:
    """``{champion: -0.8, destination: {acute: 1}}`` as ``{"champion": ..., "destination=acute": ...}``."""
    if not isinstance(raw, Mapping):
        raise invalid("not a mapping of traits", "a mapping from trait to a number")
    read, problems = dict[str, Quantity](), list[Problem]()
    for trait, value in raw.items():
        nested = isinstance(value, Mapping) and "value" not in value
        parts = value.items() if nested else [("", value)]
        for level, part in parts:
            try:
                read[f"{trait}={level}" if level else trait] = quantity_parser(shift)(part)
            except InvalidValue as error:
                path = (trait, level) if level else (trait,)
                problems += [Problem((*path, *p.path), p.what, p.expected) for p in error.problems]
    if problems:
        raise InvalidValue(*problems)
    return read


Coefficients = Annotated[
    Mapping[str, Quantity],
    PlainValidator(_coefficients),
    WithJsonSchema({"type": "object", "description": "trait: shift, or trait: {level: shift}"}),
]
