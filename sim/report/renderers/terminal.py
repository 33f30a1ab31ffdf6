"""Tables and summaries on a terminal of 80 columns or more: no word is broken, no heading is cut.

Whatever comes from a scenario is text and nothing else: it may look like markup, or hold what steers a terminal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sim.report.format import visible
from sim.report.table import Column, Table, write_short

if TYPE_CHECKING:
    from rich.console import Console

    from sim.report.document import Summary

_PLAIN_WIDTH = 100
_LONGEST_WORD = 26
"""A longer word is folded: no label that a person writes has one."""
_ALERT = "bold red"


def standard_output() -> Console:
    """Standard output: coloured and as wide as the terminal, or, where it is none, plain and 100 columns wide."""
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=_PLAIN_WIDTH, color_system=None, highlight=False)


def print_summary(summary: Summary, console: Console | None = None) -> None:
    """Print a summary: title, how to read it, warnings, the headline as a list, tables.

    Without a ``console`` it goes to `standard_output`.
    """
    where = console or standard_output()
    where.print()
    print_text(summary.title, where, "bold")
    for sentence in summary.notes:
        print_text(sentence, where)
    for sentence in summary.warnings:
        print_text(sentence, where, _ALERT)
    if summary.headline:
        where.print()
    for sentence in summary.headline:
        print_item(sentence, where)
    for table in summary.tables:
        where.print()
        print_table(table, where)


def print_text(text: str, console: Console, style: str = "") -> None:
    """Print a paragraph, broken between words."""
    from rich.text import Text

    console.print(Text(visible(text), style=style))


def print_item(text: str, console: Console) -> None:
    """Print a paragraph of a list."""
    from rich.padding import Padding
    from rich.text import Text

    for place, line in enumerate(Text(visible(text)).wrap(console, console.width - 4)):
        line.rstrip()
        console.print(Padding(Text("- " if place == 0 else "  ") + line, (0, 0, 0, 1), expand=False))


def print_table(table: Table, console: Console) -> None:
    """Print a table under its caption; as a block a row where its columns do not fit beside one another."""
    shown = table.shown_on("terminal")
    cells = [[visible(write_short(cell)) for cell in row] for row in shown.rows]
    if shown.caption:
        print_text(shown.caption, console, "bold")
    for gap in (2, 1):
        widths = _widths(shown.columns, cells, console.width - 2 - gap * (len(shown.columns) - 1))
        if widths is not None:
            return _print_columns(shown, cells, widths, gap, console)
    return _print_blocks(shown, cells, console)


def _widths(columns: Sequence[Column], cells: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """The width of each column in cells of the terminal, all together ``room`` at most; None where they do not fit."""
    wanted, least = [], []
    for place, column in enumerate(columns):
        texts = [row[place] for row in cells]
        heading = visible(column.short)
        wanted.append(_longest([heading, *texts]))
        words = [word for entry in (heading, *(texts if column.align == "left" else ())) for word in entry.split()]
        # A number is not broken, a word of a label is, where it is longer than words are.
        least.append(max(min(_longest(words), _LONGEST_WORD), 0 if column.align == "left" else _longest(texts)))
    if sum(least) > room:
        return None
    widths = [min(pair) for pair in zip(wanted, least, strict=True)]
    while sum(widths) < room and widths != wanted:
        # The column whose text is broken most often gets the next cell.
        tightest = max(range(len(widths)), key=lambda place: wanted[place] / max(widths[place], 1))
        widths[tightest] += 1
    return widths


def _longest(texts: Iterable[str]) -> int:
    from rich.cells import cell_len

    return max(map(cell_len, texts), default=0)


def _print_columns(
    table: Table, cells: Sequence[Sequence[str]], widths: Sequence[int], gap: int, console: Console
) -> None:
    from rich import box
    from rich.table import Table as Grid
    from rich.text import Text

    grid = Grid(box=box.SIMPLE_HEAD, padding=(0, gap - 1, 0, 0), pad_edge=False)
    for column, width in zip(table.columns, widths, strict=True):
        grid.add_column(Text(visible(column.short)), justify=column.align, width=width, overflow="fold", vertical="top")
    for place, row in enumerate(cells):
        grid.add_row(*map(Text, row), style=_ALERT if place in table.marked else None)
    console.print(grid)


def _print_blocks(table: Table, cells: Sequence[Sequence[str]], console: Console) -> None:
    """A block a row: its name, then each heading with its value."""
    headings = [column.short for column in table.columns[1:]]
    for place, (name, *rest) in enumerate(cells):
        print_text(name or "-", console, _ALERT if place in table.marked else "bold")
        for heading, value in zip(headings, rest, strict=True):
            print_item(f"{heading}: {value}", console)
