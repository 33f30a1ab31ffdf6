"""The command that compares worlds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import click

from sim.cli.answering import give_answer
from sim.cli.options import (
    OUTPUT,
    RUNNING,
    SET,
    Output,
    Running,
    Sampling,
    gather,
    sampling,
    with_options,
)
from sim.errors import InputError
from sim.limits import MOST_FOR_PRECISION, MOST_REPLICATIONS

if TYPE_CHECKING:
    from sim.analysis.reading import Reading
    from sim.experiment.worlds import World


@dataclass(frozen=True, slots=True)
class Named:
    """The worlds as they are named: a base, other scenarios, variations on the base, and changes of them all."""

    base: str
    scenarios: Sequence[str]
    variations: Sequence[str]
    overrides: Sequence[str]

    def load(self) -> tuple[list[World], list[World]]:
        """The base with the other scenarios, and the variations on the base. Raises `InputError`."""
        from sim.experiment.worlds import check_names, variation, varied_world, world
        from sim.scenario.load import load

        changes = [variation(text) for text in self.variations]
        scenarios = [world(scenario, self.overrides) for scenario in (self.base, *self.scenarios)]
        base = scenarios[0].loaded
        varied = [
            varied_world(change.name, load(self.base, (*self.overrides, *change.overrides)), base) for change in changes
        ]
        check_names([*scenarios, *varied])
        return scenarios, varied


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Which outcomes are compared, how precisely, and how they are read."""

    outcomes: Sequence[str]
    precision: Sequence[str]
    at_most: int
    trading_on: Sequence[datetime]
    discount: float
    base_year: int | None

    @property
    def reading(self) -> Reading:
        """How outcomes are read."""
        from sim.analysis.reading import Reading

        return Reading(tuple(day.date() for day in self.trading_on), self.discount, self.base_year)

    @property
    def half_widths(self) -> dict[str, float]:
        """The precision by outcome. Raises `InputError`."""
        widths: dict[str, float] = {}
        for text in self.precision:
            name, _, half = text.partition("=")
            try:
                widths[name.strip()] = float(half)
            except ValueError:
                raise InputError(f"--precision {text!r}, expected OUTCOME=HALF, for example launches=0.25") from None
            if not widths[name.strip()] > 0.0:
                raise InputError(f"precision {text}, expected a half-width above 0")
        return widths


@dataclass(frozen=True, slots=True)
class Life:
    """Whose life is shown in each world, and in which replication."""

    group: str | None
    replication: int


WORLDS = gather(
    "named",
    Named,
    click.argument("base"),
    click.argument("scenarios", metavar="[ALT]...", nargs=-1),
    click.option(
        "--alt",
        "variations",
        multiple=True,
        metavar="'NAME: PATH=VALUE; ...'",
        help="A variation on BASE, for example 'pensions: interventions.pension_guarantee.enabled=true'.",
    ),
    SET,
)
OUTCOMES = gather(
    "outcomes",
    Outcomes,
    click.option("--outcome", "outcomes", multiple=True, metavar="NAME", help="Compare only this; may be repeated."),
    click.option(
        "--precision",
        multiple=True,
        metavar="OUTCOME=HALF",
        help="Add replications until the difference in OUTCOME is known to within HALF either way, for example "
        "launches=0.25.",
    ),
    click.option(
        "--at-most",
        type=click.IntRange(1, MOST_REPLICATIONS),
        default=MOST_FOR_PRECISION,
        show_default=True,
        help="Refuse a precision that needs more replications.",
    ),
    click.option(
        "--trading-on",
        type=click.DateTime(["%Y-%m-%d"]),
        multiple=True,
        metavar="DATE",
        help="Also count the groups still trading on this date.",
    ),
    click.option(
        "--discount",
        type=click.FloatRange(0.0, 1.0),
        default=0.035,
        show_default=True,
        metavar="RATE",
        help="Discount money at this rate a year.",
    ),
    click.option(
        "--base-year",
        type=click.IntRange(1, 9999),
        help="Discount to the beginning of this year; by default to that in which the clock starts.",
    ),
)
LIFE = gather(
    "life",
    Life,
    click.option(
        "--group", help="Show instead the life of one staff group in each world, for example west_midlands-03/2."
    ),
    click.option(
        "--replication",
        "-r",
        type=click.IntRange(0, MOST_REPLICATIONS),
        default=0,
        help="In which replication (simulated history).",
    ),
)


@click.command()
@with_options(WORLDS, sampling(1000, 2), OUTCOMES, LIFE, RUNNING, OUTPUT)
def compare(named: Named, sampling: Sampling, outcomes: Outcomes, life: Life, running: Running, output: Output) -> None:
    """Compare the world BASE with others: scenarios ALT, or variations on it given by --alt.

    The same staff groups have the same luck in every world, so differences are estimated more precisely than levels.
    The --set options change every world. Run the same command again to resume where it was stopped.
    """
    scenarios, varied = named.load()
    if life.group is not None:
        _show_lives([*scenarios, *varied], life.group, life.replication, sampling)
        return
    from sim.experiment.build import Asking, build
    from sim.experiment.methods.compare import ask, title
    from sim.experiment.study import Study

    first, *others = [*scenarios, *varied]
    if not others:
        raise InputError("nothing to compare with: name another scenario, or give a variation with --alt")
    part = ask(first, others, outcomes.reading, outcomes.outcomes, outcomes.half_widths)
    asking = Asking(f"spinout compare {named.base}", title(first, others), "compare", part)
    study = Study(sampling.replications, sampling.seed, sampling.uncertain, most_replications=outcomes.at_most)
    give_answer(build(asking, scenarios, study, varied), study, running, output)


def _show_lives(worlds: Sequence[World], group: str, replication: int, sampling: Sampling) -> None:
    """Show the life of a group in the base beside that in each other world."""
    from rich.console import Console

    from sim.batch.case import Case
    from sim.batch.extracts.tables import prepare
    from sim.batch.play import trace_replication
    from sim.report.side_by_side import print_side_by_side, side_by_side
    from sim.report.story import identities, life
    from sim.scenario.faults import suggest

    seed, uncertain = sampling.seed, sampling.uncertain
    scenarios = {world.name: world.loaded.scenario for world in worlds}
    prepare(Case(worlds[0].loaded.scenario, seed, uncertain), lambda line: click.echo(line, err=True))
    diaries = {name: trace_replication(scenario, seed, replication, uncertain) for name, scenario in scenarios.items()}
    groups = sorted({name for history, _ in diaries.values() for name in identities(history)})
    if group not in groups:
        raise InputError(
            f"no staff group {group!r} in replication {replication}{suggest(group, groups)}, "
            f"expected one of the {len(groups)} that arrived, such as {', '.join(groups[:3]) or 'none'}"
        )
    lives = {name: life(scenarios[name], *diaries[name], group) for name in scenarios}
    console = Console(highlight=False)
    for other in worlds[1:]:
        pair = side_by_side(lives[worlds[0].name], lives[other.name])
        print_side_by_side(pair, group, worlds[0].label, other.label, console)
