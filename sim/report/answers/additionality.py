"""The page of additionality: what a programme added to what would have been."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sim.report.answers.additionality_figures import (
    curves,
    parameters_table,
    reported_shares,
    reported_table,
    summary_table,
    tornadoes,
)
from sim.report.answers.fates import fates_figures
from sim.report.answers.page import Page, asked, described, error_and_ignorance, facts_of, failures
from sim.report.document import Section
from sim.report.format import amount, change, counted, estimate, percent, span
from sim.report.frames import records

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from sim.experiment.answer import Answer
    from sim.experiment.methods.additionality import Additionality
    from sim.experiment.question import Question

_Row = dict[str, Any]


def page(found: Additionality, question: Question | None = None) -> Page:
    """The page of an additionality; ``question`` is what was asked in a file."""
    worlds = (found.with_programme, found.without_programme)
    histories = counted(found.study.replications, "simulated history", "simulated histories")
    manifest = found.results[found.with_programme.name].manifest if found.results else None
    return Page(
        kicker="What a programme added",
        meta=f"{found.with_programme.label} beside {found.without_programme.label} · {histories} of each world",
        headline=headline(found),
        cards=_cards(found),
        reading=_reading(found),
        sections=sections(found),
        facts={**facts_of(found.study, 2, manifest), "Points of the curve": str(len(found.curve))},
        worlds=tuple(described(one, found.results.get(one.name)) for one in worlds),
        frames=_frames(found),
        warnings=failures(worlds, found.results),
        **asked(question, f"Did “{found.with_programme.label}” add anything?"),
    )


def show(answer: Answer[Additionality], console: Console | None = None) -> None:
    """Print what a programme added, to a ``console`` or to standard output."""
    from sim.report.brief import print_brief

    print_brief(answer, console)


def headline(found: Additionality) -> tuple[str, ...]:
    """The sentences: the range first, as the point within it is not known."""
    at = {row["measure"]: row for row in records(found.summary)}
    return (
        _range_words(found.curve),
        _stated_words(at),
        _share_words(at, found),
        *_price_words(at),
    )


def sections(found: Additionality) -> tuple[Section, ...]:
    """The sections of the page."""
    names = (found.without_programme.label, found.with_programme.label)
    return (
        Section("curve", "What the programme added, over the range of assumptions", curves(found)),
        Section(
            "measures",
            "At the stated values",
            (),
            words=("Every number as the scenarios state it.",),
            tables=(("All measures", summary_table(found.summary)),),
        ),
        Section("fates", "Whose fate it changed", fates_figures(found.fates, "programme", *names)),
        Section("tornado", "Which assumption matters most", tornadoes(found), "No assumption has a range."),
        Section(
            "moved",
            "What is moved along the curve",
            (),
            tables=(
                ("Numbers of leaving without the programme", parameters_table(found)),
                ("What recipients reported of themselves", reported_table(found)),
            ),
        ),
    )


def _range_words(curve: pd.DataFrame) -> str:
    """The net difference over the whole curve, and what its intervals allow to say of its sign."""
    rows = records(curve)
    lowest, highest = (chosen(rows, key=lambda row: row["difference"]) for chosen in (min, max))
    ends = (
        f"{change(lowest['difference'], 'count')} to {change(highest['difference'], 'count')} launches in one history"
    )
    if lowest["difference_low"] > 0 or highest["difference_high"] < 0:
        verb = "added" if lowest["difference_low"] > 0 else "cost"
        whole = "Over the whole range of what is assumed of leaving without it, the programme"
        return f"{whole} {verb} launches: {ends} on average."
    return (
        "Whether the programme added launches is not known: over the range of what is assumed of leaving without it, "
        f"the net difference goes from {ends} on average."
    )


def _stated_words(at: dict[str, _Row]) -> str:
    row = at["difference"]
    worlds = f"{_value(at['with_programme'])} with it, {_value(at['without_programme'])} without"
    parts = f"{_value(at['additional'])} launched only with it, {_value(at['displaced'])} only without it"
    if row["low"] <= 0 <= row["high"]:
        return (
            f"At the stated values the difference is not told from none: {_signed(row)} launches ({worlds}); {parts}."
        )
    verb = "adds" if row["value"] > 0 else "costs"
    size = {**row, "value": abs(row["value"])}
    size["low"], size["high"] = sorted((abs(row["low"]), abs(row["high"])))
    return f"At the stated values it {verb} {_estimate(size)} launches: {worlds}; {parts}."


def _share_words(at: dict[str, _Row], found: Additionality) -> str:
    row, tried = at["share_additional"], at.get("share_would_try")
    shares = [share for share in found.curve["share_additional"] if not math.isnan(share)]
    over = f", {span(percent(min(shares)), percent(max(shares)))} over the range" if shares else ""
    set_out = f"; {_estimate(tried)} would at least have set out" if tried is not None else ""
    given_up, regardless = (percent(share) for share in reported_shares(found))
    return (
        f"Of the launches that went through the programme {_estimate(row)} would not have launched without it{over}"
        f"{set_out}. Recipients of a fund said of themselves that {given_up} would have given up without the money and "
        f"{regardless} would have gone on regardless (evidence 5.1): an intention, under another programme."
    )


def _price_words(at: dict[str, _Row]) -> list[str]:
    row, net = at["per_additional"], at["per_net"]
    if math.isnan(row["value"]):
        return []
    sentence = f"Each additional launch cost the programme {_priced(row)}"
    if math.isnan(net["value"]):
        return [f"{sentence}; net of those displaced no launch was gained, so there is no cost of one."]
    return [f"{sentence}; net of those displaced, {_priced(net)} for each launch gained."]


def _cards(found: Additionality) -> tuple[tuple[str, str, str], ...]:
    at = {row["measure"]: row for row in records(found.summary)}
    ends = {name: (found.curve[name].min(), found.curve[name].max()) for name in ("difference", "share_additional")}
    return (
        *(
            (label, form(at[name]["value"]), f"as stated; {span(*(form(end) for end in ends[name]))} over the range")
            for name, label, form in (
                ("difference", "Launches gained, net", _change),
                ("share_additional", "Additional, of its launches", percent),
            )
        ),
        ("Displaced", amount(at["displaced"]["value"], "count"), "launched only without it, as stated"),
        (
            "Programme's cost of each",
            _value(at["per_additional"]),
            "additional launch, as stated, before those displaced",
        ),
    )


def _reading(found: Additionality) -> tuple[str, ...]:
    return (
        *error_and_ignorance(found.study),
        "The range over the curve is of another kind: it is what we do not know of leaving without the programme. It "
        "holds no probabilities, and more computing does not narrow it.",
        "Additional: launched with the programme and not without. Deadweight: launched through the programme, and "
        "without it too. Displaced: launched without it, and lost with it. The groups are the same in both worlds and "
        "meet the same luck, so each of them can be followed in both.",
    )


def _frames(found: Additionality) -> dict[str, pd.DataFrame]:
    fates = found.fates
    return {
        **{"summary": found.summary, "curve": found.curve, "tornado": found.tornado, "reported": found.reported},
        **{
            "parameters": found.parameters,
            "fates": fates.table,
            "fates_flow": fates.flow,
            "fates_timing": fates.timing,
        },
        "fates_only_in_one_world": fates.brought,
    }


def _estimate(row: _Row) -> str:
    return estimate(row["value"], row["low"], row["high"], lambda one: amount(one, str(row["unit"])))


def _signed(row: _Row) -> str:
    return estimate(row["value"], row["low"], row["high"], _change)


def _value(row: _Row) -> str:
    return amount(row["value"], str(row["unit"]))


def _priced(row: _Row) -> str:
    if math.isnan(row["value"]):
        return "nothing: none was gained"
    if math.isnan(row["low"]):
        return f"{_value(row)} (no interval has an end)"
    return _estimate(row)


def _change(value: float) -> str:
    return change(value, "count")
