"""Answer a question into its folder, going on where an earlier answer was interrupted.

What takes long lies below the folder in stores that go on by themselves (``worlds``, ``points``, ``combinations``);
tables and pages are made anew at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from sim.experiment.load import Experiment
from sim.experiment.methods.additionality import Additionality, additionality
from sim.experiment.methods.attribute import Attribution, attribute
from sim.experiment.methods.compare import Comparison, compare
from sim.experiment.question import Compare, Frontier, Read
from sim.experiment.record import Record, begin, record
from sim.experiment.study import Study
from sim.experiment.worlds import World, named_world
from sim.scenario.load import changed

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.outcomes import Reading

Result: TypeAlias = Comparison | Attribution | Additionality


@dataclass(frozen=True)
class Answer:
    """An answered question.

    ``study`` is how it was asked; ``effects`` are those of two factors (`sim.analysis.paired.factorial`), ``frontier``
    is what buys most (`sim.analysis.paired.frontier`), each None where it was not asked.
    """

    experiment: Experiment
    study: Study
    result: Result
    effects: pd.DataFrame | None = None
    frontier: pd.DataFrame | None = None

    @property
    def replications(self) -> int:
        """How many there are of each world; a comparison may have asked for more than were planned."""
        study = self.result.study if isinstance(self.result, Comparison) else self.study
        return study.replications


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
        begin(record_of(experiment, study), study.folder)
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


def record_of(experiment: Experiment, study: Study) -> Record:
    """What is kept of an answer, for `sim.experiment.record`."""
    asked = experiment.question
    told = {"title": asked.title, "question": asked.question, "asked": experiment.text}
    return record(experiment.name, asked.method, experiment.digest, experiment.worlds.values(), study, told)


def _compared(experiment: Experiment, asked: Compare, study: Study) -> Answer:
    from sim.analysis.outcomes import occurring
    from sim.analysis.paired.factorial import effects

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
    from sim.analysis.paired.frontier import frontier_of

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
