"""How the worlds of a question are run: the same replications, the same seed, the same groups in each."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sim.limits import MOST_FAILURES, MOST_FOR_PRECISION

if TYPE_CHECKING:
    from sim.batch.run import Progress

Show = Callable[[int, str], "AbstractContextManager[Progress]"]
"""Shows how the so many replications of a world (by name) get on."""


def unseen(_replications: int, _name: str) -> AbstractContextManager[Progress]:
    """Progress that nobody wants to see."""
    from sim.batch.run import Silence

    return nullcontext(Silence())


@dataclass(frozen=True, slots=True)
class Study:
    """How the worlds of a question are run.

    Results lie below ``folder``, where an interrupted study is resumed, or in memory where it is None. What comes after
    ``folder`` cannot change any result. A precision that needs more replications than ``most_replications`` is refused.
    A study that is ``opened`` runs nothing: what its folder holds is read.
    """

    replications: int
    seed: int = 1
    uncertain: bool = False
    folder: Path | None = None
    jobs: int | None = 1
    cluster: str | None = None
    most_failures: float = MOST_FAILURES
    show: Show = unseen
    most_replications: int = MOST_FOR_PRECISION
    opened: bool = False
