"""What the results come to, in sentences for someone who reads nothing else."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sim.analysis.intervals import Summary, summarise
from sim.analysis.run.duration import launch_quantiles
from sim.analysis.run.endings import completed
from sim.analysis.run.exits import BEFORE, exits_by_cause, exits_by_stage
from sim.analysis.run.money import costs_by_payer, has_costs, moved
from sim.report.format import UNKNOWN, counted, listed, money, months, number, percent, span
from sim.report.frames import records

if TYPE_CHECKING:
    import pandas as pd

    from sim.store.results import Results


def headline(results: Results, observed: pd.DataFrame) -> list[str]:
    """The sentences, the most important first; ``observed`` as from :func:`sim.analysis.run.observed.compare`."""
    parts = (_launches(results), _losses(results), _time(results), _money(results), _fit(observed))
    return [sentence for sentence in parts if sentence]


def key_figures(results: Results) -> list[tuple[str, str, str]]:
    """A few figures to stand large on the page: what, how much, and how it varies from history to history."""
    rows = {row["measure"]: row for row in records(moved(results))}
    kpis = results.kpis
    groups = summarise(kpis["groups"].to_numpy(dtype=float))
    figures = [
        (
            "Groups that set out",
            number(groups.mean),
            _varies(number(groups.range_low), number(groups.range_high)),
        )
    ]
    for measure, form in (("launched", number), ("staff_moved", number), ("value_moved", money)):
        row = rows[measure]
        if measure != "launched" and not row["mean"]:
            continue
        label = {
            "launched": "Groups launched",
            "staff_moved": "Staff moved",
            "value_moved": "Contracts moved, a year",
        }
        figures.append((label[measure], form(row["mean"]), _varies(form(row["range_low"]), form(row["range_high"]))))
    if has_costs(results):
        total = _total(results)
        known = span(money(total["per_launch_low"]), money(total["per_launch_high"]))
        note = "" if known == UNKNOWN else f"the mean lies in {known}"
        figures.append(("Cost per launch, all payers", money(total["per_launch"]), note))
    return figures


def uncertainty(results: Results) -> list[str]:
    """How to read the two kinds of uncertainty in these results."""
    n = len(results.replications)
    if n < 2:
        return [
            "Only one history was simulated. It shows what could happen, not what is likely: no interval "
            "can be given. Run more replications for that."
        ]
    drawn = bool(results.manifest.get("uncertain"))
    varies = "chance and the uncertain assumptions, drawn anew for each history" if drawn else "chance alone"
    sentences = [
        f"The same world was simulated {n:,} times; each time is a history, and histories differ by {varies}.",
        "“95 of 100 histories” is the range that holds the central 95 of 100 histories: what one run of "
        "events may look like. More computing does not narrow it.",
        "“Interval of the mean” (of a share, a chance) is the 95% interval for it over all possible "
        f"histories: the error from having simulated only {n:,} of them. More computing narrows it. It says "
        "nothing about whether the assumptions are right.",
    ]
    if not drawn:
        sentences.append(
            "The assumptions were held at their best values. The ranges shown beside them below were not "
            "tried here, so what we do not know about the world is larger than these ranges show."
        )
    if n < 40:
        sentences.append(
            f"With only {n} histories the range of 95 of 100 is not much more than the least and the most."
        )
    return sentences


def _varies(low: str, high: str) -> str:
    if low == high != UNKNOWN:
        return "the same in 95 of 100 histories"
    written = span(low, high)
    return "one history only" if written == UNKNOWN else f"{written} in 95 of 100 histories"


def _launches(results: Results) -> str:
    kpis = results.kpis
    n = len(kpis)
    groups = summarise(kpis["groups"].to_numpy(dtype=float))
    if groups.mean == 0:
        return f"No staff group set out in {_histories(n)}."
    if _has_no_launch(results):
        return _share_of_groups(summarise(completed(results)), groups, n, "came to the end of their route")
    live = summarise(kpis["launched"].to_numpy(dtype=float))
    if live.mean == 0:
        return f"None of the {_crowd(groups)} that set out launched in {_histories(n)}."
    return _share_of_groups(live, groups, n, "launched")


def _share_of_groups(done: Summary, groups: Summary, n: int, what: str) -> str:
    if n < 2:
        return f"In the one history simulated, {number(done.mean)} of {number(groups.mean)} groups {what}."
    several = f"between {number(done.range_low)} and {number(done.range_high)}"
    exact = number(done.range_low)
    some = exact if done.range_low == done.range_high else several
    return (
        f"In 95 of 100 simulated histories {some} of the {_crowd(groups)} that set out {what}; "
        f"on average {number(done.mean)} of {number(groups.mean)} ({percent(done.mean / groups.mean)})."
    )


def _crowd(groups: Summary) -> str:
    fixed = groups.n < 2 or groups.range_low == groups.range_high
    return (
        f"{number(groups.mean)} groups"
        if fixed
        else f"{number(groups.range_low)} to {number(groups.range_high)} groups"
    )


def _histories(n: int) -> str:
    return "the one history that was simulated" if n == 1 else f"any of the {n:,} simulated histories"


def _has_no_launch(results: Results) -> bool:
    milestones = {stage.milestone for stage in results.facts.stages}
    return results.facts.launch not in milestones and not results.kpis["launched"].any()


def _losses(results: Results) -> str:
    causes, stages = exits_by_cause(results), exits_by_stage(results)
    causes, stages = causes[causes["when"].eq(BEFORE)], stages[stages["when"].eq(BEFORE)]
    if len(causes) == 0:
        return ""
    total = float(causes["mean"].sum())
    first, place = causes.iloc[0], stages.iloc[0]
    lost = f"{number(total)} groups were lost before launch"
    lost = f"On average {lost}" if len(results.replications) > 1 else lost
    return (
        f"{lost}. The commonest cause was “{first['label']}” ({percent(float(first['share']))} of these "
        f"losses), and the stage where most were lost was “{place['stage_label']}” "
        f"({percent(float(place['share']))})."
    )


def _time(results: Results) -> str:
    quantiles = launch_quantiles(results)
    if len(quantiles) == 0:
        return ""
    at = dict(zip(quantiles["quantile"], quantiles["months"], strict=True))
    half, most = float(at[0.5]), float(at[0.9])
    return (
        f"Of the groups that launched, half did so within {months(half)} months of setting out "
        f"and nine in ten within {months(most)}."
    )


def _money(results: Results) -> str:
    if not has_costs(results):
        return ""
    total = _total(results)
    if math.isnan(total["per_launch"]):
        return f"All payers together spent {money(total['mean'])} a history on average, and nothing launched."
    known = span(money(total["per_launch_low"]), money(total["per_launch_high"]))
    error = "" if known == UNKNOWN else f" (95% interval of that: {known})"
    return f"A launch cost {money(float(total['per_launch']))} on average, all payers together{error}."


def _total(results: Results) -> dict[str, Any]:
    return next(row for row in records(costs_by_payer(results)) if row["payer"] == "total")


def _fit(observed: pd.DataFrame) -> str:
    judged = observed[observed["inside"].notna()]
    if len(judged) == 0:
        return ""
    outside = [f"“{label}”" for label, inside in zip(judged["label"], judged["inside"], strict=True) if not inside]
    inside = len(judged) - len(outside)
    sentence = (
        f"Of {counted(len(judged), 'thing', 'things')} really observed, {inside} "
        f"{'lies' if inside == 1 else 'lie'} inside what 95 of 100 simulated histories show"
    )
    return f"{sentence}; outside: {listed(outside)}." if outside else f"{sentence}."
