"""Columns of tables out of the arrays that the engines fill, compiled: every row is read once for all its columns.

The rows of each replication lie together, from one of ``firsts`` to before the same one of ``ends``. Columns are the
rows of an array that is given, one place in each for every row.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.compile.cache import jit
from sim.compile.records import RecordArray
from sim.plan.rows import NONE

Places = NDArray[np.int64]
Wholes = NDArray[np.int32]
Floats = NDArray[np.float64]


@jit
def fill(words: NDArray[Any], firsts: Places, ends: Places, which: Places, columns: NDArray[Any]) -> None:
    """Columns of numbers: ``which`` says where each stands in a row of ``words``."""
    at = 0
    for place in range(len(firsts)):
        for row in range(firsts[place], ends[place]):
            for column in range(len(which)):
                columns[column, at] = words[row, which[column]]
            at += 1


@jit
def fill_times(times: Floats, firsts: Places, ends: Places, columns: Floats) -> None:
    """All columns of an array of times, with NaN for what is infinite: never."""
    at = 0
    for place in range(len(firsts)):
        for row in range(firsts[place], ends[place]):
            for column in range(times.shape[1]):
                time = times[row, column]
                columns[column, at] = time if time < math.inf else math.nan
            at += 1


@jit
def number_names(
    host: Wholes, stream: Wholes, number: Wholes, hosts: int, streams: int
) -> tuple[Wholes, Places, Places]:
    """Number the names of groups, each a host, a stream and a number: the codes of the groups, and of each name that
    occurs its place (host by host, stream by stream) and its number.
    """
    most = np.zeros(hosts * streams + 1, np.int64)
    for row in range(len(host)):
        place = host[row] * streams + stream[row] + 1
        most[place] = max(most[place], number[row] + 1)
    firsts = np.cumsum(most)
    codes = np.zeros(firsts[-1], np.int32)
    for row in range(len(host)):
        codes[firsts[host[row] * streams + stream[row]] + number[row]] = 1
    size = int(codes.sum())
    places, numbers = np.zeros(size, np.int64), np.zeros(size, np.int64)
    code = 0
    for place in range(hosts * streams):
        for slot in range(firsts[place], firsts[place + 1]):
            if codes[slot]:
                places[code], numbers[code] = place, slot - firsts[place]
                codes[slot] = code
                code += 1
    coded = np.empty(len(host), np.int32)
    for row in range(len(host)):
        coded[row] = codes[firsts[host[row] * streams + stream[row]] + number[row]]
    return coded, places, numbers


@jit
def fill_counts(
    host: Wholes, reached: Floats, launch: int, firsts: Places, ends: Places, hosts: int, counts: Wholes
) -> None:
    """How many groups each host of each replication has, and how many of them launched.

    ``host`` is that of each group; ``launch`` the milestone that counts as a launch (`NONE`: there is none).
    """
    counts[:] = 0
    at = 0
    for place in range(len(firsts)):
        for row in range(firsts[place], ends[place]):
            unit = place * hosts + host[at]
            counts[0, unit] += 1
            if launch != NONE and reached[row, launch] < math.inf:
                counts[1, unit] += 1
            at += 1


@jit
def fill_ledger(
    ledger: RecordArray,
    firsts: Places,
    ends: Places,
    general: RecordArray,
    shift: Places,
    wholes: Wholes,
    floats: Floats,
) -> None:
    """The columns row, payer and purpose, and the columns time and amount, of payments.

    Those of each replication come after its ``general`` ones. ``shift`` is added to rows of groups, to count them
    without those of replications that failed.
    """
    at = 0
    for place in range(len(firsts)):
        for number in range(len(general) + ends[place] - firsts[place]):
            if number < len(general):
                entry = general[number]
                wholes[0, at] = NONE
            else:
                entry = ledger[firsts[place] + number - len(general)]
                wholes[0, at] = entry.row + shift[place]
            wholes[1, at], wholes[2, at] = entry.payer, entry.purpose
            floats[0, at], floats[1, at] = entry.time, entry.amount
            at += 1
