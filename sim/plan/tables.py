"""The plan as flat arrays: what compiled rules read.

Each array holds records of one kind. A record that has several of another kind names the first of them and the one
after the last (``first_term``, ``end_terms``), so that nothing is nested and nothing is allocated while a world runs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.draws.arithmetic import exponential
from sim.draws.uniform import host_place, name_key, stream_tag
from sim.plan.distributions import DistributionPlan
from sim.plan.plan import (
    LOG_HEADCOUNT,
    BarrierPlan,
    Condition,
    DrawPlan,
    FundPlan,
    GatePlan,
    HazardPlan,
    NamedPlan,
    Period,
    Plan,
    PolicyPlan,
    ResourcePlan,
    ServersPlan,
    SittingsPlan,
    StagePlan,
    StreamPlan,
    Term,
    TraitPlan,
)
from sim.scenario.vocabulary import DISTRIBUTIONS, MODEL_CAUSES, PAYERS, SCOPES

RecordArray = NDArray[Any]
SERVERS, SITTINGS, FUND = range(3)
YES_OR_NO, NUMBER, CATEGORY = range(3)
NONE: Final = -1
_KINDS: Final = {"f": "f8", "i": "i8", "u": "u8"}


def record_type(fields: str) -> np.dtype[Any]:
    """A record of words of 64 bits: ``i:name`` is a whole number, ``u:name`` a key, ``name`` a floating-point one."""
    pairs = [field.split(":") if ":" in field else ["f", field] for field in fields.split()]
    return np.dtype((np.record, [(name, _KINDS[kind]) for kind, name in pairs]))


def _span(*names: str) -> str:
    return " ".join(f"i:first_{name} i:end_{name}s" for name in names)


_RULE = "u:key i:cause " + _span("test", "term", "easing", "period")
FIELDS: Final = {
    "general": record_type(
        "horizon i:slots i:region_traits i:host_traits i:milestones "
        + "u:arrival u:type u:headcount u:turnover u:route i:by_headcount "
        + _span("arrival_charge", "share")
    ),
    "regions": record_type("joins u:place " + _span("fixed_trait")),
    "hosts": record_type("u:place i:region"),
    "traits": record_type("u:key i:slot i:kind log_odds i:distribution " + _span("term", "value")),
    "fixed_traits": record_type("i:slot value"),
    "streams": record_type(
        "u:tag i:type rate every i:number first start stop limit " + _span("term", "segment", "period")
    ),
    "types": record_type("i:headcount i:turnover"),
    "named": record_type("u:member i:host i:type arrival headcount turnover i:route " + _span("fixed_trait")),
    "routes": record_type("code weight opens closes " + _span("term", "test", "stage")),
    "stages": record_type(
        "closes i:resource i:award i:patience room i:continues i:work i:decided_by i:milestone i:shared_end "
        + _span("test", "drag", "work_factor", "gate", "hazard", "cost", "charge")
    ),
    "gates": record_type(_RULE + " log_odds u:retry_key retry i:delay tries " + _span("removal", "exemplar")),
    "hazards": record_type(_RULE + " rate most " + _span("segment")),
    "drags": record_type("factor " + _span("test", "removal")),
    "easings": record_type("i:milestone shift"),
    "exemplars": record_type("i:milestone i:regional log_odds i:at_most"),
    "costs": record_type("i:payer i:amount"),
    "policies": record_type("u:key start stop covered_hosts covered_groups per_group i:payer " + _span("test")),
    "resources": record_type(
        "i:kind i:scope u:key i:first_unit i:units every first i:staggered returned_share returns_after i:instalments "
        + _span("step", "date", "opening")
    ),
    "steps": record_type("time number"),
    "periods": record_type("start stop i:policy change"),
    "segments": record_type("start factor"),
    "terms": record_type("i:slot level shift"),
    "tests": record_type("i:slot " + _span("value")),
    "distributions": record_type("i:kind a b c at_least at_most " + _span("point")),
    "points": record_type("value cumulative"),
    "draws": record_type("u:key i:distribution"),
    "values": np.dtype("f8"),
    "links": np.dtype("i8"),
}


Tables = Mapping[str, RecordArray]
Span = tuple[int, int]


class _Rows:
    """The records gathered so far."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.rows: dict[str, list[Any]] = {name: [] for name in FIELDS}
        self.causes = causes(plan)

    def add(self, table: str, *row: Any) -> int:
        """Append a record, and return its number."""
        self.rows[table].append(row if len(row) > 1 or table not in ("values", "links") else row[0])
        return len(self.rows[table]) - 1

    def span(self, table: str, rows: Iterable[Sequence[Any]]) -> Span:
        """Append records that belong together, and return where they stand."""
        kept = list(rows)
        first = len(self.rows[table])
        for row in kept:
            self.add(table, *row)
        return first, first + len(kept)

    def tables(self) -> Tables:
        """All of it as arrays."""
        return {name: np.array(rows, dtype=FIELDS[name]) for name, rows in self.rows.items()}

    def condition(self, condition: Condition | None) -> Span:
        """The tests of a condition; none for everybody."""
        tests = [] if condition is None else condition.tests
        return self.span(
            "tests", [(slot, *self.span("values", [(v,) for v in sorted(values)])) for slot, values in tests]
        )

    def terms(self, terms: Sequence[Term]) -> Span:
        """The terms of a ``depends_on``."""
        return self.span("terms", [(t.slot, math.nan if t.level is None else t.level, t.shift) for t in terms])

    def distribution(self, distribution: DistributionPlan) -> int:
        """A law's number."""
        points = self.span("points", zip(distribution.values, distribution.cumulative, strict=True))
        kind = DISTRIBUTIONS.index(distribution.kind)
        return self.add(
            "distributions",
            kind,
            distribution.a,
            distribution.b,
            distribution.c,
            distribution.at_least,
            distribution.at_most,
            *points,
        )

    def draw(self, draw: DrawPlan | None) -> int:
        """The number of something drawn: its key, and the laws of the types one after the other."""
        if draw is None:
            return NONE
        distributions = [self.distribution(distribution) for distribution in draw.distributions]
        return self.add("draws", draw.key, distributions[0])

    def reaches_everybody(self, policy: int) -> bool:
        """Whether a policy has neither conditions nor a coverage."""
        if policy < 0:
            return True
        one = self.plan.policies[policy]
        return one.condition is None and one.covered_hosts is None and one.covered_groups is None

    def periods(self, periods: Sequence[Period]) -> Span:
        """Spells in order; those of a policy that reaches everybody name no policy."""
        return self.span(
            "periods",
            [(s.start, s.stop, NONE if self.reaches_everybody(s.policy) else s.policy, s.change) for s in periods],
        )

    def factors(self, periods: Sequence[Period]) -> tuple[int, int, int, int]:
        """Spells that multiply a rate: those that everybody meets as segments of time, the others one by one."""
        common = [period for period in periods if self.reaches_everybody(period.policy)]
        others = [period for period in periods if not self.reaches_everybody(period.policy)]
        return *self.span("segments", _segments(common)), *self.periods(others)


def _segments(periods: Sequence[Period]) -> list[tuple[float, float]]:
    """The product of the factors of the spells that hold, from each date on which it may change."""
    edges = sorted(
        {-math.inf, *(edge for period in periods for edge in (period.start, period.stop) if edge < math.inf)}
    )
    segments = []
    for edge in edges:
        factor = 1.0
        for period in periods:
            if period.start <= edge < period.stop:
                factor *= period.change
        segments.append((edge, factor))
    return segments


def causes(plan: Plan) -> tuple[tuple[str, str], ...]:
    """The causes of exits by number: those that are no barrier, then every barrier with its form."""
    own = {(rule.barrier, rule.form) for stage in plan.stages for rule in _rules(stage)}
    return (*NO_BARRIER, *sorted(own))


NO_BARRIER: Final = (("", ""), *((cause, "") for cause in MODEL_CAUSES))
NO_CAUSE, NO_ROUTE, WINDOW_CLOSED, TURNED_AWAY, GAVE_UP_WAITING = range(5)


def _rules(stage: StagePlan) -> list[BarrierPlan]:
    return [*(gate.rule for gate in stage.gates), *(hazard.rule for hazard in stage.hazards)]


def tables(plan: Plan) -> Tables:
    """Lay a plan out as arrays."""
    rows = _Rows(plan)
    shares = _population(rows, plan)
    for policy in plan.policies:
        rows.add("policies", *_policy(rows, policy))
    _resources(rows, plan)
    for one in plan.exemplars:
        rows.add("exemplars", one.milestone, one.regional, one.log_odds, one.at_most)
    for stage in plan.stages:
        rows.add("stages", *_stage(rows, stage))
    for route in plan.routes:
        span = (route.stages[0], route.stages[-1] + 1) if route.stages else (0, 0)
        where = rows.terms(route.terms), rows.condition(route.only_for)
        rows.add("routes", route.code, route.weight, route.opens, route.closes, *where[0], *where[1], *span)
    keys = [name_key(name) for name in ("arrival", "type", "headcount", "turnover", "route")]
    counts = [len(part) for part in (plan.region_traits, plan.host_traits, plan.milestones)]
    by_headcount = any(slot == LOG_HEADCOUNT for slot, _, _ in rows.rows["terms"])
    charged = rows.span("links", [(policy,) for policy in plan.charged_on_arrival])
    rows.add("general", plan.horizon, plan.slots, *counts, *keys, by_headcount, *charged, *shares)
    return rows.tables()


def _population(rows: _Rows, plan: Plan) -> Span:
    """Lay out who there is; returns where the shares of the types of groups stand."""
    for number, region in enumerate(plan.regions):
        rows.add("regions", region.joins, region.place, *rows.span("fixed_traits", region.fixed))
        for i in range(1, region.hosts + 1):
            rows.add("hosts", host_place(region.name, i), number)
    for trait in (*plan.region_traits, *plan.host_traits, *plan.group_traits):
        rows.add("traits", *_trait(rows, trait))
    total = math.fsum(one.share for one in plan.types)
    for one in plan.types:
        rows.add("types", rows.distribution(one.headcount), rows.distribution(one.turnover_per_head))
    for stream in plan.streams:
        rows.add("streams", *_stream(rows, stream))
    for named in plan.named:
        rows.add("named", *_named(rows, named))
    return rows.span("values", [(one.share / total if total > 0.0 else 0.0,) for one in plan.types])


def _trait(rows: _Rows, trait: TraitPlan) -> tuple[Any, ...]:
    kind = YES_OR_NO if trait.log_odds is not None else NUMBER if trait.distribution is not None else CATEGORY
    distribution = NONE if trait.distribution is None else rows.distribution(trait.distribution)
    shares = rows.span("values", [(share,) for share in trait.shares])
    return trait.key, trait.slot, kind, trait.log_odds or 0.0, distribution, *rows.terms(trait.terms), *shares


def _stream(rows: _Rows, one: StreamPlan) -> tuple[Any, ...]:
    kind = NONE if one.type is None else one.type
    every = math.nan if one.every is None else one.every
    when = (one.rate, every, one.number, one.first, one.start, one.stop, one.limit)
    return stream_tag(one.name), kind, *when, *rows.terms(one.terms), *rows.factors(one.periods)


def _named(rows: _Rows, one: NamedPlan) -> tuple[Any, ...]:
    known = [math.nan if value is None else value for value in (one.headcount, one.turnover)]
    route = NONE if one.route is None else one.route
    member = stream_tag(f"named/{one.name}")
    return member, one.host, one.type, one.arrival, *known, route, *rows.span("fixed_traits", one.fixed)


def _policy(rows: _Rows, one: PolicyPlan) -> tuple[Any, ...]:
    covered = [math.nan if share is None else share for share in (one.covered_hosts, one.covered_groups)]
    payer = PAYERS.index(one.payer)
    return one.key, one.start, one.stop, *covered, one.per_group, payer, *rows.condition(one.condition)


def _resources(rows: _Rows, plan: Plan) -> None:
    hosts = sum(region.hosts for region in plan.regions)
    first = 0
    for one in plan.resources:
        scope = SCOPES.index(one.scope)
        units = (1, len(plan.regions), hosts)[scope]
        rows.add("resources", *_resource(rows, one, scope, first, units))
        first += units


def _resource(rows: _Rows, one: ResourcePlan, scope: int, first: int, units: int) -> tuple[Any, ...]:
    kind = one.kind
    where = (scope, one.key, first, units)
    nothing = (0, 0)
    if isinstance(kind, ServersPlan):
        return SERVERS, *where, 0.0, 0.0, False, 0.0, 0.0, 0, *rows.span("steps", kind.steps), *nothing, *nothing
    if isinstance(kind, SittingsPlan):
        dates = rows.span("steps", [(date, 0.0) for date in kind.dates])
        steps = rows.span("steps", kind.steps)
        return SITTINGS, *where, kind.every, kind.first, kind.staggered, 0.0, 0.0, 0, *steps, *dates, *nothing
    assert isinstance(kind, FundPlan)
    terms = (kind.returned_share, kind.returns_after, kind.instalments)
    calendar, openings = rows.span("steps", kind.calendar), rows.span("steps", kind.openings)
    return FUND, *where, 0.0, 0.0, False, *terms, *calendar, *nothing, *openings


def _stage(rows: _Rows, stage: StagePlan) -> tuple[Any, ...]:
    need = stage.need
    wanted: tuple[Any, ...] = (NONE, NONE, NONE, math.inf, False)
    if need is not None:
        wanted = need.resource, rows.draw(need.award), rows.draw(need.patience), need.room, need.continues
    gates = [_gate(rows, gate) for gate in stage.gates]
    hazards = [_hazard(rows, hazard) for hazard in stage.hazards]
    drags = [(d.factor, *rows.condition(d.applies_to), *rows.periods(d.removals)) for d in stage.drags]
    counted = any(one.milestone == stage.milestone for one in rows.plan.exemplars)
    eased = any(gate.exemplars for gate in stage.gates)
    return (
        stage.closes,
        *wanted,
        rows.draw(stage.work),
        NONE if stage.decided_by is None else stage.decided_by,
        NONE if stage.milestone is None else stage.milestone,
        counted or eased,
        *rows.condition(stage.only_for),
        *rows.span("drags", drags),
        *rows.periods(stage.work_factors),
        *rows.span("gates", gates),
        *rows.span("hazards", hazards),
        *rows.span("costs", [(PAYERS.index(payer), rows.draw(amount)) for payer, amount in stage.costs]),
        *rows.span("links", [(policy,) for policy in stage.charged_policies]),
    )


def _barrier(rows: _Rows, rule: BarrierPlan) -> tuple[Any, ...]:
    cause = rows.causes.index((rule.barrier, rule.form))
    easings = rows.span("easings", rule.eases_after)
    return rule.key, cause, *rows.condition(rule.applies_to), *rows.terms(rule.terms), *easings


def _gate(rows: _Rows, gate: GatePlan) -> tuple[Any, ...]:
    retry: tuple[Any, ...] = (0, 0.0, NONE, 0.0)
    if gate.retry is not None:
        one = gate.retry
        retry = one.key, one.probability, rows.draw(one.delay), one.tries
    rule = *_barrier(rows, gate.rule), *rows.periods(gate.rule.periods)
    exemplars = rows.span("links", [(number,) for number in gate.exemplars])
    return *rule, gate.log_odds, *retry, *rows.periods(gate.rule.removals), *exemplars


def _hazard(rows: _Rows, hazard: HazardPlan) -> tuple[Any, ...]:
    rule = hazard.rule
    weaker = [replace(period, change=exponential(period.change)) for period in rule.periods]
    gone = [replace(period, change=0.0) for period in rule.removals]
    factors = rows.factors((*weaker, *gone))
    most = math.prod(max(1.0, period.change) for period in weaker)
    return *_barrier(rows, rule), *factors[2:], hazard.rate, most, *factors[:2]
