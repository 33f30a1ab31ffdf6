"""Outcomes by host and by region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.analysis.intervals import proportion_interval
from sim.analysis.labels import region_label

if TYPE_CHECKING:
    from sim.analysis.results import Results

_COLUMNS = ["groups_mean", "launched_mean", "chance", "chance_low", "chance_high"]


def host_outcomes(results: Results) -> pd.DataFrame:
    """One row a host: mean groups, mean launches, and the chance of at least one launch.

    ``region region_label host groups_mean launched_mean chance chance_low chance_high``. The chance is the
    share of replications with a launch; its Monte Carlo interval is Wilson's, as each replication is one
    independent trial.
    """
    return _outcomes(results, ["region", "host"])


def region_outcomes(results: Results) -> pd.DataFrame:
    """As :func:`host_outcomes`, one row a region: the chance of at least one launch anywhere in it."""
    return _outcomes(results, ["region"])


def _outcomes(results: Results, keys: list[str]) -> pd.DataFrame:
    table = results.hosts
    n = len(results.replications)
    if len(table) == 0:
        return pd.DataFrame(columns=[*keys, "region_label", *_COLUMNS])
    sums = table.groupby([*keys, "replication"], observed=True, sort=False)[["groups", "launched"]].sum()
    sums["any"] = sums["launched"].gt(0)
    found = sums.groupby(level=keys, sort=False)[["groups", "launched", "any"]].sum().reset_index()
    bounds = np.array([proportion_interval(float(hits), n) for hits in found["any"]])
    result = found[keys].copy()
    result["region_label"] = [region_label(results.manifest, str(region)) for region in found["region"]]
    result["groups_mean"] = found["groups"] / n
    result["launched_mean"] = found["launched"] / n
    result["chance"] = found["any"].astype(float) / n
    result["chance_low"], result["chance_high"] = bounds[:, 0], bounds[:, 1]
    return result
