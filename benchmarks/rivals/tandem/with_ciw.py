"""The tandem on Ciw, as its guide on reneging writes it. Ciw is imported only where it is used: it may be missing."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import pandas as pd

from benchmarks.measures import EACH, Figures
from benchmarks.rivals.tandem import numbers


def configuration() -> str:
    """How Ciw is set up. Raises ImportError where it is not installed."""
    import ciw

    network = "2 nodes, Exponential arrivals, service and reneging times, customers who renege leave"
    records = "get_all_records() after simulate_until_max_time, no tracker, not exact"
    return f"Ciw {getattr(ciw, '__version__', None) or version('ciw')}: {network}; {records}"


def network() -> Any:
    """The network of two nodes. Raises ImportError where Ciw is not installed."""
    import ciw

    return ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=numbers.ARRIVALS), None],
        service_distributions=[ciw.dists.Exponential(rate=1 / mean) for mean in numbers.WORK],
        number_of_servers=list(numbers.CLERKS),
        routing=[[0.0, 1.0], [0.0, 0.0]],
        reneging_time_distributions=[ciw.dists.Exponential(rate=1 / mean) for mean in numbers.PATIENCE],
    )


def replicate(of: Any, seed: int, replication: int) -> list[Any]:
    """The records of one replication."""
    import ciw

    ciw.seed(seed * 1_000_003 + replication)
    simulation = ciw.Simulation(of)
    simulation.simulate_until_max_time(numbers.DAYS)
    records: list[Any] = simulation.get_all_records()
    return records


def figures(histories: Sequence[Sequence[Any]]) -> Figures:
    """The figures of `benchmarks.rivals.tandem.package.figures`."""
    rows: list[dict[str, float]] = []
    per: dict[str, str] = {}
    for records in histories:
        row = {EACH: 1.0}
        for number in (1, 2):
            here = [one for one in records if one.node == number]
            asked, gave_up, waited = (f"{what} desk {number}" for what in ("asked", "gave up at", "days waited at"))
            row[asked] = float(len(here))
            row[gave_up] = float(sum(one.record_type == "renege" for one in here))
            row[waited] = float(sum(one.waiting_time for one in here))
            per |= {asked: EACH, gave_up: asked, waited: asked}
        rows.append(row)
    return Figures(pd.DataFrame(rows), per)
