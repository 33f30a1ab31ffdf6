"""The outcomes by which worlds are compared: one number a replication, or a ratio of two such numbers.

An outcome without a denominator is a mean over replications; one with a denominator is a ratio of means, as the cost
per launch is the mean cost over the mean number of launches. The mean of each history's own ratio would leave out,
without a word, the histories without a launch.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from sim.analysis.dates import DAYS_A_MONTH, end_of_day
from sim.analysis.discount import GREEN_BOOK, discounted_sums, first_year
from sim.analysis.run.endings import launch_column, launch_times, launched, lost
from sim.errors import InputError
from sim.scenario.facts import Facts
from sim.scenario.faults import nearest, quoted
from sim.scenario.vocabulary import EXITED, MODEL_CAUSES
from sim.store.pieces import Totals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.store.pieces import Piece
    from sim.store.results import Results

    Numbers = NDArray[np.float64]

Better = Literal["more", "less", "neither"]
Unit = Literal["count", "share", "months", "pounds"]


@dataclass(frozen=True)
class Outcome:
    """What is compared: its name, its label for people, its unit, and what counts as better."""

    name: str
    label: str
    unit: Unit
    better: Better


@dataclass(frozen=True)
class Measured:
    """An outcome in one world: one number a replication, in the order of :attr:`Results.replications`.

    The outcome is mean(numerator), or mean(numerator) / mean(denominator) where there is a denominator.
    """

    outcome: Outcome
    numerator: Numbers
    denominator: Numbers | None


@dataclass(frozen=True)
class Reading:
    """How outcomes are read: dates on which trading is counted, and how money is discounted.

    ``rate`` is a share a year (the Green Book's 0.035). ``base_year`` is the year to which money is discounted, None
    for the year in which the clock starts. Raises `InputError` for a rate or a year that cannot be.
    """

    trading_on: tuple[date, ...] = ()
    rate: float = GREEN_BOOK
    base_year: int | None = None

    def __post_init__(self) -> None:
        """Raises `InputError`."""
        if not (math.isfinite(self.rate) and self.rate > -1.0):
            raise InputError(f"the discount rate is {self.rate}, expected a share a year above -1, such as 0.035")
        if self.base_year is not None and not 1 <= self.base_year <= 9999:
            raise InputError(f"the base year is {self.base_year}, expected a year such as 2008")

    def for_world(self, facts: Facts) -> Reading:
        """The same reading with its base year settled, so that worlds with other clocks are discounted alike."""
        return replace(self, base_year=first_year(facts) if self.base_year is None else self.base_year)


@dataclass(frozen=True)
class _Formula:
    outcome: Outcome
    numerator: str
    denominator: str | None = None


def _formula(name: str, label: str, unit: Unit, better: Better, over: str = "", under: str | None = None) -> _Formula:
    return _Formula(Outcome(name, label, unit, better), over or name, under)


_LAUNCHES: Final = (
    _formula("launches", "Groups launched", "count", "more", "launched"),
    _formula("share_launched", "Share that launched", "share", "more", "launched", "groups"),
    _formula("months_to_launch", "Months to launch, of those launched", "months", "less", "months", "launched"),
    _formula("staff_moved", "Staff moved", "count", "more"),
    _formula("value_moved", "Contracts moved, a year", "pounds", "more"),
)
_MONEY: Final = (
    _formula("cost_programme", "Cost to the programme", "pounds", "less"),
    _formula("cost_host", "Cost to hosts", "pounds", "less"),
    _formula("cost_group", "Cost to staff groups", "pounds", "less"),
    _formula("cost_total", "Cost, all together", "pounds", "less"),
    _formula("discounted_programme", "Cost to the programme, discounted", "pounds", "less"),
    _formula("discounted_total", "Cost, all together, discounted", "pounds", "less"),
    _formula("cost_per_launch", "Cost per launch", "pounds", "less", "cost_total", "launched"),
    _formula("programme_cost_per_launch", "Programme cost per launch", "pounds", "less", "cost_programme", "launched"),
    _formula("cost_per_staff_moved", "Cost per member of staff moved", "pounds", "less", "cost_total", "staff_moved"),
)
_BY_CAUSE: Final = ("exits_", "closed_")


def outcomes(facts: Facts, reading: Reading) -> dict[str, Outcome]:
    """All outcomes of a world by name, in their fixed order.

    ``launches share_launched months_to_launch staff_moved value_moved``, then ``exits`` (lost before launch) and
    ``exits_<cause>``, ``closed`` (lost after launch) and ``closed_<cause>``, ``trading`` (launched and not lost, at the
    end of the clock) and ``trading_<date>`` for each date of the reading, then money. Raises `InputError` for a date
    outside the clock.
    """
    return {formula.outcome.name: formula.outcome for formula in _formulas([facts], reading)}


def named(names: Collection[str], worlds: Iterable[Facts], reading: Reading) -> list[str]:
    """These names in the fixed order of outcomes; ``worlds`` are the facts of those that are compared.

    Raises `InputError`, with the nearest valid name, for one that no world has.
    """
    known = [formula.outcome.name for formula in _formulas(list(worlds), reading)]
    for name in names:
        if name not in known:
            shown = [one for one in known if not one.startswith(_BY_CAUSE)]
            kinds = ", ".join([*shown, "exits_<cause>", "closed_<cause>"])
            raise InputError(f"there is no outcome {quoted(name)}{nearest(name, known)}, expected one of {kinds}")
    return [name for name in known if name in names]


def measure(results: Results, reading: Reading, names: Collection[str] | None = None) -> dict[str, Measured]:
    """The outcomes of a world by name, in their fixed order.

    Without ``names`` all of them, of causes those that occurred. Raises `InputError` for an unknown name and for
    results without a table that an outcome needs.
    """
    wanted = occurring([results], reading) if names is None else named(names, [results.facts], reading)
    return measure_known([results], reading, wanted)[0]


def measure_known(worlds: Collection[Results], reading: Reading, names: Collection[str]) -> list[dict[str, Measured]]:
    """The outcomes of several worlds by names that at least one of them has; a cause unknown to a world took nobody."""
    formulas = [one for one in _formulas([world.facts for world in worlds], reading) if one.outcome.name in names]
    return [{one.outcome.name: _measured(world, reading, one) for one in formulas} for world in worlds]


def occurring(worlds: Collection[Results], reading: Reading) -> list[str]:
    """All outcomes in their fixed order; of the causes of exit those that occurred in one of the worlds."""
    found = {key for world in worlds for key in _flow(world, reading).keys}
    names = [formula.outcome.name for formula in _formulas([world.facts for world in worlds], reading)]
    return [name for name in names if name in found or not name.startswith(_BY_CAUSE)]


def _formulas(worlds: Collection[Facts], reading: Reading) -> Iterator[_Formula]:
    causes: dict[str, str] = {}
    for facts in worlds:
        for cause in (*facts.barriers, *MODEL_CAUSES):
            causes.setdefault(cause, facts.cause_label(cause))
        _check_dates(facts, reading)
    yield from _LAUNCHES
    yield _formula("exits", "Groups lost before launch", "count", "less")
    for cause, label in causes.items():
        yield _formula(f"exits_{cause}", f"Lost before launch: {label}", "count", "less")
    yield _formula("closed", "Groups lost after launch", "count", "less")
    for cause, label in causes.items():
        yield _formula(f"closed_{cause}", f"Lost after launch: {label}", "count", "less")
    yield _formula("trading", "Still trading at the end", "count", "more")
    for on in reading.trading_on:
        yield _formula(f"trading_{on.isoformat()}", f"Still trading on {on:%d %B %Y}", "count", "more")
    yield from _MONEY


def _check_dates(facts: Facts, reading: Reading) -> None:
    for on in reading.trading_on:
        if not facts.start <= on < facts.end:
            raise InputError(f"trading on {on} cannot be counted: the clock runs from {facts.start} until {facts.end}")


def _measured(results: Results, reading: Reading, formula: _Formula) -> Measured:
    under = formula.denominator
    return Measured(
        formula.outcome,
        _vector(results, reading, formula.numerator),
        None if under is None else _vector(results, reading, under),
    )


def _vector(results: Results, reading: Reading, name: str) -> Numbers:
    """One number a replication, in the order of the replications."""
    if name in results.kpis.columns:
        order = np.argsort(results.kpis["replication"].to_numpy())
        return results.kpis[name].to_numpy(dtype=np.float64)[order]
    if name.startswith("discounted_"):
        settled = reading.for_world(results.facts)
        assert settled.base_year is not None
        return discounted_sums(results, settled.rate, settled.base_year)[name.removeprefix("discounted_")]
    return _flow(results, reading)[name]


def _flow(results: Results, reading: Reading) -> Totals:
    """What the groups table says by replication: months to launch, exits, closures and those trading."""
    return results.once(("flow", reading.trading_on), lambda: _counted(results, reading))


def _counted(results: Results, reading: Reading) -> Totals:
    sums = Totals(len(results.replications), np.float64)
    for piece in results.pieces(
        "groups", ["arrived", "state", "exit_cause", "exit_time", launch_column(results.facts.launch)]
    ):
        live = launched(piece)
        months = (launch_times(piece) - piece.numbers("arrived")) / DAYS_A_MONTH
        sums.add("months", piece, piece.sums(np.where(live, 0, -1), 1, months)[:, 0])
        _count_exits(piece, "exits", ~live, sums)
        _count_exits(piece, "closed", live, sums)
        sums.add("trading", piece, piece.count(live & np.isnan(lost(piece))))
        for on in reading.trading_on:
            instant = end_of_day(piece.facts, on)
            trading = (launch_times(piece) < instant) & ~(lost(piece) < instant)
            sums.add(f"trading_{on.isoformat()}", piece, piece.count(trading))
    return sums


def _count_exits(piece: Piece, name: str, rows: NDArray[np.bool_], sums: Totals) -> None:
    causes = piece.words("exit_cause")
    gone = rows & piece.words("state").equal(EXITED)
    sums.add(name, piece, piece.count(gone))
    counts = piece.sums(np.where(gone, causes.codes, -1), len(causes.names))
    for cause, some in zip(causes.names, counts.T, strict=True):
        if some.any():
            sums.add(f"{name}_{cause}", piece, some)
