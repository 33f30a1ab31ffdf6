"""Run replications: one, or several as tables."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sim.errors import RunFailed
from sim.model.journal import Diary, EventLog, EventRow, Journal, Silence
from sim.model.world import History, World
from sim.rules.draws import Luck
from sim.rules.lay_out import lay_out
from sim.rules.parameters import with_parameters_drawn
from sim.rules.plan import Plan
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pyarrow as pa

Engine = Literal["kernel", "simpy"]
"""The compiled kernel, or the SimPy reference; both give the same tables to the last bit."""
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
class Failure:
    """A replication that could not be run: why in one line, and where in the program."""

    replication: int
    error: str
    traceback: str


@dataclass(frozen=True, slots=True)
class Part:
    """The tables of several replications by name. Those that failed have no rows in any of them."""

    tables: Mapping[str, pa.Table]
    failures: tuple[Failure, ...]


def replicate(
    scenario: Scenario, plan: Plan, seed: int, replication: int, uncertain: bool, journal: Journal
) -> History:
    """One replication on the reference engine. ``uncertain`` draws the scenario's uncertain numbers anew for it."""
    if uncertain:
        plan = lay_out(with_parameters_drawn(scenario, Luck(seed, replication)))
    return World(plan, seed, replication, journal).run()


def compute(work: Work, replications: Sequence[int]) -> Part:
    """Run replications and lay their results out as tables."""
    from sim.batch.tables import tables

    plan = lay_out(work.scenario)
    histories: list[History] = []
    events: dict[int, Sequence[EventRow]] = {}
    failures: list[Failure] = []
    for number in replications:
        log = EventLog() if work.keep == "events" else None
        try:
            histories.append(replicate(work.scenario, plan, work.seed, number, work.uncertain, log or Silence()))
        except MemoryError:
            raise
        except Exception as error:
            failures.append(Failure(number, _in_words(error), traceback.format_exc()))
            continue
        if log is not None:
            events[number] = log.rows
    made = tables(plan, histories, events)
    kept = {"kpis": made["kpis"]} if work.keep == "kpis" else made
    return Part(kept, tuple(failures))


def diary(scenario: Scenario, seed: int, replication: int, uncertain: bool) -> tuple[History, Diary]:
    """One replication with everything that happened in it written down. Raises `RunFailed`."""
    kept = Diary()
    try:
        return replicate(scenario, lay_out(scenario), seed, replication, uncertain, kept), kept
    except ArithmeticError as error:
        raise RunFailed(_in_words(error)) from error


def _in_words(error: Exception) -> str:
    """Numbers that are each allowed may together grow beyond floating point."""
    if isinstance(error, ArithmeticError):
        return f"the numbers of this scenario grow beyond what can be computed ({error})"
    return str(error) or type(error).__name__
