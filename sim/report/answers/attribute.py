"""The page of an attribution: which barriers cost the launches that are lost, or what each intervention would bring."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from sim.report.answers.page import Page, asked, described, error_and_ignorance, facts_of
from sim.report.charts.blame import blame_chart, ways_chart
from sim.report.charts.interaction import interaction_chart, is_told
from sim.report.document import Figure, Section
from sim.report.format import UNKNOWN, amount, change, changed, counted, estimate, listed, percent, span
from sim.report.frames import records
from sim.report.tables import Table

if TYPE_CHECKING:
    from rich.console import Console

    from sim.experiment.answer import Answer
    from sim.experiment.methods.attribution import Attribution
    from sim.experiment.question import Question

_Row = dict[str, Any]
_MOST_SETS = 20
_NOT_BOUGHT = {
    "barriers": "None of them is what a policy would buy: a policy weakens a barrier and seldom removes it. ",
    "interventions": "",
}
_WAYS = {
    "barriers": {
        "but_for": "Gained when it alone is removed",
        "shapley": "Shapley value: on average over all orders",
        "alone": "Cost when it is the only one left",
    },
    "interventions": {
        "but_for": "Gained when added to all others",
        "shapley": "Shapley value: on average over all orders",
        "alone": "Gained when it is the only one",
    },
}


def page(attribution: Attribution, question: Question | None = None) -> Page:
    """The page of an attribution; ``question`` is what was asked in a file."""
    is_blame = attribution.kind == "barriers"
    title = (
        f"{attribution.world.label}: {'which barriers are to blame' if is_blame else 'what each intervention brings'}"
    )
    combinations = counted(attribution.evaluated, "combination", "combinations")
    histories = counted(attribution.replications, "simulated history", "simulated histories")
    return Page(
        kicker="Blame shared out among barriers" if is_blame else "Credit shared out among interventions",
        meta=f"{histories}, each in {combinations}",
        headline=headline(attribution),
        cards=_cards(attribution),
        reading=_reading(attribution),
        sections=sections(attribution),
        facts=_facts(attribution),
        worlds=(described(attribution.world),),
        frames=attribution.tables,
        warnings=_warnings(attribution),
        **asked(question, title),
    )


def show(answer: Answer[Attribution], console: Console | None = None) -> None:
    """Print an attribution, to a ``console`` or to standard output."""
    from sim.report.terminal_blame import print_attribution

    print_attribution(answer.result, console)


def headline(attribution: Attribution) -> tuple[str, ...]:
    """The sentences: the whole, who has most of it, and how that differs from what is recorded."""
    [whole] = records(attribution.whole)
    players = records(attribution.players)
    return _whole_words(attribution, whole), *_most_words(attribution, players), *_gap_words(attribution, players)


def sections(attribution: Attribution) -> tuple[Section, ...]:
    """The sections of the page."""
    return (
        Section("blame", "The shares", _shares(attribution), tables=(("The whole", _whole_table(attribution)),)),
        Section("pairs", "Pairs that matter together", _pairs(attribution), "There is no pair to look at."),
        Section(
            "sets",
            "What would have saved each group" if attribution.kind == "barriers" else "What each group would need",
            (),
            "" if len(attribution.sets) else "Random orders do not tell the smallest sets; every combination would.",
            words=_sets_words(attribution),
            tables=_set_tables(attribution),
        ),
        Section(
            "combinations",
            "Every combination" if attribution.method == "exact" else "Some combinations",
            (),
            tables=(("The combinations with most launches", _combinations_table(attribution)),),
        ),
    )


def _whole_words(attribution: Attribution, row: _Row) -> str:
    launches, without, loss = amount(row["launches"], "count"), amount(row["without"], "count"), _estimate(row, "loss")
    in_all = f"{without} groups would launch in one history on average instead of {launches}"
    if attribution.kind == "barriers":
        return f"Without these barriers {in_all}: they cost {loss} launches."
    return f"With all these interventions {in_all}: {loss} more."


def _most_words(attribution: Attribution, players: Sequence[_Row]) -> list[str]:
    told = [row for row in players if row["shapley_low"] > 0]
    if not told:
        return ["No share is told from nothing by so many histories."]
    words = [f"“{row['label']}” {_estimate(row, 'shapley')} ({percent(row['share'])})" for row in told[:3]]
    verb = "costs" if attribution.kind == "barriers" else "brings"
    sentences = [f"Shared out fairly over all orders, the most {verb}: {listed(words)} launches in one history."]
    nothing = [
        f"“{row['label']}”" for row in players if row["shapley"] == row["shapley_low"] == row["shapley_high"] == 0
    ]
    if nothing:
        sentences.append(f"Exactly nothing: {listed(nothing)}.")
    return sentences


def _gap_words(attribution: Attribution, players: Sequence[_Row]) -> list[str]:
    """The barriers blamed most beyond, and least for, what they cost, where the interval of the gap tells."""
    if attribution.kind != "barriers":
        return []
    sentences = []
    over = [row for row in players if row["gap_high"] < 0]
    under = [row for row in players if row["gap_low"] > 0]
    if over:
        row = min(over, key=lambda one: one["gap"])
        sentences.append(
            f"The records blame “{row['label']}” most beyond what it costs: {_estimate(row, 'recorded')} groups are "
            f"recorded as lost to it, and it costs {_estimate(row, 'shapley')} launches. Removing it alone would save "
            f"{_estimate(row, 'saved')} groups; the others would be lost to something else, or not have got so far."
        )
    if under:
        row = max(under, key=lambda one: one["gap"])
        sentences.append(
            f"They blame “{row['label']}” too little: {_estimate(row, 'recorded')} groups are recorded as lost to it, "
            f"and it costs {_estimate(row, 'shapley')} launches."
        )
    return sentences


def _cards(attribution: Attribution) -> tuple[tuple[str, str, str], ...]:
    [whole] = records(attribution.whole)
    verb = "cost together" if attribution.kind == "barriers" else "brought together"
    cards = [(f"Launches {verb}", amount(whole["loss"], "count"), _interval(whole, "loss"))]
    cards += [
        (
            str(row["label"]),
            amount(row["shapley"], "count"),
            f"{percent(row['share'])} of it; {_interval(row, 'shapley')}",
        )
        for row in records(attribution.players)[:3]
    ]
    return tuple(cards)


def _reading(attribution: Attribution) -> tuple[str, ...]:
    is_blame = attribution.kind == "barriers"
    doing = "removed" if is_blame else "added"
    how = (
        f"every combination was run ({attribution.evaluated:,}), so a share has no error but that of the histories"
        if attribution.method == "exact"
        else f"in each history they were {doing} along random orders, so a share also has the error of the orders"
    )
    return (
        *error_and_ignorance(attribution.study),
        f"The Shapley value (Shapley 1953) of one {'barrier' if is_blame else 'policy'} is what it changes when it is "
        f"{doing}, averaged over all orders. The values add up to the whole; {how}.",
        "Every combination meets the same groups with the same luck, so that shares are compared history by history.",
        *(
            (
                "Recorded causes count the first barrier to strike. A group that two barriers would have stopped is "
                "recorded for one; removing that one alone would not have saved it.",
            )
            if is_blame
            else ()
        ),
    )


def _shares(attribution: Attribution) -> tuple[Figure, ...]:
    players, ways = attribution.players, _WAYS[attribution.kind]
    table = ("All measures", players_table(attribution))
    many = Figure(
        "ways",
        "Three ways to ask what one is worth",
        "Launches that one changes by itself, at the end, and on average over all orders; the numbers on the right are "
        "the Shapley values. Lines are 95% intervals.",
        f"{_NOT_BOUGHT[attribution.kind]}Where the three lie far apart, its worth depends on what is done about the "
        "others.",
        partial(ways_chart, players, ways),
        (table,),
    )
    if attribution.kind != "barriers":
        return (many,)
    gap = Figure(
        "blame",
        "What is recorded, and what it costs",
        "The diamond is how many groups are recorded as lost to a barrier; the circle is how many launches it costs, "
        "by its Shapley value. The bar is the gap between record and cost. Lines are 95% intervals.",
        "The two are not of one kind and do not add up to the same: a group that is recorded as lost to a barrier need "
        "not have launched without it. Look at the order, and at the gap.",
        partial(blame_chart, players),
        (table,),
    )
    return (gap, many)


def _pairs(attribution: Attribution) -> tuple[Figure, ...]:
    pairs = attribution.pairs
    if not len(pairs):
        return ()
    doing = "Removing" if attribution.kind == "barriers" else "Adding"
    return (
        Figure(
            "pairs",
            "Interaction of pairs",
            f"{doing} both of a pair brings so many launches more (blue) or fewer (orange) than the sum of "
            f"{doing.lower()} each, averaged over what is done about the others (Shapley interaction index). Grey "
            "figures are not told from nought.",
            "A pair in blue hides behind each other: one alone brings little. In orange they are rivals: whoever is "
            "helped by one no longer needs the other. Threes and more are not in it.",
            partial(interaction_chart, pairs),
            (("Pairs, the strongest first", pairs_table(attribution)),),
        ),
    )


def players_table(attribution: Attribution) -> Table:
    """All measures of each player."""
    ways = _WAYS[attribution.kind]
    is_blame = attribution.kind == "barriers"
    recorded = ("Recorded as its own",) if is_blame else ()
    head = ("Barrier" if is_blame else "Intervention", *recorded, *ways.values(), "Share", "Saved by it alone")
    head = (*head, "Shapley value less recorded") if is_blame else head
    rows = []
    for row in records(attribution.players):
        cells = [_estimate(row, name) for name in ways]
        own = [_estimate(row, "recorded")] if is_blame else []
        gap = [changed(row["gap"], row["gap_low"], row["gap_high"], "count")] if is_blame else []
        rows.append((str(row["label"]), *own, *cells, percent(row["share"]), _estimate(row, "saved"), *gap))
    return Table(head, tuple(rows))


def pairs_table(attribution: Attribution) -> Table:
    """Every pair with its interaction."""
    rows = [
        (
            f"{row['label_first']} and {row['label_second']}",
            change(row["interaction"], "count"),
            span(change(row["low"], "count"), change(row["high"], "count")),
            "yes" if is_told(row) else "no",
        )
        for row in records(attribution.pairs)
    ]
    return Table(("Pair", "Interaction", "95% interval", "Told from nought"), tuple(rows))


def _whole_table(attribution: Attribution) -> Table:
    [row] = records(attribution.whole)
    is_blame = attribution.kind == "barriers"
    names = {
        "launches": "Launches as it is" if is_blame else "Launches with none of them",
        "without": "Launches with all these barriers removed" if is_blame else "Launches with all of them",
        "loss": "What they cost together" if is_blame else "What they bring together",
    }
    rows = tuple((label, _estimate(row, name)) for name, label in names.items())
    return Table(("In one history, on average", "Launches"), rows)


def _sets_words(attribution: Attribution) -> tuple[str, ...]:
    if not len(attribution.sets):
        return ()
    doing = "removed" if attribution.kind == "barriers" else "added"
    return (
        f"For each group that is lost: the fewest that would have to be {doing} for it to launch, all else as it was. "
        "A group may have several such sets, and counts in each.",
    )


def _set_tables(attribution: Attribution) -> tuple[tuple[str, Table], ...]:
    if not len(attribution.sets):
        return ()
    sizes = [
        (
            "none saves them" if not row["size"] else f"{int(row['size'])}",
            estimate(row["groups"], row["low"], row["high"], _count),
        )
        for row in records(attribution.sizes)
    ]
    frame = attribution.sets
    rest = frame["size"].eq(0)
    kept = [*records(frame[~rest].nlargest(_MOST_SETS, "groups", keep="first")), *records(frame[rest])]
    sets = [
        (str(row["labels"]), f"{int(row['size'])}", estimate(row["groups"], row["low"], row["high"], _count))
        for row in kept
    ]
    few = f"Smallest sets, the {_MOST_SETS} commonest" if len(frame) > _MOST_SETS + 1 else "Smallest sets"
    return (
        ("How many are needed", Table(("Needed", "Lost groups in one history"), tuple(sizes))),
        (few, Table(("Set", "Size", "Groups in one history"), tuple(sets))),
    )


def _combinations_table(attribution: Attribution) -> Table:
    labels = {str(row["name"]): str(row["label"]) for row in records(attribution.players)}
    rows = [
        (
            listed([labels.get(name, name) for name in str(row["combination"]).split(" + ") if name]) or "none",
            f"{int(row['removed'])}",
            _estimate(row, "launches", ("low", "high")),
        )
        for row in records(attribution.combinations.nlargest(_MOST_SETS, "launches", keep="first"))
    ]
    doing = "Removed" if attribution.kind == "barriers" else "Added"
    return Table((doing, "How many", "Launches"), tuple(rows))


def _facts(attribution: Attribution) -> dict[str, str]:
    method = {
        "exact": f"every combination of those that matter: {attribution.evaluated:,}",
        "permutations": f"random orders, forwards and backwards: {attribution.evaluated:,} combinations a history",
    }
    return {
        **facts_of(attribution.study, 1, None),
        "Method": method[attribution.method],
        "Intervals": "Student's, over replications",
    }


def _warnings(attribution: Attribution) -> tuple[str, ...]:
    if not attribution.failed:
        return ()
    failed = counted(attribution.failed, "replication", "replications")
    return (f"{failed} could not be run in every combination. No number holds them, which may bias all.",)


def _estimate(row: _Row, name: str, ends: tuple[str, str] | None = None) -> str:
    low, high = ends or (f"{name}_low", f"{name}_high")
    return estimate(row[name], row[low], row[high], _count)


def _interval(row: _Row, name: str) -> str:
    known = span(_count(row[f"{name}_low"]), _count(row[f"{name}_high"]))
    return "no interval" if known == UNKNOWN else f"95% interval {known}"


def _count(value: float) -> str:
    return amount(value, "count")
