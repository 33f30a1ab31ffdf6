"""Routes and their stages, and the barriers that act at them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sim.scenario.distribution import ZERO
from sim.scenario.quantity import plain_quantity
from sim.scenario.schema.base import Described, Eligibility, Part, Shorthand, Switch, number_for
from sim.scenario.values import Amounts, Coefficients, Date, Durations, Factor, Name, Probability, Rate, Tries, Weight
from sim.scenario.vocabulary import Payer


class Need(Part):
    """What a stage queues for. ``patience`` and ``room`` bound the wait; ``award`` is asked of a fund.

    A group that is turned away or loses patience leaves, unless ``otherwise`` lets it go on without.
    """

    award: Amounts | None = None
    patience: Durations | None = None
    room: Annotated[int, Field(ge=0, strict=True)] | None = None
    otherwise: Literal["leave", "go_on"] = "leave"


_NEED_BY_NAME = Shorthand(lambda raw: {raw: {}} if isinstance(raw, str) else raw, {"type": "string"})


class Stage(Described):
    """One named step of a route."""

    stage: Name
    work: Durations = ZERO
    needs: Annotated[dict[Name, Need], Field(max_length=1), _NEED_BY_NAME] = {}
    decided_by: Name | None = None
    closes: Date | None = None
    milestone: Name | None = None
    costs: dict[Payer, Amounts] = {}
    only_for: Eligibility | None = None


class Route(Described):
    """A pipeline from idea to independence, chosen with ``share`` among the routes open to a group."""

    enabled: Switch = True
    share: Weight = plain_quantity(1.0)
    depends_on: Coefficients = {}
    opens: Date | None = None
    closes: Date | None = None
    only_for: Eligibility | None = None
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]


STAGES_ALONE = Shorthand(
    lambda raw: {"stages": raw} if isinstance(raw, list | tuple) else raw,
    {"type": "array"},
)


class Retry(Part):
    """Another try at the stage after a block: with what chance, after how long, up to how many tries in all."""

    probability: Probability = plain_quantity(1.0)
    after: Durations = ZERO
    tries: Tries = 2


class Gate(Part):
    """A barrier's chance to block at a stage's decision."""

    probability: Probability
    retry: Retry | None = None


class Easing(Part):
    """What having passed a milestone does to a barrier: odds of blocking and hazard rate times a factor."""

    odds: Factor = plain_quantity(1.0)
    rate: Factor = plain_quantity(1.0)


class Mechanism(Described):
    """How a barrier acts: gates, hazards and drag by stage, and what moves them."""

    enabled: Switch = True
    applies_to: Eligibility | None = None
    gates: dict[Name, Annotated[Gate, number_for("probability")]] = {}
    hazards: dict[Name, Rate] = {}
    drag: dict[Name, Factor] = {}
    depends_on: Coefficients = {}
    eases_after: dict[Name, Annotated[Easing, number_for("odds")]] = {}


class Barrier(Mechanism):
    """A named reason for attrition. ``forms`` are the several ways in which it acts, each a mechanism of its own."""

    forms: dict[Name, Mechanism] = {}
