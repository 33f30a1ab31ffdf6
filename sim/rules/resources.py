"""When a resource can be had: the sittings of a meeting or panel, its room, and whom servers and funds can serve."""

from __future__ import annotations

import math

from sim.compile.cache import inlined, jit
from sim.draws.uniform import ITSELF, NATION, uniform
from sim.plan.rows import PER_HOST, PER_NATION, PER_REGION, SERVERS
from sim.results.world import WorldArrays


@inlined
def unit_for(world: WorldArrays, row: int, number: int) -> int:
    """The unit of a resource that serves a group."""
    resource, host = world.resources[number], world.groups[row].host
    if resource.scope == PER_NATION:
        return int(resource.first_unit)
    return int(resource.first_unit + (world.hosts[host].region if resource.scope == PER_REGION else host))


@jit
def first_sitting(world: WorldArrays, number: int, unit: int) -> float:
    """The first sitting of a unit of a meeting, in days; a staggered meeting has a phase of its own in each unit."""
    resource = world.resources[number]
    if not resource.staggered:
        return float(resource.first)
    place = NATION
    if resource.scope == PER_REGION:
        place = world.regions[unit].place
    elif resource.scope == PER_HOST:
        place = world.hosts[unit].place
    return float(resource.every * uniform(world.luck[0], resource.key, place, ITSELF, 0))


@jit
def next_sitting(world: WorldArrays, number: int, first: float, now: float, missed: bool) -> float:
    """The next sitting from ``now`` on, or after now where this instant's was ``missed``; infinity where none comes."""
    resource = world.resources[number]
    if resource.every > 0.0:
        sitting = max(math.floor((now - first) / resource.every) - 1.0, 0.0)
        time = first + sitting * resource.every
        while time < now or (missed and time == now):
            sitting += 1.0
            time = first + sitting * resource.every
        return time
    for place in range(resource.first_date, resource.end_dates):
        date = world.steps[place].time
        if date > now or (date == now and not missed):
            return float(date)
    return math.inf


@inlined
def places_at(world: WorldArrays, number: int, now: float) -> float:
    """How many items a sitting has room for."""
    resource = world.resources[number]
    places = 0.0
    for step in range(resource.first_step, resource.end_steps):
        if world.steps[step].time <= now:
            places = world.steps[step].number
    return places


@inlined
def is_open(world: WorldArrays, number: int, now: float) -> bool:
    """Whether a fund pays at a time."""
    resource = world.resources[number]
    for opening in range(resource.first_opening, resource.end_openings):
        if world.steps[opening].time <= now < world.steps[opening].number:
            return True
    return False


@inlined
def can_serve(world: WorldArrays, number: int, available: float, amount: float, now: float) -> bool:
    """Whether the first in a queue can be served: by a free server or, where the fund is open, from its balance."""
    if world.resources[number].kind == SERVERS:
        return available > 0.0
    return amount <= available and is_open(world, number, now)


@inlined
def may_join(
    world: WorldArrays, number: int, waiting: int, room: float, available: float, amount: float, now: float
) -> bool:
    """Whether a group may ask: fewer than ``room`` wait, or nobody does and it can be served at once."""
    return waiting < room or (waiting == 0 and can_serve(world, number, available, amount, now))
