"""A world: everything that one replication simulates, and how it is run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.model.clock import Clock
from sim.model.event_log import EventRow, Listener
from sim.model.fund import Fund
from sim.model.servers import Servers
from sim.model.sittings import Sittings
from sim.model.staff_group import StaffGroup
from sim.plan.plan import FundPlan, Plan, ServersPlan
from sim.plan.tables import Tables, causes
from sim.results.record import Record, allocate_record, order_ledger
from sim.results.world import WorldArrays
from sim.rules.population import draw_population
from sim.scenario.vocabulary import PAYERS, STATES

Unit = Servers | Sittings | Fund


@dataclass(frozen=True, slots=True)
class Replication:
    """What one replication brought: the people in it, and the book of what became of them."""

    replication: int
    plan: Plan
    world: WorldArrays
    record: Record


class World:
    """One replication of a plan; ``tables`` is the plan as `sim.plan.tables.tables` lays it out."""

    def __init__(self, plan: Plan, tables: Tables, seed: int, replication: int, listener: Listener) -> None:
        """Raises `sim.errors.RunFailed` where there would be too many groups or staff."""
        self.plan = plan
        self.listener = listener
        self.clock = Clock()
        self.causes = causes(plan)
        self.loans = 0
        self.arrays, groups = draw_population(plan, tables, seed, replication)
        self._replication = replication
        self._ledger: list[tuple[int, float, int, int, float]] = []
        self._units = [self._unit(number) for number in range(len(plan.resources))]
        self._groups = [StaffGroup(self, row) for row in range(groups)]

    def run(self) -> Replication:
        """Run to the horizon; what is then unfinished stays so."""
        for group in self._groups:
            self.clock.process(group.life())
        self.clock.run(until=self.plan.horizon)
        return Replication(self._replication, self.plan, self.arrays, self._record())

    def resource(self, number: int, host: int, region: int) -> Unit:
        """The unit of a resource that serves a host."""
        scope = self.plan.resources[number].scope
        return self._units[number][0 if scope == "nation" else region if scope == "region" else host]

    def pay(self, row: int, payer: str, item: int, amount: float) -> None:
        """Enter a payment in the ledger, dated now."""
        self._ledger.append((row, self.clock.now, PAYERS.index(payer), item, amount))

    def _unit(self, number: int) -> list[Unit]:
        kind, one = self.plan.resources[number].kind, self.arrays.resources[number]
        made: list[Unit] = []
        for place in range(one.units):
            unit = int(one.first_unit) + place
            if isinstance(kind, ServersPlan):
                made.append(Servers(self.clock, kind, unit))
            elif isinstance(kind, FundPlan):
                made.append(Fund(self.clock, kind, unit))
            else:
                made.append(Sittings(self.clock, self.arrays, number, place, unit))
        return made

    def _record(self) -> Record:
        """What became of everything, in the form that both engines share."""
        events: Sequence[EventRow] = getattr(self.listener, "rows", ())
        record = allocate_record(self.arrays, 1, len(self._groups), len(self._ledger), len(events))
        for row, one in enumerate(self._groups):
            fate = one.fate
            cause = self.causes.index((fate.exit_cause, fate.exit_form))
            state = STATES.index(fate.state)
            record.fates[row] = (state, fate.stage, fate.exit_time, cause, fate.tries, fate.award, fate.repaid, 0, 0, 0)
            for stage, time in fate.entered.items():
                record.entered[row, stage] = time
        record.ledger[:] = self._ledger
        record.events[:] = list(events)
        self._count(record)
        places = np.zeros((2, len(self._groups) + 1), np.int64)
        spare = np.zeros_like(record.ledger)
        order_ledger(self.arrays, record, 0, len(self._ledger), 0, len(self._groups), spare, places[0], places[1])
        record.spans[0] = (0, len(self._groups), 0, len(self._ledger), 0, len(events), 0, 0)
        return record

    def _count(self, record: Record) -> None:
        units = [unit for units in self._units for unit in units]
        for number, unit in enumerate(units):
            unit.count_unfinished(self.plan.horizon)
            tally = unit.tally
            record.tallies[number] = (
                tally.requests,
                tally.granted,
                tally.left_queue,
                len(unit.queue),
                tally.queue_time,
                tally.busy_time,
                tally.capacity_time,
                tally.money_granted,
                tally.money_repaid,
            )
