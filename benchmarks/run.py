"""How fast is the kernel beside its rivals? One command: ``python benchmarks/run.py``.

All contestants run in this process, on one thread, in turn: a round is one go of each, and the order is turned round
from one round to the next. The ratio of a round is the rival's processor time for a staff group over the kernel's of
the same round. Printed are the median of the rounds' ratios and their spread.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import sim
from benchmarks.contestants import ALONE, KERNEL, Contestant, Field, assemble
from benchmarks.machine import machine
from benchmarks.matching import mismatches
from benchmarks.measures import package_groups
from benchmarks.start_up import start_up
from benchmarks.time_to_answer import BY_HAND, COMMANDS, answer
from sim.plan.build import build_plan

MATCHED = 10
"""Replications on which the C++ program is held to the kernel, group by group, before anything is timed."""
COUNTED = 20
"""Replications in which its events and draws are counted."""


def measure(field: Sequence[Contestant], rounds: int) -> dict[tuple[str, str], list[float]]:
    """Microseconds a group of every round, by world and contestant."""
    for one in field:
        one.run(0, 1)
    taken: dict[tuple[str, str], list[float]] = {(one.world, one.name): [] for one in field}
    for number in range(rounds):
        for one in field if number % 2 == 0 else field[::-1]:
            seconds, groups = one.seconds_and_groups(number * one.replications)
            taken[one.world, one.name].append(seconds / groups * 1e6)
        print(f"\rround {number + 1} of {rounds}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return taken


def ratios(taken: Mapping[tuple[str, str], Sequence[float]], kernel: str) -> list[dict[str, Any]]:
    """For every contestant: its time over that of the kernel, round by round, with median and spread."""
    rows = []
    for (world, name), times in taken.items():
        each = [mine / its for mine, its in zip(times, taken[world, kernel], strict=True)]
        low, high = quantiles(each, n=4, method="inclusive")[::2] if len(each) > 1 else (each[0], each[0])
        rows.append(
            {
                "world": world,
                "rival": name,
                "over": kernel,
                "median": median(each),
                "quartiles": [low, high],
                "range": [min(each), max(each)],
                "rounds": each,
            }
        )
    return rows


def calendar_matches(field: Field, seed: int) -> None:
    """Say whether the C++ program agrees with the kernel. Raises RuntimeError where it does not."""
    if field.calendar is None:
        return
    world = sim.load("right_to_request").scenario
    groups = package_groups(world, seed, range(MATCHED), "kernel")
    found = mismatches(groups, field.calendar.run(seed, 0, MATCHED), field.calendar, build_plan(world))
    if found:
        raise RuntimeError(f"the C++ program simulates something else: {'; '.join(found)}")
    print(f"The C++ program agrees with the kernel on each of {len(groups)} groups of {MATCHED} replications.")


def work_done(field: Field, seed: int) -> dict[str, float] | None:
    """Events, draws and groups a replication, as the C++ program counts them; steadier than seconds."""
    if field.calendar is None:
        return None
    output = field.calendar.run(seed, 0, COUNTED)
    counts = {"events": output.events, "draws": output.draws, "groups": output.rows}
    return {name: count / COUNTED for name, count in counts.items()}


def show(field: Field, taken: Mapping[tuple[str, str], Sequence[float]], rows: Sequence[Mapping[str, Any]]) -> None:
    """Print who ran how, and the table."""
    print("\nHow each was configured:")
    for one in field.contestants:
        print(f"  {one.name} on {one.world}: {one.configuration}; {one.replications} replications a round")
    for name, why in field.skipped:
        print(f"  {name}: skipped, {why}")
    print("\nHow many times as long as the kernel, and as the kernel without tables: median (range) of the rounds.")
    print(f"{'world':17}{'contestant':23}{'µs a group':>11}{KERNEL:>28}{ALONE:>28}")
    spread = {(row["world"], row["rival"], row["over"]): _spread(row) for row in rows}
    for (world, name), times in taken.items():
        over = "".join(f"{spread[world, name, kernel] if name != kernel else '1':>28}" for kernel in (KERNEL, ALONE))
        print(f"{world:17}{name:23}{median(times):11.2f}{over}")


def _spread(row: Mapping[str, Any]) -> str:
    least, most = row["range"]
    return f"{row['median']:.3g} ({least:.3g} to {most:.3g})"


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse, measure, print, write."""
    parser = argparse.ArgumentParser(description="Measure the kernel beside its rivals, in turn, on one thread.")
    parser.add_argument("--rounds", type=int, default=11, help="how often each has a go (%(default)s)")
    parser.add_argument("--share", type=float, default=1.0, help="of the usual replications a round (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--compiler", help="the C++ compiler (the one that CXX names, g++, clang++)")
    parser.add_argument("--out", type=Path, default=Path("results.json"), help="where to write JSON (%(default)s)")
    given = parser.parse_args(arguments)
    with ExitStack() as open_until:
        field = assemble(given.seed, given.share, given.compiler, open_until)
        calendar_matches(field, given.seed)
        taken = measure(field.contestants, given.rounds)
        done = work_done(field, given.seed)
    rows = [*ratios(taken, KERNEL), *ratios(taken, ALONE)]
    show(field, taken, rows)
    if done:
        events, draws, groups = (f"{done[name]:.0f}" for name in ("events", "draws", "groups"))
        print(f"\nA replication of right_to_request: {groups} groups, {events} events, {draws} draws (counted in C++).")
    knowing = answer(given.seed, given.rounds, round(BY_HAND * given.share), min(COMMANDS, given.rounds))
    started = start_up(min(COMMANDS, given.rounds))
    print("Times depend on the machine and what else it does; compare the ratios.")
    record = {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "rounds": given.rounds,
        "seed": given.seed,
        "ratios": rows,
        "contestants": [
            {
                "world": one.world,
                "name": one.name,
                "configuration": one.configuration,
                "replications_a_round": one.replications,
                "microseconds_a_group": taken[one.world, one.name],
            }
            for one in field.contestants
        ],
        "skipped": [{"name": name, "why": why} for name, why in field.skipped],
        "replication_of_right_to_request": done,
        "time_to_answer": knowing,
        "start_up": started,
    }
    given.out.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    print(f"Written to {given.out}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
