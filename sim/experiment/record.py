"""The record of an answer: what was asked of which worlds, kept as ``experiment.json`` in the answer's folder.

It says when the answer was finished: without that date it is not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sim.batch.batch import Batch
from sim.batch.manifest import manifest
from sim.errors import InputError, RunFailed
from sim.experiment.study import Study
from sim.experiment.worlds import World
from sim.store.files import grow, place
from sim.version import EPOCH

RECORD: Final = "experiment.json"
_IDENTITY: Final = ("experiment", "epoch", "digest")
"""What must be equal for an answer to go on in a folder."""
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
    file = folder / RECORD
    if file.is_file():
        _refuse_another(file, kept)
    elif folder.is_dir() and any(folder.iterdir()):
        raise InputError(f"{folder}: this folder holds something else, expected an empty or a new one (--out)")
    folder.mkdir(parents=True, exist_ok=True)
    _write(kept, folder)


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
    now = datetime.now(UTC).isoformat(timespec="seconds")
    _write({**kept, "replications": replications, "finished": now}, folder)


def _refuse_another(file: Path, kept: Record) -> None:
    try:
        earlier = json.loads(file.read_text(encoding="utf-8"))
        differs = [key for key in _IDENTITY if earlier.get(key) != kept[key]]
    except (ValueError, AttributeError):
        raise InputError(
            f"{file}: not the record of an answer; take the folder away, or choose another (--out)"
        ) from None
    for key in differs:
        raise InputError(
            f"{file.parent}: this folder holds another answer: {key} is {earlier.get(key)!r} there and "
            f"{kept[key]!r} here; choose another (--out)"
        )


def _write(kept: Record, folder: Path) -> None:
    file = folder / RECORD
    grow(file, (json.dumps(kept, indent=1, ensure_ascii=False) + "\n").encode())
    place(file)
