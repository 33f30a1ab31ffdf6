"""Commands about questions written in files: experiment, experiments."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from sim.cli.options import CLUSTER, JOBS, MOST_FAILURES, MOST_REPLICATIONS, PICTURES, forms, with_options


@click.command()
@click.argument("question", metavar="EXPERIMENT")
@click.option(
    "--replications", "-n", type=click.IntRange(2, MOST_REPLICATIONS), help="Instead of as many as the file asks for."
)
@with_options(JOBS, CLUSTER, MOST_FAILURES)
@PICTURES
@click.option(
    "--brief",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Also write the short answer there.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Answer folder; by default results/NAME-DIGEST.")
def experiment(
    question: str,
    replications: int | None,
    jobs: int | None,
    cluster: str | None,
    most_failures: float,
    png: bool,
    svg: bool,
    brief: Path | None,
    out: Path | None,
) -> None:
    """Answer EXPERIMENT (a shipped name or a file): tables, pictures and a page.

    The same command goes on where it was stopped.
    """
    from sim.experiment.load import load_experiment

    asked = load_experiment(question)
    from sim.experiment.answer import answer, record_of, study_of
    from sim.experiment.record import finish, resumable
    from sim.progress import progress
    from sim.report.answer import write_answer
    from sim.report.brief import print_brief, write_brief

    folder = out or asked.folder
    study = replace(
        study_of(asked), folder=folder, jobs=jobs, cluster=cluster, most_failures=most_failures, show=progress
    )
    if replications is not None:
        study = replace(study, replications=replications)
    with resumable(folder):
        given = answer(asked, study)
        click.echo(f"{asked.question.title}\n")
        print_brief(given)
        page = write_answer(given, folder, forms(png, svg))
        text, numbers = write_brief(given, folder)
    finish(record_of(asked, given.study), folder, given.replications)
    click.echo(f"Report: {page}\nTables: {folder / 'tables'}\nShort answer: {text}, {numbers}")
    if brief is not None:
        click.echo("Short answer: {}, {}".format(*write_brief(given, brief)))


@click.command()
def experiments() -> None:
    """List the experiments that are shipped."""
    from sim.scenario.library import experiment_names, experiments_folder
    from sim.scenario.yaml_tree import plain, read_file

    for name in experiment_names():
        root = plain(read_file(experiments_folder() / f"{name}.yaml", f"{name}.yaml"))
        click.echo(f"{name:36}{root.get('title', '')}")
