"""Outcomes by host and by region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.intervals import proportion_interval
from sim.store.table_slice import combine

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from sim.store.results import Results
    from sim.store.table_slice import TableSlice

_NUMBERS = ["groups_mean", "launched_mean", "chance", "chance_low", "chance_high"]


def host_outcomes(results: Results) -> pd.DataFrame:
    """One row a host: mean groups, mean launches, and the chance of at least one launch.

    ``region region_label host groups_mean launched_mean chance chance_low chance_high``. The chance is the
    share of replications with a launch; its Monte Carlo interval is Wilson's, as each replication is one
    independent trial.
    """
    return results.once("host outcomes", lambda: _outcomes(results, ("region", "host")))


def region_outcomes(results: Results) -> pd.DataFrame:
    """As :func:`host_outcomes`, one row a region: the chance of at least one launch anywhere in it."""
    return results.once("region outcomes", lambda: _outcomes(results, ("region",)))


def _outcomes(results: Results, keys: tuple[str, ...]) -> pd.DataFrame:
    import pandas as pd

    # Groups, launches, and replications with a launch, by place.
    sums: dict[tuple[str, ...], NDArray[np.float64]] = {}
    for hosts in results.slices("hosts", [*keys, "groups", "launched"]):
        for name, some in zip(*_sums(hosts, keys), strict=True):
            sums[name] = sums[name] + some if name in sums else some
    n = max(len(results.replications), 1)
    rows = []
    for name, (groups, launches, hits) in sums.items():
        named = {**dict(zip(keys, name, strict=True)), "region_label": results.facts.region_label(name[0])}
        numbers = (groups / n, launches / n, hits / n, *proportion_interval(float(hits), n))
        rows.append({**named, **dict(zip(_NUMBERS, numbers, strict=True))})
    return pd.DataFrame(rows, columns=[*keys, "region_label", *_NUMBERS])


def _sums(hosts: TableSlice, keys: tuple[str, ...]) -> tuple[list[tuple[str, ...]], NDArray[np.float64]]:
    """The places in the order in which they come up, and their three sums, shape (places, 3)."""
    kinds, names = combine([hosts.categories(key) for key in keys])
    groups, launches = (hosts.sums(kinds, len(names), hosts.numbers(column)) for column in ("groups", "launched"))
    return names, np.stack([groups.sum(axis=0), launches.sum(axis=0), (launches > 0).sum(axis=0)], axis=1)
