"""Resources as a plan: capacities, sittings and budgets as steps through time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from sim.draws.uniform import name_key
from sim.plan.index import Index
from sim.plan.plan import NEVER, FundPlan, ResourcePlan, ServersPlan, SittingsPlan
from sim.plan.policies import Policies
from sim.scenario.quantity import DAYS_PER_MONTH
from sim.scenario.schema import Fund, Resource, Scenario

Steps = tuple[tuple[float, float], ...]


def build_resources(scenario: Scenario, index: Index, policies: Policies) -> tuple[ResourcePlan, ...]:
    """The resources in the order of their names."""
    return tuple(_resource(name, scenario.resources[name], index, policies) for name in index.resources)


def _resource(name: str, resource: Resource, index: Index, policies: Policies) -> ResourcePlan:
    key, extra = name_key(f"phase/{name}"), policies.on_capacity(name)
    kind: ServersPlan | SittingsPlan | FundPlan
    if resource.servers is not None:
        changes = [(index.day(step.on, 0.0), step.number.value) for step in resource.servers.changes]
        kind = ServersPlan(_steps(resource.servers.number.value, changes, extra))
    elif resource.meeting is not None:
        meeting = resource.meeting
        changes = [(index.day(step.on, 0.0), step.room.value) for step in meeting.changes]
        room = math.inf if meeting.room is None else meeting.room.value
        first = index.day(meeting.first, meeting.every.value)
        kind = SittingsPlan(
            dates=(),
            every=meeting.every.value,
            first=first,
            staggered=meeting.staggered,
            steps=_steps(room, changes, extra),
        )
    elif resource.panel is not None:
        room = math.inf if resource.panel.room is None else resource.panel.room.value
        dates = tuple(sorted({index.day(when, 0.0) for when in resource.panel.dates}))
        kind = SittingsPlan(dates=dates, every=0.0, first=0.0, staggered=False, steps=_steps(room, [], extra))
    else:
        assert resource.fund is not None
        kind = _fund(name, resource.fund, index, policies)
    return ResourcePlan(name, key, resource.scope, kind)


def _steps(base: float, changes: Sequence[tuple[float, float]], extra: Sequence[tuple[float, float, int]]) -> Steps:
    """The whole number of places at every time: the latest change, and what policies add or take; never below 0."""
    levels = sorted([(-NEVER, base), *changes])
    times = sorted({-NEVER, *(t for t, _ in changes), *(t for period in extra for t in period[:2] if t < NEVER)})
    steps = []
    for time in times:
        level = [value for start, value in levels if start <= time][-1]
        added = sum(add for start, stop, add in extra if start <= time < stop)
        total = max(level + added, 0.0)
        steps.append((time, total if math.isinf(total) else float(round(total))))
    return tuple(steps)


def _fund(name: str, fund: Fund, index: Index, policies: Policies) -> FundPlan:
    top_ups = [(index.day(top_up.on, 0.0), top_up.add.value) for top_up in fund.top_ups]
    deposits = sorted([(0.0, fund.budget.value), *top_ups, *policies.on_money(name)])
    openings = [(index.day(opening.from_, -NEVER), index.day_after(opening.until)) for opening in fund.opens]
    loan = fund.repayment
    return FundPlan(
        deposits=tuple(deposits),
        openings=_without(openings or [(-NEVER, NEVER)], policies.closures(name)),
        returned_share=loan.share.value if loan else 0.0,
        returns_after=loan.after.value if loan else 0.0,
        instalments=max(1, math.ceil(loan.over.value / DAYS_PER_MONTH)) if loan else 0,
    )


def _without(openings: Sequence[tuple[float, float]], shut: Sequence[tuple[float, float]]) -> Steps:
    """The openings with the periods cut out in which it is shut, joined where they touch."""
    edges = sorted({edge for period in (*openings, *shut) for edge in period})
    kept: list[tuple[float, float]] = []
    for start, stop in pairwise(edges):
        open_now = any(a <= start < b for a, b in openings)
        if not open_now or any(a <= start < b for a, b in shut):
            continue
        if kept and kept[-1][1] == start:
            kept[-1] = (kept[-1][0], stop)
        else:
            kept.append((start, stop))
    return tuple(kept)
