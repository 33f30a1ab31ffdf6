"""Commands about scenario files: check, schema, show, evidence, scenarios, new."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from sim.cli.options import SET, load
from sim.errors import InputError


@click.command()
@click.argument("files", nargs=-1, required=True)
def check(files: Sequence[str]) -> None:
    """Check scenario and experiment FILES and name every fault."""
    faulty = 0
    for file in files:
        try:
            _check(file)
            click.echo(f"{file}: in order")
        except InputError as error:
            click.echo(str(error), err=True)
            faulty += 1
    if faulty:
        sys.exit(2)


def _check(file: str) -> None:
    """Raises `sim.scenario.faults.ScenarioFaults`. A file with worlds is an experiment."""
    from sim.scenario.library import is_experiment

    if is_experiment(file):
        from sim.experiment.load import load_experiment

        load_experiment(file)
    else:
        load(file, ())


@click.command()
@click.argument("kind", type=click.Choice(["scenario", "experiment"]), default="scenario")
def schema(kind: str) -> None:
    """Print the JSON Schema of scenario files, or of experiment files, for editors."""
    import json

    if kind == "scenario":
        from sim.scenario.json_schema import json_schema
    else:
        from sim.experiment.question import json_schema
    click.echo(json.dumps(json_schema(), indent=1))


@click.command()
@click.argument("scenario")
@SET
def show(scenario: str, overrides: Sequence[str]) -> None:
    """Print SCENARIO with everything it extends, every value with the file and line it came from."""
    from sim.scenario.check import check_scenario
    from sim.scenario.emit import as_yaml_with_origins
    from sim.scenario.extend import resolve
    from sim.scenario.library import find_scenario

    resolved = resolve(find_scenario(scenario), overrides)
    check_scenario(resolved.root)
    click.echo(as_yaml_with_origins(resolved.root), nl=False)


@click.command()
@click.argument("identity", metavar="[ID]", required=False)
def evidence(identity: str | None) -> None:
    """List the evidence, or show one row of it."""
    from sim.scenario.evidence import evidence_table, normalise
    from sim.scenario.faults import suggest

    table = evidence_table()
    if identity is None:
        for entry in table.values():
            click.echo(f"{entry.id:6}{entry.what}: {entry.figure}")
        return
    row = table.get(normalise(identity))
    if row is None:
        raise InputError(f"no evidence {identity!r}{suggest(identity, table)}, expected an id such as 1.17 or T8")
    for name in ("id", "figure", "what", "date", "source", "confidence", "caution"):
        if value := getattr(row, name):
            click.echo(f"{name:11}{value}")


@click.command()
def scenarios() -> None:
    """List the scenarios that are shipped."""
    from sim.scenario.library import shipped_folder, shipped_names
    from sim.scenario.nodes import as_plain
    from sim.scenario.yaml_tree import read_file

    for name in shipped_names():
        root = as_plain(read_file(shipped_folder() / f"{name}.yaml", f"{name}.yaml"))
        click.echo(f"{name:36}{root.get('title', '')}")


@click.command()
@click.argument("name")
def new(name: str) -> None:
    """Write a commented starter scenario to NAME.yaml."""
    from sim.scenario.starter import write_starter

    click.echo(f"Written: {write_starter(name)}")
