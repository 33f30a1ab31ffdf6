"""What changes the world: interventions, timeline entries, exemplars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from sim.scenario.quantity import invalid, plain_quantity
from sim.scenario.schema.base import Described, Eligibility, Part, Switch, exactly_one
from sim.scenario.values import Date, Factor, Money, MoneyPerMonth, Name, Names, Probability
from sim.scenario.vocabulary import Payer


class Effect(Part):
    """One thing that a policy or a dated fact changes."""

    barrier: str | None = None
    stage: Names | None = None
    resource: Name | None = None
    times: Factor | None = None
    odds: Factor | None = None
    rate: Factor | None = None
    duration: Factor | None = None
    arrivals: Factor | None = None
    remove: Literal[True] | None = None
    capacity: Annotated[int, Field(strict=True)] | None = None
    money: Money | None = None
    shut: Literal[True] | None = None

    @model_validator(mode="after")
    def _sensible(self) -> Effect:
        targets = [name for name in ("barrier", "resource", "arrivals") if getattr(self, name) is not None]
        if len(targets) > 1 or (self.stage and targets not in ([], ["barrier"])):
            raise invalid("an effect on two things", "one of them, and the other in an effect of its own")
        actions = {key for key in _ACTIONS if getattr(self, key) is not None}
        target = "barrier" if self.barrier else "resource" if self.resource else "stage" if self.stage else "arrivals"
        wanted = _ACTIONS_OF[target]
        if not actions or not actions <= wanted:
            strange = ", ".join(sorted(actions - wanted)) or "nothing"
            raise invalid(f"an effect on {target} cannot do {strange}", f"one or more of {', '.join(sorted(wanted))}")
        return self


_ACTIONS = ("times", "odds", "rate", "duration", "arrivals", "remove", "capacity", "money", "shut")
_ACTIONS_OF: Mapping[str, frozenset[str]] = {
    "barrier": frozenset({"times", "odds", "rate", "remove"}),
    "stage": frozenset({"duration"}),
    "resource": frozenset({"capacity", "money", "shut"}),
    "arrivals": frozenset({"arrivals"}),
}


class Dated(Described):
    """What interventions and timeline entries share: a switch, dates, whom it concerns, what it does."""

    enabled: Switch = True
    from_: Date | None = Field(default=None, alias="from")
    until: Date | None = None
    eligible: Eligibility | None = None
    effects: tuple[Effect, ...] = ()


class TimelineEntry(Dated):
    """A dated fact of the world; without effects it is only marked on the charts."""


class InterventionCost(Part):
    """What an intervention costs, and who pays.

    ``per_group`` is charged once for each group reached: when it enters the stage ``at`` or, where none is named, the
    first stage that an effect touches.
    """

    fixed: Money = plain_quantity(0.0)
    per_month: MoneyPerMonth = plain_quantity(0.0)
    per_group: Money = plain_quantity(0.0)
    at: Name | None = None
    payer: Payer = "programme"


class Coverage(Part):
    """The share of hosts, or of groups, that a policy reaches."""

    hosts: Probability | None = None
    groups: Probability | None = None

    @model_validator(mode="after")
    def _one_level(self) -> Coverage:
        exactly_one(self, "hosts", "groups")
        return self


class Intervention(Dated):
    """A policy: effects between dates for those it covers, at a cost."""

    covers: Coverage | None = None
    cost: InterventionCost = Field(default_factory=InterventionCost)


class Exemplar(Described):
    """Bandwagon: each group that reached ``milestone`` (None: the launch) in the same scope eases a barrier's gates."""

    enabled: Switch = True
    milestone: Name | None = None
    scope: Literal["nation", "region"] = "nation"
    barrier: str
    odds: Factor
    at_most: Annotated[int, Field(ge=1, strict=True)] = 10
