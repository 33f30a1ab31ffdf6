"""When a resource can be had: the sittings of a meeting or panel, its room, and when a fund is open."""

from __future__ import annotations

import math

from sim.compile.cache import inlined, jit
from sim.draws.uniform import ITSELF, NATION, uniform
from sim.results.world import WorldArrays


@jit
def first_sitting(world: WorldArrays, resource: int, unit: int) -> float:
    """The first sitting of a unit of a meeting, in days; a staggered meeting has a phase of its own in each unit."""
    one = world.resources[resource]
    if not one.staggered:
        return float(one.first)
    place = NATION
    if one.scope == 1:
        place = world.regions[unit].place
    elif one.scope == 2:
        place = world.hosts[unit].place
    return float(one.every * uniform(world.luck[0], one.key, place, ITSELF, 0))


@jit
def next_sitting(world: WorldArrays, resource: int, first: float, now: float, missed: bool) -> float:
    """The next sitting from ``now`` on, or after now where this instant's was ``missed``; infinity where none comes."""
    one = world.resources[resource]
    if one.every > 0.0:
        number = max(math.floor((now - first) / one.every) - 1.0, 0.0)
        time = first + number * one.every
        while time < now or (missed and time == now):
            number += 1.0
            time = first + number * one.every
        return time
    for place in range(one.first_date, one.end_dates):
        date = world.steps[place].time
        if date > now or (date == now and not missed):
            return float(date)
    return math.inf


@inlined
def places_at(world: WorldArrays, resource: int, now: float) -> float:
    """How many servers there are, or how many items a sitting has room for."""
    one = world.resources[resource]
    number = 0.0
    for place in range(one.first_step, one.end_steps):
        if world.steps[place].time <= now:
            number = world.steps[place].number
    return number


@inlined
def is_open(world: WorldArrays, resource: int, now: float) -> bool:
    """Whether a fund pays at a time."""
    one = world.resources[resource]
    for place in range(one.first_opening, one.end_openings):
        if world.steps[place].time <= now < world.steps[place].number:
            return True
    return False
