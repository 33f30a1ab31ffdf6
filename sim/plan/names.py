"""What hosts and staff groups are called in tables and stories."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sim.plan.plan import Plan


def identity(plan: Plan, group: Any) -> str:
    """The name of a group in tables and stories: its host, stream and number (``west_midlands-03/2``)."""
    host = host_names(plan)[group["host"]]
    if group["named"] >= 0:
        return f"{host}/{plan.named[group['named']].name}"
    stream = plan.streams[group["stream"]].name
    return f"{host}/{stream}-{group['number']}" if stream else f"{host}/{group['number']}"


def host_names(plan: Plan) -> tuple[str, ...]:
    """The names of all hosts, in the order of their numbers."""
    return _host_names(tuple((region.name, region.hosts) for region in plan.regions))


@lru_cache(maxsize=32)
def _host_names(regions: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    return tuple(f"{region}-{number:02d}" for region, hosts in regions for number in range(1, hosts + 1))
