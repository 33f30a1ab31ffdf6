"""The numbers kept of every history, whatever else was kept: means with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.dates import DAYS_A_MONTH
from sim.analysis.intervals import summarise
from sim.scenario.facts import plain

if TYPE_CHECKING:
    import pandas as pd

    from sim.store.results import Results

_KNOWN = {
    "groups": ("Groups that set out", "count"),
    "launched": ("Groups launched", "count"),
    "share_launched": ("Share that launched", "share"),
    "exited": ("Groups lost", "count"),
    "inside": ("Groups inside at the end", "count"),
    "staff_moved": ("Staff moved", "count"),
    "value_moved": ("Contracts moved, a year", "pounds"),
    "cost_programme": ("Cost to the programme", "pounds"),
    "cost_host": ("Cost to hosts", "pounds"),
    "cost_group": ("Cost to staff groups", "pounds"),
    "cost_total": ("Cost, all together", "pounds"),
    "median_days_to_live": ("Median months to launch", "months"),
}


def kpis(results: Results) -> pd.DataFrame:
    """One row a number of the kpis table, in its order.

    ``name label unit mean low high range_low range_high histories``: ``unit`` is ``count``, ``share``, ``pounds`` or
    ``months``; ``histories`` says in how many the number is defined. The mean of a share is over the histories that
    have one, each of which counts as much as another.
    """
    import pandas as pd

    rows = []
    for name in results.kpis.columns:
        if name == "replication":
            continue
        label, unit = _KNOWN.get(name, (plain(str(name)), "count"))
        values = results.kpis[name].to_numpy(dtype=np.float64)
        found = summarise(values / DAYS_A_MONTH if unit == "months" else values)
        rows.append({"name": name, "label": label, "unit": unit, **found.columns(), "histories": found.n})
    return pd.DataFrame(rows)
