"""A case: a world as an engine runs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

Engine = Literal["kernel", "simpy"]
ENGINES: Final[tuple[Engine, ...]] = get_args(Engine)


@dataclass(frozen=True, slots=True)
class Case:
    """A scenario with the seed of its draws; ``uncertain`` draws its uncertain numbers again in each replication."""

    scenario: Scenario
    seed: int
    uncertain: bool = False
    engine: Engine = "kernel"
