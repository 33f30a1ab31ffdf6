"""The outcomes by which worlds are compared: one number a replication, or a ratio of two such numbers.

An outcome without a denominator is a mean over replications; one with a denominator is a ratio of means, as the cost
per launch is the mean cost over the mean number of launches. The mean of each history's own ratio would leave out,
without a word, the histories without a launch.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.analysis.dates import DAYS_A_MONTH, end_of_day
from sim.analysis.discount import discounted_totals
from sim.analysis.reading import Reading
from sim.analysis.register import OUTCOMES, Outcome, Terms
from sim.analysis.run.endings import exit_times, has_launched, launch_column, launch_times
from sim.errors import InputError
from sim.scenario.facts import Facts
from sim.scenario.faults import quote, suggest
from sim.scenario.vocabulary import EXITED, MODEL_CAUSES
from sim.store.table_slice import Totals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.store.results import Results
    from sim.store.table_slice import TableSlice

    Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class OutcomeValues:
    """An outcome in one world: one number a replication, in the order of :attr:`Results.replications`.

    The outcome is mean(numerator), or mean(numerator) / mean(denominator) where there is a denominator.
    """

    outcome: Outcome
    numerator: Numbers
    denominator: Numbers | None


_BY_CAUSE: Final = ("exits_", "closed_")


def outcomes(facts: Facts, reading: Reading) -> dict[str, Outcome]:
    """All outcomes of a world by name, in their fixed order.

    ``launches share_launched months_to_launch staff_moved value_moved``, then ``exits`` (lost before launch) and
    ``exits_<cause>``, ``closed`` (lost after launch) and ``closed_<cause>``, ``trading`` (launched and not lost, at the
    end of the clock) and ``trading_<date>`` for each date of the reading, then money. Raises `InputError` for a date
    outside the clock.
    """
    return {outcome.name: outcome for outcome in _known([facts], reading)}


def select_names(names: Collection[str], worlds: Iterable[Facts], reading: Reading) -> list[str]:
    """These names in the fixed order of outcomes; ``worlds`` are the facts of those that are compared.

    Raises `InputError`, with the nearest valid name, for one that no world has.
    """
    possible = [outcome.name for outcome in _known(list(worlds), reading)]
    for name in names:
        if name not in possible:
            shown = [name for name in possible if not name.startswith(_BY_CAUSE)]
            kinds = ", ".join([*shown, "exits_<cause>", "closed_<cause>"])
            raise InputError(f"there is no outcome {quote(name)}{suggest(name, possible)}, expected one of {kinds}")
    return [name for name in possible if name in names]


def measure(results: Results, reading: Reading, names: Collection[str] | None = None) -> dict[str, OutcomeValues]:
    """The outcomes of a world by name, in their fixed order.

    Without ``names`` all of them, of causes those that occurred. Raises `InputError` for an unknown name and for
    results without a table that an outcome needs.
    """
    wanted = occurring_names([results], reading) if names is None else select_names(names, [results.facts], reading)
    return measure_worlds([results], reading, wanted)[0]


def measure_worlds(
    worlds: Collection[Results], reading: Reading, names: Collection[str]
) -> list[dict[str, OutcomeValues]]:
    """The outcomes of several worlds by names that at least one of them has; a cause unknown to a world took nobody."""
    wanted = [outcome for outcome in _known([world.facts for world in worlds], reading) if outcome.name in names]
    return [{outcome.name: _measured(world, reading, outcome) for outcome in wanted} for world in worlds]


def occurring_names(worlds: Collection[Results], reading: Reading) -> list[str]:
    """All outcomes in their fixed order; of the causes of exit those that occurred in one of the worlds."""
    occurred = {key for world in worlds for key in _flow(world, reading).keys}
    names = [outcome.name for outcome in _known([world.facts for world in worlds], reading)]
    return [name for name in names if name in occurred or not name.startswith(_BY_CAUSE)]


def _known(worlds: Collection[Facts], reading: Reading) -> Iterator[Outcome]:
    """The outcomes of some worlds, those of the register that stand for several written out."""
    causes: dict[str, str] = {}
    for facts in worlds:
        for cause in (*facts.barriers, *MODEL_CAUSES):
            causes.setdefault(cause, facts.cause_label(cause))
        _check_dates(facts, reading)
    for outcome in OUTCOMES.values():
        if outcome.name.endswith("<cause>"):
            yield from (outcome.of(cause, label) for cause, label in causes.items())
        elif outcome.name.endswith("<date>"):
            yield from (outcome.of(on.isoformat(), f"{on:%d %B %Y}") for on in reading.trading_on)
        else:
            yield outcome


def _check_dates(facts: Facts, reading: Reading) -> None:
    for on in reading.trading_on:
        if not facts.start <= on < facts.end:
            raise InputError(f"trading on {on} cannot be counted: the clock runs from {facts.start} until {facts.end}")


def _measured(results: Results, reading: Reading, outcome: Outcome) -> OutcomeValues:
    under = _sum(results, reading, outcome.under) if outcome.under else None
    return OutcomeValues(outcome, _sum(results, reading, outcome.over), under)


def _sum(results: Results, reading: Reading, terms: Terms) -> Numbers:
    first, *others = (sign * _vector(results, reading, name) for sign, name in terms)
    return sum(others, first)


def _vector(results: Results, reading: Reading, name: str) -> Numbers:
    """One number a replication, in the order of the replications."""
    if name in results.kpis.columns:
        order = np.argsort(results.kpis["replication"].to_numpy())
        return results.kpis[name].to_numpy(dtype=np.float64)[order]
    if name.startswith("discounted_"):
        settled = reading.for_world(results.facts)
        assert settled.base_year is not None
        return discounted_totals(results, settled.rate, settled.base_year)[name.removeprefix("discounted_")]
    return _flow(results, reading)[name]


def _flow(results: Results, reading: Reading) -> Totals:
    """What the groups table says by replication: months to launch, exits, closures and those trading."""
    return results.once(("flow", reading.trading_on), lambda: _counted(results, reading))


def _counted(results: Results, reading: Reading) -> Totals:
    sums = Totals(len(results.replications), np.float64)
    for table_slice in results.slices(
        "groups", ["arrived", "state", "exit_cause", "exit_time", launch_column(results.facts.launch)]
    ):
        live = has_launched(table_slice)
        months = (launch_times(table_slice) - table_slice.numbers("arrived")) / DAYS_A_MONTH
        sums.add("months", table_slice, table_slice.sums(np.where(live, 0, -1), 1, months)[:, 0])
        _count_exits(table_slice, "exits", ~live, sums)
        _count_exits(table_slice, "closed", live, sums)
        sums.add("trading", table_slice, table_slice.count(live & np.isnan(exit_times(table_slice))))
        for on in reading.trading_on:
            instant = end_of_day(table_slice.facts, on)
            trading = (launch_times(table_slice) < instant) & ~(exit_times(table_slice) < instant)
            sums.add(f"trading_{on.isoformat()}", table_slice, table_slice.count(trading))
    return sums


def _count_exits(table_slice: TableSlice, name: str, rows: NDArray[np.bool_], sums: Totals) -> None:
    causes = table_slice.categories("exit_cause")
    gone = rows & table_slice.categories("state").equal(EXITED)
    sums.add(name, table_slice, table_slice.count(gone))
    counts = table_slice.sums(np.where(gone, causes.codes, -1), len(causes.names))
    for cause, some in zip(causes.names, counts.T, strict=True):
        if some.any():
            sums.add(f"{name}_{cause}", table_slice, some)
