"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from sim.report.answers.page import Form
    from sim.scenario.load import Loaded

F = TypeVar("F", bound=Callable[..., Any])
MOST_REPLICATIONS = 2**31 - 1
_MOST_SEED = 2**64 - 1


def with_options(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Give a command several options, in this order."""

    def decorate(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


SET = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="PATH=VALUE",
    help="Change one value, for example barriers.pension_worries.enabled=false.",
)
SEED = click.option(
    "--seed", type=click.IntRange(0, _MOST_SEED), default=1, show_default=True, help="The seed of all draws."
)
JOBS = click.option("--jobs", type=click.IntRange(1, 1024), help="Processors to use; by default all, where that pays.")
CLUSTER = click.option(
    "--cluster", metavar="ADDRESS", help="Run on a Dask scheduler, for example tcp://10.0.0.5:8786; local:4 starts one."
)
UNCERTAIN = click.option(
    "--uncertain", is_flag=True, help="Draw every uncertain number anew in each replication, from its range."
)
ENGINE = click.option(
    "--engine",
    type=click.Choice(["kernel", "simpy"]),
    default="kernel",
    show_default=True,
    help="The compiled kernel or the reference engine; both give the same numbers.",
)
MOST_FAILURES = click.option(
    "--most-failures",
    type=click.FloatRange(0.0, 1.0),
    default=0.01,
    show_default=True,
    metavar="SHARE",
    help="Stop when more than this share of the replications fails; resume does not remember it.",
)
PICTURES = with_options(
    click.option("--png", is_flag=True, help="Also write each chart alone as PNG."),
    click.option("--svg", is_flag=True, help="Also write each chart alone as SVG."),
)


def forms(png: bool, svg: bool) -> list[Form]:
    """The forms of pictures that were asked for."""
    wanted: dict[Form, bool] = {"png": png, "svg": svg}
    return [form for form, asked in wanted.items() if asked]


def replications(default: int) -> Callable[[F], F]:
    """How many replications."""
    return click.option(
        "--replications",
        "-n",
        type=click.IntRange(1, MOST_REPLICATIONS),
        default=default,
        show_default=True,
        help="How many simulated histories.",
    )


def replication(*, required: bool) -> Callable[[F], F]:
    """Which replication."""
    return click.option(
        "--replication",
        "-r",
        type=click.IntRange(0, MOST_REPLICATIONS),
        help="Which simulated history.",
        **({"required": True} if required else {"default": 0, "show_default": True}),
    )


def load(scenario: str, overrides: Sequence[str]) -> Loaded:
    """A scenario with overrides. Raises `sim.scenario.faults.ScenarioFaults`."""
    from sim.scenario.load import load as load_scenario

    return load_scenario(scenario, overrides)
