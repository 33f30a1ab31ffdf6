"""The command that shares out the launches that are lost, or that would be gained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from sim.cli.answering import give_answer
from sim.cli.options import OUTPUT, RUNNING, SET, Output, Running, Sampling, gather, sampling, with_options

if TYPE_CHECKING:
    from sim.batch.extracts.launches.designs import Method
    from sim.batch.extracts.launches.toggles import Kind


@dataclass(frozen=True, slots=True)
class Shared:
    """What is shared out among whom, and how."""

    kind: Kind
    players: str | None
    method: Method | None

    @property
    def names(self) -> list[str] | None:
        """The names of the players; None for all."""
        return None if self.players is None else [name.strip() for name in self.players.split(",") if name.strip()]


SHARED = gather(
    "shared",
    Shared,
    click.option(
        "--of",
        "kind",
        type=click.Choice(["barriers", "interventions"]),
        default="barriers",
        show_default=True,
        help="What is switched: barriers off, or interventions on.",
    ),
    click.option(
        "--players",
        metavar="NAME,NAME,...",
        help="Share out among these alone; by default all barriers that are on, or all interventions in the file.",
    ),
    click.option(
        "--method",
        type=click.Choice(["exact", "permutations"]),
        help="Every combination, or those along random orders; by default exact for up to 10 that matter.",
    ),
)


@click.command()
@click.argument("scenario")
@with_options(SHARED, sampling(1000, 2), SET, RUNNING, OUTPUT)
def attribute(
    scenario: str, shared: Shared, sampling: Sampling, overrides: Sequence[str], running: Running, output: Output
) -> None:
    """Share out the launches that SCENARIO loses among its barriers, or those that its interventions would bring.

    Every combination is run with the same luck. A barrier's Shapley value is what its removal brings, averaged over
    all orders in which the barriers may be removed. Run the same command again to resume where it was stopped.
    """
    from sim.experiment.worlds import world

    loaded = world(scenario, overrides)
    from sim.experiment.build import Asking, build
    from sim.experiment.methods.attribute import ask, title
    from sim.experiment.study import Study

    part = ask(loaded, shared.kind, shared.names, shared.method)
    asking = Asking(f"spinout attribute {scenario}", title(loaded, shared.kind), "attribute", part)
    study = Study(sampling.replications, sampling.seed, sampling.uncertain)
    give_answer(build(asking, [loaded], study), study, running, output)
