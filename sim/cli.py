"""The command line: parse, call, print.

Exit codes: 0 done, 1 the run failed, 2 the input was wrong. Heavy libraries are imported by the commands that
need them.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sim.errors import InputError, RunFailed
from sim.version import __version__

if TYPE_CHECKING:
    from sim.scenario.load import Loaded

F = TypeVar("F", bound=Callable[..., Any])
RUN_FAILED, INPUT_WRONG = 1, 2
_MOST_REPLICATIONS = 2**31 - 1
_MOST_SEED = 2**64 - 1


class _Commands(click.Group):
    """Commands that end in a message and an exit code, never in a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except InputError as error:
            _stop(str(error), INPUT_WRONG)
        except RunFailed as error:
            _stop(f"spinout: {error}", RUN_FAILED)
        except BrokenPipeError:
            raise
        except OSError as error:
            _stop(f"spinout: {error}", RUN_FAILED)
        except MemoryError:
            _stop("spinout: out of memory", RUN_FAILED)
        except KeyboardInterrupt:
            _stop("spinout: stopped", RUN_FAILED)


def _stop(message: str, code: int) -> None:
    click.echo(message, err=True)
    sys.exit(code)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="spinout")
def main() -> None:
    """Why staff groups that try to leave the state rarely get there, and what would change that."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal or pipe without these letters gets a mark in their place, and no error.
            stream.reconfigure(errors="replace")


def _with(*options: Callable[[F], F]) -> Callable[[F], F]:
    def decorate(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


_SET = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="PATH=VALUE",
    help="Change one value, for example barriers.pension_worries.enabled=false.",
)
_SEED = click.option(
    "--seed", type=click.IntRange(0, _MOST_SEED), default=1, show_default=True, help="The seed of all draws."
)
_JOBS = click.option("--jobs", type=click.IntRange(1, 1024), help="Worker processes; by default what pays.")
_UNCERTAIN = click.option(
    "--uncertain", is_flag=True, help="Draw every uncertain number anew in each replication, from its range."
)


def _replications(default: int) -> Callable[[F], F]:
    return click.option(
        "--replications",
        "-n",
        type=click.IntRange(1, _MOST_REPLICATIONS),
        default=default,
        show_default=True,
        help="How many simulated histories.",
    )


@main.command()
@click.argument("scenario")
@_replications(200)
@_with(_SEED, _SET, _UNCERTAIN, _JOBS)
@click.option("--out", type=click.Path(path_type=Path), help="Results folder; by default results/NAME-DIGEST-SEED.")
@click.option("--keep", default="groups", show_default=True, help="Tables to keep: groups, or groups,events.")
def run(
    scenario: str,
    replications: int,
    seed: int,
    overrides: Sequence[str],
    uncertain: bool,
    jobs: int | None,
    out: Path | None,
    keep: str,
) -> None:
    """Run SCENARIO (a shipped name or a file), show what came out, and write a report."""
    keep_events = _keeps_events(keep)
    loaded = _load(scenario, overrides)
    from sim.analysis.results import open_results
    from sim.batch.plan import Batch
    from sim.batch.run import run_to_store
    from sim.progress import progress

    batch = Batch(loaded, replications, seed, uncertain, keep_events)
    folder = out or batch.folder
    with progress(replications, loaded.name) as advance:
        try:
            run_to_store(batch, folder, jobs, advance)
        except KeyboardInterrupt:
            raise RunFailed(f"stopped; what was finished is kept in {folder}: run the same command to go on") from None
    from sim.report.page import write_report
    from sim.report.terminal import print_summary

    results = open_results(folder)
    print_summary(results)
    page = write_report(results, folder / "report.html")
    click.echo(f"\nReport: {page}\nTables: {folder}")
    if keep_events:
        from sim.report.xes import write_xes

        click.echo(f"Event log: {write_xes(results, folder / 'events.xes')}")


def _keeps_events(keep: str) -> bool:
    wanted = {name.strip() for name in keep.split(",")}
    if not wanted <= {"groups", "events"}:
        strange = ", ".join(sorted(wanted - {"groups", "events"}))
        raise click.BadParameter(f"cannot keep {strange}, expected groups or groups,events", param_hint="--keep")
    return "events" in wanted


def _load(scenario: str, overrides: Sequence[str]) -> Loaded:
    from sim.scenario.load import load

    return load(scenario, overrides)


@main.command()
@click.argument("results", type=click.Path(path_type=Path))
@click.option("--png", is_flag=True, help="Also write each chart alone as PNG.")
@click.option("--svg", is_flag=True, help="Also write each chart alone as SVG.")
def report(results: Path, png: bool, svg: bool) -> None:
    """Make the report of a RESULTS folder again."""
    from sim.analysis.results import open_results
    from sim.report.page import write_charts, write_report

    opened = open_results(results)
    click.echo(f"Report: {write_report(opened, results / 'report.html')}")
    charts: list[Path] = []
    if png:
        charts += write_charts(opened, results / "charts", "png")
    if svg:
        charts += write_charts(opened, results / "charts", "svg")
    for chart in charts:
        click.echo(f"Chart: {chart}")


@main.command()
@click.argument("scenario")
@_replications(500)
@_with(_SEED, _SET, _UNCERTAIN, _JOBS)
def validate(
    scenario: str, replications: int, seed: int, overrides: Sequence[str], uncertain: bool, jobs: int | None
) -> None:
    """Compare what was observed with what SCENARIO simulates, and say which observations fail."""
    loaded = _load(scenario, overrides)
    if not loaded.scenario.observations:
        raise InputError(f"{loaded.name} lists no observations to compare with")
    from sim.analysis.results import Results
    from sim.batch.manifest import manifest
    from sim.batch.plan import Batch
    from sim.batch.run import run_in_memory
    from sim.progress import progress
    from sim.report.terminal import print_validation

    batch = Batch(loaded, replications, seed, uncertain)
    with progress(replications, loaded.name) as advance:
        tables = run_in_memory(batch, jobs, advance)
    frames = {name: table.to_pandas() for name, table in tables.items()}
    print_validation(Results.from_frames(manifest(batch), frames))


@main.command()
@click.argument("scenario")
@click.option("--replication", "-r", type=click.IntRange(0, _MOST_REPLICATIONS), default=0, show_default=True)
@click.option("--group", help="Follow one staff group, for example west_midlands-03/2.")
@_with(_SEED, _SET, _UNCERTAIN)
def trace(
    scenario: str, replication: int, group: str | None, seed: int, overrides: Sequence[str], uncertain: bool
) -> None:
    """Tell one replication of SCENARIO as a story in calendar dates."""
    loaded = _load(scenario, overrides)
    from sim.batch.replicate import diary
    from sim.report.story import identities, story
    from sim.scenario.faults import nearest

    history, kept = diary(loaded.scenario, seed, replication, uncertain)
    known = identities(history)
    if group is not None and group not in known:
        raise InputError(
            f"no staff group {group!r} in replication {replication}{nearest(group, known)}, "
            f"expected one of the {len(known)} that set out, such as {', '.join(known[:3]) or 'none'}"
        )
    for line in story(loaded.scenario, history, kept, group):
        click.echo(line)


@main.command()
@click.argument("files", nargs=-1, required=True)
def check(files: Sequence[str]) -> None:
    """Check scenario FILES and name every fault."""
    faulty = 0
    for file in files:
        try:
            _load(file, ())
            click.echo(f"{file}: in order")
        except InputError as error:
            click.echo(str(error), err=True)
            faulty += 1
    if faulty:
        sys.exit(INPUT_WRONG)


@main.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    import json

    from sim.scenario.json_schema import json_schema

    click.echo(json.dumps(json_schema(), indent=1))


@main.command()
@click.argument("scenario")
@_SET
def show(scenario: str, overrides: Sequence[str]) -> None:
    """Print SCENARIO with everything it extends, every value with the file and line it came from."""
    from sim.scenario.check import checked
    from sim.scenario.extend import as_yaml_with_origins, resolve
    from sim.scenario.library import find_scenario

    resolved = resolve(find_scenario(scenario), overrides)
    checked(resolved.root)
    click.echo(as_yaml_with_origins(resolved.root), nl=False)


@main.command()
@click.argument("identity", metavar="[ID]", required=False)
def evidence(identity: str | None) -> None:
    """List the evidence, or show one row of it."""
    from sim.scenario.evidence import evidence_table, normalise
    from sim.scenario.faults import nearest

    table = evidence_table()
    if identity is None:
        for row in table.values():
            click.echo(f"{row.id:6}{row.what}: {row.figure}")
        return
    found = table.get(normalise(identity))
    if found is None:
        raise InputError(f"no evidence {identity!r}{nearest(identity, table)}, expected an id such as 1.17 or T8")
    for name in ("id", "figure", "what", "date", "source", "confidence", "caution"):
        if value := getattr(found, name):
            click.echo(f"{name:11}{value}")


@main.command()
def scenarios() -> None:
    """List the scenarios that are shipped."""
    from sim.scenario.library import shipped_folder, shipped_names
    from sim.scenario.yaml_tree import plain, read_file

    for name in shipped_names():
        root = plain(read_file(shipped_folder() / f"{name}.yaml", f"{name}.yaml"))
        click.echo(f"{name:36}{root.get('title', '')}")


@main.command()
@click.argument("name")
def new(name: str) -> None:
    """Write a commented starter scenario to NAME.yaml."""
    from sim.scenario.starter import write_starter

    click.echo(f"Written: {write_starter(name)}")


if __name__ == "__main__":
    main()
