"""A comparison: what would have happened otherwise, told of the same staff groups with the same luck."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sim.errors import InputError, RunFailed
from sim.experiment.divergence import parting, table_of
from sim.experiment.study import Study, asked_before, run_arms
from sim.experiment.worlds import World, distinct

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.outcomes import Reading
    from sim.analysis.paired.fates import Fates
    from sim.store.results import Results

LEAST_PILOT = 100
"""Replications that a first stage must have for its variance to say how many are needed."""
MOST_REPLICATIONS = 100_000
"""Replications above which a precision is refused unless more are allowed."""
_ROUNDING: Final = 1e-9
_MORE: Final = 1.1
"""Where an interval is still too wide, at least so many times the replications come next."""


@dataclass(frozen=True)
class Comparison:
    """What came out of comparing ``alternatives`` with ``base``; every frame has one ``alternative`` or more a row.

    ``results`` are those of every world by name. ``differences``, ``additional_costs`` and ``fates`` are as
    `sim.analysis.paired.comparison` and `sim.analysis.paired.fates` give them, ``parting`` as
    `sim.experiment.divergence.table_of`, ``costs`` the yearly costs of every world (`sim.analysis.discount`).
    ``precision`` is what was asked, by outcome.
    """

    base: World
    alternatives: tuple[World, ...]
    study: Study
    precision: Mapping[str, float]
    results: Mapping[str, Results]
    differences: pd.DataFrame
    additional_costs: pd.DataFrame
    fates: Mapping[str, Fates]
    parting: pd.DataFrame
    costs: pd.DataFrame

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
    most: int = MOST_REPLICATIONS,
) -> Comparison:
    """Run the worlds under common random numbers and compare them, replication by replication and group by group.

    ``outcomes`` are names of `sim.analysis.outcomes` (None: all). With a ``precision`` (half-widths by outcome) the
    replications of ``study`` are the first stage of Stein's procedure, and as many are added as it says, up to
    ``most``. Raises `InputError` for what cannot be asked, `RunFailed` where the precision needs more than ``most``.
    """
    from sim.analysis.paired.comparison import additional_costs, differences
    from sim.analysis.paired.fates import fates

    worlds = distinct([base, *alternatives])
    wanted = dict(precision or {})
    _check(worlds, study, wanted)
    _check_outcomes(worlds, reading, [*(outcomes or ()), *wanted])
    results = _precise(worlds, study, reading, wanted, most) if wanted else run_arms(worlds, study)
    pilot = study.replications if wanted else None
    one, others = results[base.name], {world.name: results[world.name] for world in alternatives}
    labelled = {world.name: world.label for world in worlds}
    scenario = base.loaded.scenario
    partings = ((w.name, parting(scenario, w.loaded.scenario, study.seed, study.uncertain)) for w in alternatives)
    return Comparison(
        base,
        worlds[1:],
        replace(study, replications=len(one.replications)),
        wanted,
        results,
        _with_labels(differences(one, others, reading, outcomes, wanted, pilot), labelled),
        _with_labels(additional_costs(one, others, reading), labelled),
        {name: fates(one, other) for name, other in others.items()},
        table_of(partings),
        _costs(results, reading.for_world(one.facts), labelled),
    )


def _check(worlds: Sequence[World], study: Study, precision: Mapping[str, float]) -> None:
    if len(worlds) < 2:
        raise InputError("nothing to compare with: name another scenario, or give a variation with --alt")
    for name, half in precision.items():
        if not half > 0.0:
            raise InputError(f"precision {name}={half:g}, expected a half-width above 0")
    if precision and study.replications < LEAST_PILOT:
        raise InputError(
            f"{study.replications} replications are too few to tell how many a precision needs, "
            f"expected {LEAST_PILOT} or more"
        )


def _check_outcomes(worlds: Sequence[World], reading: Reading, names: Sequence[str]) -> None:
    """Refuse what cannot be read of the worlds before they are run."""
    from sim.analysis.outcomes import named
    from sim.scenario.facts import Facts

    facts = [Facts.of(world.loaded.scenario) for world in worlds]
    named(names, facts, reading.for_world(facts[0]))


def _precise(
    worlds: Sequence[World], study: Study, reading: Reading, precision: Mapping[str, float], most: int
) -> dict[str, Results]:
    """The worlds with as many replications as the precision needs, told from a first stage of the study's own.

    A difference that did not vary in the first stage, or failures since, may leave an interval too wide: then more
    replications are added until it is not.
    """
    from sim.analysis.paired.comparison import replications_needed

    n = max(study.replications, asked_before(worlds, study))
    base, *others = worlds
    results = run_arms(worlds, replace(study, replications=n))
    alternatives = {world.name: results[world.name] for world in others}
    wanted = replications_needed(results[base.name], alternatives, reading, precision, study.replications)
    while wanted > n:
        if wanted > most:
            asked = ", ".join(f"{name}={half:g}" for name, half in precision.items())
            raise RunFailed(
                f"a precision of {asked} needs about {wanted:,} replications of each world, more than {most:,}: "
                "ask for less precision, or allow more with --at-most"
            )
        n = wanted
        results = run_arms(worlds, replace(study, replications=n))
        alternatives = {world.name: results[world.name] for world in others}
        wanted = max(wanted, _still_needed(results[base.name], alternatives, reading, precision, study.replications))
    return results


def _still_needed(
    base: Results, alternatives: Mapping[str, Results], reading: Reading, precision: Mapping[str, float], pilot: int
) -> int:
    """How many replications the differences need whose intervals are too wide; 0 where none is."""
    from sim.analysis.paired.comparison import differences

    found = differences(base, alternatives, reading, list(precision), precision, pilot)
    half = (found["family_high"] - found["family_low"]) / 2
    wide = found[half > found["precision"] * (1 + _ROUNDING)]
    return math.ceil(max(wide["needed"].max(), _MORE * wide["n"].max())) if len(wide) else 0


def _with_labels(frame: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    return frame.assign(alternative_label=frame["alternative"].map(labels))


def _costs(results: Mapping[str, Results], reading: Reading, labels: Mapping[str, str]) -> pd.DataFrame:
    import pandas as pd

    from sim.analysis.discount import costs_by_year

    found = [costs_by_year(one, reading).assign(world=name, world_label=labels[name]) for name, one in results.items()]
    return pd.concat(found, ignore_index=True)
