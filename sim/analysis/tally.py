"""Counts and sums by replication, with a zero for a replication in which nothing of the kind happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from sim.analysis.results import Results


def count(results: Results, frame: pd.DataFrame, where: ArrayLike | None = None) -> NDArray[np.float64]:
    """The number of rows (of those ``where``) in each finished replication: shape (replications,)."""
    at = results.positions(frame)
    chosen = at if where is None else at[np.asarray(where, dtype=bool)]
    return np.bincount(chosen, minlength=len(results.replications)).astype(np.float64)


def total(results: Results, frame: pd.DataFrame, column: str, where: ArrayLike | None = None) -> NDArray[np.float64]:
    """The sum of a column (over the rows ``where``) in each finished replication; NaN adds nothing."""
    at = results.positions(frame)
    values = np.nan_to_num(frame[column].to_numpy(dtype=np.float64), nan=0.0)
    if where is not None:
        chosen = np.asarray(where, dtype=bool)
        at, values = at[chosen], values[chosen]
    return np.bincount(at, weights=values, minlength=len(results.replications)).astype(np.float64)
