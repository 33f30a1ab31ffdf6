"""A comparison on a terminal: what changes, who was saved, what it costs, in tables that fit 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.report.answers.compare_tables import figures, per_launch
from sim.report.answers.compare_words import headline, parting_words
from sim.report.charts.fates import FATES
from sim.report.charts.style import printable
from sim.report.format import UNKNOWN, amount, brief, change, counted, number, span
from sim.report.frames import records
from sim.report.terminal import add_row, plain_table, standard_output

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console
    from rich.table import Table

    from sim.experiment.methods.comparison import Comparison

_MOST_FATES = 10
_HEADS = ("Both", "Neither", "Only alt.", "Only base")


def print_comparison(comparison: Comparison, console: Console | None = None) -> None:
    """Print the findings: differences, who was saved, what one more launch costs, whether the worlds agree.

    Without a ``console`` it goes to standard output as `sim.report.terminal.print_summary` does.
    """
    from rich.padding import Padding
    from rich.text import Text

    where = console or standard_output()
    n = counted(comparison.study.replications, "simulated history", "simulated histories")
    where.print()
    where.print(
        printable(f"{comparison.base.label} and what else might be"), style="bold", markup=False, highlight=False
    )
    told = (
        "differences are paired by history; intervals are 95%, of the mean, for Monte Carlo error alone; "
        "unpaired: how many times the variance would be without common luck"
    )
    where.print(f"{n} of each world; {told}", markup=False, highlight=False)
    where.print()
    parted = parting_words(comparison)
    for sentence in parted.warnings:
        where.print(Padding(Text(printable(sentence), style="bold red"), (0, 0, 0, 1)))
    for sentence in (*headline(comparison), *(one for one in parted.told if one not in parted.warnings)):
        where.print(Padding(Text(printable(f"- {sentence}")), (0, 0, 0, 1)))
    for table in comparison_tables(comparison):
        where.print()
        where.print(table)


def comparison_tables(comparison: Comparison) -> list[Table]:
    """The tables of :func:`print_comparison`: for each alternative its differences and fates, then money."""
    found = []
    several = len(comparison.alternatives) > 1
    for name, rows in comparison.differences.groupby("alternative", sort=False):
        label = comparison.labels[str(name)]
        for kind, part in _kinds(rows):
            found.append(differences_table(part, f"{label}: {kind}", several))
        if name in comparison.fates:
            found.append(fates_table(comparison.fates[str(name)].table, label))
    found.append(costs_table(comparison))
    return [table for table in found if table.row_count]


def _kinds(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """The outcomes of one alternative in three tables: launches and what follows, losses by cause, and money."""
    by_cause = rows["outcome"].str.startswith(("exits_", "closed_"))
    money = rows["unit"].eq("pounds") & rows["outcome"].str.contains("cost|discounted")
    causes = rows[by_cause & (rows["difference"].ne(0) | rows["family_low"].ne(rows["family_high"]))]
    # "Lost before launch: Union opposition" would fill three lines of a narrow column.
    causes = causes.assign(label=causes["label"].str.replace("Lost after launch: ", "After launch: ", regex=False))
    causes = causes.assign(label=causes["label"].str.replace("Lost before launch: ", "", regex=False))
    found = [
        ("differences from the base", rows[~by_cause & ~money]),
        ("groups lost by cause, where that differs", causes),
        ("money", rows[money]),
    ]
    return [(kind, part) for kind, part in found if len(part)]


def differences_table(frame: pd.DataFrame, title: str, several: bool) -> Table:
    """The differences of one alternative; with ``several`` the intervals are the simultaneous ones."""
    interval = "Simultaneous" if several else "95% interval"
    table = plain_table(title, "Outcome")
    for head in ("Base", "Difference", interval, "Unpaired"):
        table.add_column(head, justify="right", no_wrap=True)
    ends = ("family_low", "family_high") if several else ("low", "high")
    for row in records(frame):
        unit = str(row["unit"])
        low, high = (_short(change(row[end], unit)) for end in ends)
        written = "exactly" if row[ends[0]] == row[ends[1]] else span(low.removesuffix(" pt"), high)
        base, difference = _short(amount(row["base"], unit)), _short(change(row["difference"], unit))
        add_row(table, str(row["label"]), base, difference, written, _times(row))
    return table


def fates_table(frame: pd.DataFrame, label: str) -> Table:
    """What became of the same groups in both worlds, by type and by what became of them in the base."""
    table = plain_table(f"{label}: launched in which world", "Groups a history")
    for head in _HEADS:
        table.add_column(head, justify="right", no_wrap=True)
    for by in ("all", "type", "base_cause"):
        rows = records(frame[frame["by"].eq(by)])
        for row in sorted(rows, key=lambda one: -one["only_alternative"] - one["only_base"])[:_MOST_FATES]:
            if by == "base_cause" and not row["only_alternative"] + row["only_base"]:
                continue
            name = f"in the base: {row['label']}" if by == "base_cause" else str(row["label"])
            add_row(table, name, *(number(row[fate]) for fate in FATES))
    return table


def costs_table(comparison: Comparison) -> Table:
    """What one more launch costs each payer, as paid."""
    table = plain_table("What one more launch costs, undiscounted", "Alternative")
    for head in ("Who pays", "Cost more", "Per launch more"):
        table.add_column(head, justify="right", overflow="fold")
    frame = comparison.additional_costs
    for row in records(frame[frame["money"].eq("undiscounted")] if len(frame) else frame):
        if row["cost"] or row["cost_low"]:
            name = comparison.labels.get(row["alternative"], str(row["alternative"]))
            add_row(table, name, row["label"], _short(change(row["cost"], "pounds")), _short(per_launch(row)))
    return table


def _short(written: str) -> str:
    """Written for a narrow column: ``£163k``, ``+1.2 pt``."""
    text = brief(written).replace(" points", " pt")
    return f"{text.removesuffix(',000')}k" if text.startswith(("£", "-£", "+£")) and text.endswith(",000") else text


def _times(row: dict[str, Any]) -> str:
    ratio = figures(row["variance_ratio"])
    return ratio if ratio in (UNKNOWN, "without limit") else f"{ratio}x"
