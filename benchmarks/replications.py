"""Milliseconds a replication of the reference engine on the shipped worlds, tables included.

Run from a checkout: ``python benchmarks/replications.py``. One process, five chunks a world; seconds depend on the
machine, so compare only what was measured side by side in one run.
"""

from __future__ import annotations

from statistics import median
from time import perf_counter

import sim
from sim.batch.replicate import Work, compute

WORLDS = {"west_midlands": 40, "right_to_request": 8, "no_programme": 8, "right_to_provide": 8}
CHUNKS = 5


def milliseconds(name: str, replications: int) -> list[float]:
    """Milliseconds a replication of each chunk of a world, in ascending order."""
    work = Work(sim.load(name).scenario, 1, False, "groups", "simpy")
    compute(work, range(1))
    taken = []
    for first in range(0, CHUNKS * replications, replications):
        begun = perf_counter()
        compute(work, range(first, first + replications))
        taken.append((perf_counter() - begun) / replications * 1000)
    return sorted(taken)


if __name__ == "__main__":
    print(f"{'world':20}{'median':>10}{'least':>10}{'most':>10}   ms a replication")
    for name, replications in WORLDS.items():
        taken = milliseconds(name, replications)
        print(f"{name:20}{median(taken):10.1f}{taken[0]:10.1f}{taken[-1]:10.1f}")
