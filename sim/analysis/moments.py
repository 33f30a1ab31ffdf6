"""Means over replications with their intervals, gathered block by block in memory that does not grow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.intervals import LEVEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]


class Moments:
    """The mean and spread of several quantities over replications.

    Sums are taken of what lies beyond the first value that was seen (shifted data: Chan, Golub and LeVeque 1983,
    "Algorithms for computing the sample variance"), so that nothing is lost beside large means, and a quantity that is
    the same in all replications has no spread at all. Where it is undefined (NaN) a replication does not count.
    """

    def __init__(self, quantities: int) -> None:
        self.n = np.zeros(quantities, np.int64)
        self._origin = np.full(quantities, np.nan)
        self._sum = np.zeros(quantities)
        self._squares = np.zeros(quantities)

    def add(self, values: Values) -> None:
        """Add replications: shape (quantities, replications)."""
        defined = ~np.isnan(values)
        fresh = np.isnan(self._origin) & defined.any(axis=1)
        if fresh.any():
            self._origin[fresh] = values[fresh, defined[fresh].argmax(axis=1)]
        beyond = np.where(defined, values - self._origin[:, None], 0.0)
        self.n += defined.sum(axis=1)
        self._sum += beyond.sum(axis=1)
        self._squares += (beyond**2).sum(axis=1)

    @property
    def means(self) -> Values:
        """The means; NaN where no replication counts."""
        means: Values = self._origin + self._sum / np.maximum(self.n, 1)
        return means

    def half(self, level: float = LEVEL) -> Values:
        """Half the width of Student's interval of each mean over replications; NaN for fewer than two of them."""
        from scipy.special import stdtrit

        n = np.maximum(self.n, 2)
        variance = np.maximum(self._squares - self._sum**2 / n, 0.0) / (n - 1)
        half = stdtrit(n - 1, (1 + level) / 2) * np.sqrt(variance / n)
        return np.where(self.n > 1, half, np.nan)

    def columns(self, name: str) -> dict[str, Values]:
        """The means and their intervals: ``name``, ``name_low`` and ``name_high``."""
        half = self.half()
        return {name: self.means, f"{name}_low": self.means - half, f"{name}_high": self.means + half}
