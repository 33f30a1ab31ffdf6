"""Numbers as analysts write them: with a unit, and where wanted a range and a source.

A number in a scenario is a scalar (``0.2``, ``3 months``, ``0.11 per month``, ``£30k``) or an uncertain number
``{value: 0.2, low: 0.1, high: 0.4, source: [2.5]}``. Either becomes a `Quantity` in base units: days, per day,
pounds, or a plain number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sim.scenario.faults import quote
from sim.scenario.vocabulary import SPREADS

DAYS_PER_MONTH: Final = 365.25 / 12
DAYS_PER: Final[Mapping[str, float]] = {
    "minute": 1 / 1440,
    "hour": 1 / 24,
    "day": 1.0,
    "week": 7.0,
    "month": DAYS_PER_MONTH,
    "year": 365.25,
}
JUDGEMENT: Final = "judgement"
UNCERTAIN_KEYS: Final = frozenset({"value", "low", "high", "spread", "source", "note"})
_MOST_SHIFT: Final = 50
_NUMBER: Final = r"[-+]?(?:\d[\d_,]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_DURATION: Final = re.compile(rf"^\s*({_NUMBER})\s*(minute|hour|day|week|month|year)s?\s*$")
_RATE: Final = re.compile(rf"^\s*({_NUMBER})\s*(?:per|a|/)\s*(minute|hour|day|week|month|year)\s*$")
_MONEY: Final = re.compile(rf"^\s*(-?)\s*£?\s*({_NUMBER})\s*(k|m|bn|thousand|million|billion)?\s*(?:pounds|GBP)?\s*$")
_SCALE: Final = {
    None: 1.0,
    "k": 1e3,
    "thousand": 1e3,
    "m": 1e6,
    "million": 1e6,
    "bn": 1e9,
    "billion": 1e9,
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong inside a value: where under it (keys and indices), what, and what was expected."""

    path: tuple[str | int, ...]
    what: str
    expected: str = ""


class InvalidValue(ValueError):
    """Raised by the parsers of this package's values; carries every problem found inside the value."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{p.what}, expected {p.expected}" if p.expected else p.what for p in problems))


def invalid(what: str, expected: str = "", *path: str | int) -> InvalidValue:
    """A `InvalidValue` with a single problem."""
    return InvalidValue(Problem(path, what, expected))


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in base units with what is known about it.

    ``value`` is what a run uses; ``low`` and ``high`` bound what is plausible (None: not stated), ``spread`` says how
    parameter uncertainty draws between them, ``source`` holds evidence ids or the word judgement; the texts are as
    they were written.
    """

    value: float
    text: str
    low: float | None = None
    high: float | None = None
    low_text: str = ""
    high_text: str = ""
    spread: str = SPREADS[0]
    source: tuple[str, ...] = ()
    note: str = ""

    @property
    def uncertain(self) -> bool:
        """Whether a range is stated."""
        return self.low is not None

    def bounds(self) -> tuple[float, float]:
        """The least and the greatest value that a draw may give."""
        if self.low is None or self.high is None:
            return self.value, self.value
        return self.low, self.high


def plain_quantity(value: float) -> Quantity:
    """A certain number without a source, as defaults are."""
    return Quantity(value, f"{value:g}")


def _float(raw: Any, expected: str) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise invalid(f"{describe(raw)} is not a number", expected)
    number = float(raw) if abs(raw) < 1e300 else math.inf
    if not math.isfinite(number):
        raise invalid(f"{describe(raw)} is too large", expected)
    return number


def describe(raw: Any) -> str:
    """A value as a message shows it: short, on one line."""
    if raw is None:
        return "nothing"
    if isinstance(raw, Mapping):
        return "a mapping"
    if isinstance(raw, list):
        return "a list"
    return quote(str(raw))


def _digits(text: str) -> float:
    return float(text.replace(",", "").replace("_", ""))


def duration_in_days(raw: Any) -> float:
    """Days in ``3 months``, ``30 days``; a month is 365.25 / 12 days. Raises `InvalidValue` on a bare number."""
    expected = "a duration with its unit, such as '30 days' or '3 months'"
    match = _DURATION.match(raw) if isinstance(raw, str) else None
    if match is None:
        raise invalid(f"{describe(raw)} is not a duration", expected)
    days = _digits(match[1]) * DAYS_PER[match[2]]
    if not 0 <= days < 1e7:
        raise invalid(f"{describe(raw)} is not a possible duration", expected)
    return days


def rate_per_day(raw: Any) -> float:
    """Events a day in ``0.11 per month``. Raises `InvalidValue` on a bare number."""
    expected = "a rate with its unit, such as '0.11 per month'"
    match = _RATE.match(raw) if isinstance(raw, str) else None
    if match is None:
        raise invalid(f"{describe(raw)} is not a rate", expected)
    rate = _digits(match[1]) / DAYS_PER[match[2]]
    if not 0 <= rate < 1e6:
        raise invalid(f"{describe(raw)} is not a possible rate", expected)
    return rate


def money_in_pounds(raw: Any) -> float:
    """Pounds in ``30000``, ``£30k``, ``1.2 million pounds``."""
    expected = "an amount in pounds, such as 30000 or '£30k'"
    if isinstance(raw, str):
        match = _MONEY.match(raw)
        if match is None:
            raise invalid(f"{describe(raw)} is not an amount of money", expected)
        pounds = _digits(match[2]) * _SCALE[match[3]] * (-1 if match[1] else 1)
    else:
        pounds = _float(raw, expected)
    if not 0 <= pounds < 1e15:
        raise invalid(f"{describe(raw)} is not a possible amount", expected)
    return pounds


def pounds_a_month(raw: Any) -> float:
    """Pounds a month in ``£2k per month`` or a bare number, which is taken as pounds a month."""
    if isinstance(raw, str) and raw.rstrip().endswith("per month"):
        raw = raw.rstrip()[: -len("per month")]
    return money_in_pounds(raw)


def probability(raw: Any) -> float:
    """A number from 0 to 1."""
    value = _float(raw, "a probability from 0 to 1")
    if not 0 <= value <= 1:
        raise invalid(f"{describe(raw)} is not a probability", "a number from 0 to 1")
    return value


def number(raw: Any) -> float:
    """Any finite number."""
    return _float(raw, "a number")


def shift(raw: Any) -> float:
    """A number added on the log or log-odds scale."""
    value = _float(raw, "a number")
    if abs(value) > _MOST_SHIFT:
        raise invalid(f"{describe(raw)} is not a possible shift", f"a number from -{_MOST_SHIFT} to {_MOST_SHIFT}")
    return value


def multiplier(raw: Any) -> float:
    """A factor above 0."""
    value = _float(raw, "a factor above 0")
    if value <= 0:
        raise invalid(
            f"{describe(raw)} is not a factor", "a number above 0 (to take a barrier away write remove: true)"
        )
    return value


def weight(raw: Any) -> float:
    """A share or weight: a number of 0 or more."""
    value = _float(raw, "a share of 0 or more")
    if value < 0:
        raise invalid(f"{describe(raw)} is not a share", "a number of 0 or more")
    return value


def count(raw: Any) -> float:
    """A whole number of 0 or more."""
    value = _float(raw, "a whole number")
    if value < 0 or value != int(value) or value > 1e6:
        raise invalid(f"{describe(raw)} is not a count", "a whole number from 0 to 1000000")
    return value


def quantity_parser(parse: Callable[[Any], float]) -> Callable[[Any], Quantity]:
    """A parser of scalars made into one that takes uncertain numbers too."""

    def read(raw: Any) -> Quantity:
        if isinstance(raw, Quantity):
            return raw
        if isinstance(raw, Mapping):
            return _uncertain(raw, parse)
        return Quantity(parse(raw), str(raw))

    return read


def _uncertain(raw: Mapping[str, Any], parse: Callable[[Any], float]) -> Quantity:
    problems = [
        Problem((key,), f"unknown key '{key}' in an uncertain number", "value, low, high, spread, source or note")
        for key in raw
        if key not in UNCERTAIN_KEYS
    ]
    numbers: dict[str, float] = {}
    for key in ("value", "low", "high"):
        if key in raw:
            try:
                numbers[key] = parse(raw[key])
            except InvalidValue as error:
                problems += [Problem((key, *p.path), p.what, p.expected) for p in error.problems]
    if "value" not in raw:
        problems.append(Problem((), "an uncertain number without its value", "value: and where known low: and high:"))
    if ("low" in raw) != ("high" in raw):
        problems.append(Problem((), "a range with one end", "both low: and high:"))
    if len(numbers) == 3 and not numbers["low"] <= numbers["value"] <= numbers["high"]:
        problems.append(Problem((), "the value lies outside its range", "low <= value <= high"))
    source = raw.get("source", [])
    ids = tuple(str(s) for s in (source if isinstance(source, list) else [source]))
    if JUDGEMENT in ids and "low" not in raw:
        problems.append(Problem(("source",), "a judgement without a range", "low: and high: beside the value"))
    spread = raw.get("spread", SPREADS[0])
    if spread not in SPREADS:
        problems.append(Problem(("spread",), f"unknown spread {describe(spread)}", " or ".join(SPREADS)))
    if problems:
        raise InvalidValue(*problems)
    return Quantity(
        numbers["value"],
        str(raw["value"]),
        numbers.get("low"),
        numbers.get("high"),
        str(raw.get("low", "")),
        str(raw.get("high", "")),
        str(spread),
        ids,
        str(raw.get("note", "")),
    )
