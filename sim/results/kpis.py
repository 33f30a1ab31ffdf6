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
    """The KPIs of every replication of a record; those that failed stay empty.

    ``launch`` is the milestone that counts as a launch (`NONE`: there is none). ``programme``, ``host`` and ``group``
    are the pounds that each pays for the whole world, beside what it pays for single groups.
    """
    kpis = np.zeros(len(record.spans), KPIS)
    days = np.zeros(len(record.fates))
    for number in range(len(record.spans)):
        span, kpi = record.spans[number], kpis[number]
        if span.status != FINE:
            continue
        kpi.cost_programme, kpi.cost_host, kpi.cost_group = programme, host, group
        launched = 0
        for row in range(span.first_group, span.end_groups):
            fate = record.fates[row]
            kpi.groups += 1
            kpi.exited += fate.state == EXITED
            kpi.inside += fate.state == INSIDE
            kpi.cost_programme += fate.programme
            kpi.cost_host += fate.host
            kpi.cost_group += fate.group
            if launch != NONE and world.reached[row, launch] < math.inf:
                days[launched] = world.reached[row, launch] - world.groups[row].arrival
                launched += 1
                kpi.staff_moved += world.groups[row].headcount
                kpi.value_moved += world.groups[row].turnover
        kpi.launched = launched
        kpi.share_launched = launched / kpi.groups if kpi.groups else math.nan
        kpi.cost_total = kpi.cost_programme + kpi.cost_host + kpi.cost_group
        kpi.median_days_to_live = math.nan
        if launched:
            ordered = np.sort(days[:launched])
            kpi.median_days_to_live = (ordered[(launched - 1) // 2] + ordered[launched // 2]) / 2.0
    return kpis
