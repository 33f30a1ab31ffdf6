"""Which combinations of players a replication is run in: all of them, or those along random permutations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.draws.uniform import ITSELF, NATION, luck, name_key, uniform

Method = Literal["exact", "permutations"]
METHODS: Final[tuple[Method, ...]] = ("exact", "permutations")
Masks = NDArray[np.int64]
"""Combinations, as `sim.batch.extracts.launches.toggles` numbers them."""


class Design(Protocol):
    """A way to choose combinations. The first one is always 0, and all replications have equally many."""

    @property
    def method(self) -> Method:
        """What it is called."""

    @property
    def players(self) -> int:
        """How many players there are."""

    @property
    def size(self) -> int:
        """How many combinations a replication has, some of them perhaps several times."""

    def combinations(self, replication: int) -> Masks:
        """The combinations of a replication: shape (size,)."""


@dataclass(frozen=True, slots=True)
class Exact:
    """Every combination of ``players``, in the order of their numbers."""

    players: int
    method: Method = "exact"

    @property
    def size(self) -> int:
        """2 to the power of the players."""
        return 1 << self.players

    def combinations(self, replication: int) -> Masks:
        """The same in all replications."""
        return np.arange(self.size)


@dataclass(frozen=True, slots=True)
class Permutations:
    """A random order of the players in each replication, walked forwards and backwards (antithetic pairs: Mitchell,
    Cooper, Frank and Holmes 2022, "Sampling permutations for Shapley value estimation", JMLR 23:43).

    The combinations of a replication are, with k players: none switched; each alone; all but each; all; then the k - 1
    beginnings of the order that are neither none nor all, and its k - 1 ends; then for every two neighbours in the
    order what comes before the first of them together with the second, and the same backwards.
    """

    names: tuple[str, ...]
    seed: int
    method: Method = "permutations"

    @property
    def players(self) -> int:
        """How many players there are."""
        return len(self.names)

    @property
    def size(self) -> int:
        """None, all, 2 k for single players, and 4 (k - 1) along the walks."""
        return 2 + 2 * self.players + 4 * (self.players - 1)

    def order(self, replication: int) -> NDArray[np.int64]:
        """The players in the order of a replication: shape (players,).

        Each player has a draw of its own, so that another player more leaves the others in their order.
        """
        chance = luck(self.seed, replication)
        draws = [uniform(chance, name_key(f"permutation/{name}"), NATION, ITSELF, 0) for name in self.names]
        return np.argsort(draws, kind="stable")

    def combinations(self, replication: int) -> Masks:
        """Those of its order."""
        single = np.int64(1) << np.arange(self.players)
        everybody = int(single.sum())
        walked = single[self.order(replication)]
        return np.concatenate(
            [[0], single, everybody - single, [everybody], *(_walk(order) for order in (walked, walked[::-1]))]
        )


def _walk(walked: Masks) -> Masks:
    """The beginnings of a walk, and for every two neighbours the second with what comes before the first."""
    beginnings = np.cumsum(walked)
    return np.concatenate([beginnings[:-1], beginnings[1:] - walked[:-1]])


def design(method: Method, names: Sequence[str], seed: int) -> Design:
    """The design of a method for players of these names."""
    return Exact(len(names)) if method == "exact" else Permutations(tuple(names), seed)
