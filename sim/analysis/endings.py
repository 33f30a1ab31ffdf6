"""When a group's story ended: it exited, or came to the end of its route."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def ended(groups: pd.DataFrame) -> NDArray[np.float64]:
    """The time at which each group exited or completed its route, in days; NaN for one still inside."""
    return groups["exit_time"].to_numpy(dtype=np.float64)


def launched(groups: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether each group has launched; False throughout where the scenario has no milestone ``live``."""
    return ~np.isnan(launch_times(groups))


def launch_times(groups: pd.DataFrame) -> NDArray[np.float64]:
    """When each group launched, in days; NaN for never."""
    if "reached_live" not in groups:
        return np.full(len(groups), np.nan)
    return groups["reached_live"].to_numpy(dtype=np.float64)
