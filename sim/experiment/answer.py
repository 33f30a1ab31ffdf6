"""Answer a question into its folder, resuming where an earlier answer was interrupted, and open it again.

What takes long lies below the folder in stores that resume by themselves (``worlds``, ``points``, ``combinations``);
tables and pages are made again at the end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sim.experiment.experiment import Experiment
from sim.experiment.findings import findings_table
from sim.experiment.method import Method, Result
from sim.experiment.question import METHODS
from sim.experiment.record import begin, check_finished, read_experiment
from sim.experiment.study import Study
from sim.store.answer_folder import AnswerFolder
from sim.store.whole import check_whole

if TYPE_CHECKING:
    import pandas as pd


R_co = TypeVar("R_co", bound=Result, covariant=True)


@dataclass(frozen=True)
class Answer(Generic[R_co]):
    """An answered question: what was asked, and the result of its method."""

    experiment: Experiment
    result: R_co

    @property
    def study(self) -> Study:
        """How it was run; a comparison may have asked for more replications than were planned."""
        return self.result.study

    @property
    def replications(self) -> int:
        """How many there are of each world."""
        return self.result.study.replications

    @property
    def method(self) -> str:
        """The name of its method."""
        return self.experiment.question.method

    @property
    def findings(self) -> pd.DataFrame:
        """The numbers that it comes to, as columns of `sim.experiment.findings.Finding`."""
        return findings_table(_method(self.experiment).findings(self.experiment.question.part, self.result))


def answer(experiment: Experiment, study: Study) -> Answer[Any]:
    """Run what a question needs and return its answer.

    With a folder in ``study`` everything is kept there, and an interrupted answer is resumed. Raises `InputError` for a
    folder that holds something else and for what cannot be asked, `RunFailed` where it cannot be finished.
    """
    if study.folder is not None and not study.opened:
        begin(experiment, study, AnswerFolder(study.folder))
    return Answer(experiment, _method(experiment).answer(experiment.question.part, experiment.worlds, study))


def open_answer(folder: Path) -> Answer[Any]:
    """The answer in a folder, from the results that lie there; nothing is run.

    Raises `InputError` for a folder that holds no answer, one that is not finished, was altered or was made by another
    version of the rules.
    """
    place = AnswerFolder(folder)
    experiment, planned = read_experiment(place)
    check_finished(place)
    for store in place.stores:
        check_whole(store)
    study = replace(experiment.study, replications=planned, folder=folder, opened=True)
    return answer(experiment, study)


def _method(experiment: Experiment) -> Method[Any, Any]:
    return METHODS[experiment.question.method]
