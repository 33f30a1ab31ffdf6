"""A comparison: what would have happened otherwise, to the same staff groups with the same luck."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sim.errors import InputError, RunFailed
from sim.experiment.divergence import divergence_table
from sim.experiment.study import Study
from sim.experiment.worlds import World, check_names

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.paired.fates import Fates
    from sim.analysis.reading import Reading
    from sim.store.results import Results

LEAST_PILOT: Final = 100
"""Replications that a first stage must have for its variance to say how many are needed."""
_ROUNDING: Final = 1e-9
_MORE: Final = 1.1
"""Where an interval is still too wide, at least so many times the replications come next."""


@dataclass(frozen=True)
class Comparison:
    """What came out of comparing ``alternatives`` with ``base``; every frame has one ``alternative`` or more a row.

    ``results`` are those of every world by name. ``differences``, ``additional_costs`` and ``fates`` are as
    `sim.analysis.paired.comparison` and `sim.analysis.paired.fates` give them, ``divergence`` as
    `sim.experiment.divergence.divergence_table`, ``costs`` the yearly costs of every world (`sim.analysis.discount`).
    ``precision`` is what was asked, by outcome; ``effects`` are those of two factors (`sim.analysis.paired.factorial`),
    None where no factors were asked for.
    """

    base: World
    alternatives: tuple[World, ...]
    study: Study
    precision: Mapping[str, float]
    results: Mapping[str, Results]
    differences: pd.DataFrame
    additional_costs: pd.DataFrame
    fates: Mapping[str, Fates]
    divergence: pd.DataFrame
    costs: pd.DataFrame
    effects: pd.DataFrame | None = None

    @property
    def parting(self) -> pd.DataFrame:
        """``divergence`` by the name that it had before."""
        return self.divergence

    @property
    def labels(self) -> dict[str, str]:
        """What people call the worlds."""
        return {world.name: world.label for world in (self.base, *self.alternatives)}


def compare(
    base: World,
    alternatives: Sequence[World],
    study: Study,
    reading: Reading,
    outcomes: Sequence[str] | None = None,
    precision: Mapping[str, float] | None = None,
) -> Comparison:
    """Run the worlds under common random numbers and compare them, replication by replication and group by group.

    ``outcomes`` are names of `sim.analysis.outcomes` (None: all). With a ``precision`` (half-widths by outcome) the
    replications of ``study`` are the first stage of Stein's procedure, and as many are added as it says. Raises
    `InputError` for what cannot be asked, `RunFailed` where the precision needs more than the study allows.
    """
    from sim.analysis.paired.comparison import additional_costs, differences
    from sim.analysis.paired.fates import fates
    from sim.experiment.batches import run_worlds

    worlds = check_names([base, *alternatives])
    precision = dict(precision or {})
    _check_pilot(study, precision)
    results = _precise(worlds, study, reading, precision) if precision else run_worlds(worlds, study)
    pilot = study.replications if precision else None
    first, others = results[base.name], {world.name: results[world.name] for world in alternatives}
    labels = {world.name: world.label for world in worlds}
    return Comparison(
        base,
        worlds[1:],
        replace(study, replications=len(first.replications)),
        precision,
        results,
        _with_labels(differences(first, others, reading, outcomes, precision, pilot), labels),
        _with_labels(additional_costs(first, others, reading), labels),
        {name: fates(first, other) for name, other in others.items()},
        divergence_table(base, alternatives, study),
        _costs(results, reading.for_world(first.facts), labels),
    )


def _check_pilot(study: Study, precision: Mapping[str, float]) -> None:
    if precision and study.replications < LEAST_PILOT:
        raise InputError(
            f"{study.replications} replications are too few to say how many a precision needs, "
            f"expected {LEAST_PILOT} or more"
        )


def _precise(
    worlds: Sequence[World], study: Study, reading: Reading, precision: Mapping[str, float]
) -> dict[str, Results]:
    """The worlds with as many replications as the precision needs, judged from a first stage of the study's own.

    A difference that did not vary in the first stage, or failures since, may leave an interval too wide: then more
    replications are added until it is not.
    """
    from sim.analysis.paired.comparison import replications_needed
    from sim.experiment.batches import replications_begun, run_worlds

    n = max(study.replications, replications_begun(worlds, study))
    base, *others = worlds
    results = run_worlds(worlds, replace(study, replications=n))
    alternatives = {world.name: results[world.name] for world in others}
    wanted = replications_needed(results[base.name], alternatives, reading, precision, study.replications)
    while wanted > n:
        _check_most(wanted, study, precision)
        n = wanted
        results = run_worlds(worlds, replace(study, replications=n))
        alternatives = {world.name: results[world.name] for world in others}
        wanted = max(wanted, _still_needed(results[base.name], alternatives, reading, precision, study.replications))
    return results


def _check_most(wanted: int, study: Study, precision: Mapping[str, float]) -> None:
    if study.opened:
        raise InputError(f"{study.folder} was altered: its worlds have too few replications for the precision asked")
    if wanted > study.most_replications:
        widths = ", ".join(f"{name}={half:g}" for name, half in precision.items())
        raise RunFailed(
            f"a precision of {widths} needs about {wanted:,} replications of each world, more than "
            f"{study.most_replications:,}: ask for less precision, or allow more with --at-most"
        )


def _still_needed(
    base: Results, alternatives: Mapping[str, Results], reading: Reading, precision: Mapping[str, float], pilot: int
) -> int:
    """How many replications the differences need whose intervals are too wide; 0 where none is."""
    from sim.analysis.paired.comparison import differences

    frame = differences(base, alternatives, reading, list(precision), precision, pilot)
    half = (frame["family_high"] - frame["family_low"]) / 2
    wide = frame[half > frame["precision"] * (1 + _ROUNDING)]
    return math.ceil(max(wide["needed"].max(), _MORE * wide["n"].max())) if len(wide) else 0


def _with_labels(frame: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    return frame.assign(alternative_label=frame["alternative"].map(labels))


def _costs(results: Mapping[str, Results], reading: Reading, labels: Mapping[str, str]) -> pd.DataFrame:
    import pandas as pd

    frames: Iterator[pd.DataFrame] = _yearly_costs(results, reading, labels)
    return pd.concat(frames, ignore_index=True)


def _yearly_costs(
    results: Mapping[str, Results], reading: Reading, labels: Mapping[str, str]
) -> Iterator[pd.DataFrame]:
    from sim.analysis.discount import costs_by_year

    for name, world in results.items():
        yield costs_by_year(world, reading).assign(world=name, world_label=labels[name])
