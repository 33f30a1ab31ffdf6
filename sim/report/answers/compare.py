"""The page of a comparison: what changes, for whom, at what price, and whether the worlds may be compared."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from sim.analysis.dates import as_date
from sim.report.answers import compare_tables as tables
from sim.report.answers.compare_words import cards, headline, parting_words, reading
from sim.report.answers.factors import effects_sections, effects_words
from sim.report.answers.fates import all_fates_figure, fates_figures
from sim.report.answers.page import Page, asked, described, facts_of, failures
from sim.report.charts.forest import forest_chart, outcomes_chart
from sim.report.document import Figure, Section
from sim.report.format import counted, day

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from sim.experiment.answer import Answer
    from sim.experiment.methods.comparison import Comparison
    from sim.experiment.question import Question

_FEW = 4
"""Alternatives up to which every outcome has a panel."""
_MAIN = ("launches", "share_launched", "months_to_launch", "staff_moved", "value_moved", "trading")
_MAIN_OF_MANY = ("launches", "months_to_launch", "staff_moved", "trading")
_PRICES = ("cost_programme", "cost_total", "cost_host", "cost_group", "discounted_total", "cost_per_launch")
_MOST_CAUSES = 14
_HEDGE = (
    "It says what the model's world does, under its assumptions. Hollow dots are not a finding of no effect: they say "
    "that this many histories cannot tell the difference from none."
)
_LINES = (
    "A dot is the mean difference from the base world over all histories. The thick line is its 95% interval, the thin "
    "one the interval that holds for all differences in the panel together."
)


def page(comparison: Comparison, question: Question | None = None) -> Page:
    """The page of a comparison; ``question`` is what was asked."""
    alone, effects = _page(comparison, question), comparison.effects
    if effects is None or not len(effects):
        return alone
    return replace(
        alone,
        headline=(*alone.headline, *effects_words(effects)),
        sections=(*effects_sections(effects), *alone.sections),
        frames={**alone.frames, "effects": effects},
    )


def show(answer: Answer[Comparison], console: Console | None = None) -> None:
    """Print a comparison, to a ``console`` or to standard output."""
    from sim.report.terminal_compare import print_comparison

    print_comparison(answer.result, console)


def _page(comparison: Comparison, question: Question | None) -> Page:
    worlds = (comparison.base, *comparison.alternatives)
    manifest = comparison.results[comparison.base.name].manifest
    clock = f"{day(as_date(manifest['start']))} to {day(as_date(manifest['end']))}"
    histories = counted(comparison.study.replications, "simulated history", "simulated histories")
    return Page(
        kicker="Comparison of simulated worlds",
        meta=f"{clock} · {histories} of each world",
        headline=headline(comparison),
        cards=cards(comparison),
        reading=reading(comparison),
        sections=sections(comparison),
        facts=_facts(comparison, len(worlds)),
        worlds=tuple(described(one, comparison.results.get(one.name)) for one in worlds),
        frames=frames(comparison),
        warnings=(*parting_words(comparison).warnings, *failures(worlds, comparison.results)),
        **asked(question, _title(comparison)),
    )


def _title(comparison: Comparison) -> str:
    base, others = comparison.base, comparison.alternatives
    if len(others) == 1:
        return f"{base.label}: what “{others[0].label}” would change"
    return f"{base.label} beside {counted(len(others), 'alternative', 'alternatives')}"


def sections(comparison: Comparison) -> tuple[Section, ...]:
    """The sections of the page: what changes, losses, fates, money, and whether the worlds agree until they part."""
    found = comparison.differences
    parting = parting_words(comparison)
    return (
        Section(
            "differences",
            "What changes",
            _differences(found),
            "No outcome was compared.",
            tables=(
                ("All outcomes: both worlds, and the difference", tables.differences_table(found)),
                ("All outcomes: how well the difference is known", tables.precision_table(found)),
            ),
        ),
        Section("losses", "What groups are lost to", _losses(found), _no_losses(found)),
        Section(
            "fates",
            "Who was saved",
            _fates(comparison),
            "The groups of both worlds were not laid side by side.",
            words=(
                "The staff groups are the same in all worlds and meet the same luck, so each can be followed in both: "
                "it launches in both, in neither, or in one of them only.",
            ),
        ),
        _money(comparison),
        Section(
            "parting",
            "Are the worlds the same until they part?",
            (),
            words=parting.told,
            tables=(("Where and when the worlds part", tables.parting_table(comparison)),),
        ),
    )


def frames(comparison: Comparison) -> dict[str, pd.DataFrame]:
    """Every frame of the comparison by the name of its file."""
    found = {
        "differences": comparison.differences,
        "additional_costs": comparison.additional_costs,
        "costs_by_year": comparison.costs,
        "parting": comparison.parting,
    }
    for name, one in comparison.fates.items():
        found |= {f"fates_{name}": one.table, f"fates_{name}_flow": one.flow, f"fates_{name}_timing": one.timing}
        found[f"fates_{name}_only_in_one_world"] = one.brought
    return found


def _facts(comparison: Comparison, worlds: int) -> dict[str, str]:
    told = facts_of(comparison.study, worlds, comparison.results[comparison.base.name].manifest)
    wanted = ", ".join(f"{name} ± {half:g}" for name, half in comparison.precision.items())
    methods = sorted({str(method) for method in comparison.differences["method"] if str(method)})
    return {**told, **({"Precision asked for": wanted} if wanted else {}), "Intervals": "; ".join(methods)}


def _differences(found: pd.DataFrame) -> tuple[Figure, ...]:
    """One figure with a panel an outcome for few alternatives, a figure an outcome for many."""
    few = found["alternative"].nunique() <= _FEW
    main = found[found["outcome"].isin(_MAIN if few else _MAIN_OF_MANY) | found["outcome"].str.startswith("trading_")]
    if not len(main):
        return ()
    if few:
        draw = partial(forest_chart, main)
        return (Figure("differences", "Differences from the base world", _LINES, _HEDGE, draw, ()),)
    return tuple(
        Figure(f"differences_{name}", str(rows["label"].iloc[0]), _LINES, _HEDGE, partial(forest_chart, rows), ())
        for name, rows in main.groupby("outcome", sort=False)
    )


def _losses(found: pd.DataFrame) -> tuple[Figure, ...]:
    by_cause = found[found["outcome"].str.startswith(("exits_", "closed_"))]
    size = by_cause[["base", "alt"]].max(axis=1).groupby(by_cause["outcome"]).max().nlargest(_MOST_CAUSES)
    rows = by_cause[by_cause["outcome"].isin(size.index) & by_cause["outcome"].map(size).gt(0)]
    if not len(rows) or found["alternative"].nunique() > _FEW:
        return ()
    limits = (
        "A cause of which more groups are lost is not made worse: groups saved from one barrier live to meet the next. "
        "Only the first cause to strike is counted."
    )
    left = by_cause["outcome"].nunique() - rows["outcome"].nunique()
    # "Lost before launch: Union opposition" under a heading that says the first part once.
    when = rows["label"].str.partition(": ")
    rows = rows.assign(label=when[2].where(when[2].ne(""), when[0]))
    rows["alternative_label"] += ": " + when[0].str.lower()
    rows["alternative"] += rows["outcome"].str.partition("_")[0]
    shows = (
        _LINES if not left else f"{_LINES} {counted(left, 'rare cause stands', 'rare causes stand')} in the table only."
    )
    return (Figure("losses", "Groups lost, by cause", shows, limits, partial(outcomes_chart, rows), ()),)


def _no_losses(found: pd.DataFrame) -> str:
    """Why there is no picture of losses by cause."""
    if found["outcome"].str.startswith(("exits_", "closed_")).any():
        return "Losses by cause stand in the table of all outcomes."
    return "Losses by cause were not compared."


def _fates(comparison: Comparison) -> tuple[Figure, ...]:
    labels, fates = comparison.labels, comparison.fates
    base = labels[comparison.base.name]
    if len(fates) > _FEW:
        return (all_fates_figure(fates, labels),)
    return tuple(figure for name, one in fates.items() for figure in fates_figures(one, name, base, labels[name]))


def _money(comparison: Comparison) -> Section:
    priced = len(comparison.costs) > 0
    return Section(
        "money",
        "Money",
        _money_figures(comparison.differences),
        "" if priced else "This comparison puts no price on anything.",
        tables=tuple(tables.money_tables(comparison)),
    )


def _money_figures(found: pd.DataFrame) -> tuple[Figure, ...]:
    money = found[found["unit"].eq("pounds") & found["outcome"].str.contains("cost|discounted")]
    moved = money.groupby("outcome")[["base", "alt"]].max().max(axis=1)
    shown = _PRICES[:2] if found["alternative"].nunique() > _FEW else _PRICES
    rows = money[money["outcome"].map(moved).gt(0) & money["outcome"].isin(shown)]
    if not len(rows):
        return ()
    limits = (
        "It counts what the scenarios put a price on, and nothing else. Cost per launch is the mean cost over the mean "
        "number of launches; groups that would have launched anyway are in it. What one more launch costs is below."
    )
    return (Figure("money", "Differences in cost", _LINES, limits, partial(forest_chart, rows), ()),)
