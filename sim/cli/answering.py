"""What every command that answers a question does: run it, show the answer, write it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pathlib import Path

    from sim.cli.options import Output, Running
    from sim.experiment.experiment import Experiment
    from sim.experiment.study import Study


def resume_answer(folder: Path, running: Running) -> None:
    """Resume the answer in a folder, from what the folder holds alone. Raises `InputError`."""
    from dataclasses import replace

    from sim.cli.options import Output
    from sim.experiment.record import read_experiment
    from sim.store.answer_folder import AnswerFolder

    experiment, planned = read_experiment(AnswerFolder(folder))
    study = replace(experiment.study, replications=planned)
    give_answer(experiment, study, running, Output(png=False, svg=False, out=folder))


def give_answer(
    experiment: Experiment, study: Study, running: Running, output: Output, brief: Path | None = None
) -> None:
    """Answer a question into its folder, resuming an earlier answer there, and show it.

    The short answer is also written to the folder ``brief``.
    """
    from sim.experiment.answer import answer
    from sim.experiment.record import resumable
    from sim.report.answer import show_answer, write_answer
    from sim.report.short_answer import write_short_answer

    folder = output.out or experiment.folder
    with resumable(folder):
        given = answer(experiment, running.of(study, folder))
        show_answer(given)
        written = write_answer(given, folder, output.forms)
    click.echo(
        f"\nReport: {written.page}\nTables: {written.tables}\nShort answer: {written.short_answer}, {written.numbers}"
    )
    if brief is not None:
        click.echo("Short answer: {}, {}".format(*write_short_answer(given, brief)))
