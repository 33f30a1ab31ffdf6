"""The few numbers that sum up a replication."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from sim.compile.cache import jit
from sim.plan.tables import NONE, Records, record
from sim.results.failures import FINE
from sim.results.record import EXITED, INSIDE, Book
from sim.results.world import Setting

KPIS: Final = record(
    "i:groups i:launched share_launched i:exited i:inside staff_moved value_moved "
    "cost_programme cost_host cost_group cost_total median_days_to_live"
)


@jit
def sum_up(setting: Setting, book: Book, launch: int, programme: float, host: float, group: float) -> Records:
    """The KPIs of every replication of a book; those that failed stay empty.

    ``launch`` is the milestone that counts as a launch (`NONE`: there is none). ``programme``, ``host`` and ``group``
    are the pounds that each pays for the whole world, beside what it pays for single groups.
    """
    kpis = np.zeros(len(book.spans), KPIS)
    days = np.zeros(len(book.fates))
    for number in range(len(book.spans)):
        span, one = book.spans[number], kpis[number]
        if span.trouble != FINE:
            continue
        one.cost_programme, one.cost_host, one.cost_group = programme, host, group
        launched = 0
        for row in range(span.first_group, span.end_group):
            fate = book.fates[row]
            one.groups += 1
            one.exited += fate.state == EXITED
            one.inside += fate.state == INSIDE
            one.cost_programme += fate.programme
            one.cost_host += fate.host
            one.cost_group += fate.group
            if launch != NONE and setting.reached[row, launch] < math.inf:
                days[launched] = setting.reached[row, launch] - setting.groups[row].arrival
                launched += 1
                one.staff_moved += setting.groups[row].headcount
                one.value_moved += setting.groups[row].turnover
        one.launched = launched
        one.share_launched = launched / one.groups if one.groups else math.nan
        one.cost_total = one.cost_programme + one.cost_host + one.cost_group
        one.median_days_to_live = math.nan
        if launched:
            ordered = np.sort(days[:launched])
            one.median_days_to_live = (ordered[(launched - 1) // 2] + ordered[launched // 2]) / 2.0
    return kpis
