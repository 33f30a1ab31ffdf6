"""The record of an answer: what was asked of which worlds, kept as ``experiment.json`` in the answer's folder.

It says when the answer was finished: without that date it is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sim.batch.batch import Batch
from sim.batch.manifest import manifest
from sim.errors import RunFailed
from sim.experiment.study import Study
from sim.experiment.worlds import World
from sim.store.answer_folder import AnswerFolder
from sim.version import EPOCH

Record = dict[str, Any]


def record(
    name: str, method: str, digest: str, worlds: Iterable[World], study: Study, asked: Mapping[str, Any]
) -> Record:
    """What is kept of an answer before it is given.

    ``name`` is what the question is called, ``digest`` identifies it, and ``asked`` is what else is known of it, such
    as its title and the text of its file.
    """
    told = list(worlds)
    return {
        "program": "spinout",
        "experiment": name,
        "method": method,
        "epoch": EPOCH,
        "digest": digest,
        "seed": study.seed,
        "replications": study.replications,
        "uncertain": study.uncertain,
        "worlds": {one.name: _world(one) for one in told},
        "versions": manifest(Batch(told[0].loaded, 1, 0))["versions"],
        "finished": None,
        **asked,
    }


def _world(world: World) -> Record:
    overrides = [{"path": one.path, "old": one.old, "new": one.new} for one in world.loaded.overrides]
    title = world.loaded.scenario.title
    return {"label": world.label, "digest": world.loaded.digest, "title": title, "overrides": overrides}


def begin(kept: Record, folder: Path) -> None:
    """Take a folder for an answer. Raises `InputError` where it holds another, or something else."""
    AnswerFolder(folder).begin(kept)


@contextmanager
def resumable(folder: Path) -> Iterator[None]:
    """Tells a user who interrupts an answer how to go on with it. Raises `RunFailed` then."""
    try:
        yield
    except KeyboardInterrupt:
        raise RunFailed(
            f"stopped; what was finished is kept in {folder}: to go on, run the same command again"
        ) from None


def finish(kept: Record, folder: Path, replications: int) -> None:
    """Write down that an answer with its tables and pages is finished, and from how many replications."""
    AnswerFolder(folder).finish(kept, replications)
