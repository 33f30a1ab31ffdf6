"""A world: everything that one replication simulates, and how it is run."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sim.errors import TooMuch
from sim.model.clock import Clock
from sim.model.fund import Fund
from sim.model.journal import Journal
from sim.model.queue import Tally
from sim.model.servers import Servers
from sim.model.sittings import Sittings
from sim.model.staff_group import StaffGroup
from sim.rules.draws import NATION, Entity, Luck
from sim.rules.plan import FundPlan, Plan, ResourcePlan, ServersPlan
from sim.rules.population import Host, groups, hosts
from sim.scenario.quantity import DAYS_PER_MONTH

MOST_GROUPS = 2_000_000
Cost = tuple[str, float, str, str, float]
"""entity_id ("" for the whole programme), time, payer, item, pounds."""
Unit = Servers | Sittings | Fund


@dataclass(frozen=True, slots=True)
class Used:
    """How one unit of a resource was used."""

    resource: str
    unit: str
    kind: str
    tally: Tally
    waiting: int


@dataclass(frozen=True, slots=True)
class History:
    """What one replication brought: its groups with their fates, hosts, costs and resources."""

    replication: int
    plan: Plan
    hosts: Sequence[Host]
    groups: Sequence[StaffGroup]
    ledger: Sequence[Cost]
    resources: Sequence[Used]


class World:
    """One replication of a plan."""

    def __init__(self, plan: Plan, seed: int, replication: int, journal: Journal) -> None:
        self.plan = plan
        self.luck = Luck(seed, replication)
        self.journal = journal
        self.clock = Clock()
        self.ledger: list[Cost] = []
        self.travellers: list[StaffGroup] = []
        self._launches: Counter[tuple[int, int | None]] = Counter()
        self._hosts = hosts(plan, self.luck)
        self._units = [self._build(number, resource) for number, resource in enumerate(plan.resources)]

    def run(self) -> History:
        """Run to the horizon; what is then unfinished stays so."""
        number = 0
        for host in self._hosts:
            for group in groups(self.plan, host, self.luck):
                number += 1
                if number > MOST_GROUPS:
                    raise TooMuch(f"more than {MOST_GROUPS} staff groups in one replication")
                self.clock.process(StaffGroup(self, group).life())
        self.clock.run(until=self.plan.horizon)
        self._charge_programme()
        return History(self.luck.replication, self.plan, self._hosts, self.travellers, self.ledger, list(self._close()))

    def resource(self, number: int, host: Host) -> Unit:
        """The unit of a resource that serves a host."""
        scope = self.plan.resources[number].scope
        return self._units[number][0 if scope == "nation" else host.region if scope == "region" else host.number]

    def count(self, milestone: int, region: int) -> None:
        """One more group reached a milestone."""
        self._launches[milestone, None] += 1
        self._launches[milestone, region] += 1

    def counted(self, milestone: int, region: int | None) -> int:
        """How many groups have reached a milestone so far, in a region or (None) in the nation."""
        return self._launches[milestone, region]

    def _build(self, number: int, resource: ResourcePlan) -> list[Unit]:
        units = {"nation": 1, "region": len(self.plan.regions), "host": len(self._hosts)}[resource.scope]
        return [self._unit(resource, (number, unit)) for unit in range(units)]

    def _unit(self, resource: ResourcePlan, order: tuple[int, int]) -> Unit:
        kind = resource.kind
        if isinstance(kind, ServersPlan):
            return Servers(self.clock, kind, order)
        if isinstance(kind, FundPlan):
            return Fund(self.clock, kind, order)
        phase = 0.0
        if kind.staggered:
            phase = kind.every * self.luck.uniform(resource.key, self._place(resource, order[1]))
        return Sittings(self.clock, kind, order, phase)

    def _place(self, resource: ResourcePlan, unit: int) -> Entity:
        """The nation, region or host that a unit of a resource serves."""
        if resource.scope == "nation":
            return NATION
        return self.plan.regions[unit].entity if resource.scope == "region" else self._hosts[unit].entity

    def _close(self) -> list[Used]:
        used = []
        for resource, units in zip(self.plan.resources, self._units, strict=True):
            for number, unit in enumerate(units):
                unit.close(self.plan.horizon)
                used.append(
                    Used(resource.name, self._unit_name(resource, number), _kind(resource), unit.tally, len(unit.queue))
                )
        return used

    def _unit_name(self, resource: ResourcePlan, number: int) -> str:
        if resource.scope == "nation":
            return ""
        return self.plan.regions[number].name if resource.scope == "region" else self._hosts[number].name

    def _charge_programme(self) -> None:
        """The fixed and monthly costs of the interventions that are on."""
        horizon = self.plan.horizon
        for policy in self.plan.policies:
            start, stop = max(policy.start, 0.0), min(policy.stop, horizon)
            if start >= horizon or stop <= 0.0:
                continue
            if policy.fixed:
                self.ledger.append(("", start, policy.payer, policy.name, policy.fixed))
            if policy.per_month:
                for month in range(math.ceil((stop - start) / DAYS_PER_MONTH)):
                    time = start + month * DAYS_PER_MONTH
                    part = min(1.0, (stop - time) / DAYS_PER_MONTH)
                    self.ledger.append(("", time, policy.payer, policy.name, policy.per_month * part))


def _kind(resource: ResourcePlan) -> str:
    if isinstance(resource.kind, ServersPlan):
        return "servers"
    if isinstance(resource.kind, FundPlan):
        return "fund"
    return "meeting" if resource.kind.every > 0.0 else "panel"
