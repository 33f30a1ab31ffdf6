"""An attribution as people see it: which barriers cost the launches that are lost, or what interventions bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from sim.analysis.frame_rows import rows_of
from sim.report.answers import attribute_tables as tables
from sim.report.answers.notes import describe_study, describe_world, explain_intervals, quote
from sim.report.charts.blame import blame_chart, ways_chart
from sim.report.charts.interaction import interaction_chart
from sim.report.document import Card, Figure, Page, Section, Summary
from sim.report.format import UNKNOWN, amount, count, estimate, join_words, percent, span

if TYPE_CHECKING:
    from sim.experiment.methods.attribution import Attribution
    from sim.experiment.question import Question

_Row = dict[str, Any]
_MOST = 10
"""Rows on a terminal of a table that may be long."""
_NOT_A_POLICY = {
    "barriers": "None of these is the effect of a policy: a policy weakens a barrier and seldom removes it. ",
    "interventions": "",
}


def page(attribution: Attribution, question: Question) -> Page:
    """The page of an attribution; ``question`` is what was asked."""
    is_blame = attribution.kind == "barriers"
    combinations = count(attribution.evaluated, "combination", "combinations")
    histories = count(attribution.replications, "simulated history", "simulated histories")
    return Page(
        kicker="Attribution of lost launches to barriers" if is_blame else "Attribution of launches to interventions",
        meta=f"{histories}, each in {combinations}",
        headline=headline(attribution),
        cards=_cards(attribution),
        reading=_reading(attribution),
        sections=sections(attribution),
        facts=_facts(attribution),
        worlds=(describe_world(attribution.world),),
        frames=attribution.tables,
        warnings=_warnings(attribution),
        title=question.title,
        question=question.question,
        about=question.about,
    )


def summary(attribution: Attribution, question: Question) -> Summary:
    """The summary of an attribution: the findings in words, and who costs or brings what."""
    n = count(attribution.replications, "replication", "replications")
    combinations = count(attribution.evaluated, "combination", "combinations")
    pairs = tables.pairs_table(attribution)
    shown = (
        tables.players_table(attribution),
        replace(pairs, rows=pairs.rows[:_MOST]),
        tables.sets_table(attribution, _MOST),
        tables.sizes_table(attribution),
    )
    return Summary(
        question.title,
        (
            f"{n} of each of {combinations} of {attribution.kind}. ± gives the 95% interval of a mean (Monte Carlo "
            "error).",
        ),
        headline(attribution),
        tuple(table for table in shown if table.rows),
        _warnings(attribution),
    )


def headline(attribution: Attribution) -> tuple[str, ...]:
    """The sentences: the whole, what has most of it, and how that differs from what is recorded."""
    [whole] = rows_of(attribution.whole)
    players = rows_of(attribution.players)
    return _whole(attribution, whole), *_costliest(attribution, players), *_gaps(attribution, players)


def sections(attribution: Attribution) -> tuple[Section, ...]:
    """The sections of the page."""
    is_blame = attribution.kind == "barriers"
    return (
        Section("blame", "The shares", _shares(attribution), tables=(tables.whole_table(attribution),)),
        Section("pairs", "Pairs that matter together", _pairs(attribution), "There is no pair to look at."),
        Section(
            "sets",
            "What would have saved each group" if is_blame else "What each group would need",
            instead=""
            if len(attribution.sets)
            else "Random orders do not show the smallest sets; running every combination would.",
            sentences=_sets_words(attribution),
            tables=(tables.sizes_table(attribution), tables.sets_table(attribution)) if len(attribution.sets) else (),
        ),
        Section(
            "combinations",
            "Every combination" if attribution.method == "exact" else "Some combinations",
            tables=(tables.combinations_table(attribution),),
        ),
    )


def _whole(attribution: Attribution, row: _Row) -> str:
    launches, without, loss = amount(row["launches"], "count"), amount(row["without"], "count"), _write(row, "loss")
    change = f"{without} groups would launch in each history on average instead of {launches}"
    if attribution.kind == "barriers":
        return f"Without these barriers {change}: they cost {loss} launches."
    return f"With all these interventions {change}: {loss} additional launches."


def _costliest(attribution: Attribution, players: Sequence[_Row]) -> list[str]:
    clear = [row for row in players if row["shapley_low"] > 0]
    is_blame = attribution.kind == "barriers"
    if not clear:
        return ["With this many histories no share differs clearly from zero."]
    words = [f"{quote(row['label'])} {_write(row, 'shapley')} ({percent(row['share'])})" for row in clear[:3]]
    order, what = (
        ("removal", "the costliest barriers are") if is_blame else ("addition", "the interventions that bring most are")
    )
    if len(words) == 1:
        what = what.replace("barriers are", "barrier is").replace(
            "interventions that bring most are", "intervention that brings most is"
        )
    sentences = [f"Averaged over every order of {order}, {what} {join_words(words)}, in launches a history."]
    nothing = [
        quote(row["label"]) for row in players if row["shapley"] == row["shapley_low"] == row["shapley_high"] == 0
    ]
    if nothing:
        sentences.append(f"Exactly zero: {join_words(nothing)}.")
    return sentences


def _gaps(attribution: Attribution, players: Sequence[_Row]) -> list[str]:
    """The barriers blamed most beyond, and least for, what they cost, where the interval of the gap allows."""
    if attribution.kind != "barriers":
        return []
    sentences = []
    over = [row for row in players if row["gap_high"] < 0]
    under = [row for row in players if row["gap_low"] > 0]
    if over:
        row = min(over, key=lambda row: row["gap"])
        sentences.append(
            f"The records overstate {quote(row['label'])} most: {_write(row, 'recorded')} groups a history are "
            f"recorded as lost to it, but it costs {_write(row, 'shapley')} launches. Removing it alone would save "
            f"{_write(row, 'saved')} groups; the others would be lost to something else."
        )
    if under:
        row = max(under, key=lambda row: row["gap"])
        sentences.append(
            f"They understate {quote(row['label'])} most: {_write(row, 'recorded')} groups are recorded as lost to it, "
            f"but it costs {_write(row, 'shapley')} launches."
        )
    return sentences


def _cards(attribution: Attribution) -> tuple[Card, ...]:
    [whole] = rows_of(attribution.whole)
    verb = "cost by all of them" if attribution.kind == "barriers" else "gained by all of them"
    return (
        Card(f"Launches {verb}", amount(whole["loss"], "count"), _interval(whole, "loss")),
        *(
            Card(
                str(row["label"]),
                amount(row["shapley"], "count"),
                f"{percent(row['share'])} of the whole; {_interval(row, 'shapley')}",
            )
            for row in rows_of(attribution.players)[:3]
        ),
    )


def _reading(attribution: Attribution) -> tuple[str, ...]:
    is_blame = attribution.kind == "barriers"
    doing = "removed" if is_blame else "added"
    how = (
        f"every combination was run ({attribution.evaluated:,}), so a share has only Monte Carlo error"
        if attribution.method == "exact"
        else f"in each history they were {doing} along random orders, so a share also has the error of those orders"
    )
    recorded = (
        "Recorded causes count the first barrier to act. A group that two barriers would have stopped is recorded for "
        "one of them; removing that one alone would not have saved it."
    )
    return (
        *explain_intervals(attribution.study),
        f"The Shapley value (Shapley 1953) of {'a barrier' if is_blame else 'an intervention'} is what changes when it "
        f"is {doing}, averaged over all orders. The values add up to the whole; {how}.",
        "Every combination is run with the same groups and the same luck, so shares are compared history by history.",
        *((recorded,) if is_blame else ()),
    )


def _shares(attribution: Attribution) -> tuple[Figure, ...]:
    players = attribution.players
    table = tables.players_table(attribution)
    three = Figure(
        "ways",
        "Three measures of what each is worth",
        "Launches that each changes first, last, and on average over all orders; the numbers on the right are the "
        "Shapley values. Lines are 95% intervals.",
        f"{_NOT_A_POLICY[attribution.kind]}Where the three lie far apart, what it is worth depends on what is done "
        "about the others.",
        partial(ways_chart, players, tables.measures(attribution)),
        (table,),
    )
    if attribution.kind != "barriers":
        return (three,)
    gap = Figure(
        "blame",
        "What is recorded, and what it costs",
        "The diamond is the number of groups recorded as lost to a barrier; the circle is the number of launches it "
        "costs (its Shapley value). The bar is the gap between record and cost. Lines are 95% intervals.",
        "The two are different in kind and do not add up to the same total: a group recorded as lost to a barrier "
        "would not necessarily have launched without it. Look at the order, and at the gap.",
        partial(blame_chart, players),
        (table,),
    )
    return (gap, three)


def _pairs(attribution: Attribution) -> tuple[Figure, ...]:
    if not len(attribution.pairs):
        return ()
    is_blame = attribution.kind == "barriers"
    doing = "Removing" if is_blame else "Adding"
    limits = (
        "The two barriers in blue mask each other: removing only one achieves little. Two in orange are substitutes: a "
        "group helped by removing one no longer needs the other removed."
        if is_blame
        else "Two interventions in blue complement each other: only one achieves little. Two in orange are "
        "substitutes: a group helped by one no longer needs the other."
    )
    return (
        Figure(
            "pairs",
            "Interaction of pairs",
            f"{doing} both of a pair brings this many more launches (blue) or fewer (orange) than the sum of "
            f"{doing.lower()} each alone, averaged over what is done about the others (Shapley interaction index). "
            "Grey figures do not differ clearly from zero.",
            f"{limits} Interactions of three or more are not shown.",
            partial(interaction_chart, attribution.pairs),
            (tables.pairs_table(attribution),),
        ),
    )


def _sets_words(attribution: Attribution) -> tuple[str, ...]:
    if not len(attribution.sets):
        return ()
    doing = "removed" if attribution.kind == "barriers" else "added"
    return (
        f"For each lost group: the fewest that would have to be {doing} for it to launch, all else being equal. A "
        "group may have several such sets, and counts in each.",
    )


def _facts(attribution: Attribution) -> dict[str, str]:
    method = {
        "exact": f"every combination of those that matter: {attribution.evaluated:,}",
        "permutations": f"random orders, forwards and backwards: {attribution.evaluated:,} combinations a history",
    }
    return {
        **describe_study(attribution.study, 1, None),
        "Method": method[attribution.method],
        "Intervals": "Student's t over replications",
    }


def _warnings(attribution: Attribution) -> tuple[str, ...]:
    if not attribution.failed:
        return ()
    failed = count(attribution.failed, "replication", "replications")
    return (
        f"{failed} failed in at least one combination. They are left out of every number, which may bias the results.",
    )


def _write(row: _Row, name: str) -> str:
    return estimate(row[name], row[f"{name}_low"], row[f"{name}_high"], lambda value: amount(value, "count"))


def _interval(row: _Row, name: str) -> str:
    interval = span(*(amount(row[f"{name}_{end}"], "count") for end in ("low", "high")))
    return "no interval" if interval == UNKNOWN else f"95% interval {interval}"
