"""Which groups an observation is about: a selection of the scenario, applied to the simulated groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.dates import day, end_of_day
from sim.analysis.run.endings import exit_times
from sim.analysis.run.periods import period_columns, stage_periods
from sim.scenario.facts import Facts
from sim.scenario.vocabulary import ARRIVED
from sim.store.results import ResultsError

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from sim.store.table_slice import TableSlice

    Mask = NDArray[np.bool_]

_OF_KIND = {"types": "type", "regions": "region", "routes": "route", "causes": "exit_cause"}
_IN_TIME = (
    "set_out_by",
    "reached",
    "from",
    "by",
    "not_reached",
    "alive_on",
    "in_stages",
    "before_milestone",
    "on",
)
KEYS = frozenset([*_OF_KIND, *_IN_TIME, "also"])


def select(groups: TableSlice, selection: Mapping[str, Any]) -> Mask:
    """Whether each group is meant by a selection: every key that is given must hold.

    ``types regions routes causes``
        The group's type, region, route, or cause of exit is one of these.
    ``set_out_by``
        It arrived on that date or before.
    ``reach_times`` with ``from``, ``by``
        It reached the milestone, not before ``from`` and not after ``by``.
    ``not_reached`` with ``on``
        It had not reached the milestone when ``on`` was over (without ``on``: it never did).
    ``alive_on``
        It had arrived and not exited when that date was over.
    ``in_stages`` with ``on``
        When ``on`` was over (without: at the end of the clock) it was in one of these stages.
    ``before_milestone`` with ``on``
        When ``on`` was over it had arrived, not exited, and not reached the milestone.
    ``also``
        Another selection that must hold too.

    Dates are whole days: what happened on ``by`` or ``on`` counts. Raises :class:`ResultsError` for an unknown
    key.
    """
    given = _given(selection)
    mask = np.ones(groups.rows, dtype=bool)
    for test in (_of_kind, _with_history, _as_on):
        mask &= test(groups, given)
    if "also" in given:
        mask &= select(groups, given["also"])
    return mask


def selection_columns(facts: Facts, selection: Mapping[str, Any]) -> set[str]:
    """The columns of the groups table that :func:`select` needs for a selection."""
    given = _given(selection)
    columns = {column for key, column in _OF_KIND.items() if key in given}
    columns |= {f"reached_{given[key]}" for key in ("reached", "not_reached", "before_milestone") if key in given}
    if {"set_out_by", "alive_on", "before_milestone"} & set(given):
        columns |= {"arrived", "state", "exit_time"}
    if "in_stages" in given:
        columns |= set(period_columns(facts))
    if "also" in given:
        columns |= selection_columns(facts, given["also"])
    return columns


def reach_times(groups: TableSlice, moment: str) -> NDArray[np.float64]:
    """When each group reached a milestone (or ``arrived``), in days; NaN for never."""
    column = moment if moment == ARRIVED else f"reached_{moment}"
    if not groups.has(column) and moment not in {stage.milestone for stage in groups.facts.stages}:
        raise ResultsError(f"no milestone {moment} in these results")
    return groups.numbers(column)


def _given(selection: Mapping[str, Any]) -> dict[str, Any]:
    """The keys that are set. The scenario's own models call one of them from_, as from is a word of Python."""
    given = {"from" if key == "from_" else key: value for key, value in selection.items() if value is not None}
    unknown = set(given) - KEYS
    if unknown:
        raise ResultsError(f"unknown key {sorted(unknown)[0]} in a selection, expected {', '.join(sorted(KEYS))}")
    return given


def _several(value: Any) -> Collection[str]:
    return (value,) if isinstance(value, str) else tuple(value)


def _of_kind(groups: TableSlice, given: Mapping[str, Any]) -> Mask:
    mask = np.ones(groups.rows, dtype=bool)
    for key, column in _OF_KIND.items():
        if key in given:
            mask &= groups.categories(column).among(_several(given[key]))
    return mask


def _with_history(groups: TableSlice, given: Mapping[str, Any]) -> Mask:
    facts = groups.facts
    mask = np.ones(groups.rows, dtype=bool)
    if "set_out_by" in given:
        mask &= groups.numbers("arrived") < end_of_day(facts, given["set_out_by"])
    if "reached" in given:
        when = reach_times(groups, given["reached"])
        mask &= ~np.isnan(when)
        if "from" in given:
            mask &= when >= day(facts, given["from"])
        if "by" in given:
            mask &= when < end_of_day(facts, given["by"])
    return mask


def _as_on(groups: TableSlice, given: Mapping[str, Any]) -> Mask:
    facts = groups.facts
    last = np.nextafter(facts.horizon, np.inf)
    instant = end_of_day(facts, given["on"]) if "on" in given else float(last)
    mask = np.ones(groups.rows, dtype=bool)
    if "not_reached" in given:
        mask &= ~(reach_times(groups, given["not_reached"]) < instant)
    if "alive_on" in given:
        mask &= _alive(groups, end_of_day(facts, given["alive_on"]))
    if "in_stages" in given:
        mask &= _in_stages(groups, _several(given["in_stages"]), instant)
    if "before_milestone" in given:
        mask &= _alive(groups, instant) & ~(reach_times(groups, given["before_milestone"]) < instant)
    return mask


def _in_stages(groups: TableSlice, wanted: Collection[str], instant: float) -> Mask:
    """Whether each group was in one of these stages just before ``instant``."""
    inside = np.zeros(groups.rows, dtype=bool)
    for stage, start, end in stage_periods(groups):
        if stage.name in wanted:
            inside |= (start < instant) & ~(end < instant)
    return inside


def _alive(groups: TableSlice, instant: float) -> Mask:
    return (groups.numbers("arrived") < instant) & ~(exit_times(groups) < instant)
