"""The effects of two changes tried alone and together, on worlds whose numbers are made up."""

import numpy as np
import pytest

from sim.analysis.outcomes import Outcome
from sim.analysis.paired import factorial
from sim.analysis.reading import Reading


@pytest.fixture
def effects(monkeypatch):
    """The effects of given differences from the base: shape (3, replications), first, second and both."""

    def told(differences):
        class World:
            facts = None

        outcome = {"launches": Outcome("launches", "Groups launched", "count", "more")}
        monkeypatch.setattr(factorial, "paired_differences", lambda *_: {"launches": np.asarray(differences, float)})
        monkeypatch.setattr(factorial, "outcomes", lambda *_: outcome)
        world = World()
        table = factorial.effects(world, world, world, world, ("A", "B"), Reading(), ["launches"])
        return table.set_index("effect")

    return told


def test_effects_without_interaction(effects):
    found = effects([[1, 3], [2, 2], [3, 5]])
    assert found["value"].to_dict() == {
        "first": 2,
        "second": 2,
        "both": 4,
        "main_first": 2,
        "main_second": 2,
        "interaction": 0,
    }
    assert (found.loc["interaction", "low"], found.loc["interaction", "high"]) == (0, 0)
    assert found.loc["main_first", "label"] == "A, averaged over B off and on"


def test_two_doors_of_which_both_must_open(effects):
    """Neither change does anything alone; the main effects are half of what both do."""
    found = effects(np.vstack([np.zeros((2, 400)), np.random.default_rng(3).poisson(4.0, 400)]))
    for effect, part in (("first", 0), ("main_first", 0.5), ("main_second", 0.5), ("interaction", 1)):
        assert found.loc[effect, "value"] == pytest.approx(part * found.loc["both", "value"])
    assert found.loc["both", "low"] < 4 < found.loc["both", "high"]


def test_intervals_cover(effects):
    """Of the interaction, true value 1, in 1000 studies of 25 replications: 950 hold it, give or take."""
    draws = np.random.default_rng(8)
    held = 0
    for _ in range(1000):
        luck = draws.normal(size=(4, 25))
        first, second = 2 + luck[1] - luck[0], 3 + luck[2] - luck[0]
        row = effects([first, second, 6 + luck[3] - luck[0]]).loc["interaction"]
        held += row["low"] <= 1 <= row["high"]
    assert abs(held - 950) < 4 * np.sqrt(1000 * 0.95 * 0.05)
