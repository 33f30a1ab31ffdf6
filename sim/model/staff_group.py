"""A staff group's life: it sets out, takes a route, and passes its stages one by one until something ends it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import simpy

from sim.errors import TooMuch
from sim.model.clock import Phase
from sim.model.fund import Fund
from sim.model.queue import Outcome, Request
from sim.model.servers import Servers
from sim.model.sittings import Sittings
from sim.rules.plan import NEVER, NeedPlan, StagePlan
from sim.rules.population import Group, choose_route, holds, with_route
from sim.rules.progress import GateDraw, Ring, Traveller, draw_gates, first_ring, next_try, work_days
from sim.scenario.quantity import DAYS_PER_MONTH

if TYPE_CHECKING:
    from sim.model.world import World

MOST_TRIES = 10_000
Steps = Generator[simpy.Event, Any, None]


class Left(Exception):
    """A group leaves the pipeline: by which cause, and in which form of a barrier."""

    def __init__(self, cause: str, form: str = "") -> None:
        super().__init__(cause)
        self.cause = cause
        self.form = form


@dataclass(slots=True)
class Fate:
    """What became of a group; times in days, NEVER where it did not happen; stages by their number in the plan.

    ``exit_time`` is when it left or, ``state`` being completed, when it came to the end of its route.
    """

    route: int | None = None
    state: str = "inside"
    stage: int | None = None
    exit_time: float = NEVER
    exit_cause: str = ""
    exit_form: str = ""
    tries: int = 0
    entered: dict[int, float] = field(default_factory=dict)
    award: float = 0.0
    repaid: float = 0.0


class StaffGroup:
    """One staff group on its way through the world."""

    def __init__(self, world: World, group: Group) -> None:
        self.world = world
        self.clock = world.clock
        self.group = group
        self.fate = Fate()
        self.traveller = Traveller(
            world.plan, world.luck, group.entity, group.host.entity, group.type, group.facts, {}, {}
        )
        self._charged: set[int] = set()

    def life(self) -> Steps:
        """From the idea to the end."""
        yield self.clock.at(self.group.arrival, Phase.REQUEST, self.group.order)
        try:
            yield from self._journey(self._choose_route())
            self.fate.state, self.fate.exit_time = "completed", self.clock.now
        except Left as exit:
            self.fate.state, self.fate.exit_time = "exited", self.clock.now
            self.fate.exit_cause, self.fate.exit_form = exit.cause, exit.form
            where = "" if self.fate.stage is None else self.world.plan.stages[self.fate.stage].name
            self._note("exits", where, cause=exit.cause, form=exit.form)
        self._note("leaves", "")

    def _choose_route(self) -> Sequence[int]:
        """Take a route, and return its stages that concern this group."""
        plan = self.world.plan
        self.world.travellers.append(self)
        number = choose_route(plan, self.group, self.world.luck)
        self._note("arrives", "" if number is None else plan.routes[number].name, group=self.group)
        if number is None:
            raise Left("no_route")
        self.fate.route = number
        self.traveller.facts = with_route(plan, self.group, number)
        self._charge_policies(plan.charged_on_arrival)
        return [i for i in plan.routes[number].stages if holds(plan.stages[i].only_for, self.traveller.facts)]

    def _journey(self, stages: Sequence[int]) -> Steps:
        for place, number in enumerate(stages):
            if place > 0:
                yield self.clock.at(self.clock.now, Phase.REQUEST, self.group.order)
            self.fate.stage = number
            self.fate.entered[number] = self.clock.now
            yield from self._tries(self.world.plan.stages[number])

    def _tries(self, stage: StagePlan) -> Steps:
        """Try the stage until it is passed; leave once a block is final."""
        visit = 0
        while True:
            block = yield from self._visit(stage, visit)
            if block is None:
                self._pass(stage)
                return
            rule = block.gate.rule
            wait = next_try(self.traveller, block.gate.retry, visit)
            self._note("blocked", stage.name, cause=rule.barrier, form=rule.form, wait=wait)
            if wait is None:
                raise Left(rule.barrier, rule.form)
            visit += 1
            self.fate.tries += 1
            if visit > MOST_TRIES:
                raise TooMuch(f"{self.group.identity} tried {stage.name} more than {MOST_TRIES} times")
            yield self.clock.at(self.clock.now + wait, Phase.REQUEST, self.group.order)

    def _visit(self, stage: StagePlan, visit: int) -> Generator[simpy.Event, Any, GateDraw | None]:
        """One try: queue, work, sitting, gates. Returns the block, or None when every gate was passed."""
        self._note("enters", stage.name, visit=visit)
        if self.clock.now >= stage.closes:
            raise Left("window_closed")
        ring = first_ring(self.traveller, stage, visit, self.clock.now)
        self._charge_policies(stage.charged_policies)
        for payer, amount in stage.costs:
            self.charge(payer, stage.name, self.traveller.draw(amount, visit))
        server = yield from self._queue(stage, visit, ring)
        try:
            yield from self._work(stage, visit, ring, server)
        except Left:
            self._release(stage, server)
            raise
        self._release(stage, server)
        if stage.decided_by is not None:
            yield from self._sitting(stage, ring)
        draws = draw_gates(self.traveller, stage, visit, self.clock.now, self._exemplars)
        for draw in draws:
            self._note("gate", stage.name, draw=draw)
        return draws[-1] if draws and draws[-1].blocked else None

    def _queue(self, stage: StagePlan, visit: int, ring: Ring) -> Generator[simpy.Event, Any, int | None]:
        """Wait for what the stage needs; returns the server that was given."""
        need = stage.need
        if need is None:
            return None
        resource = self.world.resource(need.resource, self.group.host)
        amount = 0.0
        if isinstance(resource, Fund):
            amount = self.traveller.draw(need.award, visit) if need.award else 0.0
            request = resource.request(self.group.order, amount, need.room)
        else:
            assert isinstance(resource, Servers)
            request = resource.request(self.group.order, need.room)
        if request is None:
            self._go_on_or_leave(need, "turned_away")
            return None
        patience = NEVER
        if need.patience is not None:
            patience = self.clock.now + self.traveller.draw(need.patience, visit)
        if request.outcome is None:
            self._note("waits", self.world.plan.resources[need.resource].name)
        if (yield from self._wait(request, min(ring.time, patience))) is Outcome.LATE:
            resource.withdraw(request)
            if ring.time <= patience:
                raise Left(ring.barrier, ring.form)
            self._go_on_or_leave(need, "gave_up_waiting")
            return None
        if isinstance(resource, Fund):
            self._grant(resource, need.resource, amount)
            return None
        server: int | None = request.event.value
        return server

    def _go_on_or_leave(self, need: NeedPlan, cause: str) -> None:
        """A group that was turned away or lost patience leaves, or goes on without what it asked for."""
        if not need.goes_on:
            raise Left(cause)
        self._note("goes_on", self.world.plan.resources[need.resource].name)

    def _wait(self, request: Request, until: float) -> Generator[simpy.Event, Any, Outcome | None]:
        """Wait for a request to be served, but not beyond ``until``; how the wait ended."""
        if until < NEVER and request.outcome is None:
            deadline = self.clock.at(until, Phase.RELEASE, self.group.order)
            assert deadline.callbacks is not None
            deadline.callbacks.append(lambda _: request.end(Outcome.LATE))
        yield request.event
        return request.outcome

    def _work(self, stage: StagePlan, visit: int, ring: Ring, server: int | None) -> Steps:
        start = self.clock.now
        days = work_days(self.traveller, stage, visit, start)
        self._note("starts", stage.name, days=days, unit=server)
        yield from self._until(start + days, ring)

    def _until(self, time: float, ring: Ring) -> Steps:
        """Let time pass, unless a hazard's clock rings first."""
        yield self.clock.at(min(time, ring.time), Phase.RELEASE, self.group.order)
        if ring.time < time:
            raise Left(ring.barrier, ring.form)

    def _release(self, stage: StagePlan, server: int | None) -> None:
        if stage.need is None or server is None:
            return
        resource = self.world.resource(stage.need.resource, self.group.host)
        if isinstance(resource, Servers):
            resource.release(server)
            self._note("releases", stage.name, unit=server)

    def _sitting(self, stage: StagePlan, ring: Ring) -> Steps:
        """The finished work waits for the next sitting with room."""
        assert stage.decided_by is not None
        board = self.world.resource(stage.decided_by, self.group.host)
        assert isinstance(board, Sittings)
        request = board.submit(self.group.order)
        if request is None:
            raise Left("window_closed")
        self._note("submits", self.world.plan.resources[stage.decided_by].name)
        outcome = yield from self._wait(request, ring.time)
        if outcome is Outcome.LATE:
            board.withdraw(request)
            raise Left(ring.barrier, ring.form)
        if outcome is Outcome.DISMISSED:
            raise Left("window_closed")

    def _exemplars(self, number: int) -> int:
        exemplar = self.world.plan.exemplars[number]
        return self.world.counted(exemplar.milestone, self.group.host.region if exemplar.regional else None)

    def _pass(self, stage: StagePlan) -> None:
        self._note("passes", stage.name)
        if stage.milestone is not None and stage.milestone not in self.traveller.reached:
            self.traveller.reached[stage.milestone] = self.clock.now
            self.world.count(stage.milestone, self.group.host.region)
            self._note("milestone", self.world.plan.milestones[stage.milestone])

    def _grant(self, fund: Fund, resource: int, amount: float) -> None:
        name = self.world.plan.resources[resource].name
        self._note("granted", name, amount=amount)
        self.fate.award += amount
        self.charge("programme", f"award {name}", amount)
        if fund.plan.returned_share > 0.0 and amount > 0.0:
            self.clock.process(self._repay(fund, name, amount * fund.plan.returned_share))

    def _repay(self, fund: Fund, name: str, amount: float) -> Steps:
        """A loan comes back in monthly instalments for as long as the group lives."""
        begin = self.clock.now + fund.plan.returns_after
        part = amount / fund.plan.instalments
        for number in range(1, fund.plan.instalments + 1):
            yield self.clock.at(begin + number * DAYS_PER_MONTH, Phase.RELEASE, self.group.order)
            if self.fate.state == "exited":
                return
            self.fate.repaid += part
            self.charge("programme", f"repayment {name}", -part)
            fund.repay(part)

    def _charge_policies(self, policies: Sequence[int]) -> None:
        """An intervention with a cost per group costs it once for each group that it reaches while it holds."""
        for number in policies:
            policy = self.world.plan.policies[number]
            if number in self._charged or not policy.start <= self.clock.now < policy.stop:
                continue
            if self.traveller.reached_by(number):
                self._charged.add(number)
                self.charge(policy.payer, policy.name, policy.per_group)

    def charge(self, payer: str, item: str, amount: float) -> None:
        """Enter a cost in the ledger, dated now."""
        if amount != 0.0:
            self.world.ledger.append((self.group.identity, self.clock.now, payer, item, amount))
            self._note("pays", item, payer=payer, amount=amount)

    def _note(self, what: str, where: str, **details: Any) -> None:
        self.world.journal.note(self.clock.now, self.group.identity, what, where, **details)
