"""Worlds side by side: an outcome in several worlds over the same replications.

Two worlds that are run with the same seed share the luck of every group (common random numbers), so what counts is the
spread of the difference within a replication. Ratios enter by their linearised values, one a replication, whose mean is
the ratio: value + (numerator - value x denominator) / mean(denominator).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.analysis.critical import bootstrap_t, pointwise_critical, simultaneous_critical
from sim.analysis.intervals import mean_interval, ratio_interval, share_interval
from sim.analysis.outcomes import OutcomeValues, measure_worlds, select_names
from sim.analysis.reading import Reading
from sim.analysis.register import Outcome

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.store.results import Results

    Numbers = NDArray[np.float64]

_ROUNDING: Final = 1e-12
"""A difference that varies by less than this share of the values themselves does not vary."""
_NAN: Final = math.nan


@dataclass(frozen=True)
class Sample:
    """An outcome in one world, over the replications that all worlds have."""

    outcome: Outcome
    numerator: Numbers
    denominator: Numbers | None

    @property
    def value(self) -> float:
        """The mean or ratio of means; NaN where it is not defined."""
        if len(self.numerator) == 0:
            return _NAN
        mean = float(self.numerator.mean())
        if self.denominator is None:
            return mean
        below = float(self.denominator.mean())
        return mean / below if below else _NAN

    def parts(self) -> Numbers:
        """The values, linearised for a ratio, one a replication; their mean is the value."""
        if self.denominator is None:
            return self.numerator
        value, below = self.value, float(self.denominator.mean()) if len(self.denominator) else 0.0
        if not below:
            return np.full(len(self.numerator), _NAN)
        return np.asarray(value + (self.numerator - value * self.denominator) / below)

    def histories(self) -> Numbers:
        """What each history shows by itself; NaN where that is not defined."""
        if self.denominator is None:
            return self.numerator
        some = np.where(self.denominator != 0, self.denominator, _NAN)
        return np.asarray(self.numerator / some)

    def interval(self, level: float) -> tuple[float, float]:
        """Of the value by itself: Student's, or Fieller's for a ratio."""
        if self.denominator is None:
            return mean_interval(self.numerator, level)
        bounds = share_interval if self.outcome.unit == "share" else ratio_interval
        return bounds(self.numerator, self.denominator, level)[1:]

    def both(self) -> tuple[Numbers, Numbers]:
        """Numerator and denominator."""
        return self.numerator, np.ones_like(self.numerator) if self.denominator is None else self.denominator

    def some(self, rows: NDArray[np.bool_]) -> Sample:
        """The same of some replications."""
        return Sample(self.outcome, self.numerator[rows], None if self.denominator is None else self.denominator[rows])


@dataclass(frozen=True)
class Yardstick:
    """How the differences of one outcome are judged: standard deviations and critical values by alternative."""

    sd: Numbers
    alone: Numbers
    together: float
    method: str


@dataclass(frozen=True)
class Family:
    """One outcome in the base and in every alternative, over the replications of these numbers."""

    numbers: NDArray[np.int64]
    base: Sample
    others: tuple[Sample, ...]

    @property
    def outcome(self) -> Outcome:
        """The outcome."""
        return self.base.outcome

    def first(self, pilot: int) -> Family:
        """The same of the replications numbered below ``pilot``."""
        early = self.numbers < pilot
        return Family(self.numbers[early], self.base.some(early), tuple(other.some(early) for other in self.others))

    def differences(self) -> Numbers:
        """Every alternative minus the base: shape (alternatives, replications)."""
        own = self.base.parts()
        return np.stack([other.parts() - own for other in self.others])

    def yardstick(self, level: float) -> Yardstick:
        """The yardstick from these replications. Differences that never vary are known, and take no part in it."""
        differences = self.differences()
        number, n = differences.shape
        sd = differences.std(axis=1, ddof=1) if n > 1 else np.full(number, _NAN)
        scale = np.array([np.abs(sample.parts()).max(initial=0.0) for sample in (self.base, *self.others)])
        sd[sd <= _ROUNDING * (scale[0] + scale[1:])] = 0.0
        varying = sd > 0
        alone, together, method = np.full(number, _NAN), _NAN, "t over replications"
        if self.base.denominator is not None:
            method = "bootstrap-t over replications"
            if varying.any():
                alone[varying], together = bootstrap_t(self._quads()[varying], level)
        elif varying.any():
            alone[varying] = pointwise_critical(n - 1, level)
            together = simultaneous_critical(differences[varying], level)
        return Yardstick(sd, alone, together, method)

    def _quads(self) -> Numbers:
        """Numerator and denominator of every alternative and of the base: shape (alternatives, 4, replications)."""
        return np.array([[*other.both(), *self.base.both()] for other in self.others])


def families(worlds: Sequence[Results], reading: Reading, names: Collection[str]) -> Iterator[Family]:
    """Outcomes over the replications that all worlds have, the first of which is the base; none without another.

    The names are known to be those of outcomes, and the base year of the reading is settled.
    """
    if len(worlds) < 2:
        return
    numbers = worlds[0].replications
    for world in worlds[1:]:
        numbers = np.intersect1d(numbers, world.replications, assume_unique=True)
    places = [world.positions(numbers) for world in worlds]
    measured_worlds = measure_worlds(worlds, reading, names)
    for name in measured_worlds[0]:
        base, *others = (_sample(measured[name], at) for measured, at in zip(measured_worlds, places, strict=True))
        yield Family(numbers, base, tuple(others))


def _sample(measured: OutcomeValues, at: NDArray[np.int64]) -> Sample:
    below = measured.denominator
    return Sample(measured.outcome, measured.numerator[at], None if below is None else below[at])


def paired_differences(
    base: Results, alternatives: Mapping[str, Results], reading: Reading, names: Collection[str]
) -> dict[str, Numbers]:
    """Every alternative minus the base, by outcome, linearised for a ratio: shape (alternatives, replications).

    Over the replications that all worlds have. Raises `InputError` for an unknown outcome.
    """
    worlds = [base, *alternatives.values()]
    settled = reading.for_world(base.facts)
    wanted = select_names(names, [world.facts for world in worlds], settled)
    return {family.outcome.name: family.differences() for family in families(worlds, settled, wanted)}
