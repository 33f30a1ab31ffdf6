"""The command that fills a reporting checklist."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("results", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="The file to write; by default stress.md in RESULTS.")
def stress(results: Path, out: Path | None) -> None:
    """Write a STRESS-DES statement of what RESULTS holds, a results folder or an answer folder.

    What was run is filled in; places that only its authors can fill are marked.
    """
    from sim.report.stress.statement import write_stress

    click.echo(f"Statement: {write_stress(results, out or results / 'stress.md')}")
