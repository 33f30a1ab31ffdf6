"""What was really seen, and how to count it in a simulated history."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from sim.scenario.schema.base import Described, Part, Shorthand, exactly_one
from sim.scenario.values import Date, Name, Names
from sim.scenario.vocabulary import ARRIVED


class Selection(Part):
    """Which groups are meant; every key that is given must hold."""

    types: Names | None = None
    regions: Names | None = None
    routes: Names | None = None
    causes: Names | None = None
    set_out_by: Date | None = None
    reached: Name | None = None
    from_: Date | None = Field(default=None, alias="from")
    by: Date | None = None
    not_reached: Name | None = None
    alive_on: Date | None = None
    in_stages: Names | None = None
    on: Date | None = None
    also: Selection | None = None


class Share(Part):
    """The share of the groups ``of`` a selection ``that`` are in another too."""

    of: Selection
    that: Selection


class Median(Part):
    """The median number of months between two moments (``arrived`` or a milestone) among the groups selected."""

    of: Selection = Selection()
    from_: Name = Field(default=ARRIVED, alias="from")
    to: Name


class HostCount(Part):
    """How many hosts have a trait."""

    trait: Name
    regions: Names | None = None


_ID_OR_IDS = {"type": ["string", "number", "array"]}
_ONE_OR_MORE = Shorthand(lambda raw: raw if isinstance(raw, list | tuple) else [raw], _ID_OR_IDS)


class Observation(Described):
    """What was really seen, and how to count the same thing in a simulated history."""

    value: Annotated[float, Field(allow_inf_nan=False)]
    low: float | None = None
    high: float | None = None
    source: Annotated[tuple[str, ...], _ONE_OR_MORE] = ()
    count: Selection | None = None
    share: Share | None = None
    median_months: Median | None = None
    hosts: HostCount | None = None

    @model_validator(mode="after")
    def _one_measure(self) -> Observation:
        exactly_one(self, "count", "share", "median_months", "hosts")
        return self
