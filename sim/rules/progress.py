"""What a stage does to a group: how long its work takes, which gate blocks, which hazard rings, what it costs.

These are the meanings; queues and the calendar belong to the engines.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sim.rules.chances import probability, ring_time, unit_exponential
from sim.rules.draws import Entity, Luck
from sim.rules.laws import quantile
from sim.rules.plan import NEVER, BarrierPlan, Drawn, GatePlan, Plan, RetryPlan, Spell, StagePlan
from sim.rules.population import holds, shift

Eased = Callable[[int], float]
"""For an exemplar's number: how many launches count at this moment."""


@dataclass(slots=True)
class Traveller:
    """A group on its way, as the rules see it: its luck, its facts, and which milestones and policies it has met."""

    plan: Plan
    luck: Luck
    entity: Entity
    host: Entity
    type: int
    facts: Sequence[float]
    reached: dict[int, float]
    reach: dict[int, bool]

    def reached_by(self, policy: int) -> bool:
        """Whether a policy reaches this group, by eligibility and coverage; the same at every decision."""
        known = self.reach.get(policy)
        if known is None:
            one = self.plan.policies[policy]
            known = (
                holds(one.condition, self.facts)
                and (one.covered_hosts is None or self.luck.uniform(one.key, self.host) < one.covered_hosts)
                and (one.covered_groups is None or self.luck.uniform(one.key, self.entity) < one.covered_groups)
            )
            self.reach[policy] = known
        return known

    def draw(self, drawn: Drawn, visit: int) -> float:
        """A drawn duration or amount of this group's type."""
        return quantile(drawn.laws[self.type], self.luck.uniform(drawn.key, self.entity, visit))


@dataclass(frozen=True, slots=True)
class GateDraw:
    """What happened at one gate: the chance of blocking, the draw, and whether it blocked."""

    gate: GatePlan
    chance: float
    u: float

    @property
    def blocked(self) -> bool:
        """A draw below the chance blocks."""
        return self.u < self.chance


@dataclass(frozen=True, slots=True)
class Ring:
    """The first hazard clock to ring in a stage visit; ``time`` is infinite where none does."""

    time: float
    barrier: str
    form: str


def work_days(traveller: Traveller, stage: StagePlan, visit: int, start: float) -> float:
    """How long the stage's work takes when it starts at ``start``, stretched by drag and by policies."""
    days = traveller.draw(stage.work, visit)
    for drag in stage.drags:
        if holds(drag.applies_to, traveller.facts) and not _removed(traveller, drag.removals, start):
            days *= drag.factor
    for spell in stage.stretches:
        if spell.start <= start < spell.stop and traveller.reached_by(spell.policy):
            days *= spell.change
    return days


def first_ring(traveller: Traveller, stage: StagePlan, visit: int, entry: float) -> Ring:
    """The first hazard clock of the visit to ring; between equal times, the one written first."""
    first = Ring(NEVER, "", "")
    for hazard in stage.hazards:
        rule = hazard.rule
        if hazard.rate <= 0.0 or not holds(rule.applies_to, traveller.facts):
            continue
        rate = hazard.rate * math.exp(_shift(traveller, rule))
        spells = [
            *((s.start, s.stop, math.exp(s.change)) for s in rule.spells if traveller.reached_by(s.policy)),
            *((s.start, s.stop, 0.0) for s in rule.removals if traveller.reached_by(s.policy)),
        ]
        unit = unit_exponential(traveller.luck.uniform(rule.key, traveller.entity, visit))
        time = ring_time(entry, unit, rate, spells)
        if time < first.time:
            first = Ring(time, rule.barrier, rule.form)
    return first


def draw_gates(traveller: Traveller, stage: StagePlan, visit: int, now: float, eased: Eased) -> list[GateDraw]:
    """Draw the stage's gates in the order written, up to and including the first that blocks."""
    drawn: list[GateDraw] = []
    for gate in stage.gates:
        rule = gate.rule
        if not holds(rule.applies_to, traveller.facts) or _removed(traveller, rule.removals, now):
            continue
        odds = gate.log_odds + _shift(traveller, rule)
        for spell in rule.spells:
            if spell.start <= now < spell.stop and traveller.reached_by(spell.policy):
                odds += spell.change
        for number in gate.exemplars:
            exemplar = traveller.plan.exemplars[number]
            odds += exemplar.log_odds * min(eased(number), exemplar.at_most)
        draw = GateDraw(gate, probability(odds), traveller.luck.uniform(rule.key, traveller.entity, visit))
        drawn.append(draw)
        if draw.blocked:
            break
    return drawn


def next_try(traveller: Traveller, retry: RetryPlan | None, visit: int) -> float | None:
    """Days until a blocked group tries the stage again, or None where it gives up. ``visit`` counts from 0."""
    if retry is None or visit + 1 >= retry.tries:
        return None
    if traveller.luck.uniform(retry.key, traveller.entity, visit) >= retry.probability:
        return None
    return traveller.draw(retry.delay, visit)


def _shift(traveller: Traveller, rule: BarrierPlan) -> float:
    total = shift(rule.terms, traveller.facts)
    for milestone, change in rule.eases_after:
        if milestone in traveller.reached:
            total += change
    return total


def _removed(traveller: Traveller, removals: Sequence[Spell], now: float) -> bool:
    return any(spell.start <= now < spell.stop and traveller.reached_by(spell.policy) for spell in removals)
