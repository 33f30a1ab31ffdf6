"""The facts of a scenario that tables, labels and checks need: what there is, what it is called, and when.

They are made from a scenario, or read back from the manifest of results, and are the same either way. So whatever shows
a world or checks a question needs neither its numbers nor a run of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from sim.scenario.vocabulary import LAUNCH, MODEL_CAUSES, WAS_COMPLETED, WAS_LAUNCHED

if TYPE_CHECKING:
    from sim.scenario.quantity import Quantity
    from sim.scenario.schema import Observation, Scenario

_OTHER_EVENTS: Final = {**MODEL_CAUSES, WAS_LAUNCHED: "Launched", WAS_COMPLETED: "Came to the end of the route"}


@dataclass(frozen=True, slots=True)
class StageFacts:
    """A stage of a route: its names, the milestone of passing it ("" for none), and whether it comes after launch."""

    route: str
    name: str
    label: str
    milestone: str
    after_launch: bool


@dataclass(frozen=True, slots=True)
class RegionFacts:
    """A region: its label and its number of hosts."""

    label: str
    hosts: int


@dataclass(frozen=True, slots=True)
class TimelineFacts:
    """A dated fact of the world that is switched on: its names and its dates, None where it has no such end."""

    name: str
    label: str
    start: date | None
    end: date | None


@dataclass(frozen=True)
class Facts:
    """What there is in a world, with the labels that people see.

    ``launch`` is the milestone that counts as a launch. Mappings go from name to label. ``stages``, ``routes``,
    ``timeline`` and ``interventions`` are those that are switched on. ``assumptions`` are the numbers that somebody
    chose (``path value low high source note``, texts as they were written), ``observations`` what was really seen, each
    as the mapping of the scenario with ``name`` and ``label``.
    """

    title: str
    about: str
    start: date
    end: date
    launch: str
    stages: tuple[StageFacts, ...]
    routes: Mapping[str, str]
    barriers: Mapping[str, str]
    types: Mapping[str, str]
    regions: Mapping[str, RegionFacts]
    timeline: tuple[TimelineFacts, ...]
    interventions: Mapping[str, str]
    assumptions: tuple[Mapping[str, Any], ...]
    observations: tuple[Mapping[str, Any], ...]

    @classmethod
    def of(cls, scenario: Scenario) -> Facts:
        """The facts of a scenario."""
        routes = {name: route for name, route in scenario.routes.items() if route.enabled}
        stages = [(name, stage) for name, route in routes.items() for stage in route.stages]
        return cls(
            title=scenario.title,
            about=scenario.about,
            start=scenario.clock.start,
            end=scenario.clock.end,
            launch=scenario.launch,
            stages=_in_order(
                ((name, s.stage, s.label or as_words(s.stage), s.milestone or "") for name, s in stages),
                scenario.launch,
            ),
            routes=_labels(routes),
            barriers=_labels(scenario.barriers),
            types=_labels(scenario.staff_groups.types),
            regions={
                name: RegionFacts(region.label or as_words(name), region.hosts)
                for name, region in scenario.hosts.regions.items()
            },
            timeline=tuple(
                TimelineFacts(name, entry.label or as_words(name), entry.from_, entry.until)
                for name, entry in scenario.timeline.items()
                if entry.enabled
            ),
            interventions=_labels({name: entry for name, entry in scenario.interventions.items() if entry.enabled}),
            assumptions=tuple(_assumptions(scenario)),
            observations=tuple(_observation(name, entry) for name, entry in scenario.observations.items()),
        )

    @classmethod
    def read(cls, manifest: Mapping[str, Any]) -> Facts:
        """The facts in the manifest of results. What an older manifest does not have is taken for nothing."""
        regions = manifest.get("regions") or {}
        launch = str(manifest.get("launch") or LAUNCH)
        return cls(
            title=str(manifest.get("title") or ""),
            about=str(manifest.get("about") or ""),
            start=_date(manifest["start"]),
            end=_date(manifest["end"]),
            launch=launch,
            stages=_in_order(
                (
                    (
                        str(entry.get("route", "")),
                        str(entry["name"]),
                        str(entry.get("label") or "") or as_words(str(entry["name"])),
                        str(entry.get("milestone") or ""),
                    )
                    for entry in manifest["stages"]
                ),
                launch,
            ),
            routes=_read_labels(manifest.get("routes")),
            barriers=_read_labels(manifest["barriers"]),
            types=_read_labels(manifest.get("types")),
            regions={name: _read_region(name, entry) for name, entry in regions.items()},
            timeline=tuple(
                TimelineFacts(
                    str(entry["name"]),
                    str(entry.get("label") or "") or as_words(str(entry["name"])),
                    _date(entry["from"]) if entry.get("from") else None,
                    _date(entry["until"]) if entry.get("until") else None,
                )
                for entry in manifest.get("timeline") or ()
            ),
            interventions=_read_labels(manifest.get("interventions")),
            assumptions=tuple(manifest.get("assumptions") or ()),
            observations=tuple(manifest.get("observations") or ()),
        )

    def as_json(self) -> dict[str, Any]:
        """What a manifest holds of them, without title and about."""
        return {
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "horizon": self.horizon,
            "launch": self.launch,
            "stages": [
                {"name": s.name, "label": s.label, "route": s.route, "milestone": s.milestone or None}
                for s in self.stages
            ],
            "routes": dict(self.routes),
            "barriers": dict(self.barriers),
            "types": dict(self.types),
            "regions": {name: {"label": r.label, "hosts": r.hosts} for name, r in self.regions.items()},
            "timeline": [
                {
                    "name": entry.name,
                    "label": entry.label,
                    "from": entry.start.isoformat() if entry.start else None,
                    "until": entry.end.isoformat() if entry.end else None,
                }
                for entry in self.timeline
            ],
            "interventions": dict(self.interventions),
            "assumptions": [dict(entry) for entry in self.assumptions],
            "observations": [dict(entry) for entry in self.observations],
        }

    @property
    def horizon(self) -> float:
        """Days from the clock's start to its end."""
        return float((self.end - self.start).days)

    def route_label(self, route: str) -> str:
        """The label of a route; its name as words where it has none."""
        return self.routes.get(route) or as_words(route)

    def cause_label(self, cause: str) -> str:
        """The label of a cause of exit: a barrier's label, or words for what is no barrier; also for a launch."""
        return self.barriers.get(cause) or _OTHER_EVENTS.get(cause) or as_words(cause)

    def region_label(self, region: str) -> str:
        """The label of a region; its name as words where it has none."""
        return self.regions[region].label if region in self.regions else as_words(region)

    def type_label(self, group_type: str) -> str:
        """The label of a type of staff group; its name as words where it has none."""
        return self.types.get(group_type) or as_words(group_type)


def as_words(name: str) -> str:
    """A name as words: ``union_opposition`` becomes ``Union opposition``."""
    return name.replace("_", " ").strip().capitalize()


def _labels(parts: Mapping[str, Any]) -> dict[str, str]:
    return {name: part.label or as_words(name) for name, part in parts.items()}


def _in_order(stages: Iterable[tuple[str, str, str, str]], launch: str) -> tuple[StageFacts, ...]:
    """The stages (route, name, label, milestone) of all routes, those after a route's launch marked so."""
    facts: list[StageFacts] = []
    launched: set[str] = set()
    for route, name, label, milestone in stages:
        facts.append(StageFacts(route, name, label, milestone, route in launched))
        if milestone == launch:
            launched.add(route)
    return tuple(facts)


def _assumptions(scenario: Scenario) -> Iterator[dict[str, Any]]:
    """Every number that somebody chose, as it was written."""
    from sim.scenario.walk import quantities

    for path, part in quantities(scenario):
        if part.source or part.uncertain:
            yield _assumption(path, part)


def _assumption(path: tuple[str, ...], part: Quantity) -> dict[str, Any]:
    return {
        "path": ".".join(step for step in path if step not in ("parameters", "stages")),
        "value": part.text,
        "low": part.low_text,
        "high": part.high_text,
        "source": list(part.source),
        "note": part.note,
    }


def _observation(name: str, observation: Observation) -> dict[str, Any]:
    kept = observation.model_dump(by_alias=True, exclude_none=True, warnings=False)
    return {"name": name, **json.loads(json.dumps(kept, default=str)), "label": observation.label or as_words(name)}


def _date(value: str | date) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def _read_labels(given: object) -> dict[str, str]:
    if not isinstance(given, Mapping):
        return {}
    return {str(name): _read_label(str(name), label) for name, label in given.items()}


def _read_region(name: str, given: object) -> RegionFacts:
    hosts = given.get("hosts") if isinstance(given, Mapping) else None
    return RegionFacts(_read_label(name, given), int(hosts or 0))


def _read_label(name: str, given: object) -> str:
    label = given.get("label") if isinstance(given, Mapping) else given
    return str(label) if label else as_words(name)
