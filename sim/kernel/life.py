"""A staff group's life in the kernel, carried forward in one go until it next meets something that others share.

Work, gates and hazards touch nobody else: their times are known when they begin, so that no calendar is needed. A
queue, a sitting, a server given back and a milestone that others follow are shared: there the group waits on the
calendar for its turn. Why that changes nothing is shown in docs/background/design.md ("Carrying forward 1" and so on,
"Ties 1" and so on); comments say which step rests on which statement.

``level`` is the highest phase of this instant through which the group was carried without the calendar; `AT_ONCE`
where the calendar has just given it its turn (ties 4).
"""

from __future__ import annotations

import math

from sim.compile.cache import inlined, jit
from sim.kernel.calendar import push
from sim.kernel.queues import has_room, join, release, serve, submit, tally_of, turn_away, withdraw
from sim.kernel.state import DISMISSED, ENTRIES, EVENTS, NOT_WAITING, WAITING, State
from sim.plan.rows import FUND, NONE, PROGRAMME, SITTINGS
from sim.plan.tables import GAVE_UP_WAITING, NO_ROUTE, TURNED_AWAY, WINDOW_CLOSED
from sim.results.failures import FULL, NO_COST, TOO_MANY_TRIES
from sim.results.record import (
    ARRIVES,
    BLOCKED,
    COMPLETED,
    ENTERS,
    EXITED,
    EXITS,
    GRANTED,
    LEAVES,
    MILESTONE,
    PASSES,
    RELEASES,
    STARTS,
    WORKS,
    Record,
    award_item,
    policy_item,
    repayment_item,
)
from sim.results.world import WorldArrays
from sim.rules.gates import LOST, PASSED, TRIED_TOO_OFTEN, decide
from sim.rules.instants import AT_ONCE, INSTALMENT, RELEASE, REQUEST, STEP, TIMEOUT
from sim.rules.population import holds
from sim.rules.resources import unit_for
from sim.rules.stages import charge_policy, draw_for_group, first_hazard_event, work_days
from sim.scenario.quantity import DAYS_PER_MONTH

TRY, WORK, END, DECIDE = range(4)


@jit
def arrive(world: WorldArrays, record: Record, state: State, row: int) -> None:
    """Arrive: take the route that was drawn, and enter its first stage."""
    group, fate = world.groups[row], record.fates[row]
    _log(state, record, row, ARRIVES, group.route, group.arrival, NONE)
    fate.stage = NONE
    if group.route == NONE:
        _leave(state, record, row, group.arrival, NO_ROUTE)
        return
    general = world.general[0]
    first, end = general.first_arrival_charge, general.end_arrival_charges
    _charge_policies(world, record, state, row, first, end, group.arrival)
    route = world.routes[group.route]
    if _enter_next(world, record, state, row, route.first_stage, group.arrival):
        # An arrival is a request (ties 1).
        state.lives[row].step, state.lives[row].level = TRY, REQUEST
        advance(world, record, state, row, group.arrival)


@jit
def _enter_next(world: WorldArrays, record: Record, state: State, row: int, number: int, now: float) -> bool:
    """Enter the first stage from ``number`` on that concerns the group; false where it is at the end of its route."""
    fate, route = record.fates[row], world.routes[world.groups[row].route]
    while number < route.end_stages:
        stage = world.stages[number]
        if holds(world, stage.first_test, stage.end_tests, world.facts, row):
            fate.stage = number
            record.entered[row, number] = now
            state.lives[row].visit = 0
            return True
        number += 1
    fate.state, fate.exit_time = COMPLETED, now
    _log(state, record, row, LEAVES, NONE, now, NONE)
    return False


@jit
def advance(world: WorldArrays, record: Record, state: State, row: int, now: float) -> None:
    """Carry a group forward from its next step."""
    horizon, life = world.general[0].horizon, state.lives[row]
    step, level = life.step, life.level
    while now < horizon and not state.clock[0].status:
        number = record.fates[row].stage
        stage = world.stages[number]
        if step == TRY:
            # To ask for a server or an award is shared (carrying forward 1), and stands among the requests.
            if stage.resource != NONE and level != AT_ONCE:
                _schedule_step(state, row, TRY, now, max(level, REQUEST))
                return
            if not _begin_try(world, record, state, row, now):
                return
            step = WORK
        if step == WORK:
            end = _begin_work(world, record, state, row, now)
            # Work of no length ends in the instant's level (ties 4); once time goes on, the level begins again.
            phase = max(level, RELEASE) if end == now else RELEASE
            # Giving back a server, submitting and passing what others follow are shared (carrying forward 1).
            if life.server or (not life.interrupted and (stage.decided_by != NONE or stage.shared_end)):
                _schedule_step(state, row, END, end, phase)
                return
            if end >= horizon:
                return
            now, level, step = end, phase, END
        if step == END and not _end_work(world, record, state, row, now):
            return
        # What is left is the decision. What follows it, the next stage or another try, is a request (ties 1 to 3).
        decision, wait = _decide(world, record, state, row, now)
        if decision == LOST or (decision == PASSED and not _enter_next(world, record, state, row, number + 1, now)):
            return
        level = REQUEST if wait > 0.0 else max(level, REQUEST)
        now += wait
        step = TRY


@inlined
def _schedule_step(state: State, row: int, step: int, time: float, phase: int) -> None:
    state.lives[row].step, state.lives[row].level = step, AT_ONCE
    push(state, time, phase, row, STEP, 0)


@inlined
def _begin_try(world: WorldArrays, record: Record, state: State, row: int, now: float) -> bool:
    """Begin a try of a stage; true where the work can begin at once."""
    fate, life = record.fates[row], state.lives[row]
    number, visit = fate.stage, life.visit
    stage = world.stages[number]
    _log(state, record, row, ENTERS, number, now, NONE)
    if now >= stage.closes:
        _leave(state, record, row, now, WINDOW_CLOSED)
        return False
    until = world.general[0].horizon
    if stage.resource == NONE:
        life.end = now + work_days(world, row, number, visit, now)
        if stage.decided_by == NONE:
            until = life.end
    life.event_time, life.event_cause = first_hazard_event(world, row, number, visit, now, until)
    _charge_policies(world, record, state, row, stage.first_charge, stage.end_charges, now)
    for place in range(stage.first_cost, stage.end_costs):
        cost = world.costs[place]
        _pay(state, record, row, now, cost.payer, number, draw_for_group(world, row, cost.amount, visit))
    if stage.resource == NONE:
        return True
    return _request(world, record, state, row, now)


@jit
def _request(world: WorldArrays, record: Record, state: State, row: int, now: float) -> bool:
    """Ask for what the stage needs; true where the group does without it."""
    life, stage = state.lives[row], world.stages[record.fates[row].stage]
    unit = unit_for(world, row, stage.resource)
    life.amount = 0.0
    if stage.award != NONE:
        life.amount = draw_for_group(world, row, stage.award, life.visit)
    if not has_room(world, state, unit, life.amount, stage.room):
        turn_away(record, state, unit)
        return _continue_or_leave(world, record, state, row, now, TURNED_AWAY)
    join(record, state, unit, row)
    serve(world, record, state, unit)
    if life.outcome == WAITING:
        life.patience = math.inf
        if stage.patience != NONE:
            life.patience = now + draw_for_group(world, row, stage.patience, life.visit)
        _schedule_timeout(state, row, min(life.event_time, life.patience))
    return False


@inlined
def _continue_or_leave(world: WorldArrays, record: Record, state: State, row: int, now: float, cause: int) -> bool:
    """A group that was turned away or lost patience leaves, or does without what it asked for."""
    if world.stages[record.fates[row].stage].continues:
        return True
    _leave(state, record, row, now, cause)
    return False


@inlined
def _schedule_timeout(state: State, row: int, time: float) -> None:
    push(state, time, RELEASE, row, TIMEOUT, state.lives[row].ticket)


@inlined
def _begin_work(world: WorldArrays, record: Record, state: State, row: int, now: float) -> float:
    """Start the work; when it ends or a hazard comes first."""
    life, stage = state.lives[row], record.fates[row].stage
    if life.server:
        _log(state, record, row, STARTS, stage, now, life.server)
    else:
        _log(state, record, row, WORKS, stage, now, NONE)
    if world.stages[stage].resource != NONE:
        life.end = now + work_days(world, row, stage, life.visit, now)
    life.interrupted = life.event_time < life.end
    return min(life.end, life.event_time)


@inlined
def _end_work(world: WorldArrays, record: Record, state: State, row: int, now: float) -> bool:
    """Give back the server and, where a sitting decides, submit; true where the gates decide at once."""
    life, stage = state.lives[row], record.fates[row].stage
    decided_by = world.stages[stage].decided_by
    if life.server:
        server = life.server
        release(world, record, state, life.unit, row)
        _log(state, record, row, RELEASES, stage, now, server)
    if life.interrupted:
        _leave(state, record, row, now, life.event_cause)
        return False
    if decided_by == NONE:
        return True
    unit = unit_for(world, row, decided_by)
    if submit(world, record, state, unit, row):
        _schedule_timeout(state, row, life.event_time)
    else:
        _leave(state, record, row, now, WINDOW_CLOSED)
    return False


@inlined
def _decide(world: WorldArrays, record: Record, state: State, row: int, now: float) -> tuple[int, float]:
    """What the gates decide (`sim.rules.gates`), with its consequences, and the days until another try."""
    fate, life = record.fates[row], state.lives[row]
    decision, gate, wait = decide(world, row, fate.stage, life.visit, now)
    if decision == PASSED:
        _pass(world, record, state, row, fate.stage, now)
        return decision, wait
    _log(state, record, row, BLOCKED, fate.stage, now, NONE)
    if decision == LOST:
        _leave(state, record, row, now, world.gates[gate].cause)
        return decision, wait
    life.visit += 1
    fate.tries += 1
    if decision == TRIED_TOO_OFTEN:
        state.clock[0].status, state.clock[0].row = TOO_MANY_TRIES, row
        return LOST, wait
    return decision, wait


@inlined
def _pass(world: WorldArrays, record: Record, state: State, row: int, stage: int, now: float) -> None:
    _log(state, record, row, PASSES, stage, now, NONE)
    milestone = world.stages[stage].milestone
    if milestone == NONE or world.reached[row, milestone] < math.inf:
        return
    world.reached[row, milestone] = now
    world.launches[milestone, world.hosts[world.groups[row].host].region] += 1
    world.launches[milestone, len(world.regions)] += 1
    _log(state, record, row, MILESTONE, milestone, now, NONE)


@jit
def resume(world: WorldArrays, record: Record, state: State, row: int) -> None:
    """Continue after a wait that ended by being served or, at a sitting that will never come, dismissed."""
    life, now = state.lives[row], state.clock[0].now
    outcome, kind = life.outcome, state.units[life.unit].kind
    life.outcome = NOT_WAITING
    if outcome == DISMISSED:
        _leave(state, record, row, now, WINDOW_CLOSED)
    elif kind == SITTINGS:
        life.step, life.level = DECIDE, AT_ONCE
        advance(world, record, state, row, now)
    else:
        if kind == FUND:
            _receive(world, record, state, row, now)
        life.step, life.level = WORK, AT_ONCE
        advance(world, record, state, row, now)


@jit
def _receive(world: WorldArrays, record: Record, state: State, row: int, now: float) -> None:
    """Take an award; a loan will come back in instalments."""
    life, clock = state.lives[row], state.clock[0]
    number = state.units[life.unit].resource
    fund = world.resources[number]
    _log(state, record, row, GRANTED, number, now, NONE)
    record.fates[row].award += life.amount
    _pay(state, record, row, now, PROGRAMME, award_item(world, number), life.amount)
    if not (fund.returned_share > 0.0 and life.amount > 0.0):
        return
    if clock.loans == len(state.loans):
        clock.status, clock.short_of = FULL, ENTRIES
        return
    loan = state.loans[clock.loans]
    loan.row, loan.unit, loan.paid = row, life.unit, 0
    loan.part = life.amount * fund.returned_share / fund.instalments
    loan.begin = now + fund.returns_after
    push(state, loan.begin + DAYS_PER_MONTH, RELEASE, row, INSTALMENT, clock.loans)
    clock.loans += 1


@jit
def repay(world: WorldArrays, record: Record, state: State, number: int) -> None:
    """An instalment of a loan comes back, unless the group has left."""
    loan, now = state.loans[number], state.clock[0].now
    row, unit = loan.row, loan.unit
    fate = record.fates[row]
    # The group may have been carried beyond this instant; it repays until it leaves (carrying forward 4).
    if fate.state == EXITED and fate.exit_time < now:
        return
    resource = state.units[unit].resource
    fate.repaid += loan.part
    _pay(state, record, row, now, PROGRAMME, repayment_item(world, resource), -loan.part)
    state.units[unit].number += loan.part
    tally_of(record, state, unit).money_repaid += loan.part
    serve(world, record, state, unit)
    loan.paid += 1
    if loan.paid < world.resources[resource].instalments:
        push(state, loan.begin + (loan.paid + 1) * DAYS_PER_MONTH, RELEASE, row, INSTALMENT, number)


@jit
def end_wait(world: WorldArrays, record: Record, state: State, row: int, ticket: int) -> None:
    """The end of a wait by a hazard or of patience, unless the wait has ended."""
    life, now = state.lives[row], state.clock[0].now
    if life.outcome != WAITING or life.ticket != ticket:
        return
    kind = state.units[life.unit].kind
    withdraw(world, record, state, life.unit, row)
    if kind == SITTINGS or life.event_time <= life.patience:
        _leave(state, record, row, now, life.event_cause)
    elif _continue_or_leave(world, record, state, row, now, GAVE_UP_WAITING):
        life.step, life.level = WORK, AT_ONCE
        advance(world, record, state, row, now)


@inlined
def _charge_policies(
    world: WorldArrays, record: Record, state: State, row: int, first: int, end: int, now: float
) -> None:
    for link in range(first, end):
        policy = world.links[link]
        amount = charge_policy(world, row, policy, now)
        _pay(state, record, row, now, world.policies[policy].payer, policy_item(world, policy), amount)


@inlined
def _pay(state: State, record: Record, row: int, now: float, payer: int, item: int, amount: float) -> None:
    """Enter a payment in the ledger."""
    clock = state.clock[0]
    if amount == 0.0:
        return
    if not abs(amount) < math.inf:
        clock.status, clock.row = NO_COST, row
        return
    if clock.entries == len(record.ledger):
        clock.status, clock.short_of = FULL, ENTRIES
        return
    entry = record.ledger[clock.entries]
    entry.row, entry.time, entry.payer, entry.purpose, entry.amount = row, now, payer, item, amount
    clock.entries += 1


@inlined
def _leave(state: State, record: Record, row: int, now: float, cause: int) -> None:
    fate = record.fates[row]
    fate.state, fate.exit_time, fate.cause = EXITED, now, cause
    _log(state, record, row, EXITS, cause, now, NONE)
    _log(state, record, row, LEAVES, NONE, now, NONE)


@inlined
def _log(state: State, record: Record, row: int, kind: int, name: int, time: float, unit: int) -> None:
    """Write an event into the log, where one is kept."""
    clock = state.clock[0]
    if len(record.events) == 0:
        return
    if clock.events == len(record.events):
        clock.status, clock.short_of = FULL, EVENTS
        return
    event = record.events[clock.events]
    event.row, event.kind, event.name, event.time, event.unit = row, kind, name, time, unit
    clock.events += 1
