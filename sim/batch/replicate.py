"""Run replications: one, or several as tables."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

from sim.errors import RunFailed
from sim.results.failures import Failure
from sim.store.chunk import Chunk, encode

if TYPE_CHECKING:
    import pyarrow as pa

    from sim.kernel.run import Kernel
    from sim.model.event_log import Trace
    from sim.model.run import Replication
    from sim.plan.parameters import Parameters
    from sim.plan.plan import Plan
    from sim.plan.rows import Tables
    from sim.results.record import Record
    from sim.results.world import WorldArrays
    from sim.scenario.schema import Scenario

Engine = Literal["kernel", "simpy"]
"""The compiled kernel, or the SimPy reference; both give the same tables to the last bit."""
ENGINES: Final[tuple[Engine, ...]] = ("kernel", "simpy")
Keep = Literal["kpis", "groups", "events"]
"""What is kept: one row a replication; also the tables of groups, hosts, costs and resources; also the event log."""


@dataclass(frozen=True, slots=True)
class Work:
    """All that a worker needs to know besides the numbers of its replications."""

    scenario: Scenario
    seed: int
    uncertain: bool
    keep: Keep
    engine: Engine


@dataclass(frozen=True, slots=True)
class Part:
    """The tables of several replications by name. Those that failed have no rows in any of them."""

    tables: Mapping[str, pa.Table]
    failures: tuple[Failure, ...]


_ROWS: Final = 60_000
"""There is room for so many staff groups at a time; then their results are laid out as tables."""


def prepare(work: Work, tell: Callable[[str], None]) -> None:
    """Compile what either engine needs and was not compiled on this machine, and ``tell`` it; else nothing."""
    from sim.compile.cache import first_time

    with first_time(tell) as needed:
        if needed:
            for engine in ENGINES:
                compute(replace(work, engine=engine, uncertain=False), [0])


class _Played(NamedTuple):
    plan: Plan
    world: WorldArrays
    record: Record
    replications: Sequence[int]


def compute(work: Work, replications: Sequence[int]) -> Part:
    """Run replications and lay their results out as tables. Raises `RunFailed` where none of them can be run."""
    import pyarrow as pa

    from sim.results.tables import kpis, tables

    made: list[Mapping[str, pa.Table]] = []
    failures: list[Failure] = []
    for played in _played(work, replications, failures):
        if work.keep == "kpis":
            made.append({"kpis": kpis(*played)})
        else:
            made.append(tables(*played, events=work.keep == "events"))
    return Part({name: pa.concat_tables([one[name] for one in made]) for name in made[0]}, tuple(failures))


def made(work: Work, replications: range) -> Chunk:
    """Run replications. Raises what `compute` raises."""
    began = time.perf_counter()
    part = compute(work, replications)
    tables = {name: encode(table) for name, table in part.tables.items()}
    return Chunk(replications, tables, part.failures, time.perf_counter() - began)


def plan_of(scenario: Scenario) -> Plan:
    """A scenario laid out. Raises `RunFailed` where its numbers grow beyond what can be computed."""
    from sim.plan.build import build_plan

    try:
        return build_plan(scenario)
    except ArithmeticError as error:
        raise RunFailed(_in_words(error)) from error


class _LaidOut(NamedTuple):
    plan: Plan
    tables: Tables
    kernel: Kernel


class _Thread(threading.local):
    """What this thread laid out last: it is ready for the next task of the same batch."""

    last: tuple[Work, _LaidOut] | None = None


_THREAD: Final = _Thread()


def _laid_out(work: Work) -> _LaidOut:
    """A work laid out. Raises `RunFailed` as `plan_of` does."""
    last = _THREAD.last
    if last is None or last[0] != work:
        _THREAD.last = last = work, _as_arrays(plan_of(work.scenario), work.keep)
    return last[1]


def _as_arrays(plan: Plan, keep: Keep) -> _LaidOut:
    from sim.kernel.run import Kernel
    from sim.plan.tables import build_tables

    laid_out = build_tables(plan)
    return _LaidOut(plan, laid_out, Kernel(laid_out, keep == "events"))


def _played(work: Work, replications: Sequence[int], failures: list[Failure]) -> Iterator[_Played]:
    """The replications, as many at a time as is convenient; what failed is added to ``failures``."""
    from sim.plan.parameters import Parameters

    laid_out = _laid_out(work)
    yield _Played(laid_out.plan, *laid_out.kernel.run(work.seed, ()), ())
    if work.uncertain or work.engine == "simpy":
        parameters = Parameters(work.scenario) if work.uncertain else None
        for number in replications:
            yield from _alone(work, laid_out, parameters, number, failures)
    else:
        yield from _by_kernel(work, laid_out, replications, failures)


def _by_kernel(
    work: Work, laid_out: _LaidOut, replications: Sequence[int], failures: list[Failure]
) -> Iterator[_Played]:
    from sim.results.failures import FINE, failure

    plan, kernel = laid_out.plan, laid_out.kernel
    place = 0
    while place < len(replications):
        numbers = replications[place : place + kernel.replications_at_once(_ROWS)]
        world, record = kernel.run(work.seed, numbers)
        for at in np.flatnonzero(record.spans["status"] != FINE).tolist():
            span = record.spans[at]
            failures.append(Failure(numbers[at], str(failure(plan, world, span.status, span.row)), ""))
        yield _Played(plan, world, record, numbers)
        place += len(numbers)


def _alone(
    work: Work, laid_out: _LaidOut, parameters: Parameters | None, number: int, failures: list[Failure]
) -> Iterator[_Played]:
    """One replication, with its own plan where it draws its own numbers."""
    from sim.draws.uniform import luck
    from sim.model.event_log import EventLog, NoListener
    from sim.model.run import run_replication
    from sim.plan.build import build_plan

    try:
        if parameters is not None:
            laid_out = _as_arrays(build_plan(parameters.draw(luck(work.seed, number))), work.keep)
        if work.engine == "kernel":
            yield from _by_kernel(work, laid_out, [number], failures)
            return
        listener = EventLog(laid_out.plan) if work.keep == "events" else NoListener()
        history = run_replication(laid_out.plan, laid_out.tables, work.seed, number, listener)
    except MemoryError:
        raise
    except Exception as error:
        failures.append(Failure(number, _in_words(error), traceback.format_exc()))
        return
    yield _Played(laid_out.plan, history.world, history.record, [number])


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
        raise RunFailed(_in_words(error)) from error


def _in_words(error: Exception) -> str:
    """Numbers that are each allowed may together grow beyond floating point."""
    if isinstance(error, ArithmeticError):
        return f"the numbers of this scenario grow beyond what can be computed ({error})"
    return str(error) or type(error).__name__
