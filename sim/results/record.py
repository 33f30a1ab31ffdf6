"""What replications leave behind: the arrays that both engines fill, and from which all tables are made."""

from __future__ import annotations

import math
from typing import ClassVar, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compile.array_struct import ArrayStruct
from sim.compile.cache import inlined, jit
from sim.compile.records import RecordArray, Span, record_type
from sim.plan.plan import Plan
from sim.plan.rows import HOST, NONE, PROGRAMME
from sim.results.world import WorldArrays
from sim.scenario.quantity import DAYS_PER_MONTH
from sim.scenario.vocabulary import PAYERS

INSIDE, EXITED, COMPLETED = range(3)


class FateRow(NamedTuple):
    """What became of a group: its stage is -1 where it had no route, ``exit_time`` infinite while it is inside.

    ``programme``, ``host`` and ``group`` are what it cost each payer; `order_ledger` adds that up.
    """

    state: int
    stage: int
    exit_time: float
    cause: int
    tries: int
    award: float
    repaid: float
    programme: float = 0.0
    host: float = 0.0
    group: float = 0.0


class EntryRow(NamedTuple):
    """A payment of the ledger; the purpose is a number of `item_names`."""

    row: int
    time: float
    payer: int
    purpose: int
    amount: float


class EventRow(NamedTuple):
    """An event of the log: ``name`` is a number of its kind; ``unit`` is -1 for none."""

    row: int
    kind: int
    name: int
    time: float
    unit: int


class TallyRow(NamedTuple):
    """What is counted about a unit of a resource; times are in group-days, money in pounds."""

    requests: int
    granted: int
    left_queue: int
    waiting: int
    queue_time: float
    busy_time: float
    capacity_time: float
    money_granted: float
    money_repaid: float


class SpanRow(NamedTuple):
    """Where a replication's groups, ledger and events lie, and what ended it: a status of `sim.results.failures`, and
    the row of the group that it met.
    """

    groups: Span
    entries: Span
    events: Span
    status: int
    row: int


FATE: Final = record_type(FateRow)
ENTRY: Final = record_type(EntryRow)
EVENT: Final = record_type(EventRow)
TALLY: Final = record_type(TallyRow)
SPAN: Final = record_type(SpanRow)
(
    ARRIVES,
    ENTERS,
    STARTS,
    WORKS,
    RELEASES,
    PASSES,
    BLOCKED,
    MILESTONE,
    GRANTED,
    EXITS,
    LEAVES,
) = range(11)


class Record(ArrayStruct):
    """The results of some replications of one plan, the groups in the rows that they have in `WorldArrays`.

    ``entered`` holds when each group entered each stage, infinity for never. Tallies lie replication by replication.
    """

    fields: ClassVar = {
        "fates": (FATE, 1),
        "entered": (np.dtype("f8"), 2),
        "ledger": (ENTRY, 1),
        "events": (EVENT, 1),
        "tallies": (TALLY, 1),
        "spans": (SPAN, 1),
    }

    def keep_first(self, replications: int) -> Record:
        """The same record, of its first replications only."""
        arrays = {name: getattr(self, name) for name in self.fields}
        return Record(**{**arrays, "spans": self.spans[:replications]})


def allocate_record(world: WorldArrays, replications: int, groups: int, entries: int, events: int) -> Record:
    """An empty record with so much room."""
    return Record(
        fates=np.zeros(groups, FATE),
        entered=np.full((groups, len(world.stages)), np.inf),
        ledger=np.zeros(entries, ENTRY),
        events=np.zeros(events, EVENT),
        tallies=np.zeros(replications * count_units(world), TALLY),
        spans=np.zeros(replications, SPAN),
    )


def count_units(world: WorldArrays) -> int:
    """How many units all resources have together."""
    return int(world.resources["units"].sum()) if len(world.resources) else 0


@inlined
def policy_item(world: WorldArrays, policy: int) -> int:
    """What an intervention's cost is for; a stage's cost is for the stage, by its own number."""
    return len(world.stages) + policy


@inlined
def award_item(world: WorldArrays, resource: int) -> int:
    """What a fund's awards are for."""
    return len(world.stages) + len(world.policies) + resource


@inlined
def repayment_item(world: WorldArrays, resource: int) -> int:
    """What a fund's loans that come back are for."""
    return award_item(world, resource) + len(world.resources)


@jit
def order_ledger(
    world: WorldArrays,
    record: Record,
    first: int,
    end: int,
    first_row: int,
    end_row: int,
    sorting: RecordArray,
    firsts: NDArray[np.int64],
    ends: NDArray[np.int64],
) -> None:
    """Put a replication's ledger in order and add up what each group cost each payer.

    The order is by group, then time; at one time money of funds comes first. An engine may enter the payments of
    different groups in any order, so only after this are its sums what they are in the other engine. ``sorting`` needs
    room for the payments, ``firsts`` and ``ends`` for one more than the groups.
    """
    funds, groups = award_item(world, 0), end_row - first_row
    firsts[: groups + 1] = 0
    for number in range(first, end):
        firsts[record.ledger[number].row - first_row + 1] += 1
    for row in range(1, groups + 1):
        firsts[row] += firsts[row - 1]
    ends[:groups] = firsts[:groups]
    for number in range(first, end):
        row = record.ledger[number].row - first_row
        place = ends[row]
        ends[row] += 1
        time, kind = record.ledger[number].time, record.ledger[number].purpose < funds
        while place > firsts[row]:
            before = sorting[place - 1]
            if before.time < time or (before.time == time and (before.purpose < funds) <= kind):
                break
            sorting[place] = sorting[place - 1]
            place -= 1
        sorting[place] = record.ledger[number]
    for number in range(end - first):
        record.ledger[first + number] = sorting[number]
        _add_up(record, first + number)


@inlined
def _add_up(record: Record, number: int) -> None:
    """Add a payment of the ledger to what the group costs its payer."""
    entry = record.ledger[number]
    fate = record.fates[entry.row]
    if entry.payer == PROGRAMME:
        fate.programme += entry.amount
    elif entry.payer == HOST:
        fate.host += entry.amount
    else:
        fate.group += entry.amount


def item_names(plan: Plan) -> tuple[str, ...]:
    """What payments are for, by number: stages, policies, the awards of resources, and the loans that come back."""
    resources = [resource.name for resource in plan.resources]
    return (
        *(stage.name for stage in plan.stages),
        *(policy.name for policy in plan.policies),
        *(f"award {name}" for name in resources),
        *(f"repayment {name}" for name in resources),
    )


def programme_costs(plan: Plan) -> list[EntryRow]:
    """The fixed and monthly costs of the interventions that are on, which concern no group."""
    costs = []
    for number, policy in enumerate(plan.policies):
        start, stop = max(policy.start, 0.0), min(policy.stop, plan.horizon)
        if start >= plan.horizon or stop <= 0.0:
            continue
        payer, purpose = PAYERS.index(policy.payer), len(plan.stages) + number
        if policy.fixed:
            costs.append(EntryRow(row=NONE, time=start, payer=payer, purpose=purpose, amount=policy.fixed))
        if policy.per_month:
            for month in range(math.ceil((stop - start) / DAYS_PER_MONTH)):
                time = start + month * DAYS_PER_MONTH
                part = min(1.0, (stop - time) / DAYS_PER_MONTH)
                amount = policy.per_month * part
                costs.append(EntryRow(row=NONE, time=time, payer=payer, purpose=purpose, amount=amount))
    return costs
