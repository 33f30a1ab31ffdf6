"""The numbers of this epoch: what every shipped world gives, as digests that a change of numbers cannot pass by.

``python tests/back/numbers_of_worlds.py`` writes them anew into ``digests.json``. Do so only after raising ``EPOCH`` in
``sim/version.py`` and writing in the CHANGELOG, under Numbers, what moved and why.
"""

import hashlib
import json
from pathlib import Path

from sim.batch.case import Case
from sim.batch.extracts.tables import extract_tables
from sim.scenario.library import shipped_names
from sim.scenario.load import load
from sim.version import EPOCH

STORED = Path(__file__).parent / "digests.json"
SEED, REPLICATIONS = 1, 4
TABLES = ("groups", "hosts", "costs", "kpis", "resources", "events")


def text(table):
    """A table as text in which every bit of its numbers can be seen, whatever the library that holds it."""
    columns = [table[name].to_pylist() for name in table.column_names]
    lines = [",".join(table.column_names), *(",".join(map(repr, row)) for row in zip(*columns, strict=True))]
    return "\n".join(lines) + "\n"


def digests(name, engine="kernel"):
    """The digest of each table of a shipped world."""
    part = extract_tables(Case(load(name).scenario, SEED, False, engine), "events", range(REPLICATIONS))
    assert not part.failures, part.failures
    return {table: hashlib.sha256(text(part.tables[table]).encode()).hexdigest() for table in TABLES}


def drawn_digest(name, engine="kernel"):
    """The digest of the kpis with every uncertain number drawn anew."""
    part = extract_tables(Case(load(name).scenario, SEED, True, engine), "kpis", range(REPLICATIONS))
    assert not part.failures, part.failures
    return hashlib.sha256(text(part.tables["kpis"]).encode()).hexdigest()


def renewed():
    """What is to be stored now."""
    worlds = {name: {**digests(name), "kpis, uncertain": drawn_digest(name)} for name in shipped_names()}
    return {"epoch": EPOCH, "seed": SEED, "replications": REPLICATIONS, "worlds": worlds}


if __name__ == "__main__":
    STORED.write_text(json.dumps(renewed(), indent=1) + "\n", encoding="utf-8")
    print(f"Written: {STORED}, epoch {EPOCH}")
