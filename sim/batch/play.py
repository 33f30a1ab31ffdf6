"""Play replications of a case: one world laid out, many replications, on either engine."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from sim.batch.case import Case
from sim.errors import RunFailed
from sim.results.failures import Failure

if TYPE_CHECKING:
    from sim.kernel.run import Kernel
    from sim.model.event_log import Trace
    from sim.model.run import Replication
    from sim.plan.parameters import Parameters
    from sim.plan.plan import Plan
    from sim.plan.rows import Tables
    from sim.results.record import Record
    from sim.results.world import WorldArrays
    from sim.scenario.schema import Scenario

ROWS: Final = 60_000
"""There is room for so many staff groups at a time; then what is kept of them is taken, and the room is used again."""


class RawResults(NamedTuple):
    """Some replications as an engine leaves them: their plan, the world's arrays, the record of events, their numbers.

    What lies in it holds until the next ones are played.
    """

    plan: Plan
    world: WorldArrays
    record: Record
    replications: Sequence[int]


def plan_of(scenario: Scenario) -> Plan:
    """A scenario laid out. Raises `RunFailed` where its numbers grow beyond what can be computed."""
    from sim.plan.build import build_plan

    try:
        return build_plan(scenario)
    except ArithmeticError as error:
        raise RunFailed(explain(error)) from error


def explain(error: Exception) -> str:
    """An error for analysts: numbers that are each allowed may together grow beyond floating point."""
    if isinstance(error, ArithmeticError):
        return f"the numbers of this scenario grow beyond what can be computed ({error})"
    return str(error) or type(error).__name__


@dataclass(frozen=True, slots=True)
class _LaidOut:
    """A plan as arrays, and a kernel that plays it. A kernel plays in its own memory: one thread at a time."""

    plan: Plan
    tables: Tables
    kernel: Kernel


class Player:
    """Plays replications of a case. The world is laid out once; every thread has a kernel of its own."""

    def __init__(self, case: Case, events: bool) -> None:
        """``events``: whether the log of events is kept. Raises `RunFailed` as `plan_of` does."""
        from sim.plan.parameters import Parameters
        from sim.plan.tables import build_tables

        self._case, self._events = case, events
        self.plan = plan_of(case.scenario)
        self._tables = build_tables(self.plan)
        self._parameters = Parameters(case.scenario) if case.uncertain else None
        # Kernels go with the player, and with their threads: what no task needs any more takes no memory.
        self._of_thread = threading.local()

    def play(self, replications: Sequence[int], failures: list[Failure]) -> Iterator[RawResults]:
        """The replications, as many at a time as there is room for; what failed is added to ``failures``.

        The first is always one of no replication, so that there are tables even where nothing can be played.
        """
        laid_out = self._laid_out()
        world, record = laid_out.kernel.run(self._case.seed, ())
        yield RawResults(laid_out.plan, world, record, ())
        if self._case.uncertain or self._case.engine == "simpy":
            for number in replications:
                yield from self._play_alone(laid_out, number, failures)
        else:
            yield from self._by_kernel(laid_out, replications, failures)

    def _laid_out(self) -> _LaidOut:
        found: _LaidOut | None = getattr(self._of_thread, "laid_out", None)
        if found is None:
            found = self._of_thread.laid_out = self._with_kernel(self.plan, self._tables)
        return found

    def _with_kernel(self, plan: Plan, tables: Tables) -> _LaidOut:
        from sim.kernel.run import Kernel

        return _LaidOut(plan, tables, Kernel(tables, self._events))

    def _by_kernel(
        self, laid_out: _LaidOut, replications: Sequence[int], failures: list[Failure]
    ) -> Iterator[RawResults]:
        plan, kernel = laid_out.plan, laid_out.kernel
        place = 0
        while place < len(replications):
            numbers = replications[place : place + kernel.replications_at_once(ROWS)]
            world, record = kernel.run(self._case.seed, numbers)
            failures += failures_of(plan, world, record, numbers)
            yield RawResults(plan, world, record, numbers)
            place += len(numbers)

    def _play_alone(self, laid_out: _LaidOut, number: int, failures: list[Failure]) -> Iterator[RawResults]:
        """One replication, with its own plan where it draws its own numbers."""
        try:
            if self._parameters is not None:
                laid_out = self._with_drawn_numbers(self._parameters, number)
            if self._case.engine == "kernel":
                yield from self._by_kernel(laid_out, [number], failures)
                return
            replication = self._by_simpy(laid_out, number)
        except MemoryError:
            raise
        except Exception as error:
            failures.append(Failure(number, explain(error), traceback.format_exc()))
            return
        yield RawResults(laid_out.plan, replication.world, replication.record, [number])

    def _with_drawn_numbers(self, parameters: Parameters, number: int) -> _LaidOut:
        from sim.draws.uniform import luck
        from sim.plan.build import build_plan
        from sim.plan.tables import build_tables

        plan = build_plan(parameters.draw(luck(self._case.seed, number)))
        return self._with_kernel(plan, build_tables(plan))

    def _by_simpy(self, laid_out: _LaidOut, number: int) -> Replication:
        from sim.model.event_log import EventLog, NoListener
        from sim.model.run import run_replication

        listener = EventLog(laid_out.plan) if self._events else NoListener()
        return run_replication(laid_out.plan, laid_out.tables, self._case.seed, number, listener)


def failures_of(plan: Plan, world: WorldArrays, record: Record, replications: Sequence[int]) -> Iterator[Failure]:
    """The replications that the kernel could not play to their end, with what was in the way."""
    from sim.results.failures import FINE, failure

    for place in np.flatnonzero(record.spans["status"] != FINE).tolist():
        span = record.spans[place]
        yield Failure(replications[place], str(failure(plan, world, span.status, span.row)), "")


def trace_replication(scenario: Scenario, seed: int, replication: int, uncertain: bool) -> tuple[Replication, Trace]:
    """One replication on the reference engine, with everything that happened in it written down.

    Raises `RunFailed`.
    """
    from sim.draws.uniform import luck
    from sim.model.event_log import Trace
    from sim.model.run import run_replication
    from sim.plan.build import build_plan
    from sim.plan.parameters import Parameters
    from sim.plan.tables import build_tables

    kept = Trace()
    try:
        plan = build_plan(Parameters(scenario).draw(luck(seed, replication)) if uncertain else scenario)
        return run_replication(plan, build_tables(plan), seed, replication, kept), kept
    except ArithmeticError as error:
        raise RunFailed(explain(error)) from error
