"""Commands about questions written in files: experiment, experiments."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli.answering import give_answer
from sim.cli.options import OUTPUT, RUNNING, Output, Running
from sim.limits import MOST_REPLICATIONS


@click.command()
@click.argument("question", metavar="EXPERIMENT")
@click.option(
    "--replications", "-n", type=click.IntRange(2, MOST_REPLICATIONS), help="Instead of as many as the file asks for."
)
@RUNNING
@click.option(
    "--brief",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Also write the short answer there.",
)
@OUTPUT
def experiment(question: str, replications: int | None, running: Running, brief: Path | None, output: Output) -> None:
    """Answer EXPERIMENT (a shipped name or a file): tables, pictures and a page.

    Run the same command again to resume where it was stopped.
    """
    from sim.experiment.load import load_experiment

    loaded = load_experiment(question)
    if replications is not None:
        loaded = loaded.with_replications(replications)
    give_answer(loaded, loaded.study, running, output, brief)


@click.command()
def experiments() -> None:
    """List the experiments that are shipped."""
    from sim.scenario.library import experiment_names, experiments_folder
    from sim.scenario.nodes import as_plain
    from sim.scenario.yaml_tree import read_file

    for name in experiment_names():
        root = as_plain(read_file(experiments_folder() / f"{name}.yaml", f"{name}.yaml"))
        click.echo(f"{name:36}{root.get('title', '')}")
