"""Several worlds run under common random numbers: the same replications, the same seed, the same groups."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sim.batch.batch import Batch
from sim.batch.replicate import Keep
from sim.batch.run import MOST_FAILURES, How, Progress, Silence, run_in_memory, run_to_store
from sim.experiment.worlds import World
from sim.store.answer_folder import AnswerFolder

if TYPE_CHECKING:
    from sim.store.results import Results

Show = Callable[[int, str], AbstractContextManager[Progress]]
"""Shows how the so many replications of a world (by name) get on."""


def unseen(_replications: int, _name: str) -> AbstractContextManager[Progress]:
    """Progress that nobody wants to see."""
    return nullcontext(Silence())


@dataclass(frozen=True, slots=True)
class Study:
    """How the worlds of a question are run.

    Results lie below ``folder``, where an interrupted study goes on, or in memory where it is None. What comes after
    ``folder`` cannot change any result.
    """

    replications: int
    seed: int = 1
    uncertain: bool = False
    folder: Path | None = None
    jobs: int | None = 1
    cluster: str | None = None
    most_failures: float = MOST_FAILURES
    show: Show = unseen


def run_arms(worlds: Sequence[World], study: Study, keep: Keep = "groups") -> dict[str, Results]:
    """Run every world and return its results by name, worlds in their order.

    Raises what `sim.batch.run.run_to_store` raises; what was finished until then is kept in the folder.
    """
    return {one.name: _run(one, study, keep) for one in worlds}


def _run(world: World, study: Study, keep: Keep) -> Results:
    from sim.batch.manifest import manifest
    from sim.store.results import Results, open_results

    batch = Batch(world.loaded, study.replications, study.seed, study.uncertain, keep)
    with study.show(study.replications, world.name) as shown:
        how = How(study.jobs, study.cluster, study.most_failures, shown)
        if study.folder is None:
            return Results.from_tables(manifest(batch), *run_in_memory(batch, how))
        place = _place(study.folder, world)
        place.parent.mkdir(parents=True, exist_ok=True)
        run_to_store(batch, place, how)
        return open_results(place)


def asked_before(worlds: Sequence[World], study: Study) -> int:
    """The most replications that an earlier run of the study asked of one of its worlds; 0 where there was none.

    Raises `sim.store.writer.StoreError` where a folder cannot be read.
    """
    from sim.store.writer import read_manifest

    if study.folder is None:
        return 0
    found = (read_manifest(_place(study.folder, one)) for one in worlds)
    return max((int(manifest["replications"]) for manifest in found if manifest is not None), default=0)


def _place(folder: Path, world: World) -> Path:
    return AnswerFolder(folder).world(world.name)


def digest_of(worlds: Sequence[World]) -> str:
    """What identifies several worlds together, in hexadecimal: their names and resolved texts, in order."""
    told = "\n".join(f"{one.name} {one.loaded.digest}" for one in worlds)
    return hashlib.sha256(told.encode()).hexdigest()
