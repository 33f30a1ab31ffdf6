"""How long do short commands take beside the libraries that they stand on? ``python benchmarks/start_up.py``.

Each is a process of its own, warm: compiled code and parsed files are there from a first go that does not count. In a
round each has one go; the ratio of a round is the command's time on the clock of the wall over that of a Python that
imports the libraries and does nothing.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.machine import machine

ROUNDS: Final = 5
CHECKOUT: Final = Path(__file__).resolve().parents[1]
LIBRARIES: Final = "import click, numba, pydantic, pyarrow.parquet, pandas, scipy.special, rich.console, jinja2"
IMPORTS: Final = "the libraries"
COMMANDS: Final[dict[str, Sequence[str]]] = {
    IMPORTS: ("-c", LIBRARIES),
    "spinout --help": ("-m", "sim", "--help"),
    "spinout check west_midlands": ("-m", "sim", "check", "west_midlands"),
    "spinout run west_midlands --replications 1000": ("-m", "sim", "run", "west_midlands", "--replications", "1000"),
}


def seconds(arguments: Sequence[str]) -> float:
    """What one process takes, from its start to its end. Raises RuntimeError where it fails."""
    with tempfile.TemporaryDirectory() as folder:
        out = ("--out", f"{folder}/results") if "run" in arguments else ()
        begun = perf_counter()
        done = subprocess.run([sys.executable, *arguments, *out], cwd=CHECKOUT, capture_output=True, check=False)
        taken = perf_counter() - begun
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode(errors="replace"))
    return taken


def start_up(rounds: int) -> list[dict[str, Any]]:
    """Measure and print; returns what the JSON says."""
    for arguments in COMMANDS.values():
        seconds(arguments)
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, arguments in COMMANDS.items():
            taken[name].append(seconds(arguments))
    print(f"\n{'warm, from start to end':48}{'seconds':>9}{'over the libraries':>22}")
    rows = []
    for name, times in taken.items():
        ratios = [mine / theirs for mine, theirs in zip(times, taken[IMPORTS], strict=True)]
        rows.append({"command": name, "seconds": times, "median": median(ratios), "range": [min(ratios), max(ratios)]})
        spread = f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})" if name != IMPORTS else "1"
        print(f"{name:48}{median(times):9.2f}{spread:>22}")
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse, measure, print, write."""
    parser = argparse.ArgumentParser(description="How long do short commands take beside their libraries?")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each has a go (%(default)s)")
    parser.add_argument("--out", type=Path, default=Path("start_up.json"), help="JSON (%(default)s)")
    given = parser.parse_args(arguments)
    record = {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "start_up": start_up(given.rounds),
    }
    given.out.write_text(json.dumps(record, indent=1), encoding="utf-8")
    print(f"Times depend on the machine and what else it does; compare the ratios.\nWritten to {given.out}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
