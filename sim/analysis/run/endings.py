"""When a group's story ended: it exited, or came to the end of its route."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.scenario.vocabulary import COMPLETED, EXITED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.store.pieces import Piece
    from sim.store.results import Results


def launch_column(launch: str) -> str:
    """The column with the time of launch; there is none where no stage of the scenario has that milestone."""
    return f"reached_{launch}"


def ended(groups: Piece) -> NDArray[np.float64]:
    """The time at which each group exited or completed its route, in days; NaN for one still inside."""
    return groups.numbers("exit_time")


def lost(groups: Piece) -> NDArray[np.float64]:
    """The time at which each group exited, in days; NaN for one that did not."""
    return np.where(groups.words("state").equal(EXITED), ended(groups), np.nan)


def launched(groups: Piece) -> NDArray[np.bool_]:
    """Whether each group has launched; False throughout where no stage of the scenario has the milestone of launch."""
    return ~np.isnan(launch_times(groups))


def launch_times(groups: Piece) -> NDArray[np.float64]:
    """When each group launched, in days; NaN for never."""
    return groups.numbers(launch_column(groups.facts.launch))


def completed(results: Results) -> NDArray[np.float64]:
    """How many groups came to the end of their route in each replication: shape (replications,)."""
    counts = np.zeros(len(results.replications))
    for piece in results.pieces("groups", ["state"]):
        counts[piece.where] = piece.count(piece.words("state").equal(COMPLETED))
    return counts
