"""An attribution: a world in many combinations of its barriers or interventions, and what each costs or brings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sim.analysis.attribution.shares import Game, Shares, shares
from sim.batch.extracts.launches.designs import METHODS, Design, design
from sim.errors import InputError, RunFailed
from sim.experiment.study import Study
from sim.experiment.worlds import World, label_of
from sim.scenario.faults import quote, suggest
from sim.store.answer_folder import AnswerFolder

if TYPE_CHECKING:
    from sim.batch.extracts.launches.designs import Method as Sampling
    from sim.batch.extracts.launches.toggles import Kind, Players
    from sim.scenario.schema import Scenario

MOST_BY_DEFAULT: Final = 10
"""Up to so many players that matter every combination is run unless a method is asked for."""
MOST_EXACT: Final = 16
"""More players than this cannot be run in every combination."""
KINDS: Final = ("barriers", "interventions")


@dataclass(frozen=True)
class Attribution(Shares):
    """The shares of a world's players, and how they were found; see `sim.analysis.attribution.shares.Shares`."""

    world: World
    study: Study

    @property
    def title(self) -> str:
        """The title of the world."""
        return self.world.loaded.scenario.title


def attribute(
    world: World,
    study: Study,
    of: Kind = "barriers",
    players: Sequence[str] | None = None,
    method: Sampling | None = None,
) -> Attribution:
    """Share out the launches that a world's barriers cost, or that interventions would bring, among them.

    ``players`` are the barriers to remove (by default all that are switched on; the others stay as they are) or the
    interventions to add (by default all in the file; those of them that are on are switched off first). Those that
    change nothing before a launch are given exactly 0. Up to `MOST_BY_DEFAULT` that do are run in all their
    combinations (``"exact"``), more along random ``"permutations"``: then the intervals hold the error of the orders
    and that of the histories together, as each replication has an order of its own.

    With a folder in ``study`` what was run lies in ``combinations`` there, and an interrupted attribution is resumed.
    Raises `InputError` for a name that is no player, a world in which nothing can launch, or too many combinations.
    """
    from sim.batch.batch import Batch
    from sim.batch.extracts.launches.bits import read_bits
    from sim.batch.extracts.launches.extract import Launches
    from sim.batch.extracts.launches.toggles import Players
    from sim.experiment.batches import run_batches

    scenario = world.loaded.scenario
    names = _chosen(scenario, of, players, world.name)
    matter = _mattering(scenario, Players(of, names), study)
    game = Game(of, _labels(scenario, of), names, matter, _design(matter, study, method))
    extract = Launches(Players(of, matter), game.design)
    batch = Batch((world.loaded,), extract, study.replications, study.seed, study.uncertain)
    place = AnswerFolder(Path()).combinations
    finished = run_batches({place: batch}, study, world.name)[place]
    result = shares(game, map(read_bits, finished.chunks()))
    parts = {field.name: getattr(result, field.name) for field in fields(result)}
    return Attribution(**parts, world=world, study=study)


def _chosen(scenario: Scenario, of: Kind, players: Sequence[str] | None, world: str) -> tuple[str, ...]:
    """The names of the players, in the order of the scenario. Raises `InputError`."""
    from sim.batch.extracts.launches.toggles import can_launch

    if of not in KINDS:
        raise InputError(f"cannot attribute to {of!r}, expected barriers or interventions")
    if not can_launch(scenario):
        raise InputError(f"in {world} nothing can launch: no stage of its routes has the milestone {scenario.launch}")
    parts: Mapping[str, Any] = getattr(scenario, of)
    able = _able(scenario, of)
    wanted = able if players is None else list(players)
    for name in wanted:
        if name not in parts:
            raise InputError(f"{world} has no {of[:-1]} {quote(name)}{suggest(name, able)}")
        if name not in able:
            raise InputError(f"the {of[:-1]} {name} is switched off in {world}, so it costs nothing")
    if not wanted:
        raise InputError(f"{world} has no {of} to attribute anything to")
    return tuple(name for name in able if name in wanted)


def _able(scenario: Scenario, of: Kind) -> list[str]:
    """Barriers that are switched on, or all interventions."""
    parts: Mapping[str, Any] = getattr(scenario, of)
    return [name for name, part in parts.items() if part.enabled or of == "interventions"]


def _mattering(scenario: Scenario, players: Players, study: Study) -> tuple[str, ...]:
    """The players that change anything before a launch. Where numbers are uncertain, with numbers that were drawn."""
    from sim.batch.extracts.launches.toggles import find_effective, until_launch
    from sim.draws.uniform import luck
    from sim.plan.parameters import Parameters

    try:
        shown = Parameters(scenario).draw(luck(study.seed, 0)) if study.uncertain else scenario
        return find_effective(until_launch(shown), players)
    except ArithmeticError as error:
        raise RunFailed(f"the numbers of this scenario grow beyond what can be computed ({error})") from error


def _design(matter: Sequence[str], study: Study, method: Sampling | None) -> Design:
    """Raises `InputError` for a method that is none, or one that is too much."""
    k = len(matter)
    if method is None:
        method = "exact" if k <= MOST_BY_DEFAULT else "permutations"
    if method not in METHODS:
        raise InputError(f"there is no method {method!r}, expected exact or permutations")
    if method == "exact" and k > MOST_EXACT:
        raise InputError(
            f"the exact method needs all {1 << k:,} combinations of {k}, which are {study.replications << k:,} "
            f"replications; name at most {MOST_EXACT} with --players, or use --method permutations"
        )
    return design(method if k else "exact", matter, study.seed)


def _labels(scenario: Scenario, of: Kind) -> dict[str, str]:
    parts: Mapping[str, Any] = getattr(scenario, of)
    return {name: part.label or label_of(name) for name, part in parts.items()}
