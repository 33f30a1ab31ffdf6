"""The Python API: a world that is loaded, run, and opened again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sim.scenario.load import Loaded, load
from sim.store import reader
from sim.store import results as stored

if TYPE_CHECKING:
    from sim.batch.case import Engine
    from sim.batch.extracts.tables import Keep


@dataclass(frozen=True)
class Results(stored.Results):
    """The results of a run: ``groups kpis hosts costs resources`` as data frames; see `sim.store.results.Results`."""

    def page(self, path: str | Path) -> Path:
        """Write the report as one HTML file that needs no network, and return its path."""
        from sim.report.run.page import write_report

        return write_report(self, Path(path))


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
    scenario's uncertain numbers again in every replication. ``keep`` is ``"kpis"``, ``"groups"`` or ``"events"``,
    ``engine`` is ``"kernel"`` or ``"simpy"``. ``jobs`` above 1 or None (all processors) may start worker processes,
    which needs the usual ``if __name__ == "__main__":`` in a script.
    """
    from sim.batch.extracts.tables import table_batch
    from sim.batch.run import How, run_in_memory, run_to_store

    batch = table_batch(world, replications, seed, uncertain, keep, engine)
    if out is not None:
        run_to_store(batch, Path(out), How(jobs))
        return open_results(out)
    (kept,) = run_in_memory([batch], How(jobs))
    return _with_page(kept.results())


def open_results(folder: str | Path) -> Results:
    """Open a results folder. Raises `sim.store.results.ResultsError` where it is none or was cut."""
    return _with_page(reader.open_results(folder))


def _with_page(results: stored.Results) -> Results:
    return Results(results.manifest, results.folder, results.tables, results.failures)


__all__ = ["load", "open_results", "run"]
