"""Interventions and timeline entries as a plan: whom each reaches, and the periods in which it changes something."""

from __future__ import annotations

from typing import Literal

from sim.draws.arithmetic import logarithm
from sim.draws.uniform import name_key
from sim.plan.index import Index
from sim.plan.plan import NEVER, Period, PolicyPlan
from sim.scenario.schema import Dated, Effect, Intervention, Scenario

Scale = Literal["odds", "rate"]
"""What a barrier moves on: the odds of its gates, the rate of its hazards."""


class Policies:
    """The policies that are switched on, numbered in the order of their names, interventions first."""

    def __init__(self, scenario: Scenario, index: Index) -> None:
        parts: list[tuple[str, Dated]] = [
            *((name, scenario.interventions[name]) for name in sorted(scenario.interventions)),
            *((f"timeline/{name}", scenario.timeline[name]) for name in sorted(scenario.timeline)),
        ]
        self._parts = [(name, part) for name, part in parts if part.enabled]
        self.plans = tuple(_policy(name, part, index) for name, part in self._parts)
        self._effects: list[tuple[int, Effect]] = [
            (number, effect) for number, (_, part) in enumerate(self._parts) for effect in part.effects
        ]

    def _period(self, policy: int, change: float) -> Period:
        return Period(self.plans[policy].start, self.plans[policy].stop, policy, change)

    def on_barrier(self, barrier: str, form: str, stage: str, scale: Scale) -> tuple[Period, ...]:
        """Shifts on the log scale of a gate's odds or a hazard's rate, in the order of the policies."""
        periods: list[Period] = []
        for number, effect in self._effects:
            if not _affects(effect, barrier, form, stage):
                continue
            factors = (effect.times, effect.odds if scale == "odds" else effect.rate)
            periods += [
                self._period(number, logarithm(factor.value)) for factor in factors if factor and factor.value != 1.0
            ]
        return tuple(periods)

    def removals(self, barrier: str, form: str, stage: str) -> tuple[Period, ...]:
        """When a barrier is taken away altogether."""
        return tuple(
            self._period(number, 0.0)
            for number, effect in self._effects
            if effect.remove and _affects(effect, barrier, form, stage)
        )

    def on_work(self, stage: str) -> tuple[Period, ...]:
        """Factors of the time that a stage's work takes."""
        return tuple(
            self._period(number, effect.duration.value)
            for number, effect in self._effects
            if effect.duration is not None and effect.stage and stage in effect.stage and effect.duration.value != 1.0
        )

    def on_arrivals(self) -> tuple[Period, ...]:
        """Factors of the intensity at which groups come."""
        return tuple(
            self._period(number, effect.arrivals.value)
            for number, effect in self._effects
            if effect.arrivals is not None
        )

    def on_capacity(self, resource: str) -> tuple[tuple[float, float, int], ...]:
        """Periods (start, stop, servers or places more or fewer)."""
        return tuple(
            (self.plans[number].start, self.plans[number].stop, effect.capacity)
            for number, effect in self._effects
            if effect.resource == resource and effect.capacity is not None
        )

    def on_money(self, resource: str) -> tuple[tuple[float, float], ...]:
        """Deposits (time, pounds) into a fund."""
        return tuple(
            (max(self.plans[number].start, 0.0), effect.money.value)
            for number, effect in self._effects
            if effect.resource == resource and effect.money is not None and self.plans[number].stop > 0.0
        )

    def closures(self, resource: str) -> tuple[tuple[float, float], ...]:
        """Periods (start, stop) in which a fund pays nothing."""
        return tuple(
            (self.plans[number].start, self.plans[number].stop)
            for number, effect in self._effects
            if effect.resource == resource and effect.shut
        )

    def charged_on_arrival(self) -> tuple[int, ...]:
        """The policies with a cost per group that touch no stage: all they do is to bring groups."""
        return tuple(
            number
            for number, (_, part) in enumerate(self._parts)
            if self.plans[number].per_group > 0.0
            and not self._due_at(number)
            and all(effect.arrivals is not None for effect in part.effects)
        )

    def _due_at(self, policy: int) -> str:
        """The stage named for a policy's cost per group; "" where none is."""
        part = self._parts[policy][1]
        return (part.cost.at or "") if isinstance(part, Intervention) else ""

    def charged_at(self, stage: str, mechanisms: list[tuple[str, str]], resources: set[str]) -> tuple[int, ...]:
        """The policies whose cost per group falls due at this stage: it is named for that, or an effect touches it.

        A barrier that is switched off counts too, so that switching it off changes no cost.
        """
        charged = {
            number
            for number, effect in self._effects
            if self.plans[number].per_group > 0.0
            and self._due_at(number) in ("", stage)
            and (
                self._due_at(number) == stage
                or any(_affects(effect, barrier, form, stage) for barrier, form in mechanisms)
                or effect.resource in resources
                or (effect.duration is not None and effect.stage and stage in effect.stage)
            )
        }
        return tuple(sorted(charged))


def _affects(effect: Effect, barrier: str, form: str, stage: str) -> bool:
    if effect.barrier is None or (effect.stage and stage not in effect.stage):
        return False
    name, _, wanted = effect.barrier.partition(".")
    return name == barrier and (not wanted or wanted == form)


def _policy(name: str, part: Dated, index: Index) -> PolicyPlan:
    covers = part.covers if isinstance(part, Intervention) else None
    cost = part.cost if isinstance(part, Intervention) else None
    return PolicyPlan(
        name=name,
        key=name_key(f"cover/{name}"),
        start=index.day(part.from_, -NEVER),
        stop=index.day_after(part.until),
        covered_hosts=covers.hosts.value if covers and covers.hosts else None,
        covered_groups=covers.groups.value if covers and covers.groups else None,
        condition=index.condition(part.eligible),
        fixed=cost.fixed.value if cost else 0.0,
        per_month=cost.per_month.value if cost else 0.0,
        per_group=cost.per_group.value if cost else 0.0,
        payer=cost.payer if cost else "programme",
    )
