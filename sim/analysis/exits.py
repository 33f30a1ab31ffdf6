"""Exits: why and where groups are lost, before launch and after it kept apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.analysis.endings import launched
from sim.analysis.intervals import share_interval, summarise
from sim.analysis.labels import cause_label, plain, stages

if TYPE_CHECKING:
    from sim.analysis.results import Results

BEFORE, AFTER = "before launch", "after launch"


def exits_by_cause(results: Results) -> pd.DataFrame:
    """Mean exits a replication by cause: ``when cause label mean low high range_low range_high share
    share_low share_high``.

    ``share`` is of all exits of that ``when`` (before or after launch), a ratio of means with the replication
    as unit. Most frequent first within each ``when``.
    """
    return _tabulate(results, ["cause"])


def exits_by_cause_and_stage(results: Results) -> pd.DataFrame:
    """As :func:`exits_by_cause`, by cause and the stage of the exit (``stage``, ``stage_label``)."""
    return _tabulate(results, ["cause", "stage"])


def exits_by_cause_and_form(results: Results) -> pd.DataFrame:
    """As :func:`exits_by_cause`, by cause and the form in which the barrier acted (``form``)."""
    return _tabulate(results, ["cause", "form"])


def exits_by_stage(results: Results) -> pd.DataFrame:
    """As :func:`exits_by_cause`, by stage alone."""
    return _tabulate(results, ["stage"])


def _tabulate(results: Results, keys: Sequence[str]) -> pd.DataFrame:
    left = results.groups[results.groups["state"].eq("exited")]
    table = pd.DataFrame({key: left[f"exit_{key}"].astype(str).to_numpy() for key in keys})
    table["when"] = np.where(launched(left), AFTER, BEFORE)
    at = results.positions(left)
    n = len(results.replications)
    totals = {when: np.bincount(at[table["when"].eq(when)], minlength=n).astype(float) for when in (BEFORE, AFTER)}
    rows = []
    for values, members in table.groupby(["when", *keys], observed=True).indices.items():
        when, *names = values if isinstance(values, tuple) else (values,)
        counts = np.bincount(at[members], minlength=n).astype(np.float64)
        share, low, high = share_interval(counts, totals[str(when)])
        rows.append(
            {
                "when": str(when),
                **_named(results, keys, [str(name) for name in names]),
                **summarise(counts).columns(),
                **{"share": share, "share_low": low, "share_high": high},
            }
        )
    return _sorted(rows, keys)


def _named(results: Results, keys: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    found = dict(zip(keys, names, strict=True))
    if "cause" in found:
        found["label"] = cause_label(results.manifest, found["cause"])
    if "stage" in found:
        labels = {stage.name: stage.label for stage in stages(results.manifest)}
        found["stage_label"] = labels.get(found["stage"]) or plain(found["stage"]) or "Before any stage"
    return found


def _sorted(rows: list[dict[str, object]], keys: Sequence[str]) -> pd.DataFrame:
    columns = [
        "when",
        *keys,
        "mean",
        "low",
        "high",
        "range_low",
        "range_high",
        "share",
        "share_low",
        "share_high",
    ]
    if not rows:
        return pd.DataFrame(columns=[*columns, "label", "stage_label"])
    order = ["when", "mean", *keys]
    ascending = [False, False] + [True] * len(keys)
    return pd.DataFrame(rows).sort_values(order, ascending=ascending, kind="stable").reset_index(drop=True)
