"""What a batch comes to, in sentences for someone who reads nothing else."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sim.analysis.frame_rows import rows_of
from sim.analysis.intervals import Summary, summarise
from sim.analysis.register import KPIS
from sim.analysis.run.duration import launch_quantiles
from sim.analysis.run.endings import count_completed
from sim.analysis.run.exits import BEFORE, exits_by_cause, exits_by_stage
from sim.analysis.run.money import costs_by_payer, has_costs, summarise_moved
from sim.report.document import Card
from sim.report.format import UNKNOWN, join_words, money, months, number, percent, span

if TYPE_CHECKING:
    import pandas as pd

    from sim.store.results import Results


def headline(results: Results, observed: pd.DataFrame) -> list[str]:
    """The sentences, the most important first; ``observed`` as from :func:`sim.analysis.run.observed.compare`."""
    parts = (_launches(results), _losses(results), _time(results), _money(results), _fit(observed))
    return [sentence for sentence in parts if sentence]


def cards(results: Results) -> tuple[Card, ...]:
    """A few figures to stand large on the page: what, how much, and how it varies from history to history."""
    rows = {row["measure"]: row for row in rows_of(summarise_moved(results))}
    groups = summarise(results.kpis["groups"].to_numpy(dtype=float))
    ranged = _variation(number(groups.range_low), number(groups.range_high))
    shown = [Card(KPIS["groups"].label, number(groups.mean), f"on average; {ranged}")]
    for measure, row in rows.items():
        form = money if KPIS[measure].unit == "pounds" else number
        if measure == "launched" or row["mean"]:
            ranged = _variation(form(row["range_low"]), form(row["range_high"]))
            shown.append(Card(KPIS[measure].label, form(row["mean"]), f"on average; {ranged}"))
    if has_costs(results):
        total = _total(results)
        interval = span(money(total["per_launch_low"]), money(total["per_launch_high"]))
        note = "on average" if interval == UNKNOWN else f"on average; 95% interval {interval}"
        shown.append(Card("Cost per launch, all payers", money(total["per_launch"]), note))
    return tuple(shown)


def reading(results: Results) -> tuple[str, ...]:
    """How to read the two kinds of uncertainty in these results."""
    n = len(results.replications)
    if n < 2:
        return (
            "Only one history was simulated. It shows what could happen, not what is likely, and no interval can be "
            "given. Run more replications for that.",
        )
    drawn = bool(results.manifest.get("uncertain"))
    cause = "chance and in the uncertain assumptions, which are drawn again for each" if drawn else "chance alone"
    sentences = [
        f"The same world was simulated {n:,} times. Each time is one simulated history (a replication), and histories "
        f"differ by {cause}.",
        "“95 of 100 histories” is the range that contains the middle 95 of every 100 histories. It shows what one "
        "course of events may look like; more computing does not narrow it.",
        "A 95% interval of a mean, a share or a chance is the error from having simulated only "
        f"{n:,} histories. More computing narrows it. It says nothing about whether the assumptions are right.",
    ]
    if not drawn:
        sentences.append(
            "The assumptions were held at their best values. The ranges shown beside them below were not used, so the "
            "real uncertainty is larger than these ranges show."
        )
    if n < 40:
        sentences.append(
            f"With only {n} histories, the range of 95 of 100 is little more than the lowest and the highest."
        )
    return tuple(sentences)


def _variation(low: str, high: str) -> str:
    if low == high != UNKNOWN:
        return "the same in 95 of 100 histories"
    written = span(low, high)
    return "one history only" if written == UNKNOWN else f"{written} in 95 of 100 histories"


def _launches(results: Results) -> str:
    kpis = results.kpis
    n = len(kpis)
    groups = summarise(kpis["groups"].to_numpy(dtype=float))
    if groups.mean == 0:
        return f"No staff group arrived in {_histories(n)}."
    if _has_no_launch(results):
        return _share_of_groups(summarise(count_completed(results)), groups, n, "came to the end of their route")
    live = summarise(kpis["launched"].to_numpy(dtype=float))
    if live.mean == 0:
        return f"None of the {number(groups.mean)} groups launched in {_histories(n)}."
    return _share_of_groups(live, groups, n, "launched")


def _share_of_groups(done: Summary, groups: Summary, n: int, what: str) -> str:
    if n < 2:
        return f"In the one history simulated, {number(done.mean)} of {number(groups.mean)} groups {what}."
    low, high = number(done.range_low), number(done.range_high)
    ranged = f"exactly {low}" if low == high else f"between {low} and {high}"
    return (
        f"On average {number(done.mean)} of {number(groups.mean)} groups {what} ({percent(done.mean / groups.mean)}). "
        f"In 95 of 100 simulated histories {ranged} did."
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
    cause, stage = causes.iloc[0], stages.iloc[0]
    lost = f"{number(total)} groups were lost before launch"
    lost = f"On average {lost}" if len(results.replications) > 1 else lost
    return (
        f"{lost}. The most common cause was “{cause['label']}” ({percent(float(cause['share']))} of these losses), "
        f"and most were lost at the stage “{stage['stage_label']}” ({percent(float(stage['share']))})."
    )


def _time(results: Results) -> str:
    quantiles = launch_quantiles(results)
    if len(quantiles) == 0:
        return ""
    at = dict(zip(quantiles["quantile"], quantiles["months"], strict=True))
    return (
        f"Of the groups that launched, half did so within {months(float(at[0.5]))} months of arriving "
        f"and nine in ten within {months(float(at[0.9]))}."
    )


def _money(results: Results) -> str:
    if not has_costs(results):
        return ""
    total = _total(results)
    if math.isnan(total["per_launch"]):
        return f"All payers together spent {money(total['mean'])} a history on average, and nothing launched."
    interval = span(money(total["per_launch_low"]), money(total["per_launch_high"]))
    error = "" if interval == UNKNOWN else f" (95% interval {interval})"
    return f"A launch cost all payers together {money(float(total['per_launch']))} on average{error}."


def _total(results: Results) -> dict[str, Any]:
    return next(row for row in rows_of(costs_by_payer(results)) if row["payer"] == "total")


def _fit(observed: pd.DataFrame) -> str:
    judged = observed[observed["inside"].notna()]
    if len(judged) == 0:
        return ""
    outside = [f"“{label}”" for label, inside in zip(judged["label"], judged["inside"], strict=True) if not inside]
    if not outside:
        if len(judged) == 1:
            return "The one published figure falls within the model's 95% range."
        return f"All {len(judged)} published figures fall within the model's 95% range."
    inside = len(judged) - len(outside)
    return (
        f"{inside} of {len(judged)} published figures {'falls' if inside == 1 else 'fall'} within the model's 95% "
        f"range; outside: {join_words(outside)}."
    )
