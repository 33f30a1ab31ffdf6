"""Hold the C++ program to the package, group by group: the draws are the same, so every fate must be the same."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from benchmarks.rivals.calendar.program import PAYERS, STATES, Output, Program
from sim.plan.plan import FIRST_TRAIT, Plan

TOLERANCE = 1e-6
"""Days, pounds: mathematics libraries may differ in the last bits of exp and log, and in no more."""


def mismatches(groups: pd.DataFrame, output: Output, program: Program, plan: Plan) -> list[str]:
    """What differs between the package's groups table and the C++ program's rows, in words; empty where all agree."""
    if len(groups) != output.rows:
        return [f"{len(groups)} groups in the package, {output.rows} in the C++ program"]
    words = {
        "type": [one.name for one in plan.types],
        "route": [*(one.name for one in plan.routes), ""],
        "state": list(STATES),
        "stage": [*(one.name for one in plan.stages), ""],
        "exit_cause": list(program.causes),
        "exit_form": list(program.forms),
    }
    found = []
    for name, values in words.items():
        coded = output.columns[name.removeprefix("exit_")]
        apart = int((np.array(values)[coded] != groups[name].astype(str).to_numpy()).sum())
        if apart:
            found.append(f"{name}: {apart} of {output.rows} groups")
    for name, column in _numbers(output, plan):
        apart = _apart(groups[name].to_numpy(float), column.astype(float))
        if apart:
            found.append(f"{name}: {apart} of {output.rows} groups")
    return found


def _numbers(output: Output, plan: Plan) -> Iterator[tuple[str, np.ndarray]]:
    columns = output.columns
    for name in ("replication", "headcount", "tries", "turnover", "arrived", "exit_time", "award"):
        yield name, columns[name]
    for trait in (*plan.region_traits, *plan.host_traits, *plan.group_traits):
        yield f"trait_{trait.name}", columns["traits"][:, trait.slot - FIRST_TRAIT]
    for number, stage in enumerate(plan.stages):
        yield f"entered_{stage.name}", columns["entered"][:, number]
    for number, milestone in enumerate(plan.milestones):
        yield f"reached_{milestone}", columns["reached"][:, number]
    for number, payer in enumerate(PAYERS):
        yield f"cost_{payer}", columns["costs"][:, number]


def _apart(one: np.ndarray, other: np.ndarray) -> int:
    return int((~np.isclose(one, other, rtol=1e-12, atol=TOLERANCE, equal_nan=True)).sum())
