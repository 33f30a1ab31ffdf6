"""Calendar dates to the days of the model's clock, and back."""

from __future__ import annotations

from datetime import date, datetime

from sim.scenario.facts import Facts

DAYS_A_MONTH = 365.25 / 12


def as_date(value: str | date) -> date:
    """A date as the manifest writes it (ISO text) or as Python holds it."""
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def day(facts: Facts, value: str | date) -> float:
    """Days from the clock's start to the first instant of a date."""
    return float((as_date(value) - facts.start).days)


def end_of_day(facts: Facts, value: str | date) -> float:
    """Days from the clock's start to the end of a date: what happened on that date lies strictly before."""
    return day(facts, value) + 1.0


def month_starts(facts: Facts) -> list[date]:
    """The clock's start, then the first of every month until the clock's end, which is included."""
    months = [facts.start]
    year, month = facts.start.year, facts.start.month
    while True:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        first = date(year, month, 1)
        if first >= facts.end:
            return [*months, facts.end]
        months.append(first)
