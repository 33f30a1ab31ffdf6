"""What an entry of the register is: something that is measured, and all that is said of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

Better = Literal["more", "less", "neither"]
Unit = Literal["count", "share", "months", "pounds"]
Terms = tuple[tuple[int, str], ...]
"""A sum of columns, each with its sign."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Something that is measured: its name, its label for people, its unit, what counts as better, and what it is.

    It is the mean over replications of the sum of ``over``, or a ratio of two such means where there is ``under``; the
    terms are columns of one number a replication. ``short`` is the label where there is little room.
    """

    name: str
    label: str
    unit: Unit
    better: Better
    definition: str = ""
    over: Terms = ()
    under: Terms = ()
    short: str = ""

    @property
    def formula(self) -> str:
        """How it is computed from the columns, such as ``launched / groups``; "" where no sum of columns says it."""
        over, under = _written(self.over), _written(self.under)
        return f"{over} / {under}" if under else over.removeprefix("(").removesuffix(")")

    @property
    def heading(self) -> str:
        """The label where there is little room."""
        return self.short or self.label

    def of(self, name: str, label: str) -> Outcome:
        """One of a family (``exits_<cause>``): ``name`` takes the place of what stands in brackets."""
        stem = self.name.partition("<")[0]
        return replace(self, name=stem + name, label=self.label.format(label), over=plus(stem + name))


def plus(*names: str, minus: tuple[str, ...] = ()) -> Terms:
    """The sum of columns, less some others."""
    return (*((1, name) for name in names), *((-1, name) for name in minus))


def _written(terms: Terms) -> str:
    text = " ".join(f"{'+' if sign > 0 else '-'} {name}" for sign, name in terms).removeprefix("+ ")
    return f"({text})" if len(terms) > 1 else text


def register(entries: Iterable[Outcome]) -> Mapping[str, Outcome]:
    """Outcomes by name, in their order, not to be changed."""
    return MappingProxyType({entry.name: entry for entry in entries})


def count(name: str, label: str, better: Better, definition: str, over: Terms = (), short: str = "") -> Outcome:
    """A number of groups or launches; without ``over`` the column of its own name."""
    return Outcome(name, label, "count", better, definition, over or plus(name), (), short)


def pounds(name: str, label: str, definition: str, over: Terms = (), under: Terms = ()) -> Outcome:
    """An amount of money, of which less is better; without ``over`` the column of its own name."""
    return Outcome(name, label, "pounds", "less", definition, over or plus(name), under)
