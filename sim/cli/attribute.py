"""The command that shares out the launches that are lost, or that would be gained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from sim.cli.answering import give_answer
from sim.cli.options import OUTPUT, RUNNING, SET, Output, Running, Sampling, sampling

if TYPE_CHECKING:
    from sim.batch.designs import Method
    from sim.batch.toggles import Kind


@click.command()
@click.argument("scenario")
@click.option(
    "--of",
    "kind",
    type=click.Choice(["barriers", "interventions"]),
    default="barriers",
    show_default=True,
    help="What is switched: barriers off, or interventions on.",
)
@click.option(
    "--players",
    metavar="NAME,NAME,...",
    help="Share out among these alone; by default all barriers that are on, or all interventions in the file.",
)
@click.option(
    "--method",
    type=click.Choice(["exact", "permutations"]),
    help="Every combination, or those along random orders; by default exact for up to 10 that matter.",
)
@sampling(1000)
@SET
@RUNNING
@OUTPUT
def attribute(
    scenario: str,
    kind: Kind,
    players: str | None,
    method: Method | None,
    sampling: Sampling,
    overrides: Sequence[str],
    running: Running,
    output: Output,
) -> None:
    """Share out the launches that SCENARIO loses among its barriers, or those that its interventions would bring.

    Every combination is run with the same luck. A barrier's Shapley value is what its removal brings, averaged over
    all orders in which the barriers may be removed. Run the same command again to resume where it was stopped.
    """
    from sim.experiment.worlds import world

    asked = world(scenario, overrides)
    from sim.experiment.build import Asking, build
    from sim.experiment.methods.attribute import ask, title
    from sim.experiment.study import Study

    names = None if players is None else [name.strip() for name in players.split(",") if name.strip()]
    asking = Asking(f"spinout attribute {scenario}", title(asked, kind), "attribute", ask(asked, kind, names, method))
    study = Study(sampling.replications, sampling.seed, sampling.uncertain)
    give_answer(build(asking, [asked], study), study, running, output)
