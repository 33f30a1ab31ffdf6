"""Numbers as people read them. What is not known (NaN) is a dash."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Literal, TypeAlias

Unit: TypeAlias = Literal["number", "count", "share", "months", "pounds"]
"""What a value is measured in; a ``number`` has at most two decimals, a ``count`` two figures however small."""
UNKNOWN = "\N{EN DASH}"
NO_LIMIT = "without limit"
POINTS = " points"
_SMALL_NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_THOUSANDS = re.compile(r"(£[\d,]+),000\b(?![,.])")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def number(value: float) -> str:
    """A count or mean: ``0``, ``<0.01``, ``0.28``, ``2.5``, ``13.1``, ``542``, ``24,900``."""
    if math.isnan(value):
        return UNKNOWN
    size = abs(value)
    if value == int(value) and size < 1e15:
        return f"{int(value):,}"
    if size < 0.995:
        return f"{value:.2f}" if size >= 0.005 else "<0.01"
    return f"{value:.1f}" if size < 99.95 else f"{value:,.0f}"


def with_error(value: float, error: float, unit: str = "") -> str:
    """A number with its error, both to the first figure of the error: ``61.48±0.02``, ``3.23±0.01%``, ``£478.6±0.3k``.

    The number alone where its error is not known, zero, or no more than rounding.
    """
    if not math.isfinite(value) or not math.isfinite(error) or abs(error) <= abs(value) * 1e-9 or abs(error) < 1e-9:
        return shorten(amount(value, unit))
    sign, letter, scale = "", "", 1.0
    if unit == "share":
        letter, scale = "%", 0.01
    if unit == "pounds":
        size = next((size for size in ((1e9, "bn"), (1e6, "m"), (1e3, "k")) if abs(value) >= size[0]), (1.0, ""))
        sign, (scale, letter) = "£", size
    places = max(0, -math.floor(math.log10(abs(error) / scale)))
    return f"{sign}{value / scale:,.{places}f}±{abs(error) / scale:,.{places}f}{letter}"


def months(value: float) -> str:
    """A number of months to one decimal: ``20.5``, ``33.0``."""
    return UNKNOWN if math.isnan(value) else f"{value:,.1f}"


def percent(share: float) -> str:
    """A share as a percentage: ``15%``, ``2.3%``, ``<0.1%``, ``0%``."""
    if math.isnan(share):
        return UNKNOWN
    points = share * 100
    if 0 < points < 0.05:
        return "<0.1%"
    return f"{points:.0f}%" if points == 0 or abs(points) >= 9.95 else f"{points:.1f}%"


def money(pounds: float) -> str:
    """Pounds to three figures: ``£950``, ``£163,000``, ``£19.5 million``."""
    if math.isnan(pounds):
        return UNKNOWN
    if pounds == 0:
        return "£0"
    rounded = float(f"{pounds:.3g}")
    sign, size = ("-" if rounded < 0 else ""), abs(rounded)
    for unit, word in ((1e9, "billion"), (1e6, "million")):
        if size >= unit:
            return f"{sign}£{size / unit:.3g} {word}"
    return f"{sign}£{size:,.0f}" if size >= 10 else f"{sign}£{size:.2f}"


def span(low: str, high: str) -> str:
    """Two written numbers as a range: ``6 to 22``; a dash where there is none."""
    return UNKNOWN if UNKNOWN in (low, high) else f"{low} to {high}"


def day(value: date) -> str:
    """A date: ``30 September 2010``."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def join_words(items: Sequence[str]) -> str:
    """Words in a row: ``a``, ``a and b``, ``a, b and c``."""
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def count(value: int, single: str, many: str) -> str:
    """A number with its noun: ``1 history``, ``300 histories``."""
    return f"{value:,} {single if value == 1 else many}"


def amount(value: float, unit: str) -> str:
    """A level in its unit: ``13.2``, ``15%``, ``£4.1 million``.

    Below zero, and where it has no end (the bound of a ratio), it says so: ``-0.3``, ``without limit``.
    """
    if math.isinf(value):
        return NO_LIMIT
    if unit == "pounds":
        return money(value)
    if unit == "share":
        return percent(value) if math.isnan(value) or value >= 0 else f"-{percent(-value)}"
    if unit == "months":
        return months(value)
    return number(value) if unit == "number" else _exact(value)


def change(value: float, unit: str) -> str:
    """A difference with its sign: ``+3.1``, ``-0.04``, ``+1.2 points`` (of a share), ``-£120,000``, ``0``.

    However small, a difference keeps its sign: an interval that includes zero is seen to include it.
    """
    if math.isnan(value) or math.isinf(value):
        return amount(value, unit)
    sign = "+" if value > 0 else ""
    if unit == "pounds":
        return sign + money(value)
    if unit == "share":
        return f"{sign}{_exact(value * 100)}{POINTS}"
    return sign + _exact(value)


def _exact(value: float) -> str:
    """As :func:`number`, but never ``<0.01``: the first two figures of what is small."""
    if math.isnan(value):
        return UNKNOWN
    if value == int(value) or abs(value) >= 0.0995:
        return number(value)
    rounded = float(f"{value:.1e}")
    places = 1 - math.floor(math.log10(abs(rounded)))
    return f"{rounded:.{places}f}" if places <= 8 else f"{value:.1e}"


def estimate(value: float, low: float, high: float, form: Callable[[float], str]) -> str:
    """A number with its interval: ``+3.1 (+2.6 to +3.6)``; without one where there is none, or it has no width."""
    written, bounds = form(value), (form(low), form(high))
    return written if UNKNOWN in bounds or low == high or bounds[0] == bounds[1] else f"{written} ({span(*bounds)})"


def change_with_interval(value: float, low: float, high: float, unit: str) -> str:
    """A difference with its interval, the unit once: ``+1.2 (+0.8 to +1.6) points``."""
    written = estimate(value, low, high, lambda value: change(value, unit))
    return f"{written.replace(POINTS, '')}{POINTS}" if POINTS in written else written


def in_every(rate: float) -> tuple[str, str]:
    """A rate below one as a whole number of cases in 10, 100, 1,000 ...: ``("one", "ten")`` for 0.098."""
    scale = 10
    while rate * scale < 0.95 and scale < 1_000_000:
        scale *= 10
    cases = max(1, math.floor(rate * scale + 0.5))
    return _SMALL_NUMBERS[cases], "ten" if scale == 10 else f"{scale:,}"


def shorten(text: str) -> str:
    """Written numbers for where room is short: ``£19.5m`` for ``£19.5 million``, ``£163k``, ``+1.2 pt``."""
    return _THOUSANDS.sub(r"\1k", shorten_millions(text).replace(POINTS, " pt"))


def shorten_millions(text: str) -> str:
    """Written pounds with ``£19.5m`` for ``£19.5 million``."""
    return text.replace(" million", "m").replace(" billion", "bn")


def visible(text: str) -> str:
    """The text with a blank for every character that cannot be drawn."""
    return text if text.isprintable() else "".join(letter if letter.isprintable() else " " for letter in text)
