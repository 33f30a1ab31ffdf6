"""What a method of asking is: one entry, from the words of its question to the numbers that it comes to.

How its answer is shown stands in `sim.report.answers`, in the module of the same name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from sim.experiment.findings import Finding
from sim.experiment.study import Study
from sim.experiment.worlds import World
from sim.scenario.names import Loc, check_names
from sim.scenario.quantity import Problem
from sim.scenario.schema.base import Part


class Result(Protocol):
    """What every result has."""

    @property
    def study(self) -> Study:
        """How its worlds were run, with the replications that there are of each."""


Q = TypeVar("Q", bound=Part)
R = TypeVar("R", bound=Result)


@dataclass(frozen=True, slots=True)
class DeclaredWorlds:
    """The worlds of a question as a method checks them.

    ``names`` are all that the question declares, ``base_of`` the world that each variation is a variation of,
    ``loaded`` those that could be loaded.
    """

    names: frozenset[str]
    base_of: Mapping[str, str]
    loaded: Mapping[str, World]

    def check(self, path: Loc, *names: str) -> Iterator[Problem]:
        """A problem for each of these names that no world has."""
        yield from check_names(path, "world", names, self.names)


@dataclass(frozen=True, slots=True)
class Method(Generic[Q, R]):
    """A method of asking.

    - ``schema`` is its part of a question, as an analyst writes it;
    - ``problems`` are what such a part says that does not fit its worlds, each with its path from the top of the part;
    - ``answer`` runs what is needed (which worlds may depend on what came out so far) and returns the result;
    - ``findings`` are the numbers that the result comes to.
    """

    schema: type[Q]
    problems: Callable[[Q, DeclaredWorlds], Iterator[Problem]]
    answer: Callable[[Q, Mapping[str, World], Study], R]
    findings: Callable[[Q, R], Iterator[Finding]]
