"""What groups queue for: servers, meetings, panels, funds."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from sim.scenario.quantity import plain_quantity
from sim.scenario.schema.base import Described, Part, Switch, exactly_one, number_for
from sim.scenario.values import Amounts, Count, Date, Duration, Money, Probability
from sim.scenario.vocabulary import RESOURCE_KINDS, Scope


class ServersStep(Part):
    """From this date on there are so many servers."""

    on: Date
    number: Count


class Servers(Part):
    """People that a stage's work needs, held until the work is done."""

    number: Count
    changes: tuple[ServersStep, ...] = ()


class RoomStep(Part):
    """From this date on a sitting has room for so many items."""

    on: Date
    room: Count


class Meeting(Part):
    """A board that sits at regular intervals with room for so many items (None: no limit)."""

    every: Duration
    first: Date | None = None
    staggered: Switch = False
    room: Count | None = None
    changes: tuple[RoomStep, ...] = ()


class Panel(Part):
    """A body that sits on fixed dates."""

    dates: Annotated[tuple[Date, ...], Field(min_length=1)]
    room: Count | None = None


class Opening(Part):
    """A period in which a fund pays awards."""

    from_: Date | None = Field(default=None, alias="from")
    until: Date | None = None


class TopUp(Part):
    """Money that joins a fund's budget on a date."""

    on: Date
    add: Money


class Repayment(Part):
    """The terms of a loan: what share comes back, when it begins, over how long, monthly."""

    share: Probability = plain_quantity(1.0)
    after: Duration = plain_quantity(0.0)
    over: Duration


class Fund(Part):
    """Money that groups ask for, first come first served."""

    budget: Money
    opens: tuple[Opening, ...] = ()
    award: Amounts | None = None
    top_ups: tuple[TopUp, ...] = ()
    repayment: Repayment | None = None


class Resource(Described):
    """What groups queue for; one of four kinds, for the nation, each region or each host."""

    scope: Scope = "nation"
    servers: Annotated[Servers, number_for("number")] | None = None
    meeting: Meeting | None = None
    panel: Panel | None = None
    fund: Fund | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Resource:
        exactly_one(self, *RESOURCE_KINDS)
        return self
