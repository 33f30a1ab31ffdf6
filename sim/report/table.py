"""Tables for people, whatever the medium: values with their units under headings.

A cell is text, or a value that can be written at length (pages, documents) and in short (a terminal has 80 columns).
Renderers (`sim.report.renderers`) write tables; nobody else need know how a medium escapes text.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Literal, Protocol, TypeAlias

from sim.report.format import Unit, amount, change_with_interval, estimate, shorten, span, with_error


class Value(Protocol):
    """A cell that is not text."""

    def long(self) -> str:
        """As a page writes it."""

    def short(self) -> str:
        """As a terminal writes it."""


Cell: TypeAlias = str | Value
Row: TypeAlias = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Level:
    """A mean, a share or a sum with its 95% interval; NaN ends where it has none."""

    value: float
    low: float = math.nan
    high: float = math.nan
    unit: Unit = "number"

    def long(self) -> str:
        """``13.5 (13.0 to 14.0)``."""
        return estimate(self.value, self.low, self.high, lambda value: amount(value, self.unit))

    def short(self) -> str:
        """``13.5±0.5``."""
        return with_error(self.value, self.high - self.value, self.unit)


@dataclass(frozen=True, slots=True)
class Interval:
    """A level whose interval is written out everywhere, because its ends lie at unequal distances from it."""

    value: float
    low: float
    high: float
    unit: Unit

    def long(self) -> str:
        """``£560,000 (£280,000 to £21.6 million)``."""
        return Level(self.value, self.low, self.high, self.unit).long()

    def short(self) -> str:
        """``£560k (£280k to £21.6m)``."""
        return shorten(self.long())


@dataclass(frozen=True, slots=True)
class Change:
    """A difference with its sign and its 95% interval, from which one sees whether it includes zero."""

    value: float
    low: float = math.nan
    high: float = math.nan
    unit: Unit = "count"

    def long(self) -> str:
        """``+1.2 (+0.8 to +1.6) points``."""
        return change_with_interval(self.value, self.low, self.high, self.unit)

    def short(self) -> str:
        """``+1.2 (+0.8 to +1.6) pt``."""
        return shorten(self.long())


@dataclass(frozen=True, slots=True)
class Range:
    """Two ends of a level."""

    low: float
    high: float
    unit: Unit = "number"

    def long(self) -> str:
        """``6 to 22``."""
        return span(amount(self.low, self.unit), amount(self.high, self.unit))

    def short(self) -> str:
        """``6-22``."""
        return span(*(shorten(amount(end, self.unit)) for end in (self.low, self.high))).replace(" to ", "-")


@dataclass(frozen=True, slots=True)
class Code:
    """A name as it is typed."""

    text: str

    def long(self) -> str:
        """The name."""
        return self.text

    def short(self) -> str:
        """The name."""
        return self.text


@dataclass(frozen=True, slots=True)
class Linked:
    """Text of the program's own in which addresses stand between angle brackets and can be followed."""

    text: str

    def long(self) -> str:
        """The text."""
        return self.text

    def short(self) -> str:
        """The text."""
        return self.text


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, on a terminal perhaps a shorter one, and the side on which its cells stand.

    ``place`` says where it is shown: a terminal has room for few columns.
    """

    heading: str
    brief: str = ""
    align: Literal["left", "right"] = "right"
    place: Literal["everywhere", "page", "terminal"] = "everywhere"

    @property
    def short(self) -> str:
        """The heading on a terminal."""
        return self.brief or self.heading


@dataclass(frozen=True)
class Table:
    """A table: the first column names the row. Rows numbered in ``marked`` call for attention."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    marked: Collection[int] = frozenset()

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"a row of “{self.caption}” has not {len(self.columns)} cells")

    def shown_on(self, place: Literal["page", "terminal"]) -> Table:
        """The table with the columns for one place."""
        kept = [k for k, column in enumerate(self.columns) if column.place in ("everywhere", place)]
        rows = tuple(tuple(row[k] for k in kept) for row in self.rows)
        return replace(self, columns=tuple(self.columns[k] for k in kept), rows=rows)


def text(heading: str, brief: str = "") -> Column:
    """A column of words."""
    return Column(heading, brief, "left")


def page_only(heading: str, align: Literal["left", "right"] = "right") -> Column:
    """A column that a terminal has no room for."""
    return Column(heading, "", align, "page")


def terminal_only(heading: str) -> Column:
    """A column of numbers that pages show in another way."""
    return Column(heading, place="terminal")


def write_long(cell: Cell) -> str:
    """A cell as a page writes it."""
    return cell if isinstance(cell, str) else cell.long()


def write_short(cell: Cell) -> str:
    """A cell as a terminal writes it."""
    return cell if isinstance(cell, str) else cell.short()


def words_table(caption: str, headings: Iterable[str], rows: Iterable[Row]) -> Table:
    """A table in which every column is of words."""
    return Table(caption, tuple(map(text, headings)), tuple(rows))
