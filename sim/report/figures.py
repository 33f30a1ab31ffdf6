"""The figures of a report: each a chart, what it shows, what it does not, and its numbers as a table."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sim.analysis.run import duration, exits, funnel, hosts, incidence, money, occupancy
from sim.report import tables
from sim.report.charts.duration import duration_chart
from sim.report.charts.exits import exits_chart
from sim.report.charts.funnel import funnel_chart
from sim.report.charts.hosts import hosts_chart
from sim.report.charts.incidence import incidence_chart
from sim.report.charts.money import costs_chart
from sim.report.charts.observed import observed_chart
from sim.report.charts.occupancy import occupancy_chart
from sim.report.document import Figure, Section

if TYPE_CHECKING:
    import pandas as pd

    from sim.store.results import Results


def sections(results: Results, observed: pd.DataFrame) -> list[Section]:
    """All figures in the order of the report; ``observed`` as from :func:`sim.analysis.run.observed.compare`."""
    return [
        Section("funnel", "How far the groups get", _funnels(results), "No staff group set out."),
        Section("exits", "Why and where they are lost", _exits(results), "No group was lost in any history."),
        Section("incidence", "What becomes of a group", _incidence(results), "No staff group set out."),
        Section(
            "occupancy",
            "Where the groups are, month by month",
            _occupancy(results),
            "No staff group set out.",
        ),
        Section("duration", "How long a launch takes", _duration(results), "No group launched in any history."),
        Section("hosts", "Which hosts see a launch", _hosts(results), "No hosts were simulated."),
        Section(
            "observed",
            "Simulated and really seen",
            _observed(observed),
            "This scenario lists no observations.",
        ),
        Section("costs", "What it costs, and who pays", _costs(results), "This scenario puts no cost on anything."),
    ]


def _funnels(results: Results) -> tuple[Figure, ...]:
    frame = funnel.funnel(results)
    found = []
    used = [
        (str(route), rows)
        for route, rows in (frame.groupby("route", sort=False) if len(frame) else ())
        if float(rows["entered_mean"].max()) > 0
    ]
    for route, rows in used:
        label = str(rows["route_label"].iloc[0])
        title = f"{label}: groups by stage" if len(used) > 1 else "Groups by stage"
        found.append(
            Figure(
                f"funnel_{route}" if len(used) > 1 else "funnel",
                title,
                "Each bar is the mean number of groups that enter a stage in one history, split into those "
                "that went on, those lost there, and those still there when the clock stopped. The thin "
                "line below a bar is where the number that enter lies in 95 of 100 histories.",
                "It does not say that removing the barriers of a stage would save the groups lost there: "
                "some would be lost later.",
                partial(funnel_chart, rows),
                (
                    ("Groups by stage: means, with the interval of the mean", tables.funnel_table(rows)),
                    ("Groups by stage: 95 of 100 histories", tables.funnel_ranges_table(rows)),
                ),
            )
        )
    return tuple(found)


def _exits(results: Results) -> tuple[Figure, ...]:
    both, by_form = exits.exits_by_cause_and_stage(results), exits.exits_by_cause_and_form(results)
    by_cause = exits.exits_by_cause(results)
    order = [stage.name for stage in results.facts.stages]
    found = []
    for when, name in ((exits.BEFORE, "exits_before_launch"), (exits.AFTER, "exits_after_launch")):
        rows = both[both["when"].eq(when)]
        if len(rows) == 0:
            continue
        forms = by_form[by_form["when"].eq(when) & by_form["form"].ne("")]
        written = [
            ("By cause", tables.exits_table(by_cause[by_cause["when"].eq(when)])),
            ("By cause and stage", tables.exits_table(rows)),
        ]
        if len(forms):
            written.append(("By the form in which a barrier acted", tables.exits_table(forms)))
        found.append(
            Figure(
                name,
                f"Groups lost {when}, by cause and stage",
                "The number of groups lost in one history, on average, by what stopped them and the stage "
                "they had reached.",
                "Only the first cause to strike is counted. Groups that would have been stopped by two "
                "barriers count for one of them, so these numbers are not what removing a barrier would "
                "gain.",
                partial(exits_chart, rows, order),
                tuple(written),
            )
        )
    return tuple(found)


def _incidence(results: Results) -> tuple[Figure, ...]:
    frame = incidence.incidence(results)
    if len(frame) == 0:
        return ()
    return (
        Figure(
            "incidence",
            "Launched, lost or still trying, by time since setting out",
            "Of all groups that set out, the share that had launched or been lost by then, and to what. "
            "Groups cut off by the end of the clock are counted for as long as they were watched "
            "(Aalen-Johansen estimate, which treats causes as rivals).",
            "What happens after launch is not in it. Late months rest on the groups that set out early.",
            partial(incidence_chart, frame),
            (("Share by cause (with the interval of the estimate)", tables.incidence_table(frame)),),
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
            "The height is the mean number of groups in a stage on that date, on one scale for all stages; "
            "the largest is written at the right. Green: after launch. Orange marks the dated facts of the "
            "world.",
            "A mean hides that in any one history a stage holds a whole number of groups, and often none.",
            partial(occupancy_chart, frame, timeline, start, end),
            (("Mean groups by stage and date", tables.occupancy_table(frame)),),
        ),
    )


def _duration(results: Results) -> tuple[Figure, ...]:
    quantiles, share = duration.launch_quantiles(results), duration.share_launched(results)
    if len(quantiles) == 0:
        return ()
    return (
        Figure(
            "duration",
            "Time from setting out to launch",
            "Above: the share of all groups that have launched so many months after setting out, with the "
            "interval of the estimate. Below: when those that launched did so: half of them in the box, "
            "eight in ten in the line.",
            "The lower part describes the quick. A policy that saves slow groups makes it look worse, so "
            "compare scenarios by the upper part.",
            partial(duration_chart, share, quantiles),
            (("Time to launch", tables.duration_table(quantiles, share)),),
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
            "A tile is a host, numbered within its region; its colour and figure are the share of histories "
            "in which at least one of its groups launched.",
            "The tiles are in the order of the scenario and no map. Hosts that the scenario does not tell "
            "apart differ here only by the error of the simulation.",
            partial(hosts_chart, by_host, by_region),
            (("Regions and hosts", tables.hosts_table(by_host, by_region)),),
        ),
    )


def _observed(frame: pd.DataFrame) -> tuple[Figure, ...]:
    if len(frame) == 0:
        return ()
    return (
        Figure(
            "observed",
            "Observed beside simulated",
            "A diamond is what was really seen; the bar is where the same count lies in 95 of 100 simulated "
            "histories. A thin line through a diamond is the interval that the evidence itself gives.",
            "A diamond inside its bar does not prove the model right: many models would pass. One outside "
            "says that the model, or the count, is wrong in that respect.",
            partial(observed_chart, frame),
            (("Observed and simulated", tables.observed_table(frame)),),
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
            "The bar is the mean over histories; the thin line below it is where 95 of 100 histories lie. "
            "Pounds as spent, not discounted. Cost per launch is the mean cost over the mean number of "
            "launches.",
            "It counts what the scenario puts a price on, and nothing else. It is not yet a cost of the "
            "policy: groups that would have launched anyway are in it.",
            partial(costs_chart, frame),
            (("By payer", tables.costs_table(frame)), ("By item", tables.items_table(items))),
        ),
    )
