"""The clock, and the population: regions, hosts, types of staff group, traits and arrivals."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from sim.scenario.distribution import ZERO
from sim.scenario.quantity import invalid, plain_quantity
from sim.scenario.schema.base import Described, Part, TraitValue, exactly_one
from sim.scenario.values import (
    Amounts,
    Coefficients,
    Count,
    Date,
    Duration,
    Money,
    Name,
    Numbers,
    Probability,
    Rate,
    Weight,
)


class Clock(Part):
    """The first instant of the simulated world and the instant at which it stops."""

    start: Date
    end: Date

    @model_validator(mode="after")
    def _forward(self) -> Clock:
        if self.end <= self.start:
            raise invalid(f"end {self.end} is not after start {self.start}", "an end after the start", "end")
        return self


class Trait(Described):
    """Something about a region, host or group that is drawn once: yes/no, a category, or a number."""

    probability: Probability | None = None
    shares: dict[Name, Weight] | None = None
    number: Numbers | None = None
    depends_on: Coefficients = {}

    @model_validator(mode="after")
    def _one_kind(self) -> Trait:
        exactly_one(self, "probability", "shares", "number")
        if self.depends_on and self.probability is None:
            raise invalid("depends_on beside shares or number", "depends_on only where probability is given")
        if self.number is not None and self.number.by_type is not None:
            raise invalid("a trait with a distribution for each type", "one distribution", "number", "by_type")
        return self


class Region(Described):
    """A region of hosts; ``traits`` fixes traits of the region or of all its hosts instead of drawing them."""

    hosts: Annotated[int, Field(ge=1, le=100_000, strict=True)]
    joins: Date | None = None
    traits: dict[Name, TraitValue] = {}


class Hosts(Part):
    """The regions with their hosts, and the traits of both levels."""

    regions: Annotated[dict[Name, Region], Field(min_length=1)]
    region_traits: dict[Name, Trait] = {}
    traits: dict[Name, Trait] = {}


class Burst(Part):
    """A period in which groups come ``times`` as often."""

    from_: Date | None = Field(default=None, alias="from")
    until: Date | None = None
    times: Weight


class Arrivals(Part):
    """How potential groups of one host arrive: a Poisson rate, a fixed beat, or a fixed number."""

    rate: Rate | None = None
    every: Duration | None = None
    number: Count | None = None
    first: Duration = plain_quantity(0.0)
    from_: Date | None = Field(default=None, alias="from")
    until: Date | None = None
    limit: Annotated[int, Field(ge=0, le=1_000_000, strict=True)] | None = None
    profile: tuple[Burst, ...] = ()
    depends_on: Coefficients = {}

    @model_validator(mode="after")
    def _one_kind(self) -> Arrivals:
        exactly_one(self, "rate", "every", "number")
        if self.rate is None and (self.profile or self.depends_on):
            raise invalid("profile or depends_on without a rate", "them only beside rate")
        if self.rate is not None and self.first.value != 0.0:
            raise invalid("first beside a rate", "first only beside every or number; from: for a rate", "first")
        return self


class GroupType(Described):
    """A type of staff group: its share of the common arrivals or arrivals of its own, its size and turnover."""

    share: Weight | None = None
    arrivals: Arrivals | None = None
    headcount: Numbers
    turnover_per_head: Amounts = ZERO

    @model_validator(mode="after")
    def _one_origin(self) -> GroupType:
        exactly_one(self, "share", "arrivals")
        return self


class NamedGroup(Described):
    """A real group with its own name, entering on a date."""

    name: str
    host: str
    type: Name
    on: Date
    headcount: Count | None = None
    turnover: Money | None = None
    route: Name | None = None
    traits: dict[Name, TraitValue] = {}


class StaffGroups(Part):
    """The population: types, traits drawn once for each group, and how groups arrive."""

    types: Annotated[dict[Name, GroupType], Field(min_length=1)]
    traits: dict[Name, Trait] = {}
    arrivals: Arrivals | None = None
    named: tuple[NamedGroup, ...] = ()
