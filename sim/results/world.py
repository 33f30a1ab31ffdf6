"""A world as compiled rules see it: a plan's tables, hosts and groups, and the random numbers of a replication."""

from __future__ import annotations

from typing import ClassVar, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compile.array_struct import ArrayStruct
from sim.compile.records import record_type
from sim.plan.rows import FIELDS, Tables

Facts = NDArray[np.float64]
"""The vector of facts of each host or group, a row each."""


class GroupRow(NamedTuple):
    """A staff group as it arrives. Its row is its place in ties: by host, stream and number within the stream."""

    place: np.uint64
    member: np.uint64
    host: int
    stream: int
    number: int
    type: int
    named: int
    route: int
    arrival: float
    headcount: float
    turnover: float


class LuckRow(NamedTuple):
    """The draws of a replication: see `sim.draws.uniform.Luck`."""

    seed: np.uint64
    replication: np.uint64


GROUP: Final = record_type(GroupRow)
LUCK: Final = record_type(LuckRow)
_FLOAT, _WHOLE, _BYTE = np.dtype("f8"), np.dtype("i8"), np.dtype("i1")


class WorldArrays(ArrayStruct):
    """The tables of a plan (`sim.plan.rows.FIELDS`), and of one replication or several:

    ``host_facts`` and ``facts`` (a row a host or group); ``host_reach`` and ``reach``: for whom which policy is there
    (0 not, 1 yes, 2 yes and its cost for this group is entered); ``groups``; ``reached``: when a group reached each
    milestone, infinity for never; ``luck``; ``launches``: how many groups have reached each milestone (row) in each
    region and, last, in the nation (column); ``gate_draws``: the log-odds of blocking and the draw at each gate of the
    stage that was decided last, NaN where a gate was not drawn.
    """

    fields: ClassVar = {
        **{name: (kind, 1) for name, kind in FIELDS.items()},
        "host_facts": (_FLOAT, 2),
        "host_reach": (_BYTE, 2),
        "groups": (GROUP, 1),
        "facts": (_FLOAT, 2),
        "reach": (_BYTE, 2),
        "reached": (_FLOAT, 2),
        "luck": (LUCK, 1),
        "launches": (_WHOLE, 2),
        "gate_draws": (_FLOAT, 2),
    }


def allocate_world(tables: Tables, seed: int, replications: int, groups: int) -> WorldArrays:
    """An empty world with room for the hosts of so many replications and for so many groups in all."""
    general, stages = tables["general"][0], tables["stages"]
    hosts = replications * len(tables["hosts"])
    luck = np.zeros(1, LUCK)
    luck[0].seed = np.uint64(seed)
    gates = int((stages["end_gates"] - stages["first_gate"]).max(initial=0))
    return WorldArrays(
        **tables,
        host_facts=np.zeros((hosts, general.slots)),
        host_reach=np.zeros((hosts, len(tables["policies"])), np.int8),
        groups=np.zeros(groups, GROUP),
        facts=np.zeros((groups, general.slots)),
        reach=np.zeros((groups, len(tables["policies"])), np.int8),
        reached=np.zeros((groups, general.milestones)),
        luck=luck,
        launches=np.zeros((general.milestones, len(tables["regions"]) + 1), np.int64),
        gate_draws=np.zeros((gates, 2)),
    )
