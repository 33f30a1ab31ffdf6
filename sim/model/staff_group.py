"""A staff group's life: it arrives, takes a route, and passes its stages one by one until something ends it."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

import simpy

from sim.draws.probability import probability
from sim.errors import RunFailed
from sim.model.fund import Fund
from sim.model.queue import Outcome, Request
from sim.model.servers import Servers
from sim.model.sittings import Sittings
from sim.model.world import World
from sim.plan.plan import NEVER, GatePlan, NeedPlan, StagePlan
from sim.plan.rows import NONE
from sim.results.failures import NO_COST, TOO_MANY_TRIES, failure
from sim.results.record import award_item, policy_item, repayment_item
from sim.rules.gates import LOST, PASSED, TRIED_TOO_OFTEN, decide
from sim.rules.instants import INSTALMENT, RELEASE, REQUEST, STEP, TIMEOUT
from sim.rules.population import holds
from sim.rules.stages import charge_policy, draw_for_group, first_hazard_event, work_days
from sim.scenario.quantity import DAYS_PER_MONTH

Steps = Generator[simpy.Event, Any, None]


class Exit(Exception):
    """A group leaves the pipeline: by which cause, and in which form of a barrier."""

    def __init__(self, cause: str, form: str = "") -> None:
        super().__init__(cause)
        self.cause = cause
        self.form = form


@dataclass(frozen=True, slots=True)
class GateDraw:
    """What happened at one gate: the probability of blocking, the draw, and whether it blocked."""

    gate: GatePlan
    probability: float
    u: float
    blocked: bool


@dataclass(frozen=True, slots=True)
class HazardEvent:
    """The first hazard event of a visit to a stage; ``time`` is infinite where there is none."""

    time: float
    barrier: str
    form: str


@dataclass(slots=True)
class Fate:
    """What became of a group; times in days, NEVER where it did not happen; stages by their number in the plan.

    ``exit_time`` is when it left or, ``state`` being completed, when it came to the end of its route.
    """

    state: str = "inside"
    stage: int = NONE
    exit_time: float = NEVER
    exit_cause: str = ""
    exit_form: str = ""
    tries: int = 0
    entered: dict[int, float] = field(default_factory=dict)
    award: float = 0.0
    repaid: float = 0.0


class StaffGroup:
    """One staff group on its way through the world; ``row`` is its place among all."""

    def __init__(self, world: World, row: int) -> None:
        self.world = world
        self.clock = world.clock
        self.row = row
        self.fate = Fate()
        group = world.arrays.groups[row]
        self._arrival, self._route = float(group.arrival), int(group.route)
        self._region = int(world.arrays.hosts[group.host].region)

    def life(self) -> Steps:
        """From the idea to the end."""
        yield self.clock.at(self._arrival, REQUEST, self.row, STEP)
        try:
            yield from self._journey(self._arrive())
            self.fate.state, self.fate.exit_time = "completed", self.clock.now
        except Exit as exit:
            self.fate.state, self.fate.exit_time = "exited", self.clock.now
            self.fate.exit_cause, self.fate.exit_form = exit.cause, exit.form
            where = "" if self.fate.stage == NONE else self.world.plan.stages[self.fate.stage].name
            self._log("exits", where, cause=exit.cause, form=exit.form)
        self._log("leaves", "")

    def _arrive(self) -> Sequence[int]:
        """Take the route that was drawn, and return its stages that concern this group."""
        plan, arrays = self.world.plan, self.world.arrays
        self._log("arrives", "" if self._route == NONE else plan.routes[self._route].name)
        if self._route == NONE:
            raise Exit("no_route")
        self._charge_policies(plan.charged_on_arrival)
        stages = [(number, arrays.stages[number]) for number in plan.routes[self._route].stages]
        return [
            number
            for number, stage in stages
            if holds(arrays, stage.first_test, stage.end_tests, arrays.facts, self.row)
        ]

    def _journey(self, stages: Sequence[int]) -> Steps:
        for place, number in enumerate(stages):
            if place > 0:
                yield self.clock.at(self.clock.now, REQUEST, self.row, STEP)
            self.fate.stage = number
            self.fate.entered[number] = self.clock.now
            yield from self._tries(self.world.plan.stages[number])

    def _tries(self, stage: StagePlan) -> Steps:
        """Try the stage until it is passed; leave once a block is final."""
        visit = 0
        while True:
            yield from self._visit(stage, visit)
            decision, gate, wait = self._decide(stage, visit)
            if decision == PASSED or gate is None:
                self._pass(stage)
                return
            cause, form = gate.rule.barrier, gate.rule.form
            self._log("blocked", stage.name, cause=cause, form=form, wait=None if decision == LOST else wait)
            if decision == LOST:
                raise Exit(cause, form)
            visit += 1
            self.fate.tries += 1
            if decision == TRIED_TOO_OFTEN:
                raise self._failure(TOO_MANY_TRIES)
            yield self.clock.at(self.clock.now + wait, REQUEST, self.row, STEP)

    def _visit(self, stage: StagePlan, visit: int) -> Steps:
        """One try, up to the decision: queue, work, sitting."""
        self._log("enters", stage.name, visit=visit)
        if self.clock.now >= stage.closes:
            raise Exit("window_closed")
        hazard = self._first_hazard_event(visit)
        self._charge_policies(stage.charged_policies)
        first_cost = self.world.arrays.stages[self.fate.stage].first_cost
        for number, (payer, _) in enumerate(stage.costs, first_cost):
            self.charge(payer, self.fate.stage, stage.name, self._draw(self.world.arrays.costs[number].amount, visit))
        server = yield from self._queue(stage, visit, hazard)
        try:
            yield from self._work(stage, visit, hazard, server)
        except Exit:
            self._release(stage, server)
            raise
        self._release(stage, server)
        if stage.decided_by is not None:
            yield from self._sitting(stage, hazard)

    def _draw(self, number: int, visit: int) -> float:
        return draw_for_group(self.world.arrays, self.row, number, visit)

    def _first_hazard_event(self, visit: int) -> HazardEvent:
        time, cause = first_hazard_event(
            self.world.arrays, self.row, self.fate.stage, visit, float(self.clock.now), NEVER
        )
        return HazardEvent(time, *self.world.causes[cause])

    def _decide(self, stage: StagePlan, visit: int) -> tuple[int, GatePlan | None, float]:
        """What the gates decide, which of them blocked, and the days until another try."""
        arrays = self.world.arrays
        decision, blocking, wait = decide(arrays, self.row, self.fate.stage, visit, float(self.clock.now))
        first = arrays.stages[self.fate.stage].first_gate
        for number, gate in enumerate(stage.gates, first):
            odds, u = arrays.gate_draws[number - first]
            if not math.isnan(odds):
                draw = GateDraw(gate, float(probability(odds)), float(u), number == blocking)
                self._log("gate", stage.name, draw=draw)
        return decision, None if blocking == NONE else stage.gates[blocking - first], wait

    def _queue(self, stage: StagePlan, visit: int, hazard: HazardEvent) -> Generator[simpy.Event, Any, int | None]:
        """Wait for what the stage needs; returns the server that was given."""
        need = stage.need
        if need is None:
            return None
        resource = self.world.resource(need.resource, self.row)
        wanted = self.world.arrays.stages[self.fate.stage]
        amount = 0.0
        if isinstance(resource, Fund):
            amount = self._draw(wanted.award, visit) if need.award else 0.0
            request = resource.request(self.row, amount, need.room)
        else:
            assert isinstance(resource, Servers)
            request = resource.request(self.row, need.room)
        if request is None:
            self._continue_or_leave(need, "turned_away")
            return None
        patience = NEVER
        if need.patience is not None:
            patience = self.clock.now + self._draw(wanted.patience, visit)
        if request.outcome is None:
            self._log("waits", self.world.plan.resources[need.resource].name)
        if (yield from self._wait(request, min(hazard.time, patience))) is Outcome.TIMEOUT:
            resource.withdraw(request)
            if hazard.time <= patience:
                raise Exit(hazard.barrier, hazard.form)
            self._continue_or_leave(need, "gave_up_waiting")
            return None
        if isinstance(resource, Fund):
            self._grant(resource, need.resource, amount)
            return None
        server: int | None = request.event.value
        return server

    def _continue_or_leave(self, need: NeedPlan, cause: str) -> None:
        """A group that was turned away or lost patience leaves, or does without what it asked for."""
        if not need.continues:
            raise Exit(cause)
        self._log("goes_on", self.world.plan.resources[need.resource].name)

    def _wait(self, request: Request, until: float) -> Generator[simpy.Event, Any, Outcome | None]:
        """Wait for a request to be served, but not beyond ``until``; how the wait ended."""
        if until < NEVER and request.outcome is None:
            deadline = self.clock.at(until, RELEASE, self.row, TIMEOUT)
            assert deadline.callbacks is not None
            deadline.callbacks.append(lambda _: request.end(Outcome.TIMEOUT))
        yield request.event
        return request.outcome

    def _work(self, stage: StagePlan, visit: int, hazard: HazardEvent, server: int | None) -> Steps:
        start = float(self.clock.now)
        days = work_days(self.world.arrays, self.row, self.fate.stage, visit, start)
        self._log("starts", stage.name, days=days, unit=server)
        yield self.clock.at(min(start + days, hazard.time), RELEASE, self.row, STEP)
        if hazard.time < start + days:
            raise Exit(hazard.barrier, hazard.form)

    def _release(self, stage: StagePlan, server: int | None) -> None:
        if stage.need is None or server is None:
            return
        resource = self.world.resource(stage.need.resource, self.row)
        if isinstance(resource, Servers):
            resource.release(server)
            self._log("releases", stage.name, unit=server)

    def _sitting(self, stage: StagePlan, hazard: HazardEvent) -> Steps:
        """The finished work waits for the next sitting with room."""
        assert stage.decided_by is not None
        board = self.world.resource(stage.decided_by, self.row)
        assert isinstance(board, Sittings)
        request = board.submit(self.row)
        if request is None:
            raise Exit("window_closed")
        self._log("submits", self.world.plan.resources[stage.decided_by].name)
        outcome = yield from self._wait(request, hazard.time)
        if outcome is Outcome.TIMEOUT:
            board.withdraw(request)
            raise Exit(hazard.barrier, hazard.form)
        if outcome is Outcome.DISMISSED:
            raise Exit("window_closed")

    def _pass(self, stage: StagePlan) -> None:
        self._log("passes", stage.name)
        reached = self.world.arrays.reached
        if stage.milestone is not None and reached[self.row, stage.milestone] == NEVER:
            reached[self.row, stage.milestone] = self.clock.now
            self.world.arrays.launches[stage.milestone, self._region] += 1
            self.world.arrays.launches[stage.milestone, -1] += 1
            self._log("milestone", self.world.plan.milestones[stage.milestone])

    def _grant(self, fund: Fund, resource: int, amount: float) -> None:
        name = self.world.plan.resources[resource].name
        self._log("granted", name, amount=amount)
        self.fate.award += amount
        self.charge("programme", award_item(self.world.arrays, resource), f"award {name}", amount)
        if fund.plan.returned_share > 0.0 and amount > 0.0:
            self.world.loans += 1
            loan = self._repay(fund, resource, amount * fund.plan.returned_share, self.world.loans)
            self.clock.process(loan)

    def _repay(self, fund: Fund, resource: int, amount: float, loan: int) -> Steps:
        """A loan comes back in monthly instalments for as long as the group lives."""
        begin = self.clock.now + fund.plan.returns_after
        part = amount / fund.plan.instalments
        name = self.world.plan.resources[resource].name
        for number in range(1, fund.plan.instalments + 1):
            time = begin + number * DAYS_PER_MONTH
            yield self.clock.at(time, RELEASE, self.row, INSTALMENT, loan)
            if self.fate.state == "exited":
                return
            self.fate.repaid += part
            self.charge("programme", repayment_item(self.world.arrays, resource), f"repayment {name}", -part)
            fund.repay(part)

    def _charge_policies(self, policies: Sequence[int]) -> None:
        """An intervention with a cost per group costs it once for each group that it reaches while it holds."""
        for number in policies:
            policy = self.world.plan.policies[number]
            amount = charge_policy(self.world.arrays, self.row, number, float(self.clock.now))
            self.charge(policy.payer, policy_item(self.world.arrays, number), policy.name, amount)

    def charge(self, payer: str, item: int, name: str, amount: float) -> None:
        """Enter a payment in the ledger, dated now."""
        if amount == 0.0:
            return
        if not math.isfinite(amount):
            raise self._failure(NO_COST)
        self.world.pay(self.row, payer, item, amount)
        self._log("pays", name, payer=payer, amount=amount)

    def _failure(self, status: int) -> RunFailed:
        return failure(self.world.plan, self.world.arrays, status, self.row)

    def _log(self, what: str, where: str, **details: Any) -> None:
        self.world.listener.log(self.clock.now, self.row, what, where, **details)
