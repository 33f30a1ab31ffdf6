"""An attribution on a terminal: the findings in words, and who costs or brings what, in tables that fit 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.report.answers.attribute import headline
from sim.report.format import counted, number, percent, span, with_error
from sim.report.frames import records
from sim.report.terminal import add_row, plain_table, standard_output

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console
    from rich.table import Table

    from sim.experiment.methods.attribution import Attribution

_MOST = 10
"""Rows of tables that may be long."""
_COLUMNS = {
    "barriers": {"recorded": "Recorded", "but_for": "Removed alone", "alone": "Only one left"},
    "interventions": {"alone": "Added first", "but_for": "Added last"},
}


def print_attribution(found: Attribution, console: Console | None = None) -> None:
    """Print what was found: to a ``console``, or to standard output as `sim.report.terminal.print_summary`."""
    from rich.padding import Padding
    from rich.text import Text

    where = console or standard_output()
    where.print()
    where.print(found.title, style="bold", markup=False, highlight=False)
    histories = counted(found.replications, "simulated history", "simulated histories")
    of_each = counted(found.evaluated, "combination", "combinations")
    where.print(f"{histories} of each of {of_each} of {found.kind}", markup=False, highlight=False)
    where.print("± is the 95% Monte Carlo error of a mean", markup=False, highlight=False)
    if found.failed:
        told = counted(found.failed, "replication", "replications")
        where.print(Padding(Text(f"{told} failed in some combination and left out of all", style="bold red"), (0, 1)))
    where.print()
    for sentence in headline(found):
        where.print(Padding(Text(f"- {sentence}"), (0, 0, 0, 1)))
    for table in attribution_tables(found):
        where.print()
        where.print(table)


def attribution_tables(found: Attribution) -> list[Table]:
    """The tables of `print_attribution`; those with nothing in them are left out."""
    removed = "removed" if found.kind == "barriers" else "added"
    made = [
        _players_table(found.players, found.kind),
        _pairs_table(found.pairs, removed),
        _sets_table(found.sets, removed),
        _sizes_table(found.sizes, f"{found.kind} {removed}"),
    ]
    return [table for table in made if table.row_count]


def _players_table(players: pd.DataFrame, kind: str) -> Table:
    columns = {**_COLUMNS[kind], "shapley": "Shapley value"}
    table = plain_table(f"Launches that {kind} {'cost' if kind == 'barriers' else 'bring'} in one history", "")
    for head in (*columns.values(), "Share"):
        table.add_column(head, justify="right", no_wrap=True)
    for row in records(players):
        add_row(table, row["label"], *(_mean(row, name, f"{name}_high") for name in columns), _share(row["share"]))
    return table


def _pairs_table(pairs: pd.DataFrame, removed: str) -> Table:
    table = plain_table(f"Pairs: launches that both {removed} bring beyond each", "")
    for head in ("Launches", "95% interval"):
        table.add_column(head, justify="right", no_wrap=True)
    for row in records(pairs.head(_MOST)):
        both = f"{row['label_first']} and {row['label_second']}"
        add_row(table, both, number(row["interaction"]), span(number(row["low"]), number(row["high"])))
    return table


def _sets_table(sets: pd.DataFrame, removed: str) -> Table:
    """The commonest sets; the last row of the frame, those that none saves, stands in the table of sizes."""
    table = plain_table("Lost groups that launch", f"Fewest {removed}")
    table.add_column("Groups", justify="right", no_wrap=True)
    for row in records(sets.iloc[:-1].head(_MOST)):
        add_row(table, row["labels"], _mean(row, "groups", "high"))
    if len(sets) > _MOST + 1:
        add_row(table, counted(len(sets) - 1 - _MOST, "rarer set", "rarer sets"), "")
    return table


def _sizes_table(sizes: pd.DataFrame, what: str) -> Table:
    table = plain_table("Lost groups that launch", what.capitalize())
    table.add_column("Groups", justify="right", no_wrap=True)
    for row in records(sizes.sort_values("size", key=lambda size: size.replace(0, len(sizes)))):
        if row["groups"] > 0:
            add_row(table, str(row["size"]) if row["size"] else "Not even all", _mean(row, "groups", "high"))
    return table


def _mean(row: dict[str, Any], name: str, high: str) -> str:
    return with_error(row[name], row[high] - row[name])


def _share(share: float) -> str:
    return percent(share) if share >= 0 else f"-{percent(-share)}" if share < 0 else ""
