"""How the worlds of a question are run: the same replications, the same seed, the same groups in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import InputError
from sim.experiment.worlds import World
from sim.limits import MOST_FAILURES, MOST_FOR_PRECISION
from sim.store.answer_folder import AnswerFolder

if TYPE_CHECKING:
    from sim.batch.replicate import Keep
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


def run_worlds(worlds: Sequence[World], study: Study, keep: Keep = "groups") -> dict[str, Results]:
    """Run every world and return its results by name, worlds in their order.

    Raises what `sim.batch.run.run_to_store` raises; what was finished until then is kept in the folder.
    """
    run = _open if study.opened else _run
    return {world.name: run(world, study, keep) for world in worlds}


def _run(world: World, study: Study, keep: Keep) -> Results:
    from sim.batch.batch import Batch
    from sim.batch.manifest import manifest
    from sim.batch.run import How, run_in_memory, run_to_store
    from sim.store.reader import open_results
    from sim.store.results import Results

    batch = Batch(world.loaded, study.replications, study.seed, study.uncertain, keep)
    with study.show(study.replications, world.name) as shown:
        how = How(study.jobs, study.cluster, study.most_failures, shown)
        if study.folder is None:
            return Results.from_tables(manifest(batch), *run_in_memory(batch, how))
        place = _place(study.folder, world)
        place.parent.mkdir(parents=True, exist_ok=True)
        run_to_store(batch, place, how)
        return open_results(place)


def _open(world: World, study: Study, keep: Keep) -> Results:
    """The results of a world that was run before. Raises `InputError` where they are of another world or study."""
    from sim.store.reader import open_results

    assert study.folder is not None
    place = _place(study.folder, world)
    results = open_results(place)
    wanted = {"digest": world.loaded.digest, "seed": study.seed, "uncertain": study.uncertain, "keep": keep}
    for key, value in wanted.items():
        if results.manifest.get(key) != value:
            raise InputError(
                f"{place} was altered: {key} is {results.manifest.get(key)!r} there and {value!r} in the question"
            )
    return results


def replications_begun(worlds: Sequence[World], study: Study) -> int:
    """The most replications that an earlier run of the study asked of one of its worlds; 0 where there was none.

    Raises `sim.store.writer.StoreError` where a folder cannot be read.
    """
    from sim.store.writer import read_manifest

    if study.folder is None:
        return 0
    manifests = (read_manifest(_place(study.folder, world)) for world in worlds)
    return max((int(manifest["replications"]) for manifest in manifests if manifest is not None), default=0)


def _place(folder: Path, world: World) -> Path:
    return AnswerFolder(folder).world(world.name)
