"""Run the batches of a question, all in one call of the driver: one bar, one set of workers, one Ctrl-C."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sim.batch.extracts.tables import table_batch
from sim.batch.run import How, run_in_memory, run_to_stores
from sim.errors import InputError
from sim.store.answer_folder import AnswerFolder
from sim.store.chunk import Chunk
from sim.store.manifest import IDENTITY
from sim.store.reader import StoredBatch
from sim.store.writer import read_manifest

if TYPE_CHECKING:
    from sim.batch.batch import Batch
    from sim.experiment.study import Study
    from sim.experiment.worlds import World
    from sim.store.results import Results


class Finished(Protocol):
    """What is kept of a batch, on disk or in memory."""

    def chunks(self) -> Iterator[Chunk]:
        """All parts in their order."""

    def results(self) -> Results:
        """The tables of a run of one world."""


def run_batches(batches: Mapping[Path, Batch], study: Study, name: str) -> Mapping[Path, Finished]:
    """Run batches and give what is kept of each, by its place below the folder of the study.

    ``name`` stands beside the bar. A study that is opened runs nothing. Raises what `sim.batch.run.run_to_stores`
    raises, and `InputError` for an opened study whose folder holds something else.
    """
    if study.opened:
        return {place: _open(batch, study, place) for place, batch in batches.items()}
    with study.show(sum(batch.replications for batch in batches.values()), name) as progress:
        how = How(study.jobs, study.cluster, study.most_failures, progress)
        if study.folder is None:
            return dict(zip(batches, run_in_memory(list(batches.values()), how), strict=True))
        folders = {place: study.folder / place for place in batches}
        run_to_stores({folders[place]: batch for place, batch in batches.items()}, how)
        return {place: StoredBatch(folder) for place, folder in folders.items()}


def _open(batch: Batch, study: Study, place: Path) -> Finished:
    assert study.folder is not None
    folder = study.folder / place
    earlier, wanted = read_manifest(folder), batch.manifest()
    point = folder.with_name(f"{folder.name}.parquet")
    if earlier is None and point.is_file():
        from sim.experiment.earlier_points import EarlierPoint

        return EarlierPoint(point, batch)
    if earlier is None:
        raise InputError(f"{folder}: no results there; to run what is missing, run the same command again")
    for key in IDENTITY:
        if earlier.get(key) != wanted.get(key):
            raise InputError(
                f"{folder} was altered: {key} is {earlier.get(key)!r} there and {wanted.get(key)!r} in the question"
            )
    return StoredBatch(folder)


def run_worlds(worlds: Sequence[World], study: Study) -> dict[str, Results]:
    """Run every world and return its results by name, worlds in their order.

    Raises what `run_batches` raises; what was finished until then is kept in the folder.
    """
    batches = {place_of(world): world_batch(world, study) for world in worlds}
    finished = run_batches(batches, study, worlds[0].name if len(worlds) == 1 else f"{len(worlds)} worlds")
    return {world.name: finished[place_of(world)].results() for world in worlds}


def world_batch(world: World, study: Study) -> Batch:
    """The batch of a world of which all tables are kept."""
    return table_batch(world.loaded, study.replications, study.seed, study.uncertain)


def place_of(world: World) -> Path:
    """Where the results of a world lie below the folder of an answer."""
    return AnswerFolder(Path()).world(world.name)


def replications_begun(worlds: Sequence[World], study: Study) -> int:
    """The most replications that an earlier run of the study asked of one of its worlds; 0 where there was none.

    Raises `sim.store.writer.StoreError` where a folder cannot be read.
    """
    if study.folder is None:
        return 0
    manifests = (read_manifest(study.folder / place_of(world)) for world in worlds)
    return max((int(manifest["replications"]) for manifest in manifests if manifest is not None), default=0)
