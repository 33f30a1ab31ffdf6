"""What is shown, before any renderer sees it: pages with their sections and figures, and summaries for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from sim.report.charts.grammar import Spec
    from sim.report.charts.style import Layout
    from sim.report.table import Table


@dataclass(frozen=True)
class Figure:
    """One figure. ``name`` names its file; ``draw`` makes the chart for a layout.

    ``shows`` says what it shows, ``limits`` what it does not; ``tables`` hold its numbers.
    """

    name: str
    title: str
    shows: str
    limits: str
    draw: Callable[[Layout], Spec]
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Section:
    """A heading of a page: sentences, figures (``instead``: why there are none), tables without a figure."""

    name: str
    title: str
    figures: tuple[Figure, ...] = ()
    instead: str = ""
    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class WorldNote:
    """A world as its page describes it: label, facts, what was changed in its file, and the resolved scenario."""

    label: str
    facts: Mapping[str, str]
    changes: Table | None = None
    scenario: str = ""


@dataclass(frozen=True)
class Card:
    """A figure that stands large on a page: what it is, how much, and a note such as its interval."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Page:
    """A page for people.

    ``headline`` are sentences, the most important first; ``reading`` says how to read the numbers; ``question`` and
    ``about`` are the words of whoever asked; ``frames`` are written beside the page as CSV, by name.
    """

    kicker: str
    title: str
    meta: str
    headline: tuple[str, ...]
    cards: tuple[Card, ...]
    reading: tuple[str, ...]
    sections: tuple[Section, ...]
    facts: Mapping[str, str]
    worlds: tuple[WorldNote, ...]
    frames: Mapping[str, pd.DataFrame] = field(default_factory=dict, repr=False)
    warnings: tuple[str, ...] = ()
    question: str = ""
    about: str = ""


@dataclass(frozen=True)
class Summary:
    """What a terminal shows of a result: the first sentences and tables of its page.

    ``notes`` say how to read the numbers, ``warnings`` what is wrong with them.
    """

    title: str
    notes: tuple[str, ...]
    headline: tuple[str, ...]
    tables: tuple[Table, ...]
    warnings: tuple[str, ...] = ()
