"""Money by payer and date, discounted to the first day of a stated year.

The Green Book (HM Treasury 2022, annex 6) discounts at 3.5 % a year. Here time is continuous: an amount paid t days
after the first day of the base year is worth amount / (1 + rate) ^ (t / 365.25). So a payment in the middle of the base
year is discounted by half a year; tables that discount by whole years would leave it as it is.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.analysis.intervals import summarise
from sim.analysis.reading import Reading
from sim.scenario.facts import Facts
from sim.scenario.vocabulary import PAYER_LABELS, PAYERS, TOTAL
from sim.store.table_slice import Categories, Totals, combine

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from sim.store.results import Results
    from sim.store.table_slice import TableSlice

    Numbers = NDArray[np.float64]

_DAYS_A_YEAR: Final = 365.25


def discount(facts: Facts, amounts: Numbers, times: Numbers, rate: float, base_year: int) -> Numbers:
    """Amounts paid at ``times`` (days since the clock's start) as worth on the first day of ``base_year``.

    Earlier payments are worth more than their amount. A share ``rate`` a year.
    """
    before = (facts.start - date(base_year, 1, 1)).days
    years = (before + times) / _DAYS_A_YEAR
    return np.asarray(amounts / (1.0 + rate) ** years)


def discounted_totals(results: Results, rate: float, base_year: int) -> Totals:
    """What each payer, and ``total`` for all, pays in each replication, discounted: vectors by payer."""
    return results.once(("discounted", rate, base_year), lambda: _discounted_sums(results, rate, base_year))


def _discounted_sums(results: Results, rate: float, base_year: int) -> Totals:
    sums = Totals(len(results.replications), np.float64)
    for costs in results.slices("costs", ["time", "payer", "amount"]):
        payers = costs.categories("payer")
        worth = discount(costs.facts, costs.numbers("amount"), costs.numbers("time"), rate, base_year)
        amounts = costs.sums(payers.codes, len(payers.names), worth)
        for payer, by_replication in zip(payers.names, amounts.T, strict=True):
            sums.add(payer, costs, by_replication)
        sums.add(TOTAL, costs, amounts.sum(axis=1))
    return sums


def costs_by_year(results: Results, reading: Reading) -> pd.DataFrame:
    """What is paid in each calendar year by each payer: one row a year and payer that has a payment.

    ``year payer label mean low high discounted discounted_low discounted_high``; pounds a history with t intervals,
    first as paid, then discounted.
    """
    import pandas as pd

    settled = reading.for_world(results.facts)
    paid = Totals(len(results.replications), np.float64)
    worth = Totals(len(results.replications), np.float64)
    for costs in results.slices("costs", ["time", "payer", "amount"]):
        _add_by_year(costs, settled, paid, worth)
    rows = []
    for year, payer in sorted(paid.keys, key=lambda key: (key[0], PAYERS.index(key[1]))):
        now, then = summarise(paid[year, payer]), summarise(worth[year, payer])
        amounts = {"mean": now.mean, "low": now.low, "high": now.high}
        later = {"discounted": then.mean, "discounted_low": then.low, "discounted_high": then.high}
        rows.append({"year": int(year), "payer": payer, "label": PAYER_LABELS[payer], **amounts, **later})
    numbers = [*("mean", "low", "high"), *("discounted", "discounted_low", "discounted_high")]
    return pd.DataFrame(rows, columns=["year", "payer", "label", *numbers])


def _add_by_year(costs: TableSlice, reading: Reading, paid: Totals, worth: Totals) -> None:
    assert reading.base_year is not None
    amounts, times = costs.numbers("amount"), costs.numbers("time")
    start = np.datetime64(costs.facts.start, "D")
    years = (start + np.floor(times).astype("timedelta64[D]")).astype("datetime64[Y]").astype(np.int64) + 1970
    first = int(years.min())
    names = tuple(str(year) for year in range(first, int(years.max()) + 1))
    kinds, keys = combine([Categories(years - first, names), costs.categories("payer")])
    later = discount(costs.facts, amounts, times, reading.rate, reading.base_year)
    for sums, money in ((paid, amounts), (worth, later)):
        for key, by_replication in zip(keys, costs.sums(kinds, len(keys), money).T, strict=True):
            sums.add(key, costs, by_replication)
