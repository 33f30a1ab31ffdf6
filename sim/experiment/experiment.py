"""An experiment: a question with its worlds, whatever way it was asked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from sim.experiment.question import METHODS, Question
from sim.experiment.study import Study
from sim.experiment.worlds import World
from sim.scenario.check import validate
from sim.scenario.emit import as_yaml
from sim.scenario.extend import apply_overrides
from sim.scenario.faults import Fault
from sim.scenario.nodes import Mapping as Tree
from sim.scenario.yaml_tree import read_text

_STAND_INS: Final[Mapping[str, Any]] = {"title": "", "worlds": {"none": {"scenario": "none"}}}


@dataclass(frozen=True, slots=True)
class Experiment:
    """A question with its short name and its worlds.

    ``command`` asks it again, and ``text`` is the question as a file of ``experiments/`` asks it, in its canonical
    form.
    """

    name: str
    command: str
    question: Question
    worlds: Mapping[str, World]
    text: str

    @property
    def digest(self) -> str:
        """What identifies the answer, in hexadecimal: see `digest_of`."""
        return digest_of(self.question, {name: world.loaded.digest for name, world in self.worlds.items()})

    @property
    def folder(self) -> Path:
        """Where its answer lies unless somebody says otherwise."""
        return Path("results") / f"{self.name}-{self.digest[:12]}"

    @property
    def study(self) -> Study:
        """How the question asks for its worlds to be run."""
        return Study(self.question.replications, self.question.seed, self.question.uncertain)

    def with_replications(self, replications: int) -> Experiment:
        """The same question of another number of replications. Raises `ScenarioFaults` where there can be no such."""
        root, _ = apply_overrides(read_text(self.text, "question"), [f"replications={replications}"])
        question = self.question.model_copy(update={"replications": replications})
        return replace(self, question=question, text=as_yaml(root))


def digest_of(question: Question, worlds: Mapping[str, str]) -> str:
    """What identifies an answer, in hexadecimal: worlds (by the digests of their scenarios), method and seed.

    Words and replications are no part of it, and neither is whether it was asked in a file, by command or in Python.
    """
    parts = question.model_dump(mode="json", include={"seed", "uncertain", *METHODS}, exclude_none=True, warnings=False)
    text = json.dumps({"asked": parts, "worlds": dict(worlds)}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def read_question(root: Tree) -> tuple[Question, list[Fault]]:
    """The question in the tree of a file, and a fault for each part that cannot be one."""
    return validate(root, Question, _STAND_INS)
