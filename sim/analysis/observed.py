"""Observed beside simulated: what was really seen, counted the same way in every simulated history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.analysis import tally
from sim.analysis.dates import DAYS_A_MONTH
from sim.analysis.intervals import summarise, tail_probability
from sim.analysis.labels import plain
from sim.analysis.results import ResultsError
from sim.analysis.selection import reached, selected

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.analysis.results import Results

UNITS = {"count": "groups", "share": "share of groups", "median_months": "months", "hosts": "hosts"}


def compare(observations: Sequence[Mapping[str, Any]], results: Results) -> pd.DataFrame:
    """Each observation beside the distribution of the same measure over replications; one row an observation.

    ``name label measure unit observed`` (with the evidence's own interval ``observed_low observed_high`` and
    its ``source``), ``mean low high range_low range_high`` of the simulated measure, ``tail`` (two-sided,
    mid-p, see :func:`sim.analysis.intervals.tail_probability`), ``inside`` (the observed value lies within
    the central 95 % of simulated histories; None where fewer than two histories have the measure) and
    ``histories`` (in how many replications the measure is defined: a share of none is not).
    """
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
    return pd.DataFrame([_row(entry, results) for entry in observations], columns=columns)


def simulated(observation: Mapping[str, Any], results: Results) -> NDArray[np.float64]:
    """The measure of an observation in each replication: shape (replications,), NaN where it is not defined.

    Raises :class:`ResultsError` for an observation without a measure, or one that names what the results do not
    hold.
    """
    measure = _measure(observation)
    inner = observation[measure]
    if measure == "count":
        return tally.count(results, results.groups, selected(results, inner))
    if measure == "share":
        return _share(results, inner["of"], inner["that"])
    if measure == "median_months":
        start = inner.get("from") or inner.get("from_") or "arrived"
        return _median_months(results, inner.get("of") or {}, start, inner["to"])
    return _hosts_with(results, inner["trait"], inner.get("regions"))


def _measure(observation: Mapping[str, Any]) -> str:
    given = [measure for measure in UNITS if observation.get(measure) is not None]
    if len(given) != 1:
        name = observation.get("name", "an observation")
        raise ResultsError(f"{name}: expected exactly one of {', '.join(UNITS)}, found {', '.join(given) or 'none'}")
    return given[0]


def _share(results: Results, of: Mapping[str, Any], that: Mapping[str, Any]) -> NDArray[np.float64]:
    """Of the groups ``of`` one selection, the share that are in another too; NaN where there are none."""
    base = selected(results, of)
    whole = tally.count(results, results.groups, base)
    part = tally.count(results, results.groups, base & selected(results, that))
    return part / np.where(whole > 0, whole, np.nan)


def _median_months(results: Results, of: Mapping[str, Any], start: str, end: str) -> NDArray[np.float64]:
    """The median months between two moments among the selected groups that reached both; NaN where none."""
    span = (reached(results, end) - reached(results, start)) / DAYS_A_MONTH
    chosen = selected(results, of) & ~np.isnan(span)
    medians = pd.Series(span[chosen]).groupby(results.positions(results.groups)[chosen]).median()
    found = np.full(len(results.replications), np.nan)
    found[medians.index.to_numpy(dtype=np.intp)] = medians.to_numpy(dtype=np.float64)
    return found


def _hosts_with(results: Results, trait: str, regions: Sequence[str] | str | None) -> NDArray[np.float64]:
    """The number of hosts (in the regions) whose yes/no trait is yes."""
    column = f"trait_{trait}"
    if column not in results.hosts:
        raise ResultsError(f"no host trait {trait} in these results")
    has = results.hosts[column].fillna(0.0).astype(float).gt(0.5)
    if regions is not None:
        has &= results.hosts["region"].isin([regions] if isinstance(regions, str) else list(regions))
    return tally.count(results, results.hosts, has)


def _row(entry: Mapping[str, Any], results: Results) -> dict[str, object]:
    measure = _measure(entry)
    values = simulated(entry, results)
    known = values[~np.isnan(values)]
    value = float(entry["value"])
    summary = summarise(values)
    enough = summary.n >= 2
    return {
        "name": entry.get("name", ""),
        "label": entry.get("label") or plain(str(entry.get("name", ""))),
        "measure": measure,
        "unit": UNITS[measure],
        "observed": value,
        "observed_low": _number(entry.get("low")),
        "observed_high": _number(entry.get("high")),
        "source": ", ".join(str(source) for source in entry.get("source") or ()),
        **summary.columns(),
        "tail": tail_probability(value, known) if enough else float("nan"),
        "inside": summary.range_low <= value <= summary.range_high if enough else None,
        "histories": summary.n,
    }


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")
