"""The command that compares worlds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.options import (
    CLUSTER,
    JOBS,
    MOST_FAILURES,
    MOST_REPLICATIONS,
    PICTURES,
    SEED,
    SET,
    UNCERTAIN,
    forms,
    replications,
    with_options,
)
from sim.errors import InputError

if TYPE_CHECKING:
    from sim.analysis.outcomes import Reading
    from sim.experiment.study import Study
    from sim.experiment.worlds import World
    from sim.report.answers.page import Form

READING = with_options(
    click.option(
        "--trading-on",
        type=click.DateTime(["%Y-%m-%d"]),
        multiple=True,
        metavar="DATE",
        help="Also count the groups still trading on this date.",
    ),
    click.option(
        "--discount", type=click.FloatRange(0.0, 1.0), default=0.035, show_default=True, metavar="RATE", help="A year."
    ),
    click.option("--base-year", type=click.IntRange(1, 9999), help="Discount to its beginning; by default the first."),
)


@click.command()
@click.argument("base")
@click.argument("scenarios", metavar="[ALT]...", nargs=-1)
@click.option(
    "--alt",
    "variations",
    multiple=True,
    metavar="'NAME: PATH=VALUE; ...'",
    help="A variation on BASE, for example 'pensions: interventions.pension_guarantee.enabled=true'.",
)
@replications(1000)
@with_options(SEED, SET, UNCERTAIN)
@click.option("--outcome", "outcomes", multiple=True, metavar="NAME", help="Compare only this; may be repeated.")
@click.option(
    "--precision",
    multiple=True,
    metavar="OUTCOME=HALF",
    help="Go on until the difference in OUTCOME is known to within HALF either way, for example launches=0.25.",
)
@click.option(
    "--at-most",
    type=click.IntRange(1, MOST_REPLICATIONS),
    default=100_000,
    show_default=True,
    help="Refuse a precision that needs more replications.",
)
@READING
@click.option("--group", help="Tell the two lives of one staff group instead, for example west_midlands-03/2.")
@click.option("--replication", "-r", type=click.IntRange(0, MOST_REPLICATIONS), default=0, help="In which history.")
@with_options(JOBS, CLUSTER, MOST_FAILURES)
@PICTURES
@click.option(
    "--out", type=click.Path(path_type=Path), help="Answer folder; by default results/compare-BASE-DIGEST-SEED."
)
def compare(
    base: str,
    scenarios: Sequence[str],
    variations: Sequence[str],
    replications: int,
    seed: int,
    overrides: Sequence[str],
    uncertain: bool,
    outcomes: Sequence[str],
    precision: Sequence[str],
    at_most: int,
    trading_on: Sequence[datetime],
    discount: float,
    base_year: int | None,
    group: str | None,
    replication: int,
    jobs: int | None,
    cluster: str | None,
    most_failures: float,
    png: bool,
    svg: bool,
    out: Path | None,
) -> None:
    """Compare the world BASE with others: scenarios ALT, or variations on it given by --alt.

    The same staff groups have the same luck in every world, so differences are known much better than the worlds
    are. The --set options change every world.
    """
    worlds = _worlds(base, scenarios, variations, overrides)
    if group is not None:
        _tell_lives(worlds, group, seed, replication, uncertain)
        return
    from sim.analysis.outcomes import Reading
    from sim.experiment.study import Study, digest_of
    from sim.progress import progress

    folder = out or Path("results") / f"compare-{worlds[0].name}-{digest_of(worlds)[:12]}-{seed}"
    study = Study(replications, seed, uncertain, folder, jobs, cluster, most_failures, progress)
    reading = Reading(tuple(day.date() for day in trading_on), discount, base_year)
    widths = _half_widths(precision)
    text = _question(base, scenarios, worlds, study, reading, outcomes, widths)
    _answer(worlds, study, reading, outcomes, widths, at_most, text, folder, forms(png, svg))


def _answer(
    worlds: Sequence[World],
    study: Study,
    reading: Reading,
    outcomes: Sequence[str],
    widths: Mapping[str, float],
    at_most: int,
    text: str,
    folder: Path,
    wanted: Sequence[Form],
) -> None:
    """Compare, print, and write the answer folder; ``text`` is the question as a file would ask it."""
    from sim.experiment.methods.compare import compare as compared
    from sim.experiment.record import begin, finish, record, resumable
    from sim.experiment.study import digest_of
    from sim.report.answers import compare as shown
    from sim.report.answers.page import write_page
    from sim.report.terminal_compare import print_comparison

    first, *others = worlds
    kept = record(f"compare {first.name}", "compare", digest_of(worlds), worlds, study, {"asked": text})
    begin(kept, folder)
    with resumable(folder):
        found = compared(first, others, study, reading, outcomes or None, widths, at_most)
        print_comparison(found)
        page = write_page(shown.page(found), folder, wanted)
    finish(kept, folder, found.study.replications)
    click.echo(f"\nReport: {page}\nTables: {folder / 'tables'}")


def _question(
    base: str,
    scenarios: Sequence[str],
    worlds: Sequence[World],
    study: Study,
    reading: Reading,
    outcomes: Sequence[str],
    precision: Mapping[str, float],
) -> str:
    """What was asked, as a file of ``experiments/`` would ask it."""
    from sim.experiment.build import question, scenario, variation

    first, *others = worlds
    files = others[: len(scenarios)]
    told = {
        first.name: scenario(base, first),
        **{one.name: scenario(file, one) for file, one in zip(scenarios, files, strict=True)},
        **{one.name: variation(first, one) for one in others[len(scenarios) :]},
    }
    asked = {
        "base": first.name,
        "with": [one.name for one in others],
        "outcomes": list(outcomes) or None,
        "precision": dict(precision) or None,
        "trading_on": [day.isoformat() for day in reading.trading_on] or None,
        "discount": {"rate": reading.rate, "year": reading.base_year},
    }
    title = f"{first.label} and what else might be"
    return question(title, told, study, {"compare": asked})


def _worlds(
    base: str, scenarios: Sequence[str], variations: Sequence[str], overrides: Sequence[str]
) -> tuple[World, ...]:
    from sim.experiment.worlds import distinct, variation, world

    changes = [variation(text) for text in variations]
    return distinct(
        [
            world(base, overrides),
            *(world(scenario, overrides) for scenario in scenarios),
            *(world(base, (*overrides, *change.overrides), change.name) for change in changes),
        ]
    )


def _half_widths(texts: Sequence[str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for text in texts:
        name, _, half = text.partition("=")
        try:
            found[name.strip()] = float(half)
        except ValueError:
            raise InputError(f"--precision {text!r}, expected OUTCOME=HALF, for example launches=0.25") from None
    return found


def _tell_lives(worlds: Sequence[World], group: str, seed: int, replication: int, uncertain: bool) -> None:
    """Tell the life of a group in the base beside that in each other world."""
    from rich.console import Console

    from sim.batch.replicate import Work, prepare, trace_replication
    from sim.report.side_by_side import print_two_lives, two_lives
    from sim.report.story import identities, life
    from sim.scenario.faults import nearest

    scenarios = {one.name: one.loaded.scenario for one in worlds}
    prepare(Work(worlds[0].loaded.scenario, seed, uncertain, "kpis", "simpy"), lambda line: click.echo(line, err=True))
    told = {name: trace_replication(scenario, seed, replication, uncertain) for name, scenario in scenarios.items()}
    known = sorted({name for history, _ in told.values() for name in identities(history)})
    if group not in known:
        raise InputError(
            f"no staff group {group!r} in replication {replication}{nearest(group, known)}, "
            f"expected one of the {len(known)} that set out, such as {', '.join(known[:3]) or 'none'}"
        )
    lives = {name: life(scenarios[name], *told[name], group) for name in scenarios}
    console = Console(highlight=False)
    for other in worlds[1:]:
        pair = two_lives(lives[worlds[0].name], lives[other.name])
        print_two_lives(pair, group, worlds[0].label, other.label, console)
