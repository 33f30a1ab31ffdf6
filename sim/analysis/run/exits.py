"""Exits: why and where groups are lost, before launch and after it kept apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.intervals import share_interval, summarise
from sim.analysis.run.endings import has_launched, launch_column
from sim.scenario.facts import as_words
from sim.scenario.vocabulary import EXITED
from sim.store.table_slice import Categories, Totals, combine

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from sim.store.results import Results
    from sim.store.table_slice import TableSlice

BEFORE, AFTER = "before launch", "after launch"
_KEYS = ("when", "cause", "stage", "form")
_NUMBERS = ("mean", "low", "high", "range_low", "range_high", "share", "share_low", "share_high")


def exits_by_cause(results: Results) -> pd.DataFrame:
    """Mean exits a replication by cause: ``when cause label mean low high range_low range_high share
    share_low share_high``.

    ``share`` is of all exits of that ``when`` (before or after launch), a ratio of means with the replication
    as unit. Most frequent first within each ``when``.
    """
    return results.once("exits by cause", lambda: _tabulated(results, ["cause"]))


def exits_by_cause_and_stage(results: Results) -> pd.DataFrame:
    """As :func:`exits_by_cause`, by cause and the stage of the exit (``stage``, ``stage_label``)."""
    return results.once("exits by cause and stage", lambda: _tabulated(results, ["cause", "stage"]))


def exits_by_cause_and_form(results: Results) -> pd.DataFrame:
    """As :func:`exits_by_cause`, by cause and the form in which the barrier acted (``form``)."""
    return results.once("exits by cause and form", lambda: _tabulated(results, ["cause", "form"]))


def exits_by_stage(results: Results) -> pd.DataFrame:
    """As :func:`exits_by_cause`, by stage alone."""
    return results.once("exits by stage", lambda: _tabulated(results, ["stage"]))


def _counted(results: Results) -> Totals:
    """Exits in each replication by ``_KEYS``."""
    counts = Totals(len(results.replications), np.int32)
    columns = ["state", "exit_cause", "exit_stage", "exit_form", launch_column(results.facts.launch)]
    for table_slice in results.slices("groups", columns):
        _count(table_slice, counts)
    return counts


def _count(table_slice: TableSlice, counts: Totals) -> None:
    when = Categories(has_launched(table_slice).astype(np.int64), (BEFORE, AFTER))
    columns = [when, *(table_slice.categories(f"exit_{key}") for key in _KEYS[1:])]
    kinds, names = combine(columns, table_slice.categories("state").equal(EXITED))
    for name, numbers in zip(names, table_slice.sums(kinds, len(names)).T, strict=True):
        counts.add(name, table_slice, numbers)


def _tabulated(results: Results, keys: Sequence[str]) -> pd.DataFrame:
    counts = results.once("exits", lambda: _counted(results))
    totals = {when: np.zeros(len(results.replications)) for when in (BEFORE, AFTER)}
    wanted = [_KEYS.index(key) for key in ("when", *keys)]
    by_kind: dict[tuple[str, ...], NDArray[np.float64]] = {}
    for name in counts.keys:
        kind, numbers = tuple(name[place] for place in wanted), counts[name]
        by_kind[kind] = by_kind[kind] + numbers if kind in by_kind else numbers
        totals[name[0]] = totals[name[0]] + numbers
    rows = []
    for (when, *names), numbers in by_kind.items():
        share, low, high = share_interval(numbers, totals[when])
        shares = {"share": share, "share_low": low, "share_high": high}
        rows.append({"when": when, **_named(results, keys, names), **summarise(numbers).columns(), **shares})
    return _sorted(rows, keys)


def _named(results: Results, keys: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    words = dict(zip(keys, names, strict=True))
    if "cause" in words:
        words["label"] = results.facts.cause_label(words["cause"])
    if "stage" in words:
        labels = {stage.name: stage.label for stage in results.facts.stages}
        words["stage_label"] = labels.get(words["stage"]) or as_words(words["stage"]) or "Before any stage"
    return words


def _sorted(rows: Sequence[dict[str, Any]], keys: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    if not rows:
        return pd.DataFrame(columns=["when", *keys, *_NUMBERS, "label", "stage_label"])
    order = sorted(rows, key=lambda row: (row["when"] == AFTER, -row["mean"], *(row[key] for key in keys)))
    return pd.DataFrame(order)
