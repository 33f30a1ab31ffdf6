"""How the worlds of a question are run: the same replications, the same seed, the same groups in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sim.experiment.worlds import World
from sim.limits import MOST_FAILURES, MOST_FOR_PRECISION
from sim.store.answer_folder import AnswerFolder

if TYPE_CHECKING:
    from sim.batch.batch import Batch
    from sim.batch.run import Progress
    from sim.store.results import Results

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


def run_worlds(worlds: Sequence[World], study: Study) -> dict[str, Results]:
    """Run every world and return its results by name, worlds in their order.

    Raises what `sim.experiment.batches.run_batches` raises; what was finished until then is kept in the folder.
    """
    from sim.experiment.batches import run_batches

    batches = {place_of(world): world_batch(world, study) for world in worlds}
    finished = run_batches(batches, study, worlds[0].name if len(worlds) == 1 else f"{len(worlds)} worlds")
    return {world.name: finished[place_of(world)].results() for world in worlds}


def world_batch(world: World, study: Study) -> Batch:
    """The batch of a world of which all tables are kept."""
    from sim.batch.extracts.tables import table_batch

    return table_batch(world.loaded, study.replications, study.seed, study.uncertain)


def place_of(world: World) -> Path:
    """Where the results of a world lie below the folder of an answer."""
    return AnswerFolder(Path()).world(world.name)


def replications_begun(worlds: Sequence[World], study: Study) -> int:
    """The most replications that an earlier run of the study asked of one of its worlds; 0 where there was none.

    Raises `sim.store.writer.StoreError` where a folder cannot be read.
    """
    from sim.store.writer import read_manifest

    if study.folder is None:
        return 0
    manifests = (read_manifest(study.folder / place_of(world)) for world in worlds)
    return max((int(manifest["replications"]) for manifest in manifests if manifest is not None), default=0)
