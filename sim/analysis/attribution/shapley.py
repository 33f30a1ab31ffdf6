"""Shapley values: a whole shared out fairly among players who work together.

A *game* gives every combination of k players a value. Values are arrays of shape (2^k, replications): row ``c`` is the
value of combination ``c``, in which player ``i`` is there where binary digit ``i`` of ``c`` is 1. All results are
linear in the values, so they are computed for each replication, and an interval over replications holds for their mean.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]


def shapley_values(values: Values) -> Values:
    """What each player adds, averaged over all orders in which players may come: shape (k, replications).

    phi_i = sum over S without i of |S|! (k - |S| - 1)! / k! (v(S + i) - v(S)) (Shapley 1953, "A value for n-person
    games"). They add up to v(all) - v(none).
    """
    k = _players(values)
    weight = _weights(k, k)
    shares = np.empty((k, values.shape[1]))
    for i in range(k):
        without = _without(k, 1 << i)
        shares[i] = weight[without] @ (values[without | 1 << i] - values[without])
    return shares


def interactions(values: Values) -> Values:
    """The Shapley interaction index of every pair of players: shape (pairs, replications), pairs as in `pairs`.

    I_ij = sum over S without i and j of |S|! (k - |S| - 2)! / (k - 1)! (v(S + i + j) - v(S + i) - v(S + j) + v(S))
    (Grabisch and Roubens 1999, "An axiomatic approach to the concept of interaction among players in cooperative
    games"). Above 0 the two together add more than each by itself.
    """
    k = _players(values)
    weight = _weights(k - 1, k)
    indices = np.empty((k * (k - 1) // 2, values.shape[1]))
    for row, (i, j) in enumerate(pairs(k)):
        first, second = 1 << i, 1 << j
        without = _without(k, first | second)
        change = values[without | first | second] - values[without | first] - values[without | second] + values[without]
        indices[row] = weight[without] @ change
    return indices


def first_values(values: Values) -> Values:
    """What each player adds to nobody: shape (k, replications)."""
    gains: Values = values[1 << np.arange(_players(values))] - values[0]
    return gains


def last_values(values: Values) -> Values:
    """What each player adds to all the others: shape (k, replications)."""
    gains: Values = values[-1] - values[len(values) - 1 - (1 << np.arange(_players(values)))]
    return gains


def pairs(players: int) -> list[tuple[int, int]]:
    """The pairs of players, in order."""
    return [(i, j) for i in range(players) for j in range(i + 1, players)]


def sizes(combinations: Whole, players: int) -> Whole:
    """How many of so many players are in each combination."""
    counts: Whole = (combinations[:, None] >> np.arange(players) & 1).sum(axis=1)
    return counts


def order_values(order: Whole, forwards: Values, backwards: Values) -> Values:
    """What each player adds along an order of players and along its reverse, averaged: shape (k,).

    ``forwards`` and ``backwards`` are the values of what is there after each step, from nobody to everybody: shape
    (k + 1,). For a random order this is an unbiased estimate of the Shapley values that adds up to the whole (Castro,
    Gomez and Tejada 2009, "Polynomial calculation of the Shapley value based on sampling"); the reverse makes it an
    antithetic pair (Mitchell et al. 2022, JMLR 23:43).
    """
    gains = np.empty(len(order))
    gains[order] = (np.diff(forwards) + np.diff(backwards)[::-1]) / 2
    return gains


def order_interactions(walk: Values, swapped: Values) -> Values:
    """For every two neighbours of an order, what they add together beyond what each adds: shape (k - 1,).

    ``walk`` as in `order_values`; ``swapped`` are the values of what comes before two neighbours together with the
    second of them: shape (k - 1,). Given that i and j are neighbours in a random order, those before them are a random
    set whose number is any of 0 to k - 2 with equal chance, which are the weights of the interaction index: so this is
    an unbiased estimate of it.
    """
    return walk[2:] - walk[1:-1] - swapped + walk[:-2]


def _players(values: Values) -> int:
    k = len(values).bit_length() - 1
    if len(values) != 1 << k:
        raise ValueError(f"values of {len(values)} combinations, expected a power of 2")
    return k


def _weights(k: int, players: int) -> Values:
    """The weights s! (k - s - 1)! / k! of all combinations of s < k players; 0 for larger ones."""
    by_size = [1 / (k * math.comb(k - 1, s)) if s < k else 0.0 for s in range(players + 1)]
    return np.array(by_size)[sizes(np.arange(1 << players), players)]


def _without(k: int, players: int) -> Whole:
    """The combinations in which none of some players is."""
    every = np.arange(1 << k)
    combinations: Whole = every[every & players == 0]
    return combinations
