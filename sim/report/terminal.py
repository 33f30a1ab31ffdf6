"""The results on a terminal: what was run comes to, in tables that fit 80 columns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.analysis.run import duration, exits, funnel, money
from sim.analysis.run.kpis import kpis
from sim.analysis.run.observed import compared
from sim.report.charts.style import printable
from sim.report.failures import failures_told
from sim.report.format import counted, months, number, percent, span, with_error
from sim.report.format import money as pounds
from sim.report.frames import records
from sim.report.headline import headline
from sim.report.tables import inside_words, tail_words

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from rich.console import Console
    from rich.table import Table

    from sim.store.results import Results

_PLAIN_WIDTH = 100
_MOST_EXITS = 15
_ERROR = "± is the 95% Monte Carlo error of a mean; ranges hold 95 of 100 histories"


def print_summary(results: Results, console: Console | None = None) -> None:
    """Print the findings: funnel, exits, time to launch, staff and value moved, cost, observed beside
    simulated.

    Without a ``console`` it goes to standard output: coloured and as wide as the terminal, or, where that is
    no terminal, plain and 100 columns wide.
    """
    from rich.padding import Padding
    from rich.text import Text

    where = console or standard_output()
    observed = compared(results)
    _print_head(results, where)
    for sentence in headline(results, observed):
        where.print(Padding(Text(printable(f"- {sentence}")), (0, 0, 0, 1)))
    for table in summary_tables(results, observed):
        where.print()
        where.print(table)


def print_kpis(results: Results, console: Console | None = None) -> None:
    """Print the mean of every number that is kept a history, for results of which nothing else was kept.

    To a ``console`` or standard output as :func:`print_summary`.
    """
    where = console or standard_output()
    _print_head(results, where)
    where.print(kpis_table(results))


def _print_head(results: Results, where: Console) -> None:
    """What was run, how often, how to read the numbers, and what failed."""
    from rich.padding import Padding
    from rich.text import Text

    title = str(results.manifest.get("title") or results.manifest.get("name") or "Results")
    n = len(results.replications)
    where.print()
    where.print(printable(title), style="bold", markup=False, highlight=False)
    about = counted(n, "simulated history", "simulated histories")
    told = _ERROR if n > 1 else "one history says nothing of chance: no error, no range"
    where.print(f"{about}; {told}", markup=False, highlight=False)
    for sentence in failures_told(results):
        where.print(Padding(Text(printable(sentence), style="bold red"), (0, 0, 0, 1)))
    where.print()


def print_validation(results: Results, console: Console | None = None) -> None:
    """Print every observation beside the simulated distribution, and in words which of them fail.

    An observation fails where it lies outside the central 95 % of simulated histories.
    """
    where = console or standard_output()
    observed = compared(results)
    where.print()
    for sentence in failures_told(results):
        where.print(sentence, style="bold red", markup=False, highlight=False)
    where.print(observed_table(observed))
    where.print()
    where.print(_verdict(observed, len(results.replications)), markup=False, highlight=False)


def _verdict(observed: pd.DataFrame, n: int) -> str:
    if len(observed) == 0:
        return "There is nothing to compare with: the scenario lists no observations."
    words = [inside_words(inside) for inside in observed["inside"]]
    failed = [str(label) for label, word in zip(observed["label"], words, strict=True) if word == "no"]
    unsure = words.count("cannot say")
    sentences = [
        f"{words.count('yes')} of {counted(len(words), 'observation', 'observations')} inside what 95 of 100 of "
        f"{counted(n, 'simulated history', 'simulated histories')} show."
    ]
    if failed:
        sentences.append(f"Outside: {'; '.join(failed)}.")
    if unsure:
        sentences.append(f"Of {unsure} it cannot be said: fewer than two histories have the measure.")
    if len(words) - unsure > 1:
        # Tests at 5 % each, on measures that depend on one another: no adjustment would be exact.
        sentences.append("Each is judged by itself at 5%, so of twenty true ones one may be expected outside.")
    return " ".join(sentences)


def standard_output() -> Console:
    """Standard output: coloured and as wide as the terminal, or, where it is none, plain and 100 columns wide."""
    from rich.console import Console

    where = Console()
    return where if where.is_terminal else Console(width=_PLAIN_WIDTH, color_system=None, highlight=False)


def summary_tables(results: Results, observed: pd.DataFrame) -> list[Table]:
    """The tables of :func:`print_summary`; those with nothing in them are left out."""
    frame = funnel.funnel(results)
    found = [
        funnel_table(rows) for _, rows in frame.groupby("route", sort=False) if float(rows["entered_mean"].max()) > 0
    ]
    both = exits.exits_by_cause_and_stage(results)
    found += [exits_table(both[both["when"].eq(when)], when) for when in (exits.BEFORE, exits.AFTER)]
    found += [moved_table(results), duration_table(results)]
    if money.has_costs(results):
        found.append(costs_table(results))
    found.append(observed_table(observed))
    return [table for table in found if table.row_count]


def kpis_table(results: Results) -> Table:
    """Every number of the kpis table: its mean with the error of that, and the range of single histories."""
    table = plain_table("In one history", "")
    for head in ("Mean", "Range"):
        table.add_column(head, justify="right", no_wrap=True)
    for row in records(kpis(results)):
        form = {"pounds": _short, "share": percent, "months": months}.get(row["unit"], number)
        ranged = span(form(row["range_low"]), form(row["range_high"]))
        add_row(table, row["label"], with_error(row["mean"], row["high"] - row["mean"], row["unit"]), ranged)
    return table


def funnel_table(frame: pd.DataFrame) -> Table:
    """The funnel of one route."""
    table = plain_table(f"Groups by stage: {frame['route_label'].iloc[0]}", "Stage")
    # Six columns of numbers leave a narrow terminal little room for the names of stages.
    table.padding = (0, 0, 0, 0)
    for head in ("Entered", "Range", "Went on", "Lost", "Inside", "Lost, %"):
        table.add_column(head, justify="right", no_wrap=True)
    for row in records(frame):
        means = {name: _error(row, f"{name}_mean", f"{name}_high", number) for name in _COUNTS}
        ranged = span(number(row["entered_range_low"]), number(row["entered_range_high"])).replace(" to ", "-")
        share = _error(row, "share_lost", "share_lost_high", percent)
        add_row(
            table,
            row["label"],
            means["entered"],
            ranged,
            means["passed"],
            means["lost"],
            means["inside"],
            share,
        )
    return table


def exits_table(frame: pd.DataFrame, when: str) -> Table:
    """The exits of one ``when`` by cause and stage, the commonest first, the rarest in one row."""
    table = plain_table(f"Groups lost {when}, by cause and stage", "Cause")
    table.add_column("Stage")
    for head in ("Mean", "Range", "Share"):
        table.add_column(head, justify="right", no_wrap=True)
    for row in records(frame.head(_MOST_EXITS)):
        ranged = span(number(row["range_low"]), number(row["range_high"])).replace(" to ", "-")
        mean, share = _error(row, "mean", "high", number), percent(row["share"])
        add_row(table, row["label"], row["stage_label"], mean, ranged, share)
    rest = frame.iloc[_MOST_EXITS:]
    if len(rest):
        words = f"{len(rest)} rarer ones together"
        add_row(table, words, "", number(float(rest["mean"].sum())), "", percent(float(rest["share"].sum())))
    return table


def moved_table(results: Results) -> Table:
    """Launches, staff and contract value moved."""
    table = plain_table("What moved, in one history", "")
    for head in ("Mean", "Range"):
        table.add_column(head, justify="right", no_wrap=True)
    for row in records(money.moved(results)):
        form = _short if row["measure"] == "value_moved" else number
        ranged = span(form(row["range_low"]), form(row["range_high"]))
        add_row(table, row["label"], _error(row, "mean", "high", form), ranged)
    return table


def duration_table(results: Results) -> Table:
    """Time to launch among those that launched."""
    table = plain_table("Months from setting out to launch, of those that launched", "")
    for head in ("Months", "95% interval"):
        table.add_column(head, justify="right", no_wrap=True)
    for row in records(duration.launch_quantiles(results)):
        low, high = (months(row[f"months_{side}"]) for side in ("low", "high"))
        words = f"{round(row['quantile'] * 100)} of 100 had launched within"
        add_row(table, words, months(row["months"]), span(low, high))
    return table


def costs_table(results: Results) -> Table:
    """Costs and cost per launch by payer."""
    table = plain_table("Costs by payer, undiscounted", "Who pays")
    for head in ("A history", "Range", "Per launch", "95% interval"):
        table.add_column(head, justify="right", no_wrap=True)
    for row in records(money.costs_by_payer(results)):
        ranged = span(_short(row["range_low"]), _short(row["range_high"])).replace(" to ", "-")
        known = span(_short(row["per_launch_low"]), _short(row["per_launch_high"])).replace(" to ", "-")
        add_row(table, row["label"], _error(row, "mean", "high", _short), ranged, _short(row["per_launch"]), known)
    return table


def observed_table(frame: pd.DataFrame) -> Table:
    """Observed beside simulated."""
    table = plain_table("Observed beside simulated", "What was seen")
    for head in ("Observed", "Simulated", "Range", "Tail p", "Inside"):
        table.add_column(head, justify="right", no_wrap=True)
    for row in records(frame):
        form = percent if row["unit"] == "share of groups" else number
        ranged = span(form(row["range_low"]), form(row["range_high"])).replace(" to ", "-")
        tail, inside = tail_words(row["tail"], int(row["histories"])), inside_words(row["inside"])
        style = "bold red" if inside == "no" else None
        add_row(table, row["label"], form(row["observed"]), form(row["mean"]), ranged, tail, inside, style=style)
    return table


_COUNTS = ("entered", "passed", "lost", "inside")


def plain_table(title: str, first: str) -> Table:
    """A table without borders, its first column as wide as there is room."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=Text(printable(title)), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False
    )
    table.add_column(first, overflow="fold", ratio=2)
    return table


def add_row(table: Table, *cells: str, style: str | None = None) -> None:
    """Add a row whose cells are text and nothing else: a label may look like markup, or hold what steers a terminal."""
    from rich.text import Text

    table.add_row(*(Text(printable(cell)) for cell in cells), style=style)


def _error(row: dict[str, float], mean: str, high: str, form: Callable[[float], str]) -> str:
    """A mean with half the width of its interval, to one figure, where there is one worth a figure."""
    half = row[high] - row[mean]
    scaled = half * 100 if form is percent else half
    if math.isnan(half) or scaled < 0.005 or abs(row[mean]) < 0.005:
        return form(row[mean])
    rounded = float(f"{scaled:.1g}")
    written = _short(rounded) if form is _short else f"{rounded:,.0f}" if rounded >= 1 else f"{rounded:g}"
    return f"{form(row[mean]).removesuffix('%')}±{written}%" if form is percent else f"{form(row[mean])}±{written}"


def _short(amount: float) -> str:
    """Pounds for a narrow column: ``£163k``, ``£19.5m``."""
    written = pounds(amount)
    for word, letter in ((" billion", "bn"), (" million", "m")):
        written = written.replace(word, letter)
    return f"{written.removesuffix(',000')}k" if written.endswith(",000") else written
