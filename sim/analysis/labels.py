"""The words for people behind the names in the tables, as the manifest gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LAUNCH = "live"
_OTHER_CAUSES = {
    "window_closed": "The window had closed",
    "turned_away": "Turned away: the queue was full",
    "gave_up_waiting": "Gave up waiting",
    "no_route": "No route was open to it",
    "completed": "Came to the end of the route",
    LAUNCH: "Launched",
}


@dataclass(frozen=True)
class StageInfo:
    """A stage of a route: its names, the milestone of passing it, and whether it comes after launch."""

    route: str
    name: str
    label: str
    milestone: str
    after_launch: bool


def plain(name: str) -> str:
    """A name as words: ``union_opposition`` becomes ``Union opposition``."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def stages(manifest: Mapping[str, Any]) -> list[StageInfo]:
    """The stages of all routes, in the order of the scenario."""
    found: list[StageInfo] = []
    launched: set[str] = set()
    for entry in manifest["stages"]:
        route, milestone = str(entry.get("route", "")), str(entry.get("milestone") or "")
        label = str(entry.get("label") or "") or plain(str(entry["name"]))
        found.append(StageInfo(route, str(entry["name"]), label, milestone, route in launched))
        if milestone == LAUNCH:
            launched.add(route)
    return found


def route_label(manifest: Mapping[str, Any], route: str) -> str:
    """The label of a route; its name as words where the manifest gives none."""
    given = manifest.get("routes") or {}
    return _label(given.get(route) if isinstance(given, Mapping) else None, route)


def cause_label(manifest: Mapping[str, Any], cause: str) -> str:
    """The label of a cause of exit: a barrier's label, or words for the causes that are not barriers."""
    barriers = manifest["barriers"]
    return _label(barriers[cause], cause) if cause in barriers else _OTHER_CAUSES.get(cause, plain(cause))


def region_label(manifest: Mapping[str, Any], region: str) -> str:
    """The label of a region."""
    return _label((manifest.get("regions") or {}).get(region), region)


def _label(given: object, name: str) -> str:
    found = given.get("label") if isinstance(given, Mapping) else given
    return str(found) if found else plain(name)
