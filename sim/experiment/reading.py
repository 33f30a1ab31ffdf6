"""How a question says that outcomes are read: dates on which trading is counted, and how money is discounted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from sim.experiment.worlds import World
from sim.scenario.quantity import Problem
from sim.scenario.schema.base import Part
from sim.scenario.values import Date

if TYPE_CHECKING:
    from sim.analysis.reading import Reading


class Discount(Part):
    """How money is discounted: at which rate a year, to which year (None: that in which the clock starts)."""

    rate: Annotated[float, Field(ge=0.0, le=1.0)] = 0.035
    year: Annotated[int, Field(ge=1, le=9999, strict=True)] | None = None


class ReadingPart(Part):
    """A part of a question that says how outcomes are read."""

    trading_on: tuple[Date, ...] = ()
    discount: Discount = Discount()

    @property
    def reading(self) -> Reading:
        """How outcomes are read."""
        from sim.analysis.reading import Reading

        return Reading(tuple(self.trading_on), self.discount.rate, self.discount.year)


def as_written(reading: Reading) -> dict[str, Any]:
    """How outcomes are read, as a question says it."""
    return {
        "trading_on": [day.isoformat() for day in reading.trading_on] or None,
        "discount": {"rate": reading.rate, "year": reading.base_year},
    }


def dates_outside(part: ReadingPart, worlds: Mapping[str, World]) -> Iterator[Problem]:
    """A problem for each date that lies outside the clock of a world."""
    for i, on in enumerate(part.trading_on):
        for world in worlds.values():
            clock = world.loaded.scenario.clock
            if not clock.start <= on < clock.end:
                what = f"{on} lies outside the clock of {world.name}"
                yield Problem(("trading_on", i), what, f"a date from {clock.start} to before {clock.end}")
