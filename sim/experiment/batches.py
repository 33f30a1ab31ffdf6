"""Run the batches of a question, all in one call of the driver: one bar, one set of workers, one Ctrl-C."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sim.batch.run import How, run_in_memory, run_to_stores
from sim.errors import InputError
from sim.store.chunk import Chunk
from sim.store.manifest import IDENTITY
from sim.store.reader import StoredBatch
from sim.store.writer import read_manifest

if TYPE_CHECKING:
    from sim.batch.batch import Batch
    from sim.experiment.study import Study
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
