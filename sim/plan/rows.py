"""What a row of each table of a plan holds; `sim.plan.tables` fills them, compiled rules read them.

Times are days, money is in pounds, shifts are on the log or log-odds scale. A key is the name of a draw as
`sim.draws.uniform.name_key` gives it. A number that says which row of another table is meant is `NONE` for none, one
that need not be given is NaN.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np

from sim.compile.records import NO_ROWS, RecordArray, Span, record_type

NONE: Final = -1
"""No row."""
SERVERS, SITTINGS, FUND = range(3)
"""The kinds of resources."""
YES_OR_NO, NUMBER, CATEGORY = range(3)
"""The kinds of traits."""
PER_NATION, PER_REGION, PER_HOST = range(3)
"""The scopes of resources, by their places in `sim.scenario.vocabulary.SCOPES`."""
PROGRAMME, HOST, GROUP = range(3)
"""Who pays, by their places in `sim.scenario.vocabulary.PAYERS`."""

Tables = Mapping[str, RecordArray]
"""The tables of a plan by name, as `FIELDS` has them."""


class GeneralRow(NamedTuple):
    """What there is once: the horizon, how many facts and traits there are, and the keys of every group's draws."""

    horizon: float
    slots: int
    region_traits: int
    host_traits: int
    milestones: int
    arrival: np.uint64
    type: np.uint64
    headcount: np.uint64
    turnover: np.uint64
    route: np.uint64
    by_headcount: bool
    arrival_charges: Span
    shares: Span


class RegionRow(NamedTuple):
    """A region, from when its hosts are there, and the traits that are fixed in it."""

    joins: float
    place: np.uint64
    fixed_traits: Span


class HostRow(NamedTuple):
    """A host."""

    place: np.uint64
    region: int


class TraitRow(NamedTuple):
    """How a trait is drawn: by its log-odds, from a distribution, or by the shares (``values``) of its categories."""

    key: np.uint64
    slot: int
    kind: int
    log_odds: float
    distribution: int
    terms: Span
    values: Span


class FixedTraitRow(NamedTuple):
    """A trait that is given and not drawn."""

    slot: int
    value: float


class StreamRow(NamedTuple):
    """An arrival stream; ``every`` is NaN and ``number`` 0 where groups do not come that way."""

    tag: np.uint64
    type: int
    rate: float
    every: float
    number: int
    first: float
    start: float
    stop: float
    limit: float
    terms: Span
    segments: Span
    periods: Span


class TypeRow(NamedTuple):
    """The distributions of a type of staff group."""

    headcount: int
    turnover: int


class NamedRow(NamedTuple):
    """A real group; what is not known of it is NaN."""

    member: np.uint64
    host: int
    type: int
    arrival: float
    headcount: float
    turnover: float
    route: int
    fixed_traits: Span


class RouteRow(NamedTuple):
    """A route."""

    code: float
    weight: float
    opens: float
    closes: float
    terms: Span
    tests: Span
    stages: Span


class StageRow(NamedTuple):
    """A stage. ``shared_end`` says whether other groups may notice the end of its work (Design, carried forward)."""

    closes: float
    resource: int
    award: int
    patience: int
    room: float
    continues: bool
    work: int
    decided_by: int
    milestone: int
    shared_end: bool
    tests: Span
    drags: Span
    work_factors: Span
    gates: Span
    hazards: Span
    costs: Span
    charges: Span


class GateRow(NamedTuple):
    """A gate; a block is final where ``tries`` is 0."""

    key: np.uint64
    cause: int
    tests: Span
    terms: Span
    easings: Span
    periods: Span
    log_odds: float
    retry_key: np.uint64
    retry: float
    delay: int
    tries: float
    removals: Span
    exemplars: Span


class HazardRow(NamedTuple):
    """A hazard; ``most`` is the largest product of all factors that may ever hold at a time."""

    key: np.uint64
    cause: int
    tests: Span
    terms: Span
    easings: Span
    periods: Span
    rate: float
    most: float
    segments: Span


class DragRow(NamedTuple):
    """A drag on work."""

    factor: float
    tests: Span
    removals: Span


class EasingRow(NamedTuple):
    """A shift once the group has passed a milestone."""

    milestone: int
    shift: float


class ExemplarRow(NamedTuple):
    """A shift for each of up to ``at_most`` groups that have reached a milestone, in the region or the nation."""

    milestone: int
    regional: bool
    log_odds: float
    at_most: int


class CostRow(NamedTuple):
    """Who pays for a stage, and which draw says how much."""

    payer: int
    amount: int


class PolicyRow(NamedTuple):
    """An intervention or timeline entry; a coverage is NaN where all are covered."""

    key: np.uint64
    start: float
    stop: float
    covered_hosts: float
    covered_groups: float
    per_group: float
    payer: int
    tests: Span


class ResourceRow(NamedTuple):
    """A resource. Its units are numbered on from those of the resources before it.

    ``steps`` are the changes of its capacity, or the calendar of a fund; ``every``, ``first``, ``staggered`` and
    ``dates`` are of sittings alone, ``openings`` and the terms of a loan of funds alone.
    """

    kind: int
    scope: int
    key: np.uint64
    first_unit: int
    units: int
    steps: Span
    every: float = 0.0
    first: float = 0.0
    staggered: bool = False
    dates: Span = NO_ROWS
    returned_share: float = 0.0
    returns_after: float = 0.0
    instalments: int = 0
    openings: Span = NO_ROWS


class StepRow(NamedTuple):
    """A time, and a number that holds or comes in from then; of an opening the number is when it ends."""

    time: float
    number: float


class PeriodRow(NamedTuple):
    """A change from ``start`` (included) until ``stop`` (not) for those whom a policy reaches; `NONE`: for all."""

    start: float
    stop: float
    policy: int
    change: float


class SegmentRow(NamedTuple):
    """The factor of a rate from a time until the next segment."""

    start: float
    factor: float


class TermRow(NamedTuple):
    """A shift times a fact or, where ``level`` is not NaN, for those whose fact equals it."""

    slot: int
    level: float
    shift: float


class FactTestRow(NamedTuple):
    """Whether a fact is one of several values."""

    slot: int
    values: Span


class DistributionRow(NamedTuple):
    """A distribution, see `sim.plan.distributions.DistributionPlan`."""

    kind: int
    a: float
    b: float
    c: float
    at_least: float
    at_most: float
    points: Span


class PointRow(NamedTuple):
    """A value of an empirical distribution, and the share of draws up to it."""

    value: float
    cumulative: float


class DrawRow(NamedTuple):
    """The key of a draw, and the distribution of the first type of groups; those of the others follow it."""

    key: np.uint64
    distribution: int


ROWS: Final[Mapping[str, type[tuple[Any, ...]]]] = {
    "general": GeneralRow,
    "regions": RegionRow,
    "hosts": HostRow,
    "traits": TraitRow,
    "fixed_traits": FixedTraitRow,
    "streams": StreamRow,
    "types": TypeRow,
    "named": NamedRow,
    "routes": RouteRow,
    "stages": StageRow,
    "gates": GateRow,
    "hazards": HazardRow,
    "drags": DragRow,
    "easings": EasingRow,
    "exemplars": ExemplarRow,
    "costs": CostRow,
    "policies": PolicyRow,
    "resources": ResourceRow,
    "steps": StepRow,
    "periods": PeriodRow,
    "segments": SegmentRow,
    "terms": TermRow,
    "tests": FactTestRow,
    "distributions": DistributionRow,
    "points": PointRow,
    "draws": DrawRow,
}
"""The tables of records, and what a row of each is."""
FIELDS: Final[Mapping[str, np.dtype[Any]]] = {
    **{name: record_type(row) for name, row in ROWS.items()},
    "values": np.dtype("f8"),
    "links": np.dtype("i8"),
}
"""The type of each table; beside records there are plain values, and links to rows of other tables."""
