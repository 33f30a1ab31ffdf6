"""Gathers the rows of a plan's tables; knows the parts that many rows have: conditions, terms, draws and periods."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np

from sim.compile.records import NO_ROWS, Span, records
from sim.plan.distributions import DistributionPlan
from sim.plan.plan import Condition, DrawPlan, Period, Plan, Term
from sim.plan.rows import (
    FIELDS,
    NONE,
    ROWS,
    DistributionRow,
    DrawRow,
    FactTestRow,
    PeriodRow,
    PointRow,
    SegmentRow,
    Tables,
    TermRow,
)
from sim.scenario.vocabulary import DISTRIBUTIONS

Row = tuple[Any, ...]
_UNCHANGED: Final = (SegmentRow(start=-math.inf, factor=1.0),)
_KINDS: Final = {name: number for number, name in enumerate(DISTRIBUTIONS)}


class TableBuilder:
    """The rows gathered so far, by the kind of row."""

    def __init__(self, plan: Plan) -> None:
        self._everybody = [
            policy.condition is None and policy.covered_hosts is None and policy.covered_groups is None
            for policy in plan.policies
        ]
        self._rows: defaultdict[type[Row], list[Row]] = defaultdict(list)
        self._values: list[float] = []
        self._links: list[int] = []

    def add(self, row: Row) -> int:
        """Append a row to the table of its kind, and return its number."""
        table = self._rows[type(row)]
        table.append(row)
        return len(table) - 1

    def span(self, rows: Sequence[Row]) -> Span:
        """Append rows of one kind that belong together, and return where they stand."""
        if not rows:
            return NO_ROWS
        table = self._rows[type(rows[0])]
        first = len(table)
        table += rows
        return Span(first, len(table))

    def values(self, values: Iterable[float]) -> Span:
        """Plain values that belong together."""
        first = len(self._values)
        self._values += values
        return Span(first, len(self._values))

    def links(self, rows: Iterable[int]) -> Span:
        """The numbers of rows of another table that belong together."""
        first = len(self._links)
        self._links += rows
        return Span(first, len(self._links))

    def tables(self) -> Tables:
        """All of it as arrays."""
        return {
            **{name: records(row, self._rows[row]) for name, row in ROWS.items()},
            "values": np.array(self._values, FIELDS["values"]),
            "links": np.array(self._links, FIELDS["links"]),
        }

    def uses_slot(self, slot: int) -> bool:
        """Whether a term so far reads the fact in a slot."""
        return any(row[0] == slot for row in self._rows[TermRow])

    def condition(self, condition: Condition | None) -> Span:
        """The tests of a condition; none for everybody."""
        tests = () if condition is None else condition.tests
        return self.span([FactTestRow(slot=slot, values=self.values(sorted(values))) for slot, values in tests])

    def terms(self, terms: Sequence[Term]) -> Span:
        """The terms of a ``depends_on``."""
        return self.span(
            [TermRow(slot=t.slot, level=math.nan if t.level is None else t.level, shift=t.shift) for t in terms],
        )

    def distribution(self, plan: DistributionPlan) -> int:
        """The number of a distribution."""
        points = zip(plan.values, plan.cumulative, strict=True)
        row = DistributionRow(
            kind=_KINDS[plan.kind],
            a=plan.a,
            b=plan.b,
            c=plan.c,
            at_least=plan.at_least,
            at_most=plan.at_most,
            points=self.span([PointRow(value=value, cumulative=share) for value, share in points]),
        )
        return self.add(row)

    def draw(self, draw: DrawPlan | None) -> int:
        """The number of a draw: its key, and the distributions of the types one after the other."""
        if draw is None:
            return NONE
        first, *_ = [self.distribution(plan) for plan in draw.distributions]
        return self.add(DrawRow(key=draw.key, distribution=first))

    def periods(self, periods: Sequence[Period]) -> Span:
        """Periods in order; those of a policy that reaches everybody name no policy."""
        if not periods:
            return NO_ROWS
        rows = [
            PeriodRow(
                start=period.start,
                stop=period.stop,
                policy=NONE if self._reaches_everybody(period) else period.policy,
                change=period.change,
            )
            for period in periods
        ]
        return self.span(rows)

    def factors(self, periods: Sequence[Period]) -> tuple[Span, Span]:
        """Periods that multiply a rate: those that everybody meets as segments of time, then the others one by one."""
        if not periods:
            return self.span(_UNCHANGED), NO_ROWS
        common = [period for period in periods if self._reaches_everybody(period)]
        others = [period for period in periods if not self._reaches_everybody(period)]
        return self.span(_segments(common)), self.periods(others)

    def _reaches_everybody(self, period: Period) -> bool:
        return period.policy < 0 or self._everybody[period.policy]


def _segments(periods: Sequence[Period]) -> list[SegmentRow]:
    """The product of the factors of the periods that hold, from each date on which it may change."""
    edges = sorted(
        {-math.inf, *(edge for period in periods for edge in (period.start, period.stop) if edge < math.inf)}
    )
    segments = []
    for edge in edges:
        factor = 1.0
        for period in periods:
            if period.start <= edge < period.stop:
                factor *= period.change
        segments.append(SegmentRow(start=edge, factor=factor))
    return segments
