"""The plan as flat arrays: what compiled rules read.

Each array holds records of one kind. A record that has several of another kind names the first of them and the one
after the last (``first_term``, ``end_terms``), so that nothing is nested and nothing is allocated while a world runs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, TypedDict

import numpy as np

from sim.compile.records import Span
from sim.draws.arithmetic import exponential
from sim.draws.uniform import host_place, name_key, stream_tag
from sim.plan.plan import (
    LOG_HEADCOUNT,
    BarrierPlan,
    FundPlan,
    GatePlan,
    HazardPlan,
    NamedPlan,
    Plan,
    PolicyPlan,
    ResourcePlan,
    RoutePlan,
    ServersPlan,
    SittingsPlan,
    StagePlan,
    StreamPlan,
    TraitPlan,
)
from sim.plan.rows import (
    CATEGORY,
    FUND,
    NONE,
    NUMBER,
    SERVERS,
    SITTINGS,
    YES_OR_NO,
    CostRow,
    DragRow,
    EasingRow,
    ExemplarRow,
    FixedTraitRow,
    GateRow,
    GeneralRow,
    HazardRow,
    HostRow,
    NamedRow,
    PolicyRow,
    RegionRow,
    ResourceRow,
    RouteRow,
    StageRow,
    StepRow,
    StreamRow,
    Tables,
    TraitRow,
    TypeRow,
)
from sim.plan.table_builder import TableBuilder
from sim.scenario.vocabulary import MODEL_CAUSES, PAYERS, SCOPES

NO_CAUSE, NO_ROUTE, WINDOW_CLOSED, TURNED_AWAY, GAVE_UP_WAITING = range(5)
"""The numbers of the causes that are no barrier: none, then those of `sim.scenario.vocabulary.MODEL_CAUSES`."""
_NO_KEY: Final = np.uint64(0)


def causes(plan: Plan) -> tuple[tuple[str, str], ...]:
    """The causes of exits by number: those that are no barrier, then every barrier with its form."""
    acting = {(rule.barrier, rule.form) for stage in plan.stages for rule in _rules(stage)}
    return (("", ""), *((name, "") for name in MODEL_CAUSES), *sorted(acting))


def _rules(stage: StagePlan) -> list[BarrierPlan]:
    return [*(gate.rule for gate in stage.gates), *(hazard.rule for hazard in stage.hazards)]


def build_tables(plan: Plan) -> Tables:
    """The tables of a plan."""
    return _Writer(plan).write()


class _Acting(TypedDict):
    """The fields that the rows of gates and hazards share."""

    key: np.uint64
    cause: int
    tests: Span
    terms: Span
    easings: Span


class _Units(TypedDict):
    """The fields that the rows of all resources have."""

    key: np.uint64
    scope: int
    first_unit: int
    units: int


class _Writer:
    """Writes the parts of a plan as rows."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._rows = TableBuilder(plan)
        self._causes = {cause: number for number, cause in enumerate(causes(plan))}

    def write(self) -> Tables:
        """The whole plan."""
        rows, plan = self._rows, self._plan
        self._places()
        shares = self._groups()
        for policy in plan.policies:
            rows.add(self._policy(policy))
        self._resources()
        for exemplar in plan.exemplars:
            rows.add(
                ExemplarRow(
                    milestone=exemplar.milestone,
                    regional=exemplar.regional,
                    log_odds=exemplar.log_odds,
                    at_most=exemplar.at_most,
                )
            )
        for stage in plan.stages:
            rows.add(self._stage(stage))
        for route in plan.routes:
            rows.add(self._route(route))
        rows.add(self._general(shares))
        return rows.tables()

    def _general(self, shares: Span) -> GeneralRow:
        plan = self._plan
        return GeneralRow(
            horizon=plan.horizon,
            slots=plan.slots,
            region_traits=len(plan.region_traits),
            host_traits=len(plan.host_traits),
            milestones=len(plan.milestones),
            arrival=name_key("arrival"),
            type=name_key("type"),
            headcount=name_key("headcount"),
            turnover=name_key("turnover"),
            route=name_key("route"),
            by_headcount=self._rows.uses_slot(LOG_HEADCOUNT),
            arrival_charges=self._rows.links(plan.charged_on_arrival),
            shares=shares,
        )

    def _fixed_traits(self, fixed: tuple[tuple[int, float], ...]) -> Span:
        return self._rows.span([FixedTraitRow(slot=slot, value=value) for slot, value in fixed])

    def _places(self) -> None:
        """Regions, their hosts, and all traits."""
        rows, plan = self._rows, self._plan
        for number, region in enumerate(plan.regions):
            fixed = self._fixed_traits(region.fixed)
            rows.add(RegionRow(joins=region.joins, place=region.place, fixed_traits=fixed))
            places = [host_place(region.name, host) for host in range(1, region.hosts + 1)]
            rows.span([HostRow(place=place, region=number) for place in places])
        for trait in (*plan.region_traits, *plan.host_traits, *plan.group_traits):
            rows.add(self._trait(trait))

    def _trait(self, trait: TraitPlan) -> TraitRow:
        rows = self._rows
        kind = YES_OR_NO if trait.log_odds is not None else NUMBER if trait.distribution is not None else CATEGORY
        return TraitRow(
            key=trait.key,
            slot=trait.slot,
            kind=kind,
            log_odds=trait.log_odds or 0.0,
            distribution=NONE if trait.distribution is None else rows.distribution(trait.distribution),
            terms=rows.terms(trait.terms),
            values=rows.values(trait.shares),
        )

    def _groups(self) -> Span:
        """Types, streams and real groups; returns where the shares of the types stand."""
        rows, plan = self._rows, self._plan
        for kind in plan.types:
            per_head = kind.turnover_per_head
            rows.add(TypeRow(headcount=rows.distribution(kind.headcount), turnover=rows.distribution(per_head)))
        for stream in plan.streams:
            rows.add(self._stream(stream))
        for named in plan.named:
            rows.add(self._named_group_row(named))
        total = math.fsum(kind.share for kind in plan.types)
        return rows.values(kind.share / total if total > 0.0 else 0.0 for kind in plan.types)

    def _stream(self, stream: StreamPlan) -> StreamRow:
        segments, periods = self._rows.factors(stream.periods)
        return StreamRow(
            tag=stream_tag(stream.name),
            type=NONE if stream.type is None else stream.type,
            rate=stream.rate,
            every=math.nan if stream.every is None else stream.every,
            number=stream.number,
            first=stream.first,
            start=stream.start,
            stop=stream.stop,
            limit=stream.limit,
            terms=self._rows.terms(stream.terms),
            segments=segments,
            periods=periods,
        )

    def _named_group_row(self, group: NamedPlan) -> NamedRow:
        return NamedRow(
            member=stream_tag(f"named/{group.name}"),
            host=group.host,
            type=group.type,
            arrival=group.arrival,
            headcount=math.nan if group.headcount is None else group.headcount,
            turnover=math.nan if group.turnover is None else group.turnover,
            route=NONE if group.route is None else group.route,
            fixed_traits=self._fixed_traits(group.fixed),
        )

    def _policy(self, policy: PolicyPlan) -> PolicyRow:
        return PolicyRow(
            key=policy.key,
            start=policy.start,
            stop=policy.stop,
            covered_hosts=math.nan if policy.covered_hosts is None else policy.covered_hosts,
            covered_groups=math.nan if policy.covered_groups is None else policy.covered_groups,
            per_group=policy.per_group,
            payer=PAYERS.index(policy.payer),
            tests=self._rows.condition(policy.condition),
        )

    def _resources(self) -> None:
        regions = self._plan.regions
        sizes = {"nation": 1, "region": len(regions), "host": sum(region.hosts for region in regions)}
        first_unit = 0
        for resource in self._plan.resources:
            units = sizes[resource.scope]
            self._rows.add(self._resource(resource, first_unit, units))
            first_unit += units

    def _resource(self, resource: ResourcePlan, first_unit: int, units: int) -> ResourceRow:
        kind, scope = resource.kind, SCOPES.index(resource.scope)
        shared: _Units = {"key": resource.key, "scope": scope, "first_unit": first_unit, "units": units}
        match kind:
            case ServersPlan():
                return ResourceRow(kind=SERVERS, steps=self._steps(kind.steps), **shared)
            case SittingsPlan():
                return ResourceRow(
                    kind=SITTINGS,
                    steps=self._steps(kind.steps),
                    every=kind.every,
                    first=kind.first,
                    staggered=kind.staggered,
                    dates=self._steps([(date, 0.0) for date in kind.dates]),
                    **shared,
                )
            case FundPlan():
                return ResourceRow(
                    kind=FUND,
                    steps=self._steps(kind.calendar),
                    returned_share=kind.returned_share,
                    returns_after=kind.returns_after,
                    instalments=kind.instalments,
                    openings=self._steps(kind.openings),
                    **shared,
                )

    def _steps(self, steps: Sequence[tuple[float, float]]) -> Span:
        return self._rows.span([StepRow(time=time, number=number) for time, number in steps])

    def _route(self, route: RoutePlan) -> RouteRow:
        return RouteRow(
            code=route.code,
            weight=route.weight,
            opens=route.opens,
            closes=route.closes,
            terms=self._rows.terms(route.terms),
            tests=self._rows.condition(route.only_for),
            stages=Span(route.stages[0], route.stages[-1] + 1) if route.stages else Span(0, 0),
        )

    def _stage(self, stage: StagePlan) -> StageRow:
        rows, need = self._rows, stage.need
        counted = any(exemplar.milestone == stage.milestone for exemplar in self._plan.exemplars)
        drags = [
            DragRow(factor=drag.factor, tests=rows.condition(drag.applies_to), removals=rows.periods(drag.removals))
            for drag in stage.drags
        ]
        costs = [CostRow(payer=PAYERS.index(payer), amount=rows.draw(amount)) for payer, amount in stage.costs]
        return StageRow(
            closes=stage.closes,
            resource=need.resource if need else NONE,
            award=rows.draw(need.award) if need else NONE,
            patience=rows.draw(need.patience) if need else NONE,
            room=need.room if need else math.inf,
            continues=need.continues if need else False,
            work=rows.draw(stage.work),
            decided_by=NONE if stage.decided_by is None else stage.decided_by,
            milestone=NONE if stage.milestone is None else stage.milestone,
            shared_end=counted or any(gate.exemplars for gate in stage.gates),
            tests=rows.condition(stage.only_for),
            drags=rows.span(drags),
            work_factors=rows.periods(stage.work_factors),
            gates=rows.span([self._gate(gate) for gate in stage.gates]),
            hazards=rows.span([self._hazard(hazard) for hazard in stage.hazards]),
            costs=rows.span(costs),
            charges=rows.links(stage.charged_policies),
        )

    def _acting(self, rule: BarrierPlan) -> _Acting:
        rows = self._rows
        easings = [EasingRow(milestone=milestone, shift=shift) for milestone, shift in rule.eases_after]
        return {
            "key": rule.key,
            "cause": self._causes[rule.barrier, rule.form],
            "tests": rows.condition(rule.applies_to),
            "terms": rows.terms(rule.terms),
            "easings": rows.span(easings),
        }

    def _gate(self, gate: GatePlan) -> GateRow:
        rows, retry = self._rows, gate.retry
        return GateRow(
            **self._acting(gate.rule),
            periods=rows.periods(gate.rule.periods),
            log_odds=gate.log_odds,
            retry_key=retry.key if retry else _NO_KEY,
            retry=retry.probability if retry else 0.0,
            delay=rows.draw(retry.delay) if retry else NONE,
            tries=retry.tries if retry else 0.0,
            removals=rows.periods(gate.rule.removals),
            exemplars=rows.links(gate.exemplars),
        )

    def _hazard(self, hazard: HazardPlan) -> HazardRow:
        rule = hazard.rule
        changes = [replace(period, change=exponential(period.change)) for period in rule.periods]
        removals = [replace(period, change=0.0) for period in rule.removals]
        segments, periods = self._rows.factors([*changes, *removals])
        return HazardRow(
            **self._acting(rule),
            periods=periods,
            rate=hazard.rate,
            most=math.prod(max(1.0, period.change) for period in changes),
            segments=segments,
        )
