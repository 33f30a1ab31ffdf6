"""The few numbers that sum up a replication."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from sim.compile.cache import jit
from sim.compile.records import RecordArray, record_type
from sim.plan.rows import NONE
from sim.results.failures import FINE
from sim.results.record import EXITED, INSIDE, Record
from sim.results.world import WorldArrays


class KpiRow(NamedTuple):
    """The columns of the table of KPIs, in their order."""

    groups: int
    launched: int
    share_launched: float
    exited: int
    inside: int
    staff_moved: float
    value_moved: float
    cost_programme: float
    cost_host: float
    cost_group: float
    cost_total: float
    median_days_to_live: float


KPIS: Final = record_type(KpiRow)


@jit
def compute_kpis(
    world: WorldArrays, record: Record, launch: int, programme: float, host: float, group: float
) -> RecordArray:
    """The KPIs of every replication of a book; those that failed stay empty.

    ``launch`` is the milestone that counts as a launch (`NONE`: there is none). ``programme``, ``host`` and ``group``
    are the pounds that each pays for the whole world, beside what it pays for single groups.
    """
    kpis = np.zeros(len(record.spans), KPIS)
    days = np.zeros(len(record.fates))
    for number in range(len(record.spans)):
        span, one = record.spans[number], kpis[number]
        if span.status != FINE:
            continue
        one.cost_programme, one.cost_host, one.cost_group = programme, host, group
        launched = 0
        for row in range(span.first_group, span.end_groups):
            fate = record.fates[row]
            one.groups += 1
            one.exited += fate.state == EXITED
            one.inside += fate.state == INSIDE
            one.cost_programme += fate.programme
            one.cost_host += fate.host
            one.cost_group += fate.group
            if launch != NONE and world.reached[row, launch] < math.inf:
                days[launched] = world.reached[row, launch] - world.groups[row].arrival
                launched += 1
                one.staff_moved += world.groups[row].headcount
                one.value_moved += world.groups[row].turnover
        one.launched = launched
        one.share_launched = launched / one.groups if one.groups else math.nan
        one.cost_total = one.cost_programme + one.cost_host + one.cost_group
        one.median_days_to_live = math.nan
        if launched:
            ordered = np.sort(days[:launched])
            one.median_days_to_live = (ordered[(launched - 1) // 2] + ordered[launched // 2]) / 2.0
    return kpis
