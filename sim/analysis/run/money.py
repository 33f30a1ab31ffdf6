"""Costs by payer, cost per launch, and the staff and contract value that moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.intervals import ratio_interval, summarise
from sim.analysis.register import KPIS
from sim.scenario.facts import as_words
from sim.scenario.vocabulary import PAYER_LABELS
from sim.store.table_slice import Totals, combine

if TYPE_CHECKING:
    import pandas as pd

    from sim.store.results import Results

_MOVED = ("launched", "staff_moved", "value_moved")


def costs_by_payer(results: Results) -> pd.DataFrame:
    """What each payer pays in a history, and per launch: one row a payer, ``total`` last; pounds,
    undiscounted.

    ``payer label mean low high range_low range_high per_launch per_launch_low per_launch_high``. Cost per
    launch is the mean cost over the mean number of launches, not the mean of their ratios, which no history
    without a launch has; its interval is Fieller's (:func:`sim.analysis.intervals.ratio_interval`).
    """
    return results.once("costs by payer", lambda: _costs_by_payer(results))


def _costs_by_payer(results: Results) -> pd.DataFrame:
    import pandas as pd

    kpis = results.kpis
    launches = kpis["launched"].to_numpy(dtype=np.float64)
    rows: list[dict[str, object]] = []
    for payer, label in PAYER_LABELS.items():
        amounts = kpis[f"cost_{payer}"].to_numpy(dtype=np.float64)
        ratio, low, high = ratio_interval(amounts, launches)
        per_launch = {"per_launch": ratio, "per_launch_low": low, "per_launch_high": high}
        rows.append({"payer": payer, "label": label, **summarise(amounts).columns(), **per_launch})
    return pd.DataFrame(rows)


def costs_by_item(results: Results) -> pd.DataFrame:
    """The ledger by payer and item, dearest first.

    ``payer payer_label item label mean low high range_low range_high``; pounds a history.
    """
    return results.once("costs by item", lambda: _costs_by_item(results))


def _costs_by_item(results: Results) -> pd.DataFrame:
    import pandas as pd

    sums = Totals(len(results.replications), np.float64)
    for costs in results.slices("costs", ["payer", "item", "amount"]):
        kinds, names = combine([costs.categories("payer"), costs.categories("item")])
        amounts = costs.sums(kinds, len(names), costs.numbers("amount"))
        for name, some in zip(names, amounts.T, strict=True):
            sums.add(name, costs, some)
    rows: list[dict[str, Any]] = []
    for payer, item in sums.keys:
        words = {"payer": payer, "payer_label": PAYER_LABELS.get(payer, payer), "item": item, "label": as_words(item)}
        rows.append({**words, **summarise(sums[payer, item]).columns()})
    if not rows:
        return pd.DataFrame(columns=["payer", "payer_label", "item", "label", "mean", "low", "high"])
    rows.sort(key=lambda row: (-row["mean"], row["payer"], row["item"]))
    return pd.DataFrame(rows)


def has_costs(results: Results) -> bool:
    """Whether anything cost anything in any history."""
    return bool(results.kpis["cost_total"].fillna(0.0).ne(0.0).any())


def summarise_moved(results: Results) -> pd.DataFrame:
    """Launches, and the staff and contract value that moved: one row a ``measure``, with its summary."""
    import pandas as pd

    rows = [
        {
            "measure": name,
            "label": KPIS[name].label,
            **summarise(results.kpis[name].to_numpy(dtype=np.float64)).columns(),
        }
        for name in _MOVED
    ]
    return pd.DataFrame(rows)
