"""Worlds of four groups to follow by hand, instant by instant."""

import math

from tests.helpers.known import chunk
from tests.helpers.random_worlds import build, on

GROUPS = ("A", "B", "C", "D")


def a_world(stages, resources=None, barriers=None, days=(0, 0, 0, 0), types=("team",) * 4, **more):
    """Groups A, B, C, D, who set out on the given days at one host and go through the stages."""
    return {
        "title": "An instant",
        "clock": {"start": on(0), "end": on(400)},
        "hosts": {"regions": {"east": {"hosts": 1}}},
        "staff_groups": {
            "types": {name: {"share": share, "headcount": 10} for name, share in (("team", 0.5), ("arm", 0.5))},
            "named": [
                {"name": name, "host": "east-01", "type": kind, "on": on(day)}
                for name, day, kind in zip(GROUPS, days, types, strict=False)
            ],
        },
        "routes": {"only": stages},
        "resources": resources or {},
        "barriers": barriers or {},
        **more,
    }


def play(raw, replications=1, seed=1):
    made = chunk(build(raw), seed, range(replications), False, True)
    return {name: table.to_pandas() for name, table in made.items()}


def groups(raw):
    return play(raw)["groups"].set_index("name")


def at(frame, name):
    """A column's values by group, None where it never happened."""
    return [None if math.isnan(value) else value for value in frame[name]]
