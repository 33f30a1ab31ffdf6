"""Which groups an observation is about: a selection of the scenario, applied to the simulated groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.analysis.dates import day, end_of_day
from sim.analysis.labels import stages
from sim.analysis.occupancy import stage_on
from sim.analysis.results import ResultsError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.analysis.results import Results

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


def selected(results: Results, selection: Mapping[str, Any]) -> Mask:
    """Whether each row of the groups table is meant by a selection: every key that is given must hold.

    ``types regions routes causes``
        The group's type, region, route, or cause of exit is one of these.
    ``set_out_by``
        It set out on that date or before.
    ``reached`` with ``from``, ``by``
        It reached the milestone, not before ``from`` and not after ``by``.
    ``not_reached`` with ``on``
        It had not reached the milestone when ``on`` was over (without ``on``: it never did).
    ``alive_on``
        It had set out and not exited when that date was over.
    ``in_stages`` with ``on``
        When ``on`` was over (without: at the end of the clock) it was in one of these stages.
    ``before_milestone`` with ``on``
        When ``on`` was over it had set out, not exited, and not reached the milestone.
    ``also``
        Another selection that must hold too.

    Dates are whole days: what happened on ``by`` or ``on`` counts. Raises :class:`ResultsError` for an unknown
    key.
    """
    given = {_plain_key(key): value for key, value in selection.items() if value is not None}
    unknown = set(given) - KEYS
    if unknown:
        raise ResultsError(f"unknown key {sorted(unknown)[0]} in a selection, expected {', '.join(sorted(KEYS))}")
    mask = np.ones(len(results.groups), dtype=bool)
    for test in (_of_kind, _with_history, _as_on):
        mask &= test(results, given)
    if "also" in given:
        mask &= selected(results, given["also"])
    return mask


def reached(results: Results, moment: str) -> NDArray[np.float64]:
    """When each group reached a milestone (or ``arrived``), in days; NaN for never."""
    groups = results.groups
    column = moment if moment == "arrived" else f"reached_{moment}"
    if column in groups:
        return groups[column].to_numpy(dtype=np.float64)
    known = {stage.milestone for stage in stages(results.manifest)}
    if moment not in known:
        raise ResultsError(f"no milestone {moment} in these results")
    return np.full(len(groups), np.nan)


def _plain_key(key: str) -> str:
    # The scenario's own models call this field from_, as from is a word of Python.
    return "from" if key == "from_" else key


def _of_kind(results: Results, given: Mapping[str, Any]) -> Mask:
    mask = np.ones(len(results.groups), dtype=bool)
    for key, column in _OF_KIND.items():
        if key in given:
            wanted = [given[key]] if isinstance(given[key], str) else list(given[key])
            mask &= results.groups[column].isin(wanted).to_numpy()
    return mask


def _with_history(results: Results, given: Mapping[str, Any]) -> Mask:
    groups, manifest = results.groups, results.manifest
    mask = np.ones(len(groups), dtype=bool)
    if "set_out_by" in given:
        mask &= _before(groups["arrived"], end_of_day(manifest, given["set_out_by"]))
    if "reached" in given:
        when = reached(results, given["reached"])
        mask &= ~np.isnan(when)
        if "from" in given:
            mask &= when >= day(manifest, given["from"])
        if "by" in given:
            mask &= when < end_of_day(manifest, given["by"])
    return mask


def _as_on(results: Results, given: Mapping[str, Any]) -> Mask:
    manifest = results.manifest
    last = np.nextafter(float(manifest["horizon"]), np.inf)
    instant = end_of_day(manifest, given["on"]) if "on" in given else float(last)
    mask = np.ones(len(results.groups), dtype=bool)
    if "not_reached" in given:
        mask &= ~(reached(results, given["not_reached"]) < instant)
    if "alive_on" in given:
        mask &= _alive(results, end_of_day(manifest, given["alive_on"]))
    if "in_stages" in given:
        wanted = [given["in_stages"]] if isinstance(given["in_stages"], str) else list(given["in_stages"])
        mask &= np.isin(stage_on(results, instant), wanted)
    if "before_milestone" in given:
        mask &= _alive(results, instant) & ~(reached(results, given["before_milestone"]) < instant)
    return mask


def _alive(results: Results, instant: float) -> Mask:
    gone = results.groups["exit_time"].where(results.groups["state"].eq("exited"))
    return _before(results.groups["arrived"], instant) & ~_before(gone, instant)


def _before(times: pd.Series[float], instant: float) -> Mask:
    return times.to_numpy(dtype=np.float64) < instant
