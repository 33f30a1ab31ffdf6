"""Commands that run replications: run, resume, validate, verify."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.answering import resume_answer
from sim.cli.options import ENGINE, JOBS, RUNNING, SET, Running, Sampling, gather, load, sampling, with_options
from sim.errors import InputError, RunFailed

if TYPE_CHECKING:
    from sim.batch.batch import Batch
    from sim.batch.case import Engine
    from sim.batch.extracts.tables import Keep
    from sim.batch.run import How


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a run, and by which engine it is made."""

    keep: Keep
    engine: Engine


KEPT = gather(
    "kept",
    Kept,
    click.option(
        "--keep",
        type=click.Choice(["kpis", "groups", "events"]),
        default="groups",
        show_default=True,
        help="What to keep: one row for each replication; also every group; also every event.",
    ),
    ENGINE,
)


@click.command()
@click.argument("scenarios", metavar="SCENARIO...", nargs=-1, required=True)
@with_options(sampling(200, 1), SET, KEPT, RUNNING)
@click.option("--out", type=click.Path(path_type=Path), help="Results folder; by default results/NAME-DIGEST-SEED.")
def run(
    scenarios: Sequence[str],
    sampling: Sampling,
    overrides: Sequence[str],
    kept: Kept,
    running: Running,
    out: Path | None,
) -> None:
    """Run each SCENARIO (a shipped name or a file), show what came out, and write a report.

    Run the same command again to resume where it was stopped; a larger number of replications adds to those that are
    there. With several scenarios, --out is the folder of their folders.
    """
    worlds = [load(scenario, overrides) for scenario in scenarios]
    from sim.batch.extracts.tables import table_batch

    draws = (sampling.replications, sampling.seed, sampling.uncertain)
    batches = [table_batch(world, *draws, kept.keep, kept.engine) for world in worlds]
    names = [world.name for world in worlds]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"two scenarios are called {twice[0]}: their results would lie in one folder")
    for batch in batches:
        folder = batch.folder if out is None else out / batch.worlds[0].name if len(batches) > 1 else out
        _run(batch, folder, running.how)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@RUNNING
@click.option("--retry-failed", is_flag=True, help="Also run failed replications of a batch again.")
def resume(folder: Path, running: Running, retry_failed: bool) -> None:
    """Resume the batch or the answer in a FOLDER, which has all that is needed.

    How it is run is not in the folder: give --jobs, --cluster and --most-failures again if they are to hold.
    """
    from sim.store.answer_folder import AnswerFolder

    if AnswerFolder(folder).is_there:
        resume_answer(folder, running)
    else:
        _run(_batch_in(folder), folder, replace(running.how, retry_failed=retry_failed))


def _batch_in(folder: Path) -> Batch:
    from sim.batch.extracts.tables import batch_of
    from sim.store.writer import read_manifest

    manifest = read_manifest(folder)
    if manifest is None:
        raise InputError(f"{folder}: no results to resume")
    return batch_of(manifest)


def _run(batch: Batch, folder: Path, how: How) -> None:
    from sim.batch.run import run_to_store
    from sim.progress import progress

    gc.freeze()
    gc.enable()
    with progress(batch.replications, batch.worlds[0].name) as shown:
        digest = run_to_store(batch, folder, replace(how, progress=shown))
    _show(batch, folder, digest)


def _show(batch: Batch, folder: Path, digest: str) -> None:
    from sim.report.renderers.terminal import print_summary
    from sim.report.run.summary import summarise_kpis, summarise_run
    from sim.store.reader import open_results

    results = open_results(folder)
    if batch.extract.keep == "kpis":
        print_summary(summarise_kpis(results))
        click.echo()
    else:
        from sim.report.run.page import write_report

        print_summary(summarise_run(results))
        click.echo(f"\nReport: {write_report(results, folder / 'report.html')}")
    click.echo(f"Tables: {folder}")
    if batch.extract.keep == "events":
        from sim.report.xes import write_xes

        click.echo(f"Event log: {write_xes(results, folder / 'events.xes')}")
    click.echo(f"Digest: {digest}")


@click.command()
@click.argument("scenario")
@with_options(sampling(500, 1), SET, ENGINE, JOBS)
def validate(scenario: str, sampling: Sampling, overrides: Sequence[str], engine: Engine, jobs: int | None) -> None:
    """Compare what was observed with what SCENARIO simulates, and show which observations fail."""
    loaded = load(scenario, overrides)
    if not loaded.scenario.observations:
        raise InputError(f"{loaded.name} lists no observations to compare with")
    from sim.batch.extracts.tables import table_batch
    from sim.batch.run import How, run_in_memory
    from sim.progress import progress
    from sim.report.renderers.terminal import print_summary
    from sim.report.run.summary import summarise_validation

    batch = table_batch(loaded, sampling.replications, sampling.seed, sampling.uncertain, engine=engine)
    with progress(sampling.replications, loaded.name) as shown:
        (kept,) = run_in_memory([batch], How(jobs, progress=shown))
    print_summary(summarise_validation(kept.results()))


@click.command()
@click.argument("scenario")
@with_options(sampling(100, 1), SET)
def verify(scenario: str, sampling: Sampling, overrides: Sequence[str]) -> None:
    """Run SCENARIO on both engines and check that they agree to the last bit."""
    loaded = load(scenario, overrides)
    from sim.batch.case import Case
    from sim.batch.extracts.tables import prepare
    from sim.batch.verify import first_difference
    from sim.progress import progress

    case, n = Case(loaded.scenario, sampling.seed, sampling.uncertain), sampling.replications
    prepare(case, lambda line: click.echo(line, err=True))
    with progress(n, loaded.name) as shown:
        difference = first_difference(case, range(n), shown.advance)
    if difference is not None:
        raise RunFailed(f"the engines differ: {difference}")
    click.echo(f"{loaded.name}: both engines agree on {n} replications, every table to the last bit")
