"""Who runs in the benchmark: how each is called, on how many replications a round, and how it is configured."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from time import process_time
from typing import Final

import sim
from benchmarks.measures import by_hand_groups
from benchmarks.rivals.by_hand.program import Record
from benchmarks.rivals.by_hand.program import replicate as replicate_by_hand
from benchmarks.rivals.calendar.program import NoCompiler, Program, compiled
from benchmarks.rivals.tandem import numbers, with_ciw
from benchmarks.rivals.tandem import package as tandem
from sim.batch.case import Case, Engine
from sim.batch.extract import Computation
from sim.batch.extracts.tables import Tables
from sim.kernel.run import Kernel
from sim.plan.build import build_plan
from sim.plan.tables import build_tables
from sim.scenario.schema import Scenario

KERNEL: Final = "kernel"
ALONE: Final = "kernel without tables"
GUARANTEE: Final = "interventions.pension_guarantee.enabled=true"
"""What is asked about in the time to an answer."""
MOST_GROUPS: Final = 1500
"""Room for so many groups a replication of the Right to Request; there are about 600."""
IN_A_PART: Final = 100
"""Replications in a part of the store, as a batch of the Right to Request has them."""
ROOM: Final = 40_000
"""Groups that the kernel has room for at a time without tables; memory for far more does not fit the caches."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """A program in one world. ``run`` takes the first replication and how many, and returns how many groups arrived."""

    name: str
    world: str
    configuration: str
    replications: int
    run: Callable[[int, int], int]

    def seconds_and_groups(self, first: int) -> tuple[float, int]:
        """Run one round's replications, after one that does not count, as another program may have filled the caches.

        Seconds are the processor's, of all threads: other programs do not count.
        """
        gc.collect()
        self.run(first, 1)
        begun = process_time()
        groups = self.run(first, self.replications)
        return process_time() - begun, groups


@dataclass(frozen=True, slots=True)
class Field:
    """The contestants, those who could not come with the reason, and the C++ program where there is one."""

    contestants: Sequence[Contestant]
    skipped: Sequence[tuple[str, str]]
    calendar: Program | None


def assemble(seed: int, share: float, compiler: str | None, open_until: ExitStack) -> Field:
    """All that can run here, each on ``share`` of its usual replications; the stack removes the compiled program."""
    world, desks = sim.load("right_to_request").scenario, tandem.scenario()
    skipped: list[tuple[str, str]] = []

    def many(number: int) -> int:
        return max(1, round(number * share))

    field = [
        _package(KERNEL, "right_to_request", world, "kernel", seed, many(1000)),
        _kernel_alone("right_to_request", world, seed, many(1000)),
        _package("SimPy engine", "right_to_request", world, "simpy", seed, many(6)),
        *_by_hand(seed, many(25)),
    ]
    program: Program | None = None
    try:
        program = open_until.enter_context(compiled(build_plan(world), many(1000) * MOST_GROUPS, compiler))
        field.append(_calendar(program, seed, many(1000)))
    except NoCompiler as why:
        skipped.append(("C++", str(why)))
    field.append(_package(KERNEL, "tandem", desks, "kernel", seed, many(300)))
    field.append(_kernel_alone("tandem", desks, seed, many(300)))
    field.append(_package("SimPy engine", "tandem", desks, "simpy", seed, many(3)))
    try:
        field.append(_ciw(seed, many(6)))
    except ImportError:
        skipped.append(("Ciw", "it is not installed (pip install ciw)"))
    return Field(field, skipped, program)


def _package(name: str, called: str, world: Scenario, engine: Engine, seed: int, replications: int) -> Contestant:
    computation = Computation((Case(world, seed, False, engine),), Tables("groups"))

    def run(first: int, count: int) -> int:
        groups = 0
        for begin in range(first, first + count, IN_A_PART):
            part = computation.compute(range(begin, min(begin + IN_A_PART, first + count)))
            if part.failures:
                raise RuntimeError(part.failures[0].error)
            groups += part.tables["groups"].num_rows
        return groups

    kept = f"made and kept in memory until those of the next {IN_A_PART} replications are"
    made = f"the tables groups, hosts, costs, resources and kpis are {kept}"
    with_what = f"SimPy {version('simpy')}" if engine == "simpy" else "compiled before the clock starts"
    return Contestant(name, called, f"Computation with engine {engine!r}, {with_what}; {made}", replications, run)


def _kernel_alone(called: str, world: Scenario, seed: int, replications: int) -> Contestant:
    kernel = Kernel(build_tables(build_plan(world)), keep_events=False)
    kernel.run(seed, [0])
    block = kernel.replications_at_once(ROOM)

    def run(first: int, count: int) -> int:
        groups = 0
        for begin in range(first, first + count, block):
            _, record = kernel.run(seed, range(begin, begin + block))
            groups += int(record.spans["end_groups"][-1])
        return groups

    configuration = f"the kernel's arrays, {block} replications at a time in the same memory; no tables are made"
    return Contestant(ALONE, called, configuration, replications, run)


def _by_hand(seed: int, replications: int) -> Iterator[Contestant]:
    def records(first: int, count: int) -> dict[int, list[Record]]:
        return {number: replicate_by_hand(seed, number) for number in range(first, first + count)}

    def run(first: int, count: int) -> int:
        return sum(len(kept) for kept in records(first, count).values())

    def run_with_table(first: int, count: int) -> int:
        return len(by_hand_groups(records(first, count)))

    libraries = f"SimPy {version('simpy')}, one default_rng of NumPy {version('numpy')} a replication"
    world, kept = "right_to_request", "one record a group is collected"
    yield Contestant("hand-written SimPy", world, f"{libraries}; {kept}, no table is made", replications, run)
    table = f"{libraries}; {kept}, and a pandas {version('pandas')} data frame of the groups is made of them"
    yield Contestant("... with a table", world, table, replications, run_with_table)


def _calendar(program: Program, seed: int, replications: int) -> Contestant:
    def run(first: int, count: int) -> int:
        return program.run(seed, first, count).rows

    configuration = (
        f"{program.configuration}; the package's draws, std::push_heap calendar; the cells of the groups table are "
        "written to arrays that are allocated before the clock starts; no ledger, hosts or resources"
    )
    return Contestant("C++", "right_to_request", configuration, replications, run)


def _ciw(seed: int, replications: int) -> Contestant:
    network = with_ciw.network()

    def run(first: int, count: int) -> int:
        histories = (with_ciw.replicate(network, seed, number) for number in range(first, first + count))
        return sum(sum(one.node == 1 for one in records) for records in histories)

    configuration = f"{with_ciw.configuration()}; {numbers.DAYS:.0f} days, {numbers.ARRIVALS:g} arrivals a day"
    return Contestant("Ciw", "tandem", configuration, replications, run)
