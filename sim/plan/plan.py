"""The plan: a scenario with its names resolved and its dates in days, as every engine reads it.

Traits, type, region and route of a group stand in one vector of numbers, its *facts*; a slot is a place in that vector.
The first slots are fixed (`TYPE`, `REGION`, `ROUTE`, `LOG_HEADCOUNT`), traits follow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from sim.plan.distributions import DistributionPlan

TYPE: Final = 0
REGION: Final = 1
ROUTE: Final = 2
LOG_HEADCOUNT: Final = 3
FIRST_TRAIT: Final = 4
NEVER: Final = math.inf


@dataclass(frozen=True, slots=True)
class Term:
    """A shift by ``shift`` times the fact in ``slot``, or by ``shift`` where the fact equals ``level``."""

    slot: int
    level: float | None
    shift: float


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds when for every (slot, values) the fact is one of the values."""

    tests: tuple[tuple[int, frozenset[float]], ...]


@dataclass(frozen=True, slots=True)
class Period:
    """From ``start`` (included) until ``stop`` (not), for whom the policy reaches, something changes by ``change``."""

    start: float
    stop: float
    policy: int
    change: float


@dataclass(frozen=True, slots=True)
class PolicyPlan:
    """Whom an intervention or timeline entry reaches, when, and at what cost."""

    name: str
    key: np.uint64
    start: float
    stop: float
    covered_hosts: float | None
    covered_groups: float | None
    condition: Condition | None
    fixed: float
    per_month: float
    per_group: float
    payer: str


@dataclass(frozen=True, slots=True)
class DrawPlan:
    """A drawn amount or duration: the draw's key and the distribution for each type."""

    key: np.uint64
    distributions: tuple[DistributionPlan, ...]


@dataclass(frozen=True, slots=True)
class RetryPlan:
    """Another try after a block."""

    key: np.uint64
    probability: float
    delay: DrawPlan
    tries: float


@dataclass(frozen=True, slots=True)
class BarrierPlan:
    """What a gate and a hazard share: whom it concerns and what moves it on the log scale."""

    key: np.uint64
    barrier: str
    form: str
    applies_to: Condition | None
    terms: tuple[Term, ...]
    eases_after: tuple[tuple[int, float], ...]
    periods: tuple[Period, ...]
    removals: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class GatePlan:
    """A barrier at a stage's decision; ``log_odds`` of blocking before anything moves it."""

    rule: BarrierPlan
    log_odds: float
    exemplars: tuple[int, ...]
    retry: RetryPlan | None


@dataclass(frozen=True, slots=True)
class HazardPlan:
    """A barrier all through a stage; ``rate`` a day before anything moves it."""

    rule: BarrierPlan
    rate: float


@dataclass(frozen=True, slots=True)
class DragPlan:
    """A barrier that makes a stage's work ``factor`` times as long for whom it concerns."""

    barrier: str
    factor: float
    applies_to: Condition | None
    removals: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class NeedPlan:
    """What a stage queues for."""

    resource: int
    award: DrawPlan | None
    patience: DrawPlan | None
    room: float
    continues: bool


@dataclass(frozen=True, slots=True)
class StagePlan:
    """One step of a route."""

    name: str
    label: str
    only_for: Condition | None
    closes: float
    need: NeedPlan | None
    work: DrawPlan
    work_factors: tuple[Period, ...]
    drags: tuple[DragPlan, ...]
    decided_by: int | None
    gates: tuple[GatePlan, ...]
    hazards: tuple[HazardPlan, ...]
    milestone: int | None
    costs: tuple[tuple[str, DrawPlan], ...]
    charged_policies: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """A pipeline with its weight in the choice; ``code`` is its number among the facts."""

    code: float
    name: str
    label: str
    weight: float
    terms: tuple[Term, ...]
    opens: float
    closes: float
    only_for: Condition | None
    stages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ServersPlan:
    """Steps of (time, number of servers)."""

    steps: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class SittingsPlan:
    """Sittings at fixed ``dates`` or, where ``every`` is above 0, at first + n * every; steps of (time, room)."""

    dates: tuple[float, ...]
    every: float
    first: float
    staggered: bool
    steps: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class FundPlan:
    """Deposits of (time, pounds), the periods in which it pays, and the terms on which a loan returns."""

    deposits: tuple[tuple[float, float], ...]
    openings: tuple[tuple[float, float], ...]
    returned_share: float
    returns_after: float
    instalments: int

    @property
    def calendar(self) -> tuple[tuple[float, float], ...]:
        """The dates on which there may be something to pay: (time, pounds that come in)."""
        opened = ((start, 0.0) for start, _ in self.openings if start > 0.0)
        return tuple(sorted([*self.deposits, *opened]))


@dataclass(frozen=True, slots=True)
class ResourcePlan:
    """Something that groups queue for, once for each unit of its scope."""

    name: str
    key: np.uint64
    scope: str
    kind: ServersPlan | SittingsPlan | FundPlan


@dataclass(frozen=True, slots=True)
class TraitPlan:
    """A trait: its slot and how it is drawn. ``levels`` names the categories, in the order of their codes."""

    name: str
    key: np.uint64
    slot: int
    log_odds: float | None
    terms: tuple[Term, ...]
    distribution: DistributionPlan | None
    levels: tuple[str, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class RegionPlan:
    """A region with its number of hosts and the traits that are fixed in it, as (slot, value)."""

    name: str
    label: str
    place: np.uint64
    hosts: int
    joins: float
    fixed: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class StreamPlan:
    """An arrival stream of every host. ``type`` is None where each group's type is drawn."""

    name: str
    type: int | None
    rate: float
    every: float | None
    number: int
    first: float
    start: float
    stop: float
    limit: float
    terms: tuple[Term, ...]
    periods: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class TypePlan:
    """A type of staff group."""

    name: str
    label: str
    share: float
    headcount: DistributionPlan
    turnover_per_head: DistributionPlan


@dataclass(frozen=True, slots=True)
class NamedPlan:
    """A real group with what is known of it; ``host`` is the number of its host in the world."""

    name: str
    host: int
    type: int
    arrival: float
    headcount: float | None
    turnover: float | None
    route: int | None
    fixed: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class ExemplarPlan:
    """Each group that reached a milestone in the same scope shifts a gate's log-odds, up to ``at_most`` of them."""

    milestone: int
    regional: bool
    log_odds: float
    at_most: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole world, ready to run. ``launch`` is the milestone that counts as a launch, None where no stage has it."""

    start: date
    horizon: float
    regions: tuple[RegionPlan, ...]
    region_traits: tuple[TraitPlan, ...]
    host_traits: tuple[TraitPlan, ...]
    group_traits: tuple[TraitPlan, ...]
    types: tuple[TypePlan, ...]
    streams: tuple[StreamPlan, ...]
    named: tuple[NamedPlan, ...]
    routes: tuple[RoutePlan, ...]
    stages: tuple[StagePlan, ...]
    milestones: tuple[str, ...]
    launch: int | None
    resources: tuple[ResourcePlan, ...]
    policies: tuple[PolicyPlan, ...]
    exemplars: tuple[ExemplarPlan, ...]
    charged_on_arrival: tuple[int, ...]

    @property
    def slots(self) -> int:
        """The length of a vector of facts."""
        return FIRST_TRAIT + len(self.region_traits) + len(self.host_traits) + len(self.group_traits)
