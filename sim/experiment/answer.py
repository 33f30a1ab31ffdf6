"""Answer a question into its folder, going on where an earlier answer was interrupted.

What takes long lies below the folder in stores that go on by themselves (``worlds``, ``points``, ``combinations``);
tables and pages are made anew at the end. ``experiment.json`` says what was asked, and when the answer was finished:
without that date it is not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sim.batch.files import grow, place
from sim.batch.manifest import manifest
from sim.batch.plan import Batch
from sim.errors import InputError
from sim.experiment.additionality import Additionality, additionality
from sim.experiment.arms import Study
from sim.experiment.attribute import Attribution, attribute
from sim.experiment.compare import Comparison, compare
from sim.experiment.load import Experiment
from sim.experiment.question import Compare, Frontier, Read
from sim.experiment.worlds import World, named_world
from sim.scenario.load import changed
from sim.version import EPOCH

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.outcomes import Reading

Result: TypeAlias = Comparison | Attribution | Additionality
RECORD: Final = "experiment.json"
_IDENTITY: Final = ("experiment", "epoch", "digest")
"""What must be equal for an answer to go on in a folder."""


@dataclass(frozen=True)
class Answer:
    """An answered question.

    ``study`` is how it was asked; ``effects`` are those of two factors (`sim.analysis.factorial`), ``frontier`` is what
    buys most (`sim.analysis.frontier`), each None where it was not asked.
    """

    experiment: Experiment
    study: Study
    result: Result
    effects: pd.DataFrame | None = None
    frontier: pd.DataFrame | None = None


def study_of(experiment: Experiment) -> Study:
    """How a question asks for its worlds to be run."""
    asked = experiment.question
    return Study(asked.replications, asked.seed, asked.uncertain)


def answer(experiment: Experiment, study: Study) -> Answer:
    """Run what a question needs and return its answer.

    With a folder in ``study`` everything is kept there, and an interrupted answer goes on. Raises `InputError` for a
    folder that holds something else, and what `compare`, `attribute` and `additionality` of this package raise.
    """
    if study.folder is not None:
        _begin(experiment, study, study.folder)
    asked = experiment.question
    worlds = experiment.worlds
    if asked.compare is not None:
        return _compared(experiment, asked.compare, study)
    if asked.frontier is not None:
        return _bought(experiment, asked.frontier, study)
    if asked.attribute is not None:
        blame = asked.attribute
        return Answer(experiment, study, attribute(worlds[blame.world], study, blame.of, blame.players, blame.method))
    added = asked.additionality
    assert added is not None
    return Answer(experiment, study, additionality(worlds[added.with_], worlds[added.without], study, added.points))


def finish(given: Answer, folder: Path) -> None:
    """Write down that an answer with its tables and pages is finished."""
    record = _record(given.experiment, given.study)
    record["finished"] = datetime.now(UTC).isoformat(timespec="seconds")
    if isinstance(given.result, Comparison):
        record["replications"] = given.result.study.replications
    _write(record, folder)


def _compared(experiment: Experiment, asked: Compare, study: Study) -> Answer:
    from sim.analysis.factorial import effects
    from sim.analysis.outcomes import occurring

    worlds, reading = experiment.worlds, _reading(asked)
    others = [worlds[name] for name in asked.with_]
    pair = [worlds[name] for name in asked.factors or ()]
    if pair:
        others += [*pair, _together(worlds[asked.base], *pair)]
    found = compare(worlds[asked.base], others, study, reading, asked.outcomes, asked.precision)
    if not pair:
        return Answer(experiment, study, found)
    base, first, second, both = (found.results[one.name] for one in (found.base, *found.alternatives[-3:]))
    names = asked.outcomes or occurring([base, first, second, both], reading)
    table = effects(base, first, second, both, (pair[0].label, pair[1].label), reading, names)
    return Answer(experiment, study, found, effects=table)


def _together(base: World, first: World, second: World) -> World:
    """The world with the changes of two variations of the base."""
    own = second.loaded.overrides[len(base.loaded.overrides) :]
    both = changed(first.loaded, [f"{one.path}={one.new}" for one in own])
    return named_world(f"{first.name}_and_{second.name}", both, f"{first.label} and {second.label}")


def _bought(experiment: Experiment, asked: Frontier, study: Study) -> Answer:
    from sim.analysis.frontier import frontier_of

    base, reading = experiment.worlds[asked.base], _reading(asked)
    interventions = base.loaded.scenario.interventions
    singles = {name: (name,) for name, one in interventions.items() if not one.enabled} if asked.each else {}
    labels = {name: interventions[name].label for name in singles}
    bought = [_with(base, name, labels.get(name, ""), on) for name, on in {**singles, **asked.packages}.items()]
    found = compare(base, bought, study, reading)
    others = {one.name: found.results[one.name] for one in bought}
    table = frontier_of(found.results[base.name], others, reading, found.labels | {"": base.label})
    return Answer(experiment, study, found, frontier=table)


def _with(base: World, name: str, label: str, interventions: Sequence[str]) -> World:
    """The base with interventions switched on."""
    return named_world(
        name, changed(base.loaded, [f"interventions.{one}.enabled=true" for one in interventions]), label
    )


def _reading(asked: Read) -> Reading:
    from sim.analysis.outcomes import Reading

    return Reading(tuple(asked.trading_on), asked.discount.rate, asked.discount.year)


def _begin(experiment: Experiment, study: Study, folder: Path) -> None:
    """Take a folder for an answer. Raises `InputError` where it holds another, or something else."""
    file = folder / RECORD
    if file.is_file():
        _refuse_another(file, _record(experiment, study))
    elif folder.is_dir() and any(folder.iterdir()):
        raise InputError(f"{folder}: this folder holds something else, expected an empty or a new one (--out)")
    _write(_record(experiment, study), folder)


def _refuse_another(file: Path, record: Mapping[str, Any]) -> None:
    try:
        earlier = json.loads(file.read_text(encoding="utf-8"))
        differs = [key for key in _IDENTITY if earlier.get(key) != record[key]]
    except (ValueError, AttributeError):
        raise InputError(
            f"{file}: not the record of an answer; take the folder away, or choose another (--out)"
        ) from None
    for key in differs:
        raise InputError(
            f"{file.parent}: this folder holds another answer: {key} is {earlier.get(key)!r} there and "
            f"{record[key]!r} here; choose another (--out)"
        )


def _record(experiment: Experiment, study: Study) -> dict[str, Any]:
    """What ``experiment.json`` says; before the end of an answer nothing of when it was finished."""
    asked = experiment.question
    return {
        "program": "spinout",
        "experiment": experiment.name,
        "title": asked.title,
        "question": asked.question,
        "method": asked.method,
        "epoch": EPOCH,
        "digest": experiment.digest,
        "seed": study.seed,
        "replications": study.replications,
        "uncertain": study.uncertain,
        "worlds": {
            name: {"label": one.label, "digest": one.loaded.digest, "title": one.loaded.scenario.title}
            for name, one in experiment.worlds.items()
        },
        "versions": manifest(Batch(next(iter(experiment.worlds.values())).loaded, 1, 0))["versions"],
        "finished": None,
        "asked": experiment.text,
    }


def _write(record: Mapping[str, Any], folder: Path) -> None:
    file = folder / RECORD
    grow(file, (json.dumps(record, indent=1, ensure_ascii=False) + "\n").encode())
    place(file)
