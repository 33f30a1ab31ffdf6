"""Commands that show what happened: trace, replay, report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.options import SEED, SET, UNCERTAIN, load, replication, with_options
from sim.errors import InputError, RunFailed

if TYPE_CHECKING:
    from sim.report.write import Form
    from sim.scenario.schema import Scenario

_GROUP = click.option("--group", help="Follow one staff group, for example west_midlands-03/2.")


@click.command()
@click.argument("scenario")
@replication(required=False)
@_GROUP
@with_options(SEED, SET, UNCERTAIN)
def trace(
    scenario: str, replication: int, group: str | None, seed: int, overrides: Sequence[str], uncertain: bool
) -> None:
    """Show one replication of SCENARIO as a story in calendar dates."""
    _show(load(scenario, overrides).scenario, seed, replication, uncertain, group)


@click.command()
@click.argument("results", metavar="DIR", type=click.Path(path_type=Path))
@replication(required=True)
@_GROUP
def replay(results: Path, replication: int, group: str | None) -> None:
    """Run one replication of the results in DIR again, on the reference engine, and show its story.

    Checks that the results in DIR hold exactly this replication.
    """
    from sim.batch.extracts.tables import batch_of
    from sim.batch.replay import compare_with_store
    from sim.store.writer import read_manifest

    manifest = read_manifest(results)
    if manifest is None:
        raise InputError(f"{results}: no results to replay")
    batch = batch_of(manifest)
    if replication >= batch.replications:
        raise InputError(
            f"there is no replication {replication} in {results}, expected one from 0 to {batch.replications - 1}"
        )
    _show(batch.worlds[0].scenario, batch.seed, replication, batch.uncertain, group)
    difference = compare_with_store(results, batch, replication)
    if difference is not None:
        raise RunFailed(f"replication {replication} is not what {results} holds: {difference}")
    click.echo(f"\nWhat {results} holds of replication {replication} agrees, to the last bit.")


def _show(scenario: Scenario, seed: int, replication: int, uncertain: bool, group: str | None) -> None:
    from sim.batch.case import Case
    from sim.batch.extracts.tables import prepare
    from sim.batch.play import trace_replication
    from sim.report.story import identities, story
    from sim.scenario.faults import suggest

    prepare(Case(scenario, seed, uncertain), lambda line: click.echo(line, err=True))
    history, kept = trace_replication(scenario, seed, replication, uncertain)
    groups = identities(history)
    if group is not None and group not in groups:
        raise InputError(
            f"no staff group {group!r} in replication {replication}{suggest(group, groups)}, "
            f"expected one of the {len(groups)} that arrived, such as {', '.join(groups[:3]) or 'none'}"
        )
    for line in story(scenario, history, kept, group):
        click.echo(line)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--png", is_flag=True, help="Also write each chart alone as PNG.")
@click.option("--svg", is_flag=True, help="Also write each chart alone as SVG.")
def report(folder: Path, png: bool, svg: bool) -> None:
    """Make the page of a FOLDER of results, or of an answer, again. Nothing is run."""
    from sim.store.answer_folder import AnswerFolder

    wanted: dict[Form, bool] = {"png": png, "svg": svg}
    forms = [form for form, is_wanted in wanted.items() if is_wanted]
    if AnswerFolder(folder).is_there:
        from sim.experiment.answer import open_answer
        from sim.report.answer import write_answer

        written = write_answer(open_answer(folder), folder, forms)
        click.echo(f"Report: {written.page}\nTables: {written.tables}")
        return
    from sim.report.run.page import write_charts, write_report
    from sim.store.reader import open_results

    opened = open_results(folder)
    click.echo(f"Report: {write_report(opened, folder / 'report.html')}")
    for form in forms:
        for chart in write_charts(opened, folder / "charts", form):
            click.echo(f"Chart: {chart}")
