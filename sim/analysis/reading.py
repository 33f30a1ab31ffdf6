"""How outcomes are read: the dates that count and the discounting of money."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from sim.errors import InputError
from sim.scenario.facts import Facts

GREEN_BOOK: Final = 0.035
"""The share by which money is worth less a year later."""


def first_year(facts: Facts) -> int:
    """The year in which the clock starts."""
    return facts.start.year


@dataclass(frozen=True)
class Reading:
    """How outcomes are read: dates on which trading is counted, and how money is discounted.

    ``rate`` is a share a year (the Green Book's 0.035). ``base_year`` is the year to which money is discounted, None
    for the year in which the clock starts. Raises `InputError` for a rate or a year that cannot be.
    """

    trading_on: tuple[date, ...] = ()
    rate: float = GREEN_BOOK
    base_year: int | None = None

    def __post_init__(self) -> None:
        """Raises `InputError`."""
        if not (math.isfinite(self.rate) and self.rate > -1.0):
            raise InputError(f"the discount rate is {self.rate}, expected a share a year above -1, such as 0.035")
        if self.base_year is not None and not 1 <= self.base_year <= 9999:
            raise InputError(f"the base year is {self.base_year}, expected a year such as 2008")

    def for_world(self, facts: Facts) -> Reading:
        """The same reading with its base year settled, so that worlds with other clocks are discounted alike."""
        return replace(self, base_year=first_year(facts) if self.base_year is None else self.base_year)
