"""The numbers kept of every history, whatever else was kept: means with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.dates import DAYS_A_MONTH
from sim.analysis.intervals import summarise
from sim.analysis.register import KPIS, Outcome
from sim.scenario.facts import as_words

if TYPE_CHECKING:
    import pandas as pd

    from sim.store.results import Results


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
        kpi = KPIS.get(name) or Outcome(name, as_words(str(name)), "count", "neither")
        values = results.kpis[name].to_numpy(dtype=np.float64)
        summary = summarise(values / DAYS_A_MONTH if kpi.unit == "months" else values)
        rows.append({"name": name, "label": kpi.label, "unit": kpi.unit, **summary.columns(), "histories": summary.n})
    return pd.DataFrame(rows)
