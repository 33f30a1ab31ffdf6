"""Designs: which combinations a replication is run in."""

from collections import Counter
from itertools import permutations

import numpy as np
import pytest

from sim.batch.extracts.launches.designs import Exact, Permutations, design

NAMES = ("ann", "ben", "cid", "dot")


def test_exact_is_every_combination():
    assert design("exact", NAMES[:3], 1).combinations(7).tolist() == list(range(8))


@pytest.mark.parametrize("players", [1, 2, 3, 6])
def test_the_parts_of_a_walk(players):
    asked = Permutations(tuple("abcdef"[:players]), 1)
    everybody = (1 << players) - 1
    for replication in range(20):
        found = asked.combinations(replication)
        assert len(found) == asked.size
        singles = [1 << place for place in range(players)]
        assert found[: 2 * players + 2].tolist() == [0, *singles, *(everybody - one for one in singles), everybody]
        order = asked.order(replication).tolist()
        for one, (beginnings, swapped) in zip((order, order[::-1]), _walks(found, players), strict=True):
            assert beginnings == [sum(1 << p for p in one[: n + 1]) for n in range(players - 1)]
            assert swapped == [sum(1 << p for p in one[:n]) + (1 << one[n + 1]) for n in range(players - 1)]


def _walks(found, players):
    parts = [part.tolist() for part in np.split(found[2 * players + 2 :], 4)]
    return [parts[:2], parts[2:]]


def test_every_order_is_as_likely():
    """Chi-squared with 23 degrees of freedom, below its 0.9999 quantile of 58.6."""
    asked, n = Permutations(NAMES, 3), 4800
    counts = Counter(tuple(asked.order(replication).tolist()) for replication in range(n))
    expected = n / 24
    assert sum((counts[order] - expected) ** 2 / expected for order in permutations(range(4))) < 58.6


def test_another_player_leaves_the_others_in_their_order():
    few, many = Permutations(NAMES[:3], 5), Permutations(NAMES, 5)
    for replication in range(20):
        assert [p for p in many.order(replication) if p < 3] == few.order(replication).tolist()


def test_orders_differ_by_seed_and_replication():
    orders = {tuple(Permutations(tuple("abcdefgh"), seed).order(r)) for seed in range(3) for r in range(3)}
    assert len(orders) == 9


def test_the_first_combination_of_an_exact_design_is_that_of_nobody():
    assert Exact(0).combinations(0).tolist() == [0]
