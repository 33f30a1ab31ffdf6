"""The tandem on the package, and its figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

import sim
from benchmarks.measures import EACH, Figures
from sim.batch.case import Case, Engine
from sim.batch.extract import Extraction
from sim.batch.extracts.tables import extract_tables
from sim.scenario.schema import Scenario


def scenario() -> Scenario:
    """tandem.yaml, loaded."""
    return sim.load(str(Path(__file__).with_name("tandem.yaml"))).scenario


def replicate(world: Scenario, seed: int, replications: Sequence[int], engine: Engine) -> Extraction:
    """Some replications with the groups table."""
    return extract_tables(Case(world, seed, False, engine), "groups", replications)


def figures(part: Extraction) -> Figures:
    """Of each desk who asked for a clerk, the share that gave up, and the mean wait of all.

    Waits that are unfinished at the end count as far as they went.
    """
    units = part.tables["resources"].to_pandas()
    sums: dict[str, pd.Series[float]] = {}
    per = {}
    for number, name in enumerate(("first_clerks", "second_clerks"), start=1):
        desk = units[units["resource"] == name].set_index("replication").astype({"requests": float})
        asked = f"asked desk {number}"
        sums[asked], per[asked] = desk["requests"], EACH
        sums[f"gave up at desk {number}"], per[f"gave up at desk {number}"] = desk["left_queue"], asked
        sums[f"days waited at desk {number}"], per[f"days waited at desk {number}"] = desk["queue_time"], asked
    kept = pd.DataFrame(sums)
    kept[EACH] = 1.0
    return Figures(kept, per)
