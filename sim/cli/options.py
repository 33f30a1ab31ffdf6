"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from sim.limits import MOST_FAILURES as DEFAULT_MOST_FAILURES
from sim.limits import MOST_REPLICATIONS, MOST_SEED

if TYPE_CHECKING:
    from sim.batch.run import How
    from sim.experiment.study import Study
    from sim.report.write import Form
    from sim.scenario.load import Loaded

F = TypeVar("F", bound=Callable[..., Any])


def with_options(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Give a command several options, in this order."""

    def decorate(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def gather(name: str, kind: type[Any], *options: Callable[[F], F]) -> Callable[[F], F]:
    """Give a command several options, which reach it together as its argument ``name``, a ``kind`` with their names."""
    names = [field.name for field in fields(kind)]

    def decorate(command: F) -> F:
        @wraps(command)
        def gather(**values: Any) -> Any:
            together = kind(**{field: values.pop(field) for field in names})
            return command(**values, **{name: together})

        return with_options(*options)(cast("F", gather))

    return decorate


SET = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="PATH=VALUE",
    help="Change one value, for example barriers.pension_worries.enabled=false.",
)
SEED = click.option(
    "--seed", type=click.IntRange(0, MOST_SEED), default=1, show_default=True, help="The seed of all draws."
)
JOBS = click.option("--jobs", type=click.IntRange(1, 1024), help="Processors to use; by default all, where that pays.")
CLUSTER = click.option(
    "--cluster", metavar="ADDRESS", help="Run on a Dask scheduler, for example tcp://10.0.0.5:8786; local:4 starts one."
)
UNCERTAIN = click.option(
    "--uncertain", is_flag=True, help="Draw every uncertain number from its range, again in each replication."
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
    default=DEFAULT_MOST_FAILURES,
    show_default=True,
    metavar="SHARE",
    help="Stop when more than this share of the replications fails; resume does not remember it.",
)


@dataclass(frozen=True, slots=True)
class Sampling:
    """How many replications of a world are run, and with which draws."""

    replications: int
    seed: int
    uncertain: bool


@dataclass(frozen=True, slots=True)
class Running:
    """How the replications of a question are run; nothing of this can change a result."""

    jobs: int | None
    cluster: str | None
    most_failures: float

    @property
    def how(self) -> How:
        """How a batch is run so. Raises `InputError`."""
        from sim.batch.run import How

        return How(self.jobs, self.cluster, self.most_failures)

    def of(self, study: Study, folder: Path) -> Study:
        """A study that is run so, into a folder, and seen."""
        from dataclasses import replace

        from sim.progress import progress

        seen = replace(study, folder=folder, show=progress)
        return replace(seen, jobs=self.jobs, cluster=self.cluster, most_failures=self.most_failures)


@dataclass(frozen=True, slots=True)
class Output:
    """What is written of an answer, and where."""

    png: bool
    svg: bool
    out: Path | None

    @property
    def forms(self) -> list[Form]:
        """The forms of pictures that were asked for."""
        wanted: dict[Form, bool] = {"png": self.png, "svg": self.svg}
        return [form for form, is_wanted in wanted.items() if is_wanted]


def sampling(default: int, least: int) -> Callable[[F], F]:
    """How many replications of a world are run, at least so many, and with which draws."""
    replications = click.option(
        "--replications",
        "-n",
        type=click.IntRange(least, MOST_REPLICATIONS),
        default=default,
        show_default=True,
        help="How many replications (simulated histories) of each world.",
    )
    return gather("sampling", Sampling, replications, SEED, UNCERTAIN)


RUNNING = gather("running", Running, JOBS, CLUSTER, MOST_FAILURES)
OUTPUT = gather(
    "output",
    Output,
    click.option("--png", is_flag=True, help="Also write each chart alone as PNG."),
    click.option("--svg", is_flag=True, help="Also write each chart alone as SVG."),
    click.option(
        "--out",
        type=click.Path(path_type=Path),
        help="Answer folder; by default one below results/.",
    ),
)


def replication(*, required: bool) -> Callable[[F], F]:
    """Which replication."""
    return click.option(
        "--replication",
        "-r",
        type=click.IntRange(0, MOST_REPLICATIONS),
        help="Which replication (simulated history).",
        **({"required": True} if required else {"default": 0, "show_default": True}),
    )


def load(scenario: str, overrides: Sequence[str]) -> Loaded:
    """A scenario with overrides. Raises `sim.scenario.faults.ScenarioFaults`."""
    from sim.scenario.load import load as load_scenario

    return load_scenario(scenario, overrides)
