"""The record of an answer: what was asked of which worlds, kept as ``experiment.json`` in the answer's folder.

It holds all that is needed to open the answer again: the text of the question and of every scenario. It says when the
answer was finished; without that date it is not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sim.errors import InputError, RunFailed
from sim.experiment.experiment import Experiment, digest_of, read_question
from sim.experiment.question import METHODS, Question
from sim.experiment.study import Study
from sim.experiment.worlds import World, label_of, named_world
from sim.scenario.check import check_scenario
from sim.scenario.emit import as_yaml
from sim.scenario.extend import Override
from sim.scenario.load import Loaded
from sim.scenario.yaml_tree import read_text
from sim.store.answer_folder import AnswerFolder, Record
from sim.store.manifest import versions
from sim.version import EPOCH

_KEYS: Final = ("method", "epoch", "seed", "uncertain", "worlds", "asked")
"""What every record has, also those of earlier versions."""


class _Kept(dict[str, World]):
    """The worlds whose scenarios are kept."""

    def __missing__(self, name: str) -> World:
        """Raises `InputError`."""
        raise InputError(
            f"an earlier version of spinout kept no scenario of the world {name}: run the same command again, which "
            "keeps it and runs nothing that is there"
        )


def record_of(experiment: Experiment, study: Study) -> dict[str, Any]:
    """What is kept of an answer before it is given."""
    question = experiment.question
    return {
        "program": "spinout",
        "experiment": experiment.name,
        "command": experiment.command,
        "title": question.title,
        "question": question.question,
        "method": question.method,
        "epoch": EPOCH,
        "digest": experiment.digest,
        "seed": study.seed,
        "planned": study.replications,
        "replications": study.replications,
        "uncertain": study.uncertain,
        "worlds": {world.name: _world(world) for world in experiment.worlds.values()},
        "versions": versions(),
        "finished": None,
        "asked": experiment.text,
    }


def _world(world: World) -> dict[str, Any]:
    loaded = world.loaded
    overrides = [{"path": entry.path, "old": entry.old, "new": entry.new} for entry in loaded.overrides]
    title = loaded.scenario.title
    kept = {"label": world.label, "digest": loaded.digest, "title": title, "overrides": overrides}
    return {**kept, "scenario": loaded.text}


def begin(experiment: Experiment, study: Study, folder: AnswerFolder) -> None:
    """Take a folder for an answer, or resume the same answer in it, whatever way it was asked for.

    Raises `InputError` where it holds another, naming what differs, or something else.
    """
    record = record_of(experiment, study)
    if folder.is_there:
        _refuse_another(folder, record)
    folder.begin(record)


def finish(experiment: Experiment, study: Study, folder: AnswerFolder) -> None:
    """Write down that an answer with its tables and pages is finished, and from how many replications."""
    planned = folder.read().get("planned", study.replications)
    folder.finish({**record_of(experiment, study), "planned": planned})


@contextmanager
def resumable(folder: Path) -> Iterator[None]:
    """Say how an answer is resumed to a user who interrupts it. Raises `RunFailed` then."""
    try:
        yield
    except KeyboardInterrupt:
        raise RunFailed(
            f"stopped; what was finished is kept in {folder}: to resume, run the same command again, or spinout resume "
            f"{folder}"
        ) from None


def _refuse_another(folder: AnswerFolder, record: Record) -> None:
    try:
        earlier = folder.read()
        _check_keys(earlier)
        digest = _digest(earlier)
    except (InputError, ValueError, TypeError, AttributeError, KeyError):
        raise InputError(
            f"{folder.record}: not the record of an answer; take the folder away, or choose another (--out)"
        ) from None
    if earlier["epoch"] != EPOCH:
        raise InputError(f"{folder.path}: {_other_version(earlier)}; choose another folder (--out)")
    if digest != record["digest"]:
        raise InputError(
            f"{folder.path}: this folder holds another answer: {_first_difference(earlier, record)}; choose another "
            "folder (--out)"
        )


def _first_difference(earlier: Record, record: Record) -> str:
    """What differs between two records of other answers, in words."""
    for key in ("method", "seed", "uncertain"):
        if earlier[key] != record[key]:
            return f"{key} is {earlier[key]!r} there and {record[key]!r} here"
    there, here = earlier["worlds"], record["worlds"]
    if set(there) != set(here):
        return f"its worlds are {', '.join(there)} there and {', '.join(here)} here"
    for name, world in here.items():
        if there[name]["digest"] != world["digest"]:
            return f"the scenario of the world {name} is another"
    return f"something else is asked of the same worlds, “{earlier.get('title') or earlier.get('experiment')}”"


def check_finished(folder: AnswerFolder) -> None:
    """Raises `InputError` for a folder whose answer is not finished."""
    record = folder.read()
    if not record.get("finished"):
        raise InputError(f"{folder.path}: this answer is not finished: resume it with spinout resume {folder.path}")


def read_experiment(folder: AnswerFolder) -> tuple[Experiment, int]:
    """The experiment whose answer lies in a folder, finished or not, and the replications that were planned for it.

    The record of an answer of an earlier version has no scenarios: those are read from the results of its worlds.
    Raises `InputError` for a folder that holds no answer, one that was altered or was made by another version of the
    rules.
    """
    record = folder.read()
    try:
        _check_keys(record)
        if record["epoch"] != EPOCH:
            raise InputError(_other_version(record))
        question = _question(record)
        worlds = _Kept(_worlds(record, question, folder))
        _check_digest(record, question)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise InputError(f"{folder.record}: not the record of an answer ({error})") from error
    except InputError as error:
        raise InputError(f"{folder.path}: {error}") from error
    name = str(record.get("experiment") or question.method).replace(" ", "-")
    experiment = Experiment(name, _command(record), question, worlds, record["asked"])
    return experiment, int(record.get("planned") or question.replications)


def _check_keys(record: Record) -> None:
    missing = [key for key in _KEYS if key not in record]
    if missing:
        raise InputError(f"its record has no {', '.join(missing)}")


def _other_version(record: Record) -> str:
    return (
        f"this answer was made by another version of the rules: its results version is {record['epoch']!r} and "
        f"{EPOCH!r} here"
    )


def _command(record: Record) -> str:
    """How the answer was asked for; earlier versions kept a name alone, ``compare WORLD`` or that of a file."""
    name = str(record.get("experiment", ""))
    kept = record.get("command")
    return str(kept) if kept else f"spinout {name}" if " " in name else f"spinout experiment {name}"


def _question(record: Record) -> Question:
    question, faults = read_question(read_text(str(record["asked"]), "experiment.json"))
    if faults or sum(getattr(question, method) is not None for method in METHODS) != 1:
        raise InputError("the question in its record was altered, or was asked of a later version")
    return question


def _digest(record: Record) -> str:
    """What identifies the answer of a record, from what was asked; in earlier versions each way had its own digest."""
    return digest_of(_question(record), {name: world["digest"] for name, world in record["worlds"].items()})


def _check_digest(record: Record, question: Question) -> None:
    """Raises `InputError` where the question was altered; the digest of an earlier version cannot tell."""
    if "planned" in record and record["digest"] != _digest(record):
        raise InputError("the question in its record was altered: it no longer has the digest of the record")
    if question.seed != record["seed"] or question.uncertain != record["uncertain"]:
        raise InputError("the question in its record was altered: its seed or its kind of draws differs")


def _worlds(record: Record, question: Question, folder: AnswerFolder) -> Iterator[tuple[str, World]]:
    for name, kept in record["worlds"].items():
        text = kept.get("scenario") or _earlier_text(name, kept["digest"], folder)
        if text is None:
            continue
        if hashlib.sha256(text.encode()).hexdigest() != kept["digest"]:
            raise InputError(f"the scenario of the world {name} was altered: it no longer has the digest of the record")
        root = read_text(text, "experiment.json")
        overrides = tuple(Override(entry["path"], entry["old"], entry["new"]) for entry in kept["overrides"])
        label = question.worlds[name].label if name in question.worlds else kept["label"]
        yield (
            name,
            named_world(name, Loaded(name, check_scenario(root), as_yaml(root), overrides), label or label_of(name)),
        )


def _earlier_text(name: str, digest: str, folder: AnswerFolder) -> str | None:
    """The scenario of a world from the results that were run of it; None where none were."""
    from sim.store.writer import read_manifest

    for place in (folder.world(name), folder.combinations):
        manifest = read_manifest(place)
        if manifest is not None and manifest.get("digest") == digest:
            return str(manifest["scenario"])
    return None
