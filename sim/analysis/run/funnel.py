"""The funnel: of the groups that enter a stage, how many pass it, are lost in it, or are in it at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.intervals import share_interval, summarise
from sim.scenario.facts import StageFacts
from sim.scenario.vocabulary import EXITED, INSIDE
from sim.store.table_slice import Totals

if TYPE_CHECKING:
    import pandas as pd

    from sim.store.results import Results
    from sim.store.table_slice import TableSlice

_ENDS = {"lost": EXITED, "inside": INSIDE}


def funnel(results: Results) -> pd.DataFrame:
    """One row a route and stage, in the order of the route.

    ``entered passed lost inside`` each have ``_mean`` (a replication), ``_low _high`` (Monte Carlo interval
    of the mean) and ``_range_low _range_high`` (central 95 % of single histories); entered = passed + lost +
    inside in every replication. ``share_lost`` is lost over entered as a ratio of means, with a Fieller
    interval that takes the replication as the unit. A stage that a group skips is not entered.
    """
    return results.once("funnel", lambda: _funnel(results))


def _funnel(results: Results) -> pd.DataFrame:
    import pandas as pd

    stages = results.facts.stages
    entered = dict.fromkeys(f"entered_{stage.name}" for stage in stages)
    counts = Totals(len(results.replications), np.int32)
    for groups in results.slices("groups", ["route", "stage", "state", *entered]):
        for stage in stages:
            _count(groups, stage, counts)
    return pd.DataFrame([_row(results, stage, counts) for stage in stages])


def _count(groups: TableSlice, stage: StageFacts, counts: Totals) -> None:
    """Add up who entered a stage in the replications of a slice, and who ended there and how."""
    entered = groups.categories("route").equal(stage.route) & ~np.isnan(groups.numbers(f"entered_{stage.name}"))
    counts.add((stage, "entered"), groups, groups.count(entered))
    ends_here = entered & groups.categories("stage").equal(stage.name)
    for name, state in _ENDS.items():
        counts.add((stage, name), groups, groups.count(ends_here & groups.categories("state").equal(state)))


def _row(results: Results, stage: StageFacts, of: Totals) -> dict[str, object]:
    counts = {name: of[stage, name] for name in ("entered", "lost", "inside")}
    counts["passed"] = counts["entered"] - counts["lost"] - counts["inside"]
    row: dict[str, object] = {
        "route": stage.route,
        "route_label": results.facts.route_label(stage.route),
        "stage": stage.name,
        "label": stage.label,
        "milestone": stage.milestone,
        "after_launch": stage.after_launch,
    }
    for name in ("entered", "passed", "lost", "inside"):
        row.update(summarise(counts[name]).columns(name))
    share, low, high = share_interval(counts["lost"], counts["entered"])
    return {**row, "share_lost": share, "share_lost_low": low, "share_lost_high": high}
