"""Do the rivals simulate the same world? One command, exit code 1 where one does not.

``python benchmarks/agreement.py``. The C++ program has the package's own draws and is compared group by group. The
hand-written SimPy program and Ciw have draws of their own, so their means are compared by z-tests, each against a
bound that programs which agree exceed in one run in a hundred.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import sim
from benchmarks.contestants import GUARANTEE
from benchmarks.matching import mismatches
from benchmarks.measures import Comparison, bound, by_hand_groups, compare, figures, package_groups
from benchmarks.rivals.by_hand.program import replicate as replicate_by_hand
from benchmarks.rivals.calendar.program import NoCompiler, compiled
from benchmarks.rivals.tandem import package as tandem
from benchmarks.rivals.tandem import with_ciw
from sim.batch.case import Engine
from sim.plan.build import build_plan
from sim.scenario.schema import Scenario


def calendar_agrees(world: Scenario, seed: int, replications: int, engine: Engine) -> bool:
    """Whether the C++ program brings the same groups to the same fates. Skipped, with words, without a compiler."""
    plan = build_plan(world)
    groups = package_groups(world, seed, range(replications), engine)
    try:
        with compiled(plan, len(groups)) as program:
            output = program.run(seed, 0, replications)
            found = mismatches(groups, output, program, plan)
    except NoCompiler as why:
        print(f"C++: skipped, {why}")
        return True
    print(f"C++ ({program.configuration}) and the {engine} engine: {replications} replications, {len(groups)} groups")
    print("\n".join(f"  differ in {one}" for one in found) if found else "  every group agrees in every column")
    return not found


def by_hand_agrees(world: Scenario, seed: int, of_package: int, by_hand: int, engine: Engine, guaranteed: bool) -> bool:
    """Whether the hand-written SimPy program has the package's means, with or without the pension guarantee."""
    plan = build_plan(world)
    routes = [[plan.stages[number].name for number in route.stages] for route in plan.routes]
    first = figures(package_groups(world, seed, range(of_package), engine), range(of_package), routes)
    records = by_hand_groups({number: replicate_by_hand(seed, number, guaranteed) for number in range(by_hand)})
    policy = "with the pension guarantee" if guaranteed else "as shipped"
    print(f"Hand-written SimPy ({by_hand} replications) and the {engine} engine ({of_package}), {policy}:")
    return _verdict(compare(first, figures(records, range(by_hand), routes)))


def ciw_agrees(seed: int, of_package: int, of_ciw: int, engine: Engine) -> bool:
    """Whether Ciw has the package's means on the tandem. Skipped, with words, where Ciw is not installed."""
    try:
        network = with_ciw.network()
    except ImportError:
        print("Ciw: skipped, it is not installed (pip install ciw)")
        return True
    first = tandem.figures(tandem.replicate(tandem.scenario(), seed, range(of_package), engine))
    second = with_ciw.figures([with_ciw.replicate(network, seed, number) for number in range(of_ciw)])
    print(f"Ciw ({of_ciw} replications) and the {engine} engine ({of_package}) on the tandem:")
    return _verdict(compare(first, second))


def _verdict(comparisons: Sequence[Comparison]) -> bool:
    most = bound(len(comparisons))
    print(f"  {'figure':65}{'package':>14}{'rival':>14}{'z':>8}")
    for one in comparisons:
        mark = "  <- apart" if abs(one.z) > most else ""
        print(f"  {one.figure:65}{one.first:14.5g}{one.second:14.5g}{one.z:8.2f}{mark}")
    largest = max(abs(one.z) for one in comparisons)
    words = "agree" if largest <= most else "DIFFER"
    print(f"  {len(comparisons)} figures, largest |z| {largest:.2f}, bound {most:.2f}: {words}")
    return largest <= most


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse, compare, print; 1 where a rival differs."""
    parser = argparse.ArgumentParser(description="Check that the rivals of the benchmark simulate the same world.")
    parser.add_argument("--package", type=int, default=1000, help="replications of the package for z (%(default)s)")
    parser.add_argument("--rival", type=int, default=300, help="replications of a rival for z (%(default)s)")
    parser.add_argument("--matched", type=int, default=50, help="replications held group by group (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=("kernel", "simpy"), default="kernel")
    given = parser.parse_args(arguments)
    world = sim.load("right_to_request").scenario
    guaranteed = sim.load("right_to_request", [GUARANTEE]).scenario
    verdicts = [
        calendar_agrees(world, given.seed, given.matched, given.engine),
        by_hand_agrees(world, given.seed, given.package, given.rival, given.engine, guaranteed=False),
        by_hand_agrees(guaranteed, given.seed, given.package, given.rival, given.engine, guaranteed=True),
        ciw_agrees(given.seed, given.package, given.rival, given.engine),
    ]
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
