"""The Python API: answers to questions. Each can write its page: ``found.page("answer.html")``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sim.experiment import answer as answers
from sim.experiment.build import Asking, build
from sim.experiment.experiment import Experiment
from sim.experiment.load import load_experiment
from sim.experiment.method import Result
from sim.experiment.methods import additionality as additional
from sim.experiment.methods import attribute as attributing
from sim.experiment.methods import attribution
from sim.experiment.methods import compare as comparing
from sim.experiment.methods import comparison as compared
from sim.experiment.methods import frontier as buying
from sim.experiment.study import Study
from sim.experiment.worlds import World, name_of, named_world, varied_world
from sim.scenario.load import Loaded

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.reading import Reading
    from sim.batch.extracts.launches.designs import Method
    from sim.batch.extracts.launches.toggles import Kind

T = TypeVar("T")
R_co = TypeVar("R_co", bound=Result, covariant=True)


@dataclass(frozen=True)
class Answer(answers.Answer[R_co], Generic[R_co]):
    """The answer to a question: ``experiment`` is what was asked, ``result`` what came out."""

    @property
    def effects(self) -> pd.DataFrame | None:
        """The effects of two factors (`sim.analysis.paired.factorial`); None where they were not asked for."""
        return getattr(self.result, "effects", None)

    @property
    def frontier(self) -> pd.DataFrame | None:
        """What buys most (`sim.analysis.paired.frontier`); None where that was not asked."""
        return getattr(self.result, "frontier", None)

    def page(self, path: str | Path) -> Path:
        """Write the page of the answer as one HTML file that needs no network, and return its path."""
        from sim.report.answer import write_one_page

        return write_one_page(self, Path(path))


class _WithPage:
    """A result that knows what was asked."""

    experiment: Experiment
    study: Study

    def page(self, path: str | Path) -> Path:
        """Write the page of the answer as one HTML file that needs no network, and return its path."""
        return Answer(self.experiment, self).page(path)


@dataclass(frozen=True, kw_only=True)
class Comparison(compared.Comparison, _WithPage):
    """What came out of `sim.compare`: ``differences fates results`` and more, and the ``page`` of it."""

    experiment: Experiment


@dataclass(frozen=True, kw_only=True)
class Frontier(buying.Frontier, _WithPage):
    """What came out of `sim.frontier`: ``frontier``, and all that a comparison of the options has."""

    experiment: Experiment


@dataclass(frozen=True, kw_only=True)
class Attribution(attribution.Attribution, _WithPage):
    """What came out of `sim.attribute`: ``players pairs sets`` and more, and the ``page`` of it."""

    experiment: Experiment


@dataclass(frozen=True, kw_only=True)
class Additionality(additional.Additionality, _WithPage):
    """What came out of `sim.additionality`: ``summary curve tornado`` and more, and the ``page`` of it."""

    experiment: Experiment


def compare(
    base: Loaded,
    alternatives: Mapping[str, Loaded],
    replications: int = 1000,
    seed: int = 1,
    *,
    outcomes: Sequence[str] | None = None,
    reading: Reading | None = None,
    precision: Mapping[str, float] | None = None,
    uncertain: bool = False,
    jobs: int | None = 1,
    out: str | Path | None = None,
) -> Comparison:
    """Compare worlds, named ``alternatives`` with ``base``, replication by replication and group by group.

    ``outcomes`` are names such as ``launches`` (None: all), read as `sim.analysis.reading.Reading` says. ``precision``
    gives outcomes the half-width to which their difference shall be known; ``replications`` is then the first stage.
    With ``out`` the answer is written to that folder, or resumed there. Raises `sim.errors.InputError` and
    `sim.errors.RunFailed`.
    """
    from sim.analysis.reading import Reading

    first = _name_world(base)
    others = [varied_world(name, loaded, first.loaded) for name, loaded in alternatives.items()]
    part = comparing.ask(first, others, reading or Reading(), outcomes, precision)
    asking = Asking("sim.compare", comparing.title(first, others), "compare", part)
    study = _study(replications, seed, uncertain, jobs, out)
    return _answer_as(Comparison, build(asking, [first, *others], study), study)


def attribute(
    world: Loaded,
    of: Kind = "barriers",
    players: Sequence[str] | None = None,
    replications: int = 1000,
    seed: int = 1,
    *,
    method: Method | None = None,
    uncertain: bool = False,
    jobs: int | None = 1,
    out: str | Path | None = None,
) -> Attribution:
    """Share out the launches that barriers cost, or that interventions bring, by Shapley values.

    ``players`` are names (None: all that matter), ``method`` is ``"exact"`` or ``"permutations"``; see
    `sim.experiment.methods.attribution.attribute`. With ``out`` the answer is written to that folder, or resumed there.
    Raises `sim.errors.InputError` and `sim.errors.RunFailed`.
    """
    named = _name_world(world)
    part = attributing.ask(named, of, players, method)
    asking = Asking("sim.attribute", attributing.title(named, of), "attribute", part)
    study = _study(replications, seed, uncertain, jobs, out)
    return _answer_as(Attribution, build(asking, [named], study), study)


def additionality(
    with_programme: Loaded,
    without_programme: Loaded,
    points: int = 9,
    replications: int = 1000,
    seed: int = 1,
    *,
    uncertain: bool = False,
    jobs: int | None = 1,
    out: str | Path | None = None,
) -> Additionality:
    """Count what a programme added, over all that is thought possible of leaving without it.

    The two worlds are the same but for the route of the programme. ``points`` are those of the curve, an odd number.
    With ``out`` the answer is written to that folder, or resumed there. Raises `sim.errors.InputError` and
    `sim.errors.RunFailed`.
    """
    with_, without = _name_world(with_programme), _name_world(without_programme)
    worlds = [with_, named_world(f"{with_.name}_without", without.loaded) if without.name == with_.name else without]
    part = additional.ask(worlds[0], worlds[1], points)
    asking = Asking("sim.additionality", additional.title(worlds[0]), "additionality", part)
    study = _study(replications, seed, uncertain, jobs, out)
    return _answer_as(Additionality, build(asking, worlds, study), study)


def frontier(
    base: Loaded,
    packages: Mapping[str, Sequence[str]] | None = None,
    replications: int = 1000,
    seed: int = 1,
    *,
    reading: Reading | None = None,
    uncertain: bool = False,
    jobs: int | None = 1,
    out: str | Path | None = None,
) -> Frontier:
    """Say what buys most launches for its cost: each intervention that is switched off, and ``packages`` of them.

    ``packages`` are names of interventions by the name of the package. With ``out`` the answer is written to that
    folder, or resumed there. Raises `sim.errors.InputError` and `sim.errors.RunFailed`.
    """
    from sim.analysis.reading import Reading

    world = _name_world(base)
    part = buying.ask(world, packages or {}, reading or Reading())
    asking = Asking("sim.frontier", buying.title(world), "frontier", part)
    study = _study(replications, seed, uncertain, jobs, out)
    return _answer_as(Frontier, build(asking, [world], study), study)


def answer(
    name_or_path: str, replications: int | None = None, *, jobs: int | None = 1, out: str | Path | None = None
) -> Answer[Any]:
    """Answer a question: the name of a shipped experiment, or a path.

    ``.result`` is a comparison, an attribution, an additionality or a frontier, each with its data frames.
    ``replications`` stand instead of those that the file asks for. With ``out`` the answer is written to that folder,
    or resumed there. Raises `sim.scenario.faults.ScenarioFaults`, `sim.errors.InputError` and `sim.errors.RunFailed`.
    """
    experiment = load_experiment(name_or_path)
    if replications is not None:
        experiment = experiment.with_replications(replications)
    study = replace(experiment.study, jobs=jobs, folder=None if out is None else Path(out))
    return _answer_and_write(experiment, study)


def open_answer(folder: str | Path) -> Answer[Any]:
    """The answer in a folder, whatever way it was asked for; nothing is run.

    Raises `sim.errors.InputError` for a folder that holds no answer, one that is not finished, was altered or was made
    by another version of the rules.
    """
    opened = answers.open_answer(Path(folder))
    return Answer(opened.experiment, opened.result)


def _name_world(loaded: Loaded) -> World:
    return named_world(name_of(loaded), loaded)


def _study(replications: int, seed: int, uncertain: bool, jobs: int | None, out: str | Path | None) -> Study:
    return Study(replications, seed, uncertain, None if out is None else Path(out), jobs)


def _answer_and_write(experiment: Experiment, study: Study) -> Answer[Any]:
    """The answer, written to its folder where there is one."""
    answered = answers.answer(experiment, study)
    if study.folder is not None:
        from sim.report.answer import write_answer

        write_answer(answered, study.folder)
    return Answer(answered.experiment, answered.result)


def _answer_as(kind: Callable[..., T], experiment: Experiment, study: Study) -> T:
    """The result of an answer as one of a kind that can write its page."""
    result = _answer_and_write(experiment, study).result
    return kind(**{field.name: getattr(result, field.name) for field in fields(result)}, experiment=experiment)


__all__ = ["additionality", "answer", "attribute", "compare", "frontier", "open_answer"]
