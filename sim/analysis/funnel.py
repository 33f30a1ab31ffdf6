"""The funnel: of the groups that enter a stage, how many pass it, are lost in it, or are in it at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.analysis import tally
from sim.analysis.intervals import share_interval, summarise
from sim.analysis.labels import StageInfo, route_label, stages

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.results import Results


def funnel(results: Results) -> pd.DataFrame:
    """One row a route and stage, in the order of the route.

    ``entered passed lost inside`` each have ``_mean`` (a replication), ``_low _high`` (Monte Carlo interval
    of the mean) and ``_range_low _range_high`` (central 95 % of single histories); entered = passed + lost +
    inside in every replication. ``share_lost`` is lost over entered as a ratio of means, with a Fieller
    interval that takes the replication as the unit. A stage that a group skips is not entered.
    """
    import pandas as pd

    rows = [_row(results, stage) for stage in stages(results.manifest)]
    return pd.DataFrame(rows)


def _row(results: Results, stage: StageInfo) -> dict[str, object]:
    groups = results.groups
    column = f"entered_{stage.name}"
    on_route = groups["route"].eq(stage.route)
    entered = on_route & groups[column].notna() if column in groups else on_route & False
    ends_here = entered & groups["stage"].eq(stage.name)
    counts = {
        "entered": tally.count(results, groups, entered),
        "lost": tally.count(results, groups, ends_here & groups["state"].eq("exited")),
        "inside": tally.count(results, groups, ends_here & groups["state"].eq("inside")),
    }
    counts["passed"] = counts["entered"] - counts["lost"] - counts["inside"]
    row: dict[str, object] = {
        "route": stage.route,
        "route_label": route_label(results.manifest, stage.route),
        "stage": stage.name,
        "label": stage.label,
        "milestone": stage.milestone,
        "after_launch": stage.after_launch,
    }
    for name in ("entered", "passed", "lost", "inside"):
        row.update(summarise(counts[name]).columns(name))
    share, low, high = share_interval(counts["lost"], counts["entered"])
    return {**row, "share_lost": share, "share_lost_low": low, "share_lost_high": high}
