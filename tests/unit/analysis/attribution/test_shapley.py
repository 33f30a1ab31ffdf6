"""Shapley values and interactions of games whose answer is known, and the same from walks along orders."""

from itertools import permutations
from math import comb

import numpy as np
import pytest

from sim.analysis.attribution import shapley


def game(value, players):
    """The values of a game given by a function of a set of players, in one replication."""
    members = [{i for i in range(players) if mask >> i & 1} for mask in range(1 << players)]
    return np.array([[float(value(one))] for one in members])


def unanimity(team, players):
    return game(lambda members: set(team) <= members, players)


def by_orders(values):
    """The mean over all orders of what each player adds: the definition."""
    k = len(values).bit_length() - 1
    found = np.zeros((k, values.shape[1]))
    orders = list(permutations(range(k)))
    for order in orders:
        there = 0
        for player in order:
            found[player] += values[there | 1 << player] - values[there]
            there |= 1 << player
    return found / len(orders)


RANDOM = np.random.default_rng(1).normal(size=(32, 7))


def test_gloves():
    """One left glove and two right ones: the left is worth 2/3 and each right one 1/6 (Shapley 1953)."""
    pair = game(lambda members: 0 in members and bool(members & {1, 2}), 3)
    assert shapley.shapley_values(pair)[:, 0] == pytest.approx([2 / 3, 1 / 6, 1 / 6])


def test_a_team_shares_equally_and_others_get_exactly_nothing():
    values = shapley.shapley_values(unanimity({0, 2, 3}, 5))[:, 0]
    assert values[[0, 2, 3]] == pytest.approx([1 / 3] * 3)
    assert (values[[1, 4]] == 0.0).all()


def test_the_values_are_the_mean_over_all_orders_and_add_up_to_the_whole():
    values = shapley.shapley_values(RANDOM)
    assert values == pytest.approx(by_orders(RANDOM))
    assert values.sum(axis=0) == pytest.approx(RANDOM[-1] - RANDOM[0], abs=1e-12)


def test_values_and_interactions_are_linear():
    one, other = RANDOM, np.random.default_rng(2).normal(size=RANDOM.shape)
    for function in (shapley.shapley_values, shapley.interactions):
        assert function(2 * one - other) == pytest.approx(2 * function(one) - function(other))


@pytest.mark.parametrize(("team", "expected"), [({0, 1}, 1.0), ({0, 1, 2}, 1 / 2), ({0, 1, 2, 3}, 1 / 3)])
def test_the_interaction_of_members_of_a_team(team, expected):
    """1 / (t - 1) for two of a team of t (Grabisch and Roubens 1999), and exactly 0 where one is no member."""
    index = dict(zip(shapley.pairs(4), shapley.interactions(unanimity(team, 4))[:, 0], strict=True))
    for pair, value in index.items():
        assert value == (pytest.approx(expected) if set(pair) <= team else 0.0)


def test_players_who_only_add_up_do_not_interact():
    assert shapley.interactions(game(sum, 4)) == pytest.approx(0.0)


def test_alone_and_last():
    values = game(lambda members: len(members) ** 2 + (0 in members), 3)
    assert shapley.first_values(values)[:, 0].tolist() == [2, 1, 1]
    assert shapley.last_values(values)[:, 0].tolist() == [6, 5, 5]


@pytest.mark.parametrize("players", [0, 1])
def test_games_of_nobody_and_of_one(players):
    values = np.arange(1 << players, dtype=float)[:, None] * 3
    assert shapley.shapley_values(values).tolist() == [[3.0]] * players
    assert shapley.interactions(values).shape == (0, 1)


def test_values_of_no_whole_game_are_refused():
    with pytest.raises(ValueError, match="3 combinations"):
        shapley.shapley_values(np.zeros((3, 1)))


def walk(order, values):
    """The values along an order, and those of each second neighbour with what comes before the first."""
    beginnings = np.cumsum([0, *(1 << player for player in order)])
    swapped = [beginnings[p] | 1 << order[p + 1] for p in range(len(order) - 1)]
    return values[beginnings, 0], values[swapped, 0]


def test_the_mean_over_all_walks_is_exact():
    k, values = 5, RANDOM[:, :1]
    sums, pairs, counts = np.zeros(k), np.zeros(comb(k, 2)), np.zeros(comb(k, 2))
    places = {pair: place for place, pair in enumerate(shapley.pairs(k))}
    orders = list(permutations(range(k)))
    for order in orders:
        forwards, swapped = walk(order, values)
        backwards, _ = walk(order[::-1], values)
        one = shapley.order_values(np.array(order), forwards, backwards)
        assert one.sum() == pytest.approx(values[-1, 0] - values[0, 0])
        sums += one
        for first, second, found in zip(
            order[:-1], order[1:], shapley.order_interactions(forwards, swapped), strict=True
        ):
            place = places[min(first, second), max(first, second)]
            pairs[place] += found
            counts[place] += 1
    assert sums / len(orders) == pytest.approx(shapley.shapley_values(values)[:, 0])
    assert pairs / counts == pytest.approx(shapley.interactions(values)[:, 0])
