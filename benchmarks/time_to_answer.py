"""How long until one knows what a pension guarantee would have brought? One command.

``python benchmarks/time_to_answer.py``. The question: how many more groups launch in England, estimated to within 0.25
launches either way at 95 %. The answer by the package is measured from its beginning to its end; those that would take
too long are extrapolated from measured variances and speeds, and say so. The gain is split into what speed brings and
what pairing brings.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import NormalDist, median
from time import perf_counter, process_time
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from numpy.typing import NDArray

import sim
from benchmarks.contestants import GUARANTEE
from benchmarks.machine import machine
from benchmarks.rivals.by_hand.program import replicate as replicate_by_hand
from sim.analysis.paired.comparison import needed
from sim.batch.case import Case
from sim.batch.extracts.tables import extract_tables
from sim.scenario.schema import Scenario

HALF_WIDTH: Final = 0.25
PILOT: Final = 100
"""Pairs of replications from which the package tells how many it needs."""
BY_HAND: Final = 25
"""Histories of either arm that the hand-written program runs in a round."""
COMMANDS: Final = 3
OTHER_SEED: Final = 1_000_003
"""What is added to the seed for the arm that shall have luck of its own."""
_Z: Final = NormalDist().inv_cdf(0.975)

Numbers = NDArray[np.float64]


@dataclass(slots=True)
class Arms:
    """Launches of either arm, and the processor's seconds that they took, round by round."""

    base: list[Numbers] = field(default_factory=list)
    guaranteed: list[Numbers] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def add(self, base: Numbers, guaranteed: Numbers, seconds: float) -> None:
        """One round."""
        self.base.append(base)
        self.guaranteed.append(guaranteed)
        self.seconds.append(seconds)

    @property
    def a_pair(self) -> float:
        """Seconds for one history of either arm: the median of the rounds."""
        return median(seconds / len(base) for seconds, base in zip(self.seconds, self.base, strict=True))

    def independent_variance(self) -> float:
        """The variance of a difference of two replications with independent draws."""
        return float(sum(np.concatenate(one).var(ddof=1) for one in (self.base, self.guaranteed)))

    def paired_variance(self) -> float:
        """The variance of a difference of two replications of the same number."""
        return float((np.concatenate(self.guaranteed) - np.concatenate(self.base)).var(ddof=1))

    def histories(self) -> int:
        """How many replications of either arm there are."""
        return sum(map(len, self.base))


@dataclass(frozen=True, slots=True)
class Answer:
    """A way to the answer: pairs of replications, seconds for them, and what was measured of it."""

    way: str
    pairs: float
    seconds: float
    variance: float
    seconds_a_pair: float
    extrapolated: bool
    relative_error: float
    """Half the width of a 95 % interval of ``seconds`` over it, from the variance's own error; 0 where measured."""


def launches(scenario: Scenario, seed: int, replications: range) -> Numbers:
    """Launches of each replication by the kernel, one row for each that is kept."""
    part = extract_tables(Case(scenario, seed), "kpis", replications)
    if part.failures:
        raise RuntimeError(part.failures[0].error)
    found: Numbers = part.tables["kpis"]["launched"].to_numpy().astype(np.float64)
    return found


def paired(base: Scenario, guaranteed: Scenario, seed: int, half_width: float) -> tuple[Numbers, Numbers]:
    """Launches of both arms, as many replications as the half-width needs by Stein's two stages."""
    one, other = (launches(world, seed, range(PILOT)) for world in (base, guaranteed))
    enough = needed(float((other - one).std(ddof=1)), half_width, PILOT)
    rest = range(PILOT, enough)
    if rest:
        one, other = (
            np.concatenate([first, launches(world, seed, rest)]) for first, world in ((one, base), (other, guaranteed))
        )
    return one, other


def by_hand(seed: int, replications: range) -> tuple[Numbers, Numbers]:
    """Launches of both arms of the hand-written program, which has independent luck in each."""
    arms = []
    for own_seed, guarantee in ((seed, False), (seed + OTHER_SEED, True)):
        histories = (replicate_by_hand(own_seed, number, guarantee) for number in replications)
        arms.append(np.array([sum("live" in one.reached for one in records) for records in histories], np.float64))
    return arms[0], arms[1]


def measure(seed: int, rounds: int, histories: int, half_width: float) -> tuple[Arms, Arms]:
    """The whole paired answer, and some replications by hand, in turn; each round has its own."""
    base, guaranteed = (sim.load("right_to_request", given).scenario for given in ([], [GUARANTEE]))
    launches(base, seed, range(1))
    package, rival = Arms(), Arms()
    for number in range(rounds):
        gc.collect()
        begun = process_time()
        package.add(*paired(base, guaranteed, seed + number, half_width), process_time() - begun)
        gc.collect()
        begun = process_time()
        found = by_hand(seed, range(number * histories, (number + 1) * histories))
        rival.add(*found, process_time() - begun)
        print(f"\rround {number + 1} of {rounds}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return package, rival


def command_seconds(seed: int, half_width: float, times: int) -> list[float]:
    """Seconds on the clock of the wall for the whole command, from its start to the written page, each time again."""
    taken = []
    for number in range(times):
        with tempfile.TemporaryDirectory() as folder:
            command = [
                *(sys.executable, "-m", "sim", "compare", "right_to_request", "--alt", f"guarantee: {GUARANTEE}"),
                *("--outcome", "launches", "--precision", f"launches={half_width}", "--replications", str(PILOT)),
                *("--seed", str(seed + number), "--jobs", "1", "--out", folder + "/answer"),
            ]
            begun = perf_counter()
            done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, check=False)
            taken.append(perf_counter() - begun)
            if done.returncode != 0:
                raise RuntimeError(done.stderr.decode(errors="replace"))
    return taken


def answers(package: Arms, rival: Arms, half_width: float) -> list[Answer]:
    """The ways to the answer, the slowest first."""
    spread = rival.independent_variance()
    alone, together = package.independent_variance(), package.paired_variance()
    pairs = median(map(len, package.base))
    return [
        _extrapolated("hand-written SimPy, independent seeds", spread, 2 * rival.histories(), rival.a_pair, half_width),
        _extrapolated("kernel, independent seeds", alone, 2 * package.histories(), package.a_pair, half_width),
        _extrapolated("kernel, paired", together, package.histories(), package.a_pair, half_width),
        Answer("kernel, paired, as measured", pairs, median(package.seconds), together, package.a_pair, False, 0.0),
    ]


def _extrapolated(way: str, variance: float, seen: int, a_pair: float, half_width: float) -> Answer:
    """The pairs z² variance / half-width² and their seconds; the variance's error is that of a normal sample."""
    pairs = _Z**2 * variance / half_width**2
    return Answer(way, pairs, pairs * a_pair, variance, a_pair, True, _Z * math.sqrt(2 / max(seen - 1, 1)))


def show(ways: Sequence[Answer], package: Arms, command: Sequence[float], half_width: float) -> None:
    """Print the answer itself, the ways to it, and what the gain is made of."""
    difference = np.concatenate(package.guaranteed) - np.concatenate(package.base)
    error = _Z * float(difference.std(ddof=1)) / math.sqrt(len(difference))
    print(
        f"\nThe guarantee brings {difference.mean():+.2f} launches a replication (± {error:.2f}, all rounds together)."
    )
    print(f"Time until that is estimated to within ± {half_width:g} at 95 %:\n")
    print(f"{'way':42}{'variance':>10}{'pairs':>10}{'ms a pair':>11}{'seconds':>20}")
    for one in ways:
        seconds = f"{one.seconds:.3g}" + (f" ± {one.relative_error:.0%}, extrapolated" if one.extrapolated else "")
        print(f"{one.way:42}{one.variance:10.3g}{one.pairs:10,.0f}{one.seconds_a_pair * 1e3:11.3g}   {seconds}")
    if command:
        print(f"{'spinout compare, start to page, the wall':42}{'':31}   {median(command):.3g}")
    hand, alone, together = (one.seconds for one in ways[:3])
    print(f"\nThe gain: {hand / together:,.0f} times, of which {hand / alone:.3g} times by speed", end=" ")
    print(f"and {alone / together:.3g} times by pairing.")


def answer(seed: int, rounds: int, histories: int, commands: int, half_width: float = HALF_WIDTH) -> dict[str, Any]:
    """Measure and print; returns what the JSON says."""
    package, rival = measure(seed, rounds, max(2, histories), half_width)
    command = command_seconds(seed, half_width, commands)
    ways = answers(package, rival, half_width)
    show(ways, package, command, half_width)
    return {
        "question": f"right_to_request, {GUARANTEE}: the difference in launches",
        "half_width": half_width,
        "level": 0.95,
        "seed": seed,
        "pilot": PILOT,
        "ways": [asdict(one) for one in ways],
        "command_seconds": command,
        "kernel_rounds": _rounds(package),
        "by_hand_rounds": _rounds(rival),
    }


def _rounds(arms: Arms) -> list[dict[str, float]]:
    return [
        {"pairs": len(base), "seconds": seconds, "base": base.mean(), "guaranteed": guaranteed.mean()}
        for base, guaranteed, seconds in zip(arms.base, arms.guaranteed, arms.seconds, strict=True)
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse, measure, print, write."""
    parser = argparse.ArgumentParser(description="How long until the pension guarantee's effect is known?")
    parser.add_argument("--half-width", type=float, default=HALF_WIDTH, help="launches either way (%(default)s)")
    parser.add_argument("--rounds", type=int, default=11, help="how often each has a go (%(default)s)")
    parser.add_argument("--by-hand", type=int, default=BY_HAND, help="replications of an arm a round (%(default)s)")
    parser.add_argument("--commands", type=int, default=COMMANDS, help="runs of the whole command (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("time_to_answer.json"), help="JSON (%(default)s)")
    given = parser.parse_args(arguments)
    record = {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        **answer(given.seed, given.rounds, given.by_hand, given.commands, given.half_width),
    }
    given.out.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    print(f"Written to {given.out}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
