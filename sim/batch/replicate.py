"""Run replications: one, or a chunk of them as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

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


def replicate(
    scenario: Scenario, plan: Plan, seed: int, replication: int, uncertain: bool, journal: Journal
) -> History:
    """One replication. ``uncertain`` draws the scenario's uncertain numbers anew for it."""
    if uncertain:
        plan = lay_out(with_parameters_drawn(scenario, Luck(seed, replication)))
    return World(plan, seed, replication, journal).run()


@contextmanager
def _within_reach() -> Iterator[None]:
    """Numbers that are each allowed may together grow beyond floating point; that ends a run in words."""
    try:
        yield
    except ArithmeticError as error:
        raise RunFailed(f"the numbers of this scenario grow beyond what can be computed ({error})") from error


@_within_reach()
def chunk(
    scenario: Scenario, seed: int, replications: Sequence[int], uncertain: bool, keep_events: bool
) -> dict[str, pa.Table]:
    """The tables of several replications."""
    from sim.batch.tables import tables

    plan = lay_out(scenario)
    histories: list[History] = []
    events: dict[int, Sequence[EventRow]] = {}
    for number in replications:
        log = EventLog() if keep_events else None
        histories.append(replicate(scenario, plan, seed, number, uncertain, log or Silence()))
        if log is not None:
            events[number] = log.rows
    return tables(plan, histories, events)


@_within_reach()
def diary(scenario: Scenario, seed: int, replication: int, uncertain: bool) -> tuple[History, Diary]:
    """One replication with everything that happened in it written down."""
    kept = Diary()
    return replicate(scenario, lay_out(scenario), seed, replication, uncertain, kept), kept
