"""Observed beside simulated: what was really seen, counted the same way in every simulated history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.dates import DAYS_A_MONTH
from sim.analysis.intervals import summarise, tail_probability
from sim.analysis.run.selection import reach_times, select, selection_columns
from sim.scenario.facts import as_words
from sim.store.results import ResultsError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from sim.store.results import Results
    from sim.store.table_slice import TableSlice

UNITS = {"count": "groups", "share": "share of groups", "median_months": "months", "hosts": "hosts"}
_OF_NOBODY = {"count": 0.0, "share": float("nan"), "median_months": float("nan"), "hosts": 0.0}
"""A measure in a replication that has no rows at all."""


def compare(observations: Sequence[Mapping[str, Any]], results: Results) -> pd.DataFrame:
    """Each observation beside the distribution of the same measure over replications; one row an observation.

    ``name label measure unit observed`` (with the evidence's own interval ``observed_low observed_high`` and
    its ``source``), ``mean low high range_low range_high`` of the simulated measure, ``tail`` (two-sided,
    mid-p, see :func:`sim.analysis.intervals.tail_probability`), ``inside`` (the observed value lies within
    the central 95 % of simulated histories; None where fewer than two histories have the measure) and
    ``histories`` (in how many replications the measure is defined: a share of none is not).
    """
    import pandas as pd

    columns = [
        "name",
        "label",
        "measure",
        "unit",
        "observed",
        "observed_low",
        "observed_high",
        "source",
        "mean",
    ]
    columns += ["low", "high", "range_low", "range_high", "tail", "inside", "histories"]
    values = measure_observations(observations, results)
    rows = [_row(entry, some) for entry, some in zip(observations, values, strict=True)]
    return pd.DataFrame(rows, columns=columns)


def compare_own(results: Results) -> pd.DataFrame:
    """:func:`compare` for the observations that the scenario itself lists."""
    return results.once("observed", lambda: compare(results.facts.observations, results))


def measure_observations(observations: Sequence[Mapping[str, Any]], results: Results) -> list[NDArray[np.float64]]:
    """For each observation its measure in each replication: shape (replications,), NaN where it is not defined.

    Raises :class:`ResultsError` for an observation without a measure, or one that names what the results do not
    hold.
    """
    measures = [(_measure(entry), entry[_measure(entry)]) for entry in observations]
    values_of = [np.full(len(results.replications), _OF_NOBODY[measure]) for measure, _ in measures]
    for table, tell in (("groups", _of_groups), ("hosts", _of_hosts)):
        mine = [
            (*measures[k], values_of[k])
            for k in range(len(measures))
            if (measures[k][0] == "hosts") == (table == "hosts")
        ]
        columns = {column for measure, inner, _ in mine for column in _columns(results, measure, inner)}
        for table_slice in results.slices(table, sorted(columns)) if mine else ():
            for measure, inner, values in mine:
                values[table_slice.where] = tell(table_slice, measure, inner)
    return values_of


def _measure(observation: Mapping[str, Any]) -> str:
    given = [measure for measure in UNITS if observation.get(measure) is not None]
    if len(given) != 1:
        name = observation.get("name", "an observation")
        raise ResultsError(f"{name}: expected exactly one of {', '.join(UNITS)}, found {', '.join(given) or 'none'}")
    return given[0]


def _columns(results: Results, measure: str, inner: Mapping[str, Any]) -> set[str]:
    """The columns that a measure is taken from."""
    if measure == "hosts":
        column = f"trait_{inner['trait']}"
        if not results.has("hosts", column):
            raise ResultsError(f"no host trait {inner['trait']} in these results")
        return {column, "region"}
    if measure == "count":
        return selection_columns(results.facts, inner)
    if measure == "share":
        return selection_columns(results.facts, inner["of"]) | selection_columns(results.facts, inner["that"])
    moments = {moment if moment == "arrived" else f"reached_{moment}" for moment in (_start(inner), inner["to"])}
    return selection_columns(results.facts, inner.get("of") or {}) | moments


def _of_groups(groups: TableSlice, measure: str, inner: Mapping[str, Any]) -> NDArray[np.float64]:
    """A measure of groups in each replication of a slice."""
    if measure == "count":
        return groups.count(select(groups, inner))
    if measure == "share":
        base = select(groups, inner["of"])
        whole, part = groups.count(base), groups.count(base & select(groups, inner["that"]))
        return part / np.where(whole > 0, whole, np.nan)
    return _median_months(groups, inner)


def _median_months(groups: TableSlice, inner: Mapping[str, Any]) -> NDArray[np.float64]:
    """The median months between two moments among the selected groups that reached both; NaN where none."""
    span = (reach_times(groups, inner["to"]) - reach_times(groups, _start(inner))) / DAYS_A_MONTH
    chosen = np.flatnonzero(select(groups, inner.get("of") or {}) & ~np.isnan(span))
    order = chosen[np.lexsort((span[chosen], groups.at[chosen]))]
    each = np.bincount(groups.at[order], minlength=groups.replications)
    first = np.cumsum(each) - each
    medians = np.full(groups.replications, np.nan)
    some = each > 0
    low, high = (order[(first + (each - back) // 2)[some]] for back in (1, 0))
    medians[some] = (span[low] + span[high]) / 2
    return medians


def _start(inner: Mapping[str, Any]) -> str:
    return str(inner.get("from") or inner.get("from_") or "arrived")


def _of_hosts(hosts: TableSlice, measure: str, inner: Mapping[str, Any]) -> NDArray[np.float64]:
    """The number of hosts (in the regions) whose yes/no trait is yes."""
    has = hosts.numbers(f"trait_{inner['trait']}") > 0.5
    regions = inner.get("regions")
    if regions is not None:
        has &= hosts.categories("region").among((regions,) if isinstance(regions, str) else tuple(regions))
    return hosts.count(has)


def _row(entry: Mapping[str, Any], values: NDArray[np.float64]) -> dict[str, object]:
    measure = _measure(entry)
    defined = values[~np.isnan(values)]
    value = float(entry["value"])
    summary = summarise(values)
    enough = summary.n >= 2
    return {
        "name": entry.get("name", ""),
        "label": entry.get("label") or as_words(str(entry.get("name", ""))),
        "measure": measure,
        "unit": UNITS[measure],
        "observed": value,
        "observed_low": _number(entry.get("low")),
        "observed_high": _number(entry.get("high")),
        "source": ", ".join(str(source) for source in entry.get("source") or ()),
        **summary.columns(),
        "tail": tail_probability(value, defined) if enough else float("nan"),
        "inside": summary.range_low <= value <= summary.range_high if enough else None,
        "histories": summary.n,
    }


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")
