"""The Right to Request as SimPy processes: boards, reviewers, the fund, the waves, and the life of a staff group.

What a competent SimPy user would write for this one world. Each replication has a NumPy generator of its own. When
something makes a group give up is drawn on entering a stage, so that waiting is `wanted | timeout(until giving up)`,
as SimPy's own examples do reneging. Nothing here was made slower than it need be: bodies with an empty agenda sleep,
and nothing is scheduled beyond the horizon.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import simpy

from benchmarks.rivals.by_hand import numbers as n
from benchmarks.rivals.by_hand.stages import ROUTES

Steps = Generator[simpy.Event, Any, Any]


@dataclass(slots=True)
class Record:
    """What is kept of a group: who it was, what became of it, when, and what it cost whom."""

    region: str
    host: int
    kind: str
    headcount: int
    turnover: float
    arrived: float
    traits: n.Traits
    determined: bool
    route: str = ""
    state: str = "inside"
    stage: str = ""
    exit_time: float = math.nan
    cause: str = ""
    form: str = ""
    tries: int = 0
    award: float = 0.0
    entered: dict[str, float] = field(default_factory=dict)
    reached: dict[str, float] = field(default_factory=dict)
    costs: dict[str, float] = field(default_factory=lambda: {"programme": 0.0, "host": 0.0, "group": 0.0})


class Lost(Exception):
    """A group gives up or is stopped for good."""

    def __init__(self, cause: str, form: str = "") -> None:
        super().__init__(cause)
        self.cause = cause
        self.form = form


class Board:
    """A host's board: every so often it hears so many items. It sleeps while its agenda is empty."""

    def __init__(self, env: simpy.Environment, first: float) -> None:
        self.env = env
        self.next = first
        self.agenda: list[simpy.Event] = []
        self.wake = env.event()
        env.process(self.sit())

    def submit(self) -> simpy.Event:
        """Put an item on the agenda; the event happens when it is heard."""
        heard = self.env.event()
        self.agenda.append(heard)
        if not self.wake.triggered:
            self.wake.succeed()
        return heard

    def sit(self) -> Steps:
        """Sit at every date at which something waits."""
        while True:
            if not self.agenda:
                self.wake = self.env.event()
                yield self.wake
            while self.next <= self.env.now:
                self.next += n.BOARD_EVERY
            yield self.env.timeout(self.next - self.env.now)
            for heard in self.agenda[: n.BOARD_ROOM]:
                heard.succeed()
            del self.agenda[: n.BOARD_ROOM]


class Waves:
    """The national panel: three dates, room for all."""

    def __init__(self, env: simpy.Environment) -> None:
        self.env = env
        self.agenda: list[simpy.Event] = []
        self.over = False
        env.process(self.sit())

    def submit(self) -> simpy.Event:
        """Wait for the next wave, or leave because none will come."""
        if self.over:
            raise Lost("window_closed")
        heard = self.env.event()
        self.agenda.append(heard)
        return heard

    def sit(self) -> Steps:
        """Hear everything at each date."""
        for date in n.WAVES:
            yield self.env.timeout(date - self.env.now)
            for heard in self.agenda:
                heard.succeed()
            self.agenda.clear()
        self.over = True


class Fund(simpy.Container):
    """Money, first come first served, that pays nothing while it is shut."""

    def __init__(self, env: simpy.Environment) -> None:
        super().__init__(env, init=n.FUND_BUDGET)
        self.shut = False
        env.process(self.shut_for_a_while())
        env.process(self.top_up())

    def shut_for_a_while(self) -> Steps:
        """Shut and open again on the dates of the timeline."""
        env = self._env
        yield env.timeout(n.FUND_SHUT[0])
        self.shut = True
        yield env.timeout(n.FUND_SHUT[1] - env.now)
        self.shut = False
        self._trigger_get(None)

    def top_up(self) -> Steps:
        """More money comes with the third wave."""
        yield self._env.timeout(n.FUND_TOP_UP[0])
        yield self.put(n.FUND_TOP_UP[1])

    def withdraw(self, request: simpy.resources.container.ContainerGet) -> None:
        """Somebody stops waiting, and whoever stood behind may be next."""
        request.cancel()
        self._trigger_get(None)

    def _do_get(self, event: simpy.resources.container.ContainerGet) -> bool | None:
        return None if self.shut else super()._do_get(event)


class Region:
    """A region with its reviewers and its launches. Extra reviewers are there during the surge only."""

    def __init__(self, env: simpy.Environment, name: str, active: bool) -> None:
        self.env = env
        self.name = name
        self.active = active
        self.launched = 0
        self.reviewers = simpy.PriorityResource(env, n.REVIEWERS + n.REVIEWERS_IN_SURGE)
        env.process(self.surge())

    def surge(self) -> Steps:
        """Hold the extra places before the surge, and take them back, before any group, after it."""
        held = [self.reviewers.request(priority=-1) for _ in range(n.REVIEWERS_IN_SURGE)]
        yield self.env.timeout(n.SURGE[0])
        for request in held:
            self.reviewers.release(request)
        yield self.env.timeout(n.SURGE[1] - self.env.now)
        for _ in held:
            self.reviewers.request(priority=-1)


class World:
    """One replication, with or without the pension guarantee."""

    def __init__(self, seed: int, replication: int, guaranteed: bool) -> None:
        self.env = simpy.Environment()
        self.guaranteed = guaranteed
        self.rng = np.random.default_rng([seed, replication])
        self.records: list[Record] = []
        self.fund = Fund(self.env)
        self.waves = Waves(self.env)
        for name, hosts in n.REGIONS.items():
            active = n.KNOWN_ACTIVE[name] if name in n.KNOWN_ACTIVE else self.rng.random() < 0.5
            region = Region(self.env, name, bool(active))
            for number in range(1, hosts + 1):
                Host(self, region, number)

    def run(self) -> list[Record]:
        """Run to the horizon and hand over the records."""
        self.env.run(until=n.HORIZON)
        return self.records

    def happens(self, log_odds: float) -> bool:
        """Whether something with these log-odds happens."""
        return bool(self.rng.random() < 1.0 / (1.0 + math.exp(-log_odds)))

    def event_time(self, rate: float, periods: n.Periods) -> float:
        """When an event comes whose rate is so many times higher in each period."""
        if not periods:
            return float(self.env.now + self.rng.exponential(1.0 / rate))
        time, left = self.env.now, self.rng.exponential()
        for start, stop, times in periods:
            if time < start:
                if left <= rate * (start - time):
                    break
                left -= rate * (start - time)
                time = start
            if time < stop:
                if left <= rate * times * (stop - time):
                    return float(time + left / (rate * times))
                left -= rate * times * (stop - time)
                time = stop
        return float(time + left / rate)


class Host:
    """A primary care trust: its traits, its board, and the groups that arrive at it."""

    def __init__(self, world: World, region: Region, number: int) -> None:
        self.region = region
        self.number = number
        self.wants_enterprise = world.happens(n.log_odds(0.16) + 1.2 * region.active)
        self.aware = world.happens(n.log_odds(0.35) + 0.7 * region.active + 2.5 * self.wants_enterprise)
        self.board = Board(world.env, world.rng.uniform(0.0, n.BOARD_EVERY))
        world.env.process(self.common(world))
        world.env.process(self.provider_arm(world))

    def common(self, world: World) -> Steps:
        """Clinical teams and service clusters arrive."""
        rate = n.COMMON_RATE * math.exp(self.aware)
        while (time := world.event_time(rate, n.COMMON_RUSHES)) < n.CLOSED:
            yield world.env.timeout(time - world.env.now)
            clinical = world.rng.random() < n.CLINICAL_SHARE
            Group(world, self, n.CLINICAL_TEAM if clinical else n.SERVICE_CLUSTER)

    def provider_arm(self, world: World) -> Steps:
        """The whole provider arm sets out, at most once."""
        time = world.event_time(n.ARM_RATE * math.exp(1.8 * self.wants_enterprise), n.ARM_RUSHES)
        if time < n.CLOSED:
            yield world.env.timeout(time)
            Group(world, self, n.PROVIDER_ARM)


class Group:
    """A staff group on its way."""

    def __init__(self, world: World, host: Host, kind: n.Kind) -> None:
        self.world = world
        self.env = world.env
        self.rng = rng = world.rng
        self.host = host
        region = host.region
        headcount = max(1, round(max(kind.least, rng.lognormal(kind.mu, kind.sigma))))
        turnover = headcount * rng.triangular(25e3, 36e3, 45e3)
        experience = world.happens(n.log_odds(0.25) + 1.0 * (kind is n.PROVIDER_ARM))
        champion = world.happens(n.log_odds(0.4) + 0.6 * region.active)
        traits = n.Traits(kind.name, region.active, host.aware, host.wants_enterprise, champion, experience)
        determined = bool(rng.random() < 0.25)
        self.traits = traits
        self.shifts = n.shifts(traits)
        self.record = Record(region.name, host.number, kind.name, headcount, turnover, self.env.now, traits, determined)
        world.records.append(self.record)
        self.env.process(self.life())

    def life(self) -> Steps:
        """Choose a route and pass its stages until something ends it."""
        record = self.record
        record.route = "informal" if record.determined and self.rng.random() < n.INFORMAL_SHARE else "official"
        try:
            for stage in ROUTES[record.route]:
                record.stage = stage.name
                record.entered[stage.name] = self.env.now
                if stage.name == "transfer" and self.world.guaranteed:
                    record.costs["programme"] += n.GUARANTEE_COST
                yield from self.tries(stage)
                if stage.milestone:
                    self.reach(stage.milestone)
            record.state = "completed"
        except Lost as lost:
            record.state, record.cause, record.form = "exited", lost.cause, lost.form
        record.exit_time = self.env.now

    def reach(self, milestone: str) -> None:
        """Keep when a milestone was reached; launches count for the neighbours."""
        self.record.reached[milestone] = self.env.now
        if milestone == "live":
            self.host.region.launched += 1

    def tries(self, stage: n.Stage) -> Steps:
        """Try a stage until it is passed, or for the last time."""
        tried = 0
        while True:
            yield from self.attempt(stage)
            gate = self.decision(stage.gates)
            if gate is None:
                return
            tried += 1
            if gate.after is None or tried >= gate.tries or self.rng.random() >= gate.again:
                raise Lost(gate.barrier, gate.form)
            self.record.tries += 1
            yield self.env.timeout(gate.after(self.rng))

    def attempt(self, stage: n.Stage) -> Steps:
        """Everything of one try up to the decision."""
        if self.env.now >= stage.closes:
            raise Lost("window_closed")
        until, why = self.patience(stage.hazards)
        if stage.cost:
            cost = stage.cost if isinstance(stage.cost, float) else stage.cost[self.traits.kind](self.rng)
            self.record.costs[stage.payer] += cost
        if stage.needs == "reviewer":
            with self.host.region.reviewers.request() as request:
                yield from self.wait(request, until, why)
                yield from self.work(stage, until, why)
        else:
            if stage.needs == "fund":
                yield from self.ask_for_money(until, why)
            if stage.work is not None:
                yield from self.work(stage, until, why)
        if stage.heard_by:
            body: Board | Waves = self.host.board if stage.heard_by == "board" else self.world.waves
            heard = body.submit()
            try:
                yield from self.wait(heard, until, why)
            except Lost:
                body.agenda.remove(heard)
                raise

    def patience(self, hazards: Sequence[n.Hazard]) -> tuple[float, Lost | None]:
        """When the first of these barriers makes the group give up, and which."""
        until, why = math.inf, None
        for hazard in hazards:
            if hazard.concerns is None or hazard.concerns(self.traits):
                rate = hazard.rate * math.exp(self.shifts[hazard.barrier]) if hazard.moved else hazard.rate
                eased = hazard.barrier == "pension_worries" and self.world.guaranteed
                time = self.world.event_time(rate, n.GUARANTEE if eased else hazard.periods)
                if time < until:
                    until, why = time, hazard
        return until, None if why is None else Lost(why.barrier, why.form)

    def wait(self, wanted: simpy.Event, until: float, why: Lost | None) -> Steps:
        """Wait for an event, but not beyond a time."""
        if why is None or until >= n.HORIZON:
            yield wanted
            return
        yield wanted | self.env.timeout(until - self.env.now)
        if not wanted.triggered:
            raise why

    def ask_for_money(self, until: float, why: Lost | None) -> Steps:
        """Wait for an award from the fund."""
        amount = n.AWARDS[self.traits.kind]
        request = self.world.fund.get(amount)
        try:
            yield from self.wait(request, until, why)
        except Lost:
            self.world.fund.withdraw(request)
            raise
        self.record.award += amount
        self.record.costs["programme"] += amount

    def work(self, stage: n.Stage, until: float, why: Lost | None) -> Steps:
        """Do the stage's work, unless the group gives up before it is done."""
        assert stage.work is not None
        now = self.env.now
        days = stage.work(self.rng)
        if stage.hurry is not None and stage.hurry[0] <= now < stage.hurry[1]:
            days *= stage.hurry[2]
        if why is not None and until < now + days:
            yield self.env.timeout(until - now)
            raise why
        yield self.env.timeout(days)

    def decision(self, gates: Sequence[n.Gate]) -> n.Gate | None:
        """The first gate that blocks."""
        for gate in gates:
            if gate.concerns is not None and not gate.concerns(self.traits):
                continue
            log_odds = gate.log_odds + self.shifts.get(gate.barrier, 0.0)
            if gate.barrier == "commissioner_scepticism":
                if n.PREFERRED_PROVIDER[0] <= self.env.now < n.PREFERRED_PROVIDER[1]:
                    log_odds += n.PREFERRED_PROVIDER_ODDS
                log_odds += n.NEIGHBOUR_ODDS * min(self.host.region.launched, n.MOST_NEIGHBOURS)
            elif gate.barrier in n.GUARANTEE_ODDS and self.world.guaranteed:
                log_odds += n.GUARANTEE_ODDS[gate.barrier]
            elif gate.barrier == "working_capital" and "contracted" in self.record.reached:
                log_odds += n.EASED_BY_CONTRACT
            if self.world.happens(log_odds):
                return gate
        return None


def replicate(seed: int, replication: int, guaranteed: bool = False) -> list[Record]:
    """The records of one replication's groups; ``guaranteed`` where the pension guarantee is given."""
    return World(seed, replication, guaranteed).run()
