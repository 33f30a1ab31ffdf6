"""The scenario: what an analyst wrote, checked and frozen.

Every part is a frozen pydantic model whose fields are the keys of the YAML file; the same models are published as JSON
Schema. What the parts mean is told in ``docs/model.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    TypeAdapter,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

from sim.scenario.distribution import NOTHING
from sim.scenario.leaves import (
    Amounts,
    Coefficients,
    Count,
    Date,
    Duration,
    Durations,
    Factor,
    Money,
    MoneyPerMonth,
    Name,
    Names,
    Number,
    Numbers,
    Probability,
    Rate,
    Weight,
)
from sim.scenario.quantity import plain_quantity, wrong

Payer = Literal["programme", "host", "group"]
Scope = Literal["nation", "region", "host"]
TraitValue = bool | float | str


class Part(BaseModel):
    """What all parts share: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, populate_by_name=True)


@dataclass(frozen=True, slots=True, eq=False)
class Shorthand:
    """A short form of a part: how it is written out in full, and what it looks like in JSON Schema."""

    expand: Callable[[Any], Any]
    looks_like: Mapping[str, Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Expand before the part itself is validated."""
        return core_schema.no_info_before_validator_function(self.expand, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Either form."""
        return {"anyOf": [dict(self.looks_like), handler(core)]}


def _number_for(key: str) -> Shorthand:
    """A bare or uncertain number stands for a mapping with that number under ``key``."""

    def expand(raw: Any) -> Any:
        whole = (isinstance(raw, Mapping) and "value" not in raw) or isinstance(raw, BaseModel)
        return raw if whole else {key: raw}

    return Shorthand(expand, TypeAdapter(Number).json_schema())


def _exactly_one(part: BaseModel, *names: str) -> None:
    given = [name for name in names if getattr(part, name) is not None]
    if len(given) != 1:
        found = " and ".join(given) if given else "none of them"
        raise wrong(f"{found} given", f"exactly one of {', '.join(names)}")


class Described(Part):
    """A part with words for people: a label for charts and a remark."""

    label: str = ""
    about: str = ""


class Clock(Part):
    """The first instant of the simulated world and the instant at which it stops."""

    start: Date
    end: Date

    @model_validator(mode="after")
    def _forward(self) -> Clock:
        if self.end <= self.start:
            raise wrong(f"end {self.end} is not after start {self.start}", "an end after the start")
        return self


class Eligibility(Part):
    """Whom something concerns; every key that is given must hold."""

    types: Names | None = None
    regions: Names | None = None
    routes: Names | None = None
    traits: dict[Name, TraitValue | tuple[str, ...]] = {}


class Trait(Described):
    """Something about a region, host or group that is drawn once: yes/no, a category, or a number."""

    probability: Probability | None = None
    shares: dict[Name, Weight] | None = None
    number: Numbers | None = None
    depends_on: Coefficients = {}

    @model_validator(mode="after")
    def _one_kind(self) -> Trait:
        _exactly_one(self, "probability", "shares", "number")
        if self.depends_on and self.probability is None:
            raise wrong("depends_on beside shares or number", "depends_on only where probability is given")
        if self.number is not None and self.number.by_type is not None:
            raise wrong("a trait with a law for each type", "one law", "number", "by_type")
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
    """A stretch of the calendar in which groups come ``times`` as often."""

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
        _exactly_one(self, "rate", "every", "number")
        if self.rate is None and (self.profile or self.depends_on):
            raise wrong("profile or depends_on without a rate", "them only beside rate")
        if self.rate is not None and self.first.value != 0.0:
            raise wrong("first beside a rate", "first only beside every or number; from: for a rate", "first")
        return self


class GroupType(Described):
    """A type of staff group: its share of the common arrivals or arrivals of its own, its size and turnover."""

    share: Weight | None = None
    arrivals: Arrivals | None = None
    headcount: Numbers
    turnover_per_head: Amounts = NOTHING

    @model_validator(mode="after")
    def _one_origin(self) -> GroupType:
        _exactly_one(self, "share", "arrivals")
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
    work: Durations = NOTHING
    needs: Annotated[dict[Name, Need], Field(max_length=1), _NEED_BY_NAME] = {}
    decided_by: Name | None = None
    closes: Date | None = None
    milestone: Name | None = None
    costs: dict[Payer, Amounts] = {}
    only_for: Eligibility | None = None


class Route(Described):
    """A pipeline from idea to independence, chosen with ``share`` among the routes open to a group."""

    enabled: bool = True
    share: Weight = plain_quantity(1.0)
    depends_on: Coefficients = {}
    opens: Date | None = None
    closes: Date | None = None
    only_for: Eligibility | None = None
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]


_STAGES_ALONE = Shorthand(
    lambda raw: {"stages": raw} if isinstance(raw, list | tuple) else raw,
    {"type": "array"},
)


class Retry(Part):
    """Another try at the stage after a block: with what chance, after how long, up to how many tries in all."""

    probability: Probability = plain_quantity(1.0)
    after: Durations = NOTHING
    tries: Annotated[int, Field(ge=2, strict=True)] | Literal["unlimited"] = 2


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

    enabled: bool = True
    applies_to: Eligibility | None = None
    gates: dict[Name, Annotated[Gate, _number_for("probability")]] = {}
    hazards: dict[Name, Rate] = {}
    drag: dict[Name, Factor] = {}
    depends_on: Coefficients = {}
    eases_after: dict[Name, Annotated[Easing, _number_for("odds")]] = {}


class Barrier(Mechanism):
    """A named reason for attrition. ``forms`` are the several ways in which it acts, each a mechanism of its own."""

    forms: dict[Name, Mechanism] = {}


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
            raise wrong("an effect on two things", "one of them, and the other in an effect of its own")
        actions = {key for key in _ACTIONS if getattr(self, key) is not None}
        target = "barrier" if self.barrier else "resource" if self.resource else "stage" if self.stage else "arrivals"
        wanted = _ACTIONS_OF[target]
        if not actions or not actions <= wanted:
            strange = ", ".join(sorted(actions - wanted)) or "nothing"
            raise wrong(f"an effect on {target} cannot do {strange}", f"one or more of {', '.join(sorted(wanted))}")
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

    enabled: bool = True
    from_: Date | None = Field(default=None, alias="from")
    until: Date | None = None
    eligible: Eligibility | None = None
    effects: tuple[Effect, ...] = ()


class TimelineEntry(Dated):
    """A dated fact of the world; without effects it is only marked on the charts."""


class InterventionCost(Part):
    """What an intervention costs, and who pays."""

    fixed: Money = plain_quantity(0.0)
    per_month: MoneyPerMonth = plain_quantity(0.0)
    per_group: Money = plain_quantity(0.0)
    payer: Payer = "programme"


class Coverage(Part):
    """The share of hosts, or of groups, that a policy reaches."""

    hosts: Probability | None = None
    groups: Probability | None = None

    @model_validator(mode="after")
    def _one_level(self) -> Coverage:
        _exactly_one(self, "hosts", "groups")
        return self


class Intervention(Dated):
    """A policy: effects between dates for those it covers, at a cost."""

    covers: Coverage | None = None
    cost: InterventionCost = Field(default_factory=InterventionCost)


class Exemplar(Described):
    """Bandwagon: each group that reached ``milestone`` in the same scope eases a barrier's later gates."""

    enabled: bool = True
    milestone: Name = "live"
    scope: Literal["nation", "region"] = "nation"
    barrier: str
    odds: Factor
    at_most: Annotated[int, Field(ge=1, strict=True)] = 10


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
    staggered: bool = False
    room: Count | None = None
    changes: tuple[RoomStep, ...] = ()


class Panel(Part):
    """A body that sits on fixed dates."""

    dates: Annotated[tuple[Date, ...], Field(min_length=1)]
    room: Count | None = None


class Opening(Part):
    """A stretch in which a fund pays awards."""

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
    servers: Annotated[Servers, _number_for("number")] | None = None
    meeting: Meeting | None = None
    panel: Panel | None = None
    fund: Fund | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Resource:
        _exactly_one(self, "servers", "meeting", "panel", "fund")
        return self


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
    from_: Name = Field(default="arrived", alias="from")
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
        _exactly_one(self, "count", "share", "median_months", "hosts")
        return self


class Scenario(Part):
    """One world, as written in a file."""

    title: str
    about: str = ""
    clock: Clock
    hosts: Hosts
    staff_groups: StaffGroups
    routes: Annotated[dict[Name, Annotated[Route, _STAGES_ALONE]], Field(min_length=1)]
    resources: dict[Name, Resource] = {}
    barriers: dict[Name, Barrier] = {}
    interventions: dict[Name, Intervention] = {}
    timeline: dict[Name, TimelineEntry] = {}
    exemplars: dict[Name, Exemplar] = {}
    observations: dict[Name, Observation] = {}
