"""The command that shares out blame."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.options import JOBS, MOST_FAILURES, PICTURES, SEED, SET, UNCERTAIN, forms, replications, with_options

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
@replications(1000)
@with_options(SEED, SET, UNCERTAIN, JOBS, MOST_FAILURES)
@PICTURES
@click.option(
    "--out", type=click.Path(path_type=Path), help="Answer folder; by default results/attribute-NAME-DIGEST-SEED."
)
def attribute(
    scenario: str,
    kind: Kind,
    players: str | None,
    method: Method | None,
    replications: int,
    seed: int,
    overrides: Sequence[str],
    uncertain: bool,
    jobs: int | None,
    most_failures: float,
    png: bool,
    svg: bool,
    out: Path | None,
) -> None:
    """Say which barriers cost the launches that SCENARIO loses, or what each of its interventions would bring.

    Every combination is run with the same luck. A barrier's Shapley value is what its removal brings, averaged over
    all orders in which the barriers may be removed. The same command goes on where it was stopped.
    """
    from sim.experiment.worlds import world

    asked = world(scenario, overrides)
    from sim.experiment.build import question
    from sim.experiment.build import scenario as written
    from sim.experiment.methods.attribute import attribute as attributed
    from sim.experiment.record import begin, finish, record, resumable
    from sim.experiment.study import Study
    from sim.progress import progress
    from sim.report.answers import attribute as shown
    from sim.report.answers.page import write_page
    from sim.report.terminal_blame import print_attribution

    names = None if players is None else [name.strip() for name in players.split(",") if name.strip()]
    told = f"{asked.loaded.digest} {kind} {names} {method} {uncertain}"
    digest = hashlib.sha256(told.encode()).hexdigest()
    folder = out or Path("results") / f"attribute-{asked.name}-{digest[:12]}-{seed}"
    study = Study(replications, seed, uncertain, folder, jobs, None, most_failures, progress)
    blame = {"world": asked.name, "of": kind, "players": names, "method": method}
    title = f"{'Blame' if kind == 'barriers' else 'Thanks'}: {asked.label}"
    text = question(title, {asked.name: written(scenario, asked)}, study, {"attribute": blame})
    kept = record(f"attribute {asked.name}", "attribute", digest, [asked], study, {"asked": text})
    begin(kept, folder)
    with resumable(folder):
        found = attributed(asked, study, kind, names, method)
        print_attribution(found)
        page = write_page(shown.page(found), folder, forms(png, svg))
    finish(kept, folder, study.replications)
    click.echo(f"\nReport: {page}\nTables: {folder / 'tables'}")
