"""Intervals of comparisons hold what they promise: coverage where the answer is known.

The world has independent gates, so a group launches with the product of the chances to pass, and reaches a stage with
the product of those before it. Each repetition is a comparison of its own, with a seed of its own, through the kernel.
CI runs few; ``SPINOUT_REPETITIONS=2000`` runs the full study and prints what it measured (``pytest -s``): alone 94.2 to
95.5 %, together 94.7 to 95.2 %, of differences and after the stop.
"""

import math
import os
from functools import cache

import numpy as np
import pytest

from sim.analysis.paired.comparison import differences, replications_needed
from sim.analysis.reading import Reading
from sim.batch.case import Case
from sim.batch.extracts.tables import extract_tables
from sim.store.results import Results
from tests.helpers.known import world

pytestmark = pytest.mark.long

REPETITIONS = int(os.environ.get("SPINOUT_REPETITIONS", "80"))
REPLICATIONS = 200
GATES = {"reluctance": 0.4, "doubt": 0.5, "delay": 0.3}
REMOVED = {"": (), "no_reluctance": ("reluctance",), "no_doubt": ("doubt",), "neither": ("reluctance", "doubt")}
GROUPS = 2 * 0.025 * 100
MANIFEST = {"start": "2000-01-01", "end": "2001-01-01", "horizon": 366.0, "stages": [], "barriers": {}}
NAMES = ("launches", "share_launched", "cost_per_launch")
PILOT, PRECISION = 50, {"launches": 0.3, "share_launched": 0.05}


@cache
def scenario(name):
    return world("three_gates", *(f"barriers.{barrier}.enabled=false" for barrier in REMOVED[name]))


def results(name, seed, first, last):
    part = extract_tables(Case(scenario(name), seed), "kpis", range(first, last))
    return Results.from_tables(MANIFEST, part.tables)


def worlds(seed, replications):
    made = {name: results(name, seed, 0, replications) for name in REMOVED}
    return made.pop(""), made


def answers(name):
    passed = [1.0 if barrier in REMOVED[name] else 1.0 - chance for barrier, chance in GATES.items()]
    live = math.prod(passed)
    cost = 1000.0 * passed[0] + 5000.0 * passed[0] * passed[1]
    return {"launches": GROUPS * live, "share_launched": live, "cost_per_launch": cost / live}


def truth(name, outcome):
    return answers(name)[outcome] - answers("")[outcome]


def held(table, outcome):
    """Whether each alternative's own interval holds its answer, and whether all simultaneous ones do."""
    rows = table[table.outcome == outcome].set_index("alternative")
    answer = np.array([truth(name, outcome) for name in rows.index])
    alone = (rows.low <= answer) & (answer <= rows.high)
    together = (rows.family_low <= answer) & (answer <= rows.family_high)
    return [*alone, together.all()]


def assert_covers(found, what):
    """Shares of repetitions, by interval: near 95 %, by a z-test, and within two points in the full study."""
    for name, hits in found.items():
        share = np.mean(hits, axis=0)
        print(f"{what} {name}: n {len(hits)}, alone {np.round(share[:-1], 4)}, together {share[-1]:.4f}")
        assert len(hits) == REPETITIONS
        near = 4 * math.sqrt(0.95 * 0.05 / REPETITIONS) if REPETITIONS < 1000 else 0.02
        assert np.all(np.abs(share - 0.95) < near), f"{what} {name}: {share}"


def test_intervals_of_differences_cover():
    found = {name: [] for name in NAMES}
    for seed in range(REPETITIONS):
        base, others = worlds(1000 + seed, REPLICATIONS)
        table = differences(base, others, Reading(), NAMES)
        for name in NAMES:
            found[name].append(held(table, name))
    assert_covers(found, "differences")


@pytest.mark.parametrize("outcome", PRECISION)
def test_the_stop_at_a_precision_covers_and_is_as_precise(outcome):
    """Stein's two stages: the interval after the stop holds the answer, and is never wider than asked."""
    found, needed = [], []
    aim = {outcome: PRECISION[outcome]}
    for seed in range(REPETITIONS):
        pilot = worlds(500_000 + seed, PILOT)
        needed.append(replications_needed(*pilot, Reading(), aim, PILOT))
        table = differences(*worlds(500_000 + seed, needed[-1]), Reading(), [outcome], aim, PILOT)
        assert ((table.family_high - table.family_low) / 2 <= aim[outcome] * (1 + 1e-9)).all()
        assert (table.n == needed[-1]).all()
        found.append(held(table, outcome))
    print(f"stop at {aim}: {np.mean(needed):.0f} replications on average, {min(needed)} to {max(needed)}")
    assert np.mean(needed) > 2 * PILOT
    assert_covers({outcome: found}, "stop")


def test_the_closed_forms_are_those_of_the_world():
    """Without this a coverage of the wrong answer could not be told from an interval that is too short."""
    for name in REMOVED:
        kpis = results(name, 7, 0, 20_000).kpis
        answer = answers(name)
        for outcome, values in {
            "launches": kpis.launched - answer["launches"],
            "share_launched": kpis.launched - answer["share_launched"] * kpis.groups,
            "cost_per_launch": kpis.cost_total - answer["cost_per_launch"] * kpis.launched,
        }.items():
            z = values.mean() / (values.std() / math.sqrt(len(values)))
            assert abs(z) < 4, (name, outcome, z)
