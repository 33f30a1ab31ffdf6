"""One replication by the reference engine, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.compile.records import RecordArray, Span, records
from sim.model.event_log import Listener
from sim.model.staff_group import StaffGroup
from sim.model.world import World
from sim.plan.plan import Plan
from sim.plan.rows import Tables
from sim.results.failures import FINE
from sim.results.record import (
    EntryRow,
    EventRow,
    FateRow,
    Record,
    SpanRow,
    TallyRow,
    allocate_record,
    order_ledger,
)
from sim.results.world import WorldArrays
from sim.rules.population import draw_population
from sim.scenario.vocabulary import STATES


@dataclass(frozen=True, slots=True)
class Replication:
    """What one replication brought: the groups in it, and the record of what became of them."""

    number: int
    plan: Plan
    world: WorldArrays
    record: Record


def run_replication(plan: Plan, tables: Tables, seed: int, number: int, listener: Listener) -> Replication:
    """Run a replication to the horizon; what is then unfinished stays so.

    ``tables`` are those of the plan, as `sim.plan.tables.build_tables` gives them. Raises `sim.errors.RunFailed` where
    there would be too many groups or staff, or numbers grow beyond what can be computed.
    """
    arrays, size = draw_population(plan, tables, seed, number)
    world = World(plan, arrays, listener)
    groups = [StaffGroup(world, row) for row in range(size)]
    for group in groups:
        world.clock.process(group.life())
    world.clock.run(until=plan.horizon)
    return Replication(number, plan, arrays, _record(world, groups))


def _record(world: World, groups: Sequence[StaffGroup]) -> Record:
    """What became of everything, in the form that both engines share."""
    events: Sequence[EventRow] = getattr(world.listener, "rows", ())
    record = allocate_record(world.arrays, 1, len(groups), len(world.ledger), len(events))
    record.fates[:] = _fates(world, groups)
    for row, group in enumerate(groups):
        for stage, time in group.fate.entered.items():
            record.entered[row, stage] = time
    record.ledger[:] = records(EntryRow, world.ledger)
    record.events[:] = records(EventRow, events)
    record.tallies[:] = _tallies(world)
    record.spans[:] = records(
        SpanRow,
        [
            SpanRow(
                groups=Span(0, len(groups)),
                entries=Span(0, len(world.ledger)),
                events=Span(0, len(events)),
                status=FINE,
                row=0,
            )
        ],
    )
    places = np.zeros((2, len(groups) + 1), np.int64)
    spare = np.zeros_like(record.ledger)
    order_ledger(world.arrays, record, 0, len(world.ledger), 0, len(groups), spare, places[0], places[1])
    return record


def _fates(world: World, groups: Sequence[StaffGroup]) -> RecordArray:
    causes = {cause: number for number, cause in enumerate(world.causes)}
    fates = [group.fate for group in groups]
    rows = [
        FateRow(
            state=STATES.index(fate.state),
            stage=fate.stage,
            exit_time=fate.exit_time,
            cause=causes[fate.exit_cause, fate.exit_form],
            tries=fate.tries,
            award=fate.award,
            repaid=fate.repaid,
        )
        for fate in fates
    ]
    return records(FateRow, rows)


def _tallies(world: World) -> RecordArray:
    rows = []
    for unit in world.units:
        unit.count_unfinished(world.plan.horizon)
        tally = unit.tally
        rows.append(
            TallyRow(
                requests=tally.requests,
                granted=tally.granted,
                left_queue=tally.left_queue,
                waiting=len(unit.queue),
                queue_time=tally.queue_time,
                busy_time=tally.busy_time,
                capacity_time=tally.capacity_time,
                money_granted=tally.money_granted,
                money_repaid=tally.money_repaid,
            )
        )
    return records(TallyRow, rows)
