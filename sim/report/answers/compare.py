"""A comparison as people see it: what changes, for whom, at what price, and whether the worlds may be compared."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sim.report.answers import compare_tables as tables
from sim.report.answers import factors
from sim.report.answers.compare_words import cards, describe_divergence, headline, reading
from sim.report.answers.fates import all_fates_figure, by_table, fates_figures
from sim.report.answers.notes import describe_study, describe_world, failure_sentences
from sim.report.charts.forest import forest_chart, outcomes_chart
from sim.report.document import Figure, Page, Section, Summary
from sim.report.format import count, day

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from sim.experiment.methods.comparison import Comparison
    from sim.experiment.question import Question
    from sim.report.table import Table

_FEW = 4
"""Alternatives up to which every outcome has a panel."""
_MAIN = ("launches", "share_launched", "months_to_launch", "staff_moved", "value_moved", "trading")
_MAIN_OF_MANY = ("launches", "months_to_launch", "staff_moved", "trading")
_PRICES = ("cost_programme", "cost_total", "cost_host", "cost_group", "discounted_total", "cost_per_launch")
_BY_CAUSE = ("exits_", "closed_")
_MOST_CAUSES = 14
_MOST_FATES = 10
_LIMITS = (
    "It shows what happens in the model, under its assumptions. A hollow dot is not evidence of no effect: it means "
    "that this many histories show no clear difference."
)
_SHOWS = (
    "A dot is the mean difference from the base over all histories. The thick line is its 95% interval; the thin line "
    "is the simultaneous interval of all the differences in the panel."
)
_MONEY_LIMITS = (
    "It counts only what the scenarios put a price on. The cost per launch is the mean cost divided by the mean number "
    "of launches, and includes groups that would have launched anyway. The cost of each additional launch is given "
    "below."
)
_LOSS_LIMITS = (
    "More groups lost to a cause does not mean that the cause has become worse: groups saved from one barrier "
    "continue and meet the next. Only the first cause to act is counted."
)


def page(comparison: Comparison, question: Question) -> Page:
    """The page of a comparison; ``question`` is what was asked."""
    effects = comparison.effects
    worlds = (comparison.base, *comparison.alternatives)
    facts = comparison.results[comparison.base.name].facts
    clock = f"{day(facts.start)} to {day(facts.end)}"
    histories = count(comparison.study.replications, "simulated history", "simulated histories")
    return Page(
        kicker="Comparison of simulated worlds",
        meta=f"{clock} · {histories} of each world",
        headline=(*headline(comparison), *factors.sentences(effects)),
        cards=cards(comparison),
        reading=reading(comparison),
        sections=(*factors.sections(effects), *sections(comparison)),
        facts=_facts(comparison, len(worlds)),
        worlds=tuple(describe_world(world, comparison.results.get(world.name)) for world in worlds),
        frames=frames(comparison),
        warnings=(*describe_divergence(comparison).warnings, *failure_sentences(worlds, comparison.results)),
        title=question.title,
        question=question.question,
        about=question.about,
    )


def summary(comparison: Comparison, question: Question) -> Summary:
    """The summary of a comparison: for each alternative its differences and fates, then money."""
    n = count(comparison.study.replications, "replication", "replications")
    divergence = describe_divergence(comparison)
    worlds = (comparison.base, *comparison.alternatives)
    return Summary(
        question.title,
        (
            f"{n} of each world. Differences are paired by replication; 95% intervals of means, Monte Carlo error "
            "only. Unpaired: how many times larger the variance would be without common random numbers.",
        ),
        (
            *headline(comparison),
            *factors.sentences(comparison.effects),
            *(sentence for sentence in divergence.sentences if sentence not in divergence.warnings),
        ),
        tuple(table for table in _summary_tables(comparison) if table.rows),
        (*divergence.warnings, *failure_sentences(worlds, comparison.results)),
    )


def _summary_tables(comparison: Comparison) -> Iterator[Table]:
    for name, rows in comparison.differences.groupby("alternative", sort=False):
        label = comparison.labels[str(name)]
        for kind, part in _kinds(rows):
            yield tables.differences_table(part, f"{label}: {kind}")
        if name in comparison.fates:
            yield _changed_fates(comparison.fates[str(name)].table, label)
    costs = comparison.additional_costs
    if len(costs):
        yield tables.additional_cost_table(costs[costs["money"].eq("undiscounted")], comparison.labels)
    if comparison.effects is not None:
        yield factors.effects_table(comparison.effects)


def _kinds(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """The outcomes of one alternative in three tables: launches and what follows, losses by cause, and money."""
    by_cause = rows["outcome"].str.startswith(_BY_CAUSE)
    money = rows["unit"].eq("pounds") & rows["outcome"].str.contains("cost|discounted")
    causes = rows[by_cause & (rows["difference"].ne(0) | rows["family_low"].ne(rows["family_high"]))]
    kinds = [
        ("differences from the base", rows[~by_cause & ~money]),
        ("groups lost by cause, where that differs", causes),
        ("money", rows[money]),
    ]
    return [(kind, part) for kind, part in kinds if len(part)]


def _changed_fates(table: pd.DataFrame, label: str) -> Table:
    """The fates in which the worlds differ most, of all groups, by type and by what became of them in the base."""
    differ = table["only_alternative"] + table["only_base"]
    kept = table[table["by"].isin(["all", "type"]) | (table["by"].eq("base_cause") & differ.gt(0))]
    kept = kept.loc[differ[kept.index].sort_values(ascending=False, kind="stable").index]
    rows = kept.groupby("by", sort=False).head(_MOST_FATES)
    causes = rows["by"].eq("base_cause")
    rows = rows.assign(label=rows["label"].where(~causes, "In the base: " + rows["label"].astype(str)))
    place = {"all": 0, "type": 1, "base_cause": 2}
    return by_table(
        rows.sort_values("by", key=lambda by: by.map(place), kind="stable"), f"{label}: launched in which world"
    )


def sections(comparison: Comparison) -> tuple[Section, ...]:
    """What changes, losses, fates, money, and whether the worlds agree until they first differ."""
    frame = comparison.differences
    return (
        Section(
            "differences",
            "What changes",
            _differences(frame),
            "No outcome was compared.",
            tables=(
                tables.differences_table(frame, "All outcomes: both worlds, and the difference"),
                tables.precision_table(frame),
            ),
        ),
        Section("losses", "What groups are lost to", _losses(frame), _no_losses(frame)),
        Section(
            "fates",
            "Which groups are saved",
            _fates(comparison),
            "The groups of the worlds were not compared one by one.",
            sentences=(
                "The same staff groups have the same luck in all worlds, so each can be followed in both: it launches "
                "in both, in neither, or in only one of them.",
            ),
        ),
        _money(comparison),
        Section(
            "divergence",
            "Are the worlds the same until they first differ?",
            sentences=describe_divergence(comparison).sentences,
            tables=(tables.divergence_table(comparison),),
        ),
    )


def frames(comparison: Comparison) -> dict[str, pd.DataFrame]:
    """Every frame of the comparison by the name of its file."""
    by_name = {
        "differences": comparison.differences,
        "additional_costs": comparison.additional_costs,
        "costs_by_year": comparison.costs,
        "divergence": comparison.divergence,
    }
    for name, fates in comparison.fates.items():
        by_name |= {
            f"fates_{name}": fates.table,
            f"fates_{name}_flow": fates.flow,
            f"fates_{name}_timing": fates.timing,
        }
        by_name[f"fates_{name}_only_in_one_world"] = fates.brought
    return by_name if comparison.effects is None else {**by_name, "effects": comparison.effects}


def _facts(comparison: Comparison, worlds: int) -> dict[str, str]:
    facts = describe_study(comparison.study, worlds, comparison.results[comparison.base.name].manifest)
    wanted = ", ".join(f"{name} ± {half:g}" for name, half in comparison.precision.items())
    methods = sorted({str(method) for method in comparison.differences["method"] if str(method)})
    return {**facts, **({"Precision asked for": wanted} if wanted else {}), "Intervals": "; ".join(methods)}


def _differences(frame: pd.DataFrame) -> tuple[Figure, ...]:
    """One figure with a panel an outcome for few alternatives, a figure an outcome for many."""
    few = frame["alternative"].nunique() <= _FEW
    main = frame[frame["outcome"].isin(_MAIN if few else _MAIN_OF_MANY) | frame["outcome"].str.startswith("trading_")]
    if not len(main):
        return ()
    if few:
        return (Figure("differences", "Differences from the base", _SHOWS, _LIMITS, partial(forest_chart, main)),)
    return tuple(
        Figure(f"differences_{name}", str(rows["label"].iloc[0]), _SHOWS, _LIMITS, partial(forest_chart, rows))
        for name, rows in main.groupby("outcome", sort=False)
    )


def _losses(frame: pd.DataFrame) -> tuple[Figure, ...]:
    by_cause = frame[frame["outcome"].str.startswith(_BY_CAUSE)]
    size = by_cause[["base", "alt"]].max(axis=1).groupby(by_cause["outcome"]).max().nlargest(_MOST_CAUSES)
    rows = by_cause[by_cause["outcome"].isin(size.index) & by_cause["outcome"].map(size).gt(0)]
    if not len(rows) or frame["alternative"].nunique() > _FEW:
        return ()
    left = by_cause["outcome"].nunique() - rows["outcome"].nunique()
    # "Lost before launch: Union opposition" under a heading that says the first part once.
    when = rows["label"].str.partition(": ")
    rows = rows.assign(label=when[2].where(when[2].ne(""), when[0]))
    rows["alternative_label"] += ": " + when[0].str.lower()
    rows["alternative"] += rows["outcome"].str.partition("_")[0]
    rest = f" {count(left, 'rare cause is', 'rare causes are')} in the table only." if left else ""
    return (Figure("losses", "Groups lost, by cause", _SHOWS + rest, _LOSS_LIMITS, partial(outcomes_chart, rows)),)


def _no_losses(frame: pd.DataFrame) -> str:
    """Why there is no picture of losses by cause."""
    if frame["outcome"].str.startswith(_BY_CAUSE).any():
        return "Losses by cause are in the table of all outcomes."
    return "Losses by cause were not compared."


def _fates(comparison: Comparison) -> tuple[Figure, ...]:
    labels, fates = comparison.labels, comparison.fates
    base = labels[comparison.base.name]
    if len(fates) > _FEW:
        return (all_fates_figure(fates, labels),)
    return tuple(
        figure for name, of_pair in fates.items() for figure in fates_figures(of_pair, name, base, labels[name])
    )


def _money(comparison: Comparison) -> Section:
    priced = len(comparison.costs) > 0
    return Section(
        "money",
        "Money",
        _money_figures(comparison.differences),
        "" if priced else "This comparison puts no price on anything.",
        tables=tables.money_tables(comparison),
    )


def _money_figures(frame: pd.DataFrame) -> tuple[Figure, ...]:
    money = frame[frame["unit"].eq("pounds") & frame["outcome"].str.contains("cost|discounted")]
    most = money.groupby("outcome")[["base", "alt"]].max().max(axis=1)
    shown = _PRICES[:2] if frame["alternative"].nunique() > _FEW else _PRICES
    rows = money[money["outcome"].map(most).gt(0) & money["outcome"].isin(shown)]
    if not len(rows):
        return ()
    return (Figure("money", "Differences in cost", _SHOWS, _MONEY_LIMITS, partial(forest_chart, rows)),)
