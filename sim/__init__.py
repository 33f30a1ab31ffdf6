"""spinout: why staff groups that try to leave the state rarely get there, and what would change that.

The Python door::

    import sim

    world = sim.load("west_midlands")
    result = sim.run(world, replications=500, seed=1)
    result.groups, result.kpis  # data frames

    guarantee = sim.load("west_midlands", ["interventions.pension_guarantee.enabled=true"])
    found = sim.compare(world, {"guarantee": guarantee}, replications=500, seed=1)
    found.differences, found.fates["guarantee"].table

    sim.attribute(world, replications=200).players  # which barriers were to blame
    sim.answer("additionality", replications=100).result.curve  # a question kept in a file
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.version import __version__

if TYPE_CHECKING:
    from sim.analysis.outcomes import Reading
    from sim.batch.designs import Method
    from sim.batch.replicate import Engine, Keep
    from sim.batch.toggles import Kind
    from sim.experiment.answer import Answer
    from sim.experiment.methods.attribute import Attribution
    from sim.experiment.methods.compare import Comparison
    from sim.scenario.load import Loaded
    from sim.store.results import Results

__all__ = ["__version__", "answer", "attribute", "compare", "load", "open_results", "run"]


def load(name_or_path: str, overrides: Sequence[str] = ()) -> Loaded:
    """Load and check a scenario: the name of a shipped one, or a path.

    ``overrides`` are texts such as ``barriers.pension_worries.enabled=false``. Raises
    `sim.scenario.faults.ScenarioFaults`, which holds every fault.
    """
    from sim.scenario.load import load as load_scenario

    return load_scenario(name_or_path, overrides)


def run(
    world: Loaded,
    replications: int = 200,
    seed: int = 1,
    *,
    uncertain: bool = False,
    keep: Keep = "groups",
    engine: Engine = "kernel",
    jobs: int | None = 1,
    out: str | Path | None = None,
) -> Results:
    """Run a scenario and return its results: ``.groups``, ``.kpis``, ``.hosts``, ``.costs``, ``.resources``.

    Without ``out`` the tables stay in memory; with it they are written to that folder. ``uncertain`` draws the
    scenario's uncertain numbers anew in every replication. ``keep`` is ``"kpis"``, ``"groups"`` or ``"events"``,
    ``engine`` is ``"kernel"`` or ``"simpy"``. ``jobs`` above 1 or None (all processors) may start worker processes,
    which needs the usual ``if __name__ == "__main__":`` in a script.
    """
    from sim.batch.batch import Batch
    from sim.batch.manifest import manifest
    from sim.batch.run import How, run_in_memory, run_to_store
    from sim.store.results import Results, open_results

    batch = Batch(world, replications, seed, uncertain, keep, engine)
    if out is not None:
        run_to_store(batch, Path(out), How(jobs))
        return open_results(out)
    return Results.from_tables(manifest(batch), *run_in_memory(batch, How(jobs)))


def compare(
    base: Loaded,
    alternatives: Mapping[str, Loaded],
    replications: int = 1000,
    seed: int = 1,
    *,
    outcomes: Sequence[str] | None = None,
    reading: Reading | None = None,
    precision: Mapping[str, float] | None = None,
    uncertain: bool = False,
    jobs: int | None = 1,
    out: str | Path | None = None,
) -> Comparison:
    """Compare worlds, named ``alternatives`` with ``base``, replication by replication and group by group.

    ``outcomes`` are names such as ``launches`` (None: all), read as `sim.analysis.outcomes.Reading` says. ``precision``
    gives outcomes the half-width to which their difference shall be known; ``replications`` is then the first stage.
    Without ``out`` nothing is written. Raises `sim.errors.InputError` and `sim.errors.RunFailed`.
    """
    from sim.analysis.outcomes import Reading
    from sim.experiment.methods.compare import compare as compared
    from sim.experiment.study import Study
    from sim.experiment.worlds import named_world

    study = Study(replications, seed, uncertain, None if out is None else Path(out), jobs)
    others = [named_world(name, loaded) for name, loaded in alternatives.items()]
    return compared(named_world(base.name, base), others, study, reading or Reading(), outcomes, precision)


def attribute(
    world: Loaded,
    of: Kind = "barriers",
    players: Sequence[str] | None = None,
    replications: int = 1000,
    seed: int = 1,
    *,
    method: Method | None = None,
    uncertain: bool = False,
    jobs: int | None = 1,
    out: str | Path | None = None,
) -> Attribution:
    """Share out the launches that barriers cost, or that interventions bring, by Shapley values.

    ``players`` are names (None: all that matter), ``method`` is ``"exact"`` or ``"permutations"``; see
    `sim.experiment.methods.attribute.attribute`. Without ``out`` nothing is written. Raises `sim.errors.InputError` and
    `sim.errors.RunFailed`.
    """
    from sim.experiment.methods.attribute import attribute as attributed
    from sim.experiment.study import Study
    from sim.experiment.worlds import named_world

    study = Study(replications, seed, uncertain, None if out is None else Path(out), jobs)
    return attributed(named_world(world.name, world), study, of, players, method)


def answer(
    name_or_path: str, replications: int | None = None, *, jobs: int | None = 1, out: str | Path | None = None
) -> Answer:
    """Answer a question: the name of a shipped experiment, or a path.

    ``.result`` is a comparison, an attribution or an additionality, each with its data frames. ``replications`` stand
    instead of those that the file asks for. Without ``out`` nothing is written. Raises
    `sim.scenario.faults.ScenarioFaults`, `sim.errors.InputError` and `sim.errors.RunFailed`.
    """
    from dataclasses import replace

    from sim.experiment.answer import answer as answered
    from sim.experiment.answer import study_of
    from sim.experiment.load import load_experiment

    asked = load_experiment(name_or_path)
    study = replace(study_of(asked), jobs=jobs, folder=None if out is None else Path(out))
    return answered(asked, study if replications is None else replace(study, replications=replications))


def open_results(folder: str | Path) -> Results:
    """Open a results folder. Raises `sim.store.results.ResultsError` where it is none or was cut."""
    from sim.store.results import open_results as open_folder

    return open_folder(folder)
