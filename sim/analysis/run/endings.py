"""When a group's story ended: it exited, or came to the end of its route."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.scenario.vocabulary import COMPLETED, EXITED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.store.results import Results
    from sim.store.table_slice import TableSlice


def launch_column(launch: str) -> str:
    """The column with the time of launch; there is none where no stage of the scenario has that milestone."""
    return f"reached_{launch}"


def end_times(groups: TableSlice) -> NDArray[np.float64]:
    """The time at which each group exited or completed its route, in days; NaN for one still inside."""
    return groups.numbers("exit_time")


def exit_times(groups: TableSlice) -> NDArray[np.float64]:
    """The time at which each group exited, in days; NaN for one that did not."""
    return np.where(groups.categories("state").equal(EXITED), end_times(groups), np.nan)


def has_launched(groups: TableSlice) -> NDArray[np.bool_]:
    """Whether each group has launched; False throughout where no stage of the scenario has the milestone of launch."""
    return ~np.isnan(launch_times(groups))


def launch_times(groups: TableSlice) -> NDArray[np.float64]:
    """When each group launched, in days; NaN for never."""
    return groups.numbers(launch_column(groups.facts.launch))


def count_completed(results: Results) -> NDArray[np.float64]:
    """How many groups came to the end of their route in each replication: shape (replications,)."""
    counts = np.zeros(len(results.replications))
    for table_slice in results.slices("groups", ["state"]):
        counts[table_slice.where] = table_slice.count(table_slice.categories("state").equal(COMPLETED))
    return counts
