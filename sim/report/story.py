"""One replication as a readable story: who, where, what was drawn, against what chance, and what followed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sim.model.event_log import Trace, TraceEntry
from sim.model.run import Replication
from sim.plan.names import identity
from sim.scenario.quantity import DAYS_PER_MONTH
from sim.scenario.schema import Scenario


def story(scenario: Scenario, history: Replication, trace: Trace, group: str | None = None) -> Iterator[str]:
    """The lines of the story, one an event, in the order in which things happened.

    ``group`` follows one staff group by its identity. Dated facts of the timeline stand between the events.
    """
    narrator, names = _Narrator(scenario, history), identities(history)
    entries = [entry for entry in trace.entries if group in (None, names[entry.who])]
    facts = sorted(narrator.facts())
    for entry in entries:
        while facts and facts[0][0] <= entry.time:
            yield facts.pop(0)[1]
        line = narrator.line(entry)
        if line:
            yield f"{narrator.day(entry.time)}  {names[entry.who]}  {line}"
    yield from (line for _, line in facts)


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a group's life as a line, and what must be equal for another life to have gone the same way.

    ``course`` is None where nothing follows from it: a gate that did not block, a cost.
    """

    line: str
    course: tuple[object, ...] | None


def life(scenario: Scenario, history: Replication, trace: Trace, group: str) -> list[Event]:
    """What happened to one staff group, by its identity; nothing where there is no such group."""
    narrator, names = _Narrator(scenario, history), identities(history)
    lines = ((entry, narrator.line(entry)) for entry in trace.entries if names[entry.who] == group)
    return [Event(f"{narrator.day(entry.time)}  {line}", _course(entry)) for entry, line in lines if line]


def _course(entry: TraceEntry) -> tuple[object, ...] | None:
    if entry.what == "pays" or (entry.what == "gate" and not entry.details["draw"].blocked):
        return None
    if entry.what == "gate":
        rule = entry.details["draw"].gate.rule
        return entry.time, entry.what, rule.barrier, rule.form
    kept = {"starts": ("days",), "exits": ("cause", "form"), "blocked": ("wait",)}
    return entry.time, entry.what, entry.where, *(entry.details[name] for name in kept.get(entry.what, ()))


def identities(history: Replication) -> list[str]:
    """The identities of all groups of a replication."""
    rows = range(int(history.record.spans[0].end_groups))
    return [identity(history.plan, history.world.groups[row]) for row in rows]


class _Narrator:
    def __init__(self, scenario: Scenario, history: Replication) -> None:
        self._scenario = scenario
        self._plan = plan = history.plan
        self._world = history.world
        self._stages = {stage.name: stage.label for stage in plan.stages}
        self._writers: Mapping[str, Callable[[TraceEntry], str]] = {
            "arrives": self._arrives,
            "enters": self._enters,
            "waits": lambda entry: f"waits for: {self._resource(entry.where)}",
            "goes_on": lambda entry: f"continues without: {self._resource(entry.where)}",
            "granted": lambda entry: f"is granted {_pounds(entry.details['amount'])}: {self._resource(entry.where)}",
            "starts": self._starts,
            "submits": lambda entry: f"is ready and waits for the next sitting: {self._resource(entry.where)}",
            "gate": self._gate,
            "blocked": self._blocked,
            "passes": lambda entry: f"passes {self._stage(entry.where)}",
            "milestone": lambda entry: f"MILESTONE {entry.where.replace('_', ' ')}",
            "pays": self._pays,
            "exits": self._exits,
        }

    def day(self, time: float) -> str:
        """The date of a time in days."""
        return _date(self._plan.start, time)

    def line(self, entry: TraceEntry) -> str:
        """An entry of the trace in words; "" for one that is not shown."""
        write = self._writers.get(entry.what)
        return write(entry) if write else ""

    def facts(self) -> Iterator[tuple[float, str]]:
        """What the timeline says inside the clock: the day, and a line of its own."""
        for name, entry in self._scenario.timeline.items():
            label = entry.label or name.replace("_", " ")
            if not entry.enabled:
                continue
            if entry.from_ is not None and entry.from_ == entry.until:
                yield from self._fact(entry.from_, label)
                continue
            if entry.from_ is not None:
                yield from self._fact(entry.from_, f"{label}: begins")
            if entry.until is not None:
                yield from self._fact(entry.until + timedelta(days=1), f"{label}: ends")

    def _fact(self, when: date, words: str) -> Iterator[tuple[float, str]]:
        day = float((when - self._plan.start).days)
        if 0.0 <= day < self._plan.horizon:
            yield day, f"{self.day(day)}  -- {words} --"

    def _stage(self, name: str) -> str:
        return f"'{self._stages[name]}'"

    def _resource(self, name: str) -> str:
        return self._scenario.resources[name].label or name.replace("_", " ")

    def _barrier(self, name: str, form: str) -> str:
        barrier = self._scenario.barriers.get(name)
        if barrier is None:
            return name.replace("_", " ")
        label = barrier.label or name.replace("_", " ")
        part = barrier.forms[form].label or form.replace("_", " ") if form else ""
        return f"{label} ({part})" if part else label

    def _arrives(self, entry: TraceEntry) -> str:
        group, facts = self._world.groups[entry.who], self._world.facts[entry.who]
        kind = self._plan.types[group.type].label
        traits = [*self._plan.region_traits, *self._plan.host_traits, *self._plan.group_traits]
        described = "; ".join(f"{trait.name.replace('_', ' ')}: {_trait(trait, facts)}" for trait in traits)
        route = next(
            (route_plan.label for route_plan in self._plan.routes if route_plan.name == entry.where),
            "no route open to it",
        )
        name = f"{self._plan.named[group.named].name}, " if group.named >= 0 else ""
        size = f"{name}{kind}, {group.headcount:.0f} staff, {_pounds(group.turnover)} a year"
        return f"arrives: {size}; route: {route}" + (f" [{described}]" if described else "")

    def _enters(self, entry: TraceEntry) -> str:
        again = f" (try {entry.details['visit'] + 1})" if entry.details["visit"] else ""
        return f"enters {self._stage(entry.where)}{again}"

    def _starts(self, entry: TraceEntry) -> str:
        days = entry.details["days"]
        return f"begins work that takes {_span(days)}" if days > 0.0 else ""

    def _gate(self, entry: TraceEntry) -> str:
        draw = entry.details["draw"]
        rule = draw.gate.rule
        followed = "blocked" if draw.blocked else "not blocked"
        return f"{self._barrier(rule.barrier, rule.form)}: chance {draw.probability:.3f}, drew {draw.u:.3f}: {followed}"

    def _blocked(self, entry: TraceEntry) -> str:
        wait = entry.details["wait"]
        return "does not try again" if wait is None else f"will try again in {_span(wait)}"

    def _pays(self, entry: TraceEntry) -> str:
        amount, item = entry.details["amount"], self._stages.get(entry.where, entry.where.replace("_", " "))
        if amount < 0.0:
            return f"pays back {_pounds(-amount)}: {item}"
        return f"costs the {entry.details['payer']} {_pounds(amount)}: {item}"

    def _exits(self, entry: TraceEntry) -> str:
        cause = self._barrier(entry.details["cause"], entry.details["form"])
        where = f" at {self._stage(entry.where)}" if entry.where else ""
        return f"LEAVES{where}: {cause}"


def _date(start: date, time: float) -> str:
    return (start + timedelta(days=int(time))).strftime("%d %b %Y")


def _trait(trait: Any, facts: Any) -> str:
    value = facts[trait.slot]
    if trait.levels:
        return str(trait.levels[int(value)])
    return ("yes" if value else "no") if trait.log_odds is not None else f"{value:g}"


def _span(days: float) -> str:
    if days < 45.0:
        return f"{days:.1f} days"
    return f"{days / DAYS_PER_MONTH:.1f} months"


def _pounds(amount: float) -> str:
    if amount >= 1e6:
        return f"£{amount / 1e6:.1f}m"
    return f"£{amount:,.0f}"
