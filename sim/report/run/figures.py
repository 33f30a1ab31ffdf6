"""The figures of one batch: each a chart, what it shows, what it does not, and its numbers as tables."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sim.analysis.run import duration, exits, funnel, hosts, incidence, money, occupancy
from sim.report.charts.duration import duration_chart
from sim.report.charts.exits import exits_chart
from sim.report.charts.funnel import funnel_chart
from sim.report.charts.hosts import hosts_chart
from sim.report.charts.incidence import incidence_chart
from sim.report.charts.money import costs_chart
from sim.report.charts.observed import observed_chart
from sim.report.charts.occupancy import occupancy_chart
from sim.report.document import Figure, Section
from sim.report.run import tables

if TYPE_CHECKING:
    import pandas as pd

    from sim.store.results import Results

_NO_GROUP = "No staff group arrived."


def sections(results: Results, observed: pd.DataFrame) -> tuple[Section, ...]:
    """All figures in the order of the page; ``observed`` as from :func:`sim.analysis.run.observed.compare`."""
    return (
        Section("funnel", "How far the groups get", _funnels(results), _NO_GROUP),
        Section("exits", "Why and where they are lost", _exits(results), "No group was lost in any history."),
        Section("incidence", "What becomes of a group", _incidence(results), _NO_GROUP),
        Section("occupancy", "Where the groups are, month by month", _occupancy(results), _NO_GROUP),
        Section("duration", "How long a launch takes", _duration(results), "No group launched in any history."),
        Section("hosts", "Which hosts see a launch", _hosts(results), "No hosts were simulated."),
        Section(
            "observed",
            "The simulation and the published record",
            _observed_figures(observed),
            "This scenario lists no observations.",
        ),
        Section("costs", "What it costs, and who pays", _costs(results), "This scenario puts no cost on anything."),
    )


def _funnels(results: Results) -> tuple[Figure, ...]:
    frame = funnel.funnel(results)
    routes = frame.groupby("route", sort=False) if len(frame) else ()
    used = [(str(route), rows) for route, rows in routes if float(rows["entered_mean"].max()) > 0]
    return tuple(_funnel(route if len(used) > 1 else "", rows) for route, rows in used)


def _funnel(route: str, rows: pd.DataFrame) -> Figure:
    """The funnel of one route, which is named where there are several."""
    title = f"{rows['route_label'].iloc[0]}: groups by stage" if route else "Groups by stage"
    return Figure(
        f"funnel_{route}" if route else "funnel",
        title,
        "Each bar is the mean number of groups that enter a stage in one history, split into those that went on, "
        "those lost there, and those still there when the simulation ended. The thin line below a bar shows the range "
        "of the number that enter in 95 of 100 histories.",
        "Removing the barriers at a stage would not save all the groups lost there: some would be lost later.",
        partial(funnel_chart, rows),
        (
            tables.funnel_table(rows, f"{title}, means with 95% intervals"),
            tables.funnel_ranges_table(rows, f"{title}, range in 95 of 100 histories"),
        ),
    )


def _exits(results: Results) -> tuple[Figure, ...]:
    both, by_form = exits.exits_by_cause_and_stage(results), exits.exits_by_cause_and_form(results)
    by_cause = exits.exits_by_cause(results)
    order = [stage.name for stage in results.facts.stages]
    figures = []
    for when, name in ((exits.BEFORE, "exits_before_launch"), (exits.AFTER, "exits_after_launch")):
        rows = both[both["when"].eq(when)]
        if len(rows) == 0:
            continue
        title = f"Groups lost {when}"
        forms = by_form[by_form["when"].eq(when) & by_form["form"].ne("")]
        written = [
            tables.exits_table(by_cause[by_cause["when"].eq(when)], f"{title}, by cause"),
            tables.exits_table(rows, f"{title}, by cause and stage"),
        ]
        if len(forms):
            written.append(tables.exits_table(forms, f"{title}, by the form in which a barrier acted"))
        figures.append(
            Figure(
                name,
                f"{title}, by cause and stage",
                "The average number of groups lost in one history, by cause and by the stage that they had reached.",
                "Only the first cause to act is counted. A group that two barriers would have stopped counts for one "
                "of them, so these numbers do not show what removing a barrier would gain.",
                partial(exits_chart, rows, order),
                tuple(written),
            )
        )
    return tuple(figures)


def _incidence(results: Results) -> tuple[Figure, ...]:
    frame = incidence.incidence(results)
    if len(frame) == 0:
        return ()
    return (
        Figure(
            "incidence",
            "Launched, lost or still in the pipeline, by time since arrival",
            "Of all the groups that arrived, the share that had launched or been lost by a given time, and to which "
            "cause. Groups still in the pipeline when the simulation ended count for as long as they were observed "
            "(Aalen-Johansen estimate of competing risks).",
            "It leaves out what happens after launch. The later months rest on the groups that arrived early.",
            partial(incidence_chart, frame),
            (tables.incidence_table(frame),),
        ),
    )


def _occupancy(results: Results) -> tuple[Figure, ...]:
    frame = occupancy.occupancy(results)
    if frame["mean"].max() == 0:
        return ()
    timeline = results.manifest.get("timeline") or []
    start, end = results.facts.start, results.facts.end
    return (
        Figure(
            "occupancy",
            "Groups in each stage through time",
            "The height is the mean number of groups in a stage on that date, on one scale for all stages; the highest "
            "is written on the right. Green is after launch. Orange marks the dated events of the timeline.",
            "In any one history a stage holds a whole number of groups, and often none: a mean hides that.",
            partial(occupancy_chart, frame, timeline, start, end),
            (tables.occupancy_table(frame),),
        ),
    )


def _duration(results: Results) -> tuple[Figure, ...]:
    quantiles, share = duration.launch_quantiles(results), duration.share_launched(results)
    if len(quantiles) == 0:
        return ()
    return (
        Figure(
            "duration",
            "Time from arrival to launch",
            "Above: the share of all groups that have launched within so many months of arriving, with its 95% "
            "interval. Below: how long the groups that launched took. Half of them lie in the box and eight in ten on "
            "the line.",
            "The lower part describes only the groups that launched. A policy that saves slow groups makes it look "
            "worse, so compare scenarios by the upper part.",
            partial(duration_chart, share, quantiles),
            (tables.launch_time_table(quantiles), tables.launch_share_table(share)),
        ),
    )


def _hosts(results: Results) -> tuple[Figure, ...]:
    by_host, by_region = hosts.host_outcomes(results), hosts.region_outcomes(results)
    if len(by_host) == 0:
        return ()
    return (
        Figure(
            "hosts",
            "Chance of a launch, host by host",
            "Each tile is a host, numbered within its region. Its colour and percentage give the share of histories in "
            "which at least one of its groups launched.",
            "The tiles follow the order of the scenario; this is not a map. Hosts that the scenario describes alike "
            "differ here only by chance.",
            partial(hosts_chart, by_host, by_region),
            (tables.hosts_table(by_host, by_region),),
        ),
    )


def _observed_figures(frame: pd.DataFrame) -> tuple[Figure, ...]:
    if len(frame) == 0:
        return ()
    return (
        Figure(
            "observed",
            "Published figures beside the simulation",
            "A diamond is a published figure; the bar is the range of the same count in 95 of 100 simulated histories. "
            "A thin line through a diamond is the interval that the evidence itself gives.",
            "A diamond inside its bar does not prove the model right: many models would pass. A diamond outside means "
            "that the model, or the published figure, is wrong in that respect.",
            partial(observed_chart, frame),
            (tables.observed_table(frame),),
        ),
    )


def _costs(results: Results) -> tuple[Figure, ...]:
    if not money.has_costs(results):
        return ()
    frame, items = money.costs_by_payer(results), money.costs_by_item(results)
    return (
        Figure(
            "costs",
            "Cost of one history, by payer",
            "The bar is the mean over all histories; the thin line below it shows the range of 95 of 100 histories. "
            "Pounds as spent, not discounted. The cost per launch is the mean cost divided by the mean number of "
            "launches.",
            "It counts only what the scenario puts a price on. It is not the cost of the policy's effect: groups that "
            "would have launched anyway are included.",
            partial(costs_chart, frame),
            (tables.costs_table(frame), tables.items_table(items)),
        ),
    )
