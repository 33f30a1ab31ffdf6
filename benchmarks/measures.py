"""What the programs are compared by: the groups of some replications as a frame, and figures of each replication."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd

from benchmarks.rivals.by_hand.program import Record
from sim.batch.case import Case, Engine
from sim.batch.extracts.tables import extract_tables
from sim.scenario.schema import Scenario

PAYERS: Final = ("programme", "host", "group")


class Add(Protocol):
    """Adds a figure: a column of the groups summed over each replication, taken per another figure."""

    def __call__(self, name: str, what: pd.Series[Any], of: str = ...) -> None:
        """Name it, give the column, and say per what."""


def package_groups(scenario: Scenario, seed: int, replications: Sequence[int], engine: Engine) -> pd.DataFrame:
    """The groups table of the package. Raises RuntimeError where a replication failed."""
    part = extract_tables(Case(scenario, seed, False, engine), "groups", replications)
    if part.failures:
        raise RuntimeError(part.failures[0].error)
    groups: pd.DataFrame = part.tables["groups"].to_pandas()
    return groups


def by_hand_groups(histories: Mapping[int, Sequence[Record]]) -> pd.DataFrame:
    """The records of the hand-written SimPy program in the columns of the package's groups table."""
    return pd.DataFrame([_row(number, one) for number, records in histories.items() for one in records])


def _row(replication: int, one: Record) -> dict[str, Any]:
    return {
        "replication": replication,
        "type": one.kind,
        "route": one.route,
        "headcount": one.headcount,
        "turnover": one.turnover,
        "arrived": one.arrived,
        "trait_aware": float(one.traits.aware),
        "trait_champion": float(one.traits.champion),
        "state": one.state,
        "stage": one.stage,
        "exit_time": one.exit_time,
        "exit_cause": one.cause,
        "exit_form": one.form,
        "tries": one.tries,
        "award": one.award,
        **{f"entered_{stage}": time for stage, time in one.entered.items()},
        **{f"reached_{milestone}": time for milestone, time in one.reached.items()},
        **{f"cost_{payer}": amount for payer, amount in one.costs.items()},
    }


Sums = dict[str, "pd.Series[float]"]
EACH: Final = "replications"
"""What a figure is taken per where it is not taken per something that happened."""
RARE: Final = 50
"""A figure that happened less often than this in both programs together is left out: its z would not be normal."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums over each replication, one row each, and the column of which a figure is a share or mean."""

    sums: pd.DataFrame
    per: Mapping[str, str]


def figures(groups: pd.DataFrame, replications: Sequence[int], routes: Sequence[Sequence[str]]) -> Figures:
    """All that programs are compared by. ``routes`` holds the stages of each route in their order.

    First what happens in a replication; it varies with how many groups there are. Then shares and means that do not:
    of the groups that entered a stage, those that were lost there to each cause; days in each stage; sizes and costs.
    """
    by = groups["replication"]
    sums: Sums = {EACH: pd.Series(1.0, pd.Index(replications))}
    per: dict[str, str] = {}

    def add(name: str, what: pd.Series[Any], of: str = EACH) -> None:
        sums[name] = what.groupby(by).sum()
        per[name] = of

    add("groups", pd.Series(1.0, groups.index))
    _fates(groups, add)
    _stages(groups, routes, add)
    _sizes(groups, add)
    kept = pd.DataFrame(sums).reindex(list(replications)).fillna(0.0)
    return Figures(kept, per)


def _fates(groups: pd.DataFrame, add: Add) -> None:
    for column in ("type", "route", "state"):
        for value in sorted(set(groups[column].astype(str))):
            add(f"{column} {value}", groups[column] == value)
    for column in sorted(name for name in map(str, groups) if name.startswith("reached_")):
        add(column.replace("_", " ", 1), groups[column].notna())
        add(f"day {column.replace('_', ' ', 1)}", groups[column].fillna(0.0), column.replace("_", " ", 1))
    for payer in PAYERS:
        add(f"cost to {payer}", groups[f"cost_{payer}"])
        add(f"cost to {payer} a group", groups[f"cost_{payer}"], "groups")
    for trait in ("aware", "champion"):
        add(f"groups with trait {trait}", groups[f"trait_{trait}"], "groups")
    add("tries", groups["tries"], "groups")
    add("award", groups["award"])
    add("turnover launched", groups["turnover"].where(groups["reached_live"].notna(), 0.0))
    add("day of setting out", groups["arrived"], "groups")


def _stages(groups: pd.DataFrame, routes: Sequence[Sequence[str]], add: Add) -> None:
    lost = groups["state"] == "exited"
    why = groups["exit_cause"].astype(str) + "." + groups["exit_form"].astype(str)
    for route in routes:
        for stage, following in pairwise([*route, None]):
            entered = groups[f"entered_{stage}"]
            add(f"entered {stage}", entered.notna())
            here = lost & (groups["stage"] == stage)
            for one in sorted(set(why[here])):
                add(f"lost in {stage} to {one.strip('.')}", here & (why == one), f"entered {stage}")
            if following is not None:
                passed = groups[f"entered_{following}"].notna()
                add(f"passed {stage}", passed, f"entered {stage}")
                add(f"days in {stage}", (groups[f"entered_{following}"] - entered).fillna(0.0), f"passed {stage}")


def _sizes(groups: pd.DataFrame, add: Add) -> None:
    for kind in sorted(set(groups["type"].astype(str))):
        of_kind = groups["type"] == kind
        add(f"staff of a {kind}", groups["headcount"].where(of_kind, 0.0), f"type {kind}")
        add(f"turnover of a {kind}", groups["turnover"].where(of_kind, 0.0), f"type {kind}")
        add(f"{kind} launched", of_kind & groups["reached_live"].notna(), f"type {kind}")


@dataclass(frozen=True, slots=True)
class Comparison:
    """A figure in two programs, and how many standard errors the two are apart."""

    figure: str
    first: float
    second: float
    z: float


def compare(first: Figures, second: Figures) -> list[Comparison]:
    """Every figure of either program. One that a program lacks never happened in it."""
    per = {**second.per, **first.per}
    found = []
    for name, of in per.items():
        if sum(float(one.sums[name].sum()) for one in (first, second) if name in one.sums) < RARE:
            continue
        (a, error_a), (b, error_b) = (_estimate(one.sums, name, of) for one in (first, second))
        error = float(np.hypot(error_a, error_b))
        found.append(Comparison(name, a, b, _standardised(a - b, error)))
    return found


def _standardised(gap: float, error: float) -> float:
    if error > 0.0:
        return gap / error
    return math.copysign(math.inf, gap) if gap else 0.0


def _estimate(sums: pd.DataFrame, name: str, of: str) -> tuple[float, float]:
    """A ratio of sums over replications and its standard error, linearised, replications being independent."""
    x = sums[of].to_numpy(float)
    y = sums[name].to_numpy(float) if name in sums else np.zeros(len(x))
    ratio = y.sum() / x.sum()
    return float(ratio), float(np.sqrt((y - ratio * x).var(ddof=1) / len(x)) / x.mean())


def bound(comparisons: int, probability: float = 0.01) -> float:
    """The largest |z| that programs which agree exceed with this probability among so many comparisons (Bonferroni)."""
    return NormalDist().inv_cdf(1.0 - probability / (2 * comparisons))
