"""The names that a scenario declares, and checks of what refers to them that many parts share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from sim.scenario.faults import quote, suggest
from sim.scenario.quantity import Problem, Quantity
from sim.scenario.schema import Eligibility, Scenario, Trait, TraitValue

Loc = tuple[str | int, ...]
ON_GROUPS = frozenset({"type", "region", "route", "log_headcount"})
"""What a group's shifts may depend on besides traits."""


class AnyName(frozenset[str]):
    """The names of a part that cannot be read: any name may be among them."""

    def __contains__(self, name: object) -> bool:
        return True

    def __or__(self, other: object) -> AnyName:
        return self

    __ror__ = __or__


class Names:
    """Every name that the file declares, also of parts that have faults of their own."""

    def __init__(self, scenario: Scenario, raw: Mapping[str, Any]) -> None:
        self.types = _declared(raw, "staff_groups", "types")
        self.regions = _declared(raw, "hosts", "regions")
        self.routes = _declared(raw, "routes")
        readable = not isinstance(self.routes, AnyName)
        self.stages = set(_written(raw.get("routes"), "stage")) if readable else AnyName()
        self.milestones = set(_written(raw.get("routes"), "milestone")) if readable else AnyName()
        self.resources = _declared(raw, "resources")
        self.barriers = _declared(raw, "barriers")
        self.forms = {f"{name}.{form}" for name in self.barriers for form in _keys(raw, "barriers", name, "forms")}
        self.host_traits: dict[str, Trait] = {**scenario.hosts.region_traits, **scenario.hosts.traits}
        self.traits: dict[str, Trait] = {**scenario.staff_groups.traits, **self.host_traits}
        self.raw = raw
        self.levels = {
            name: set(trait.shares or ())
            | _keys(raw, "hosts", "region_traits", name, "shares")
            | _keys(raw, "hosts", "traits", name, "shares")
            | _keys(raw, "staff_groups", "traits", name, "shares")
            for name, trait in self.traits.items()
        }
        clock = raw.get("clock")
        self.clock_known = isinstance(clock, Mapping) and clock.get("start") == scenario.clock.start.isoformat()
        self.arrivals_written = "arrivals" in _keys(raw, "staff_groups")
        declared = _declared(raw, "hosts", "region_traits") | _declared(raw, "hosts", "traits")
        declared |= _declared(raw, "staff_groups", "traits")
        self.undecided = declared if isinstance(declared, AnyName) else declared - set(self.traits)

    def keys(self, *path: str | int) -> set[str]:
        """The keys that are written at a place, whatever became of their values."""
        return _keys(self.raw, *map(str, path))

    def written(self, *path: str | int) -> Any:
        """What is written at a place; None where nothing is."""
        return _at(self.raw, *map(str, path))

    def whole(self, kept: Iterable[str] | None, *path: str | int) -> bool:
        """Whether every key that is written at a place could be read."""
        return self.keys(*path) == set(kept or ())


def _declared(raw: Mapping[str, Any], *path: str) -> frozenset[str]:
    """The names that a part declares; any, where the part is there and cannot be read."""
    part: Any = raw
    for step in path:
        if not isinstance(part, Mapping):
            return AnyName()
        if step not in part:
            return frozenset()
        part = part[step]
    return frozenset(map(str, part)) if isinstance(part, Mapping) else AnyName()


def _written(raw: Any, key: str) -> Iterator[str]:
    """Every text that stands under a key, however deep."""
    parts = raw.items() if isinstance(raw, Mapping) else enumerate(raw) if isinstance(raw, list) else ()
    for name, part in parts:
        if name == key and isinstance(part, str):
            yield part
        yield from _written(part, key)


def _at(raw: Any, *path: str) -> Any:
    for step in path:
        raw = raw.get(step) if isinstance(raw, Mapping) else None
    return raw


def _keys(raw: Any, *path: str) -> set[str]:
    part = _at(raw, *path)
    return {str(key) for key in part} if isinstance(part, Mapping) else set()


def _unknown(path: Loc, kind: str, name: str, declared: Iterable[str]) -> Problem:
    listed = sorted(declared)
    shown = ", ".join(listed[:12]) + (", ..." if len(listed) > 12 else "")
    return Problem(path, f"no {kind} is called {quote(name)}{suggest(name, listed)}", f"one of {shown or 'none'}")


def check_names(path: Loc, kind: str, wanted: Iterable[str], declared: Iterable[str]) -> Iterator[Problem]:
    """A problem for every wanted name that is not known."""
    declared = declared if isinstance(declared, AnyName) else set(declared)
    for i, name in enumerate(wanted):
        if name not in declared:
            # In a list the item is the place; where a single name stands, the step is passed over.
            yield _unknown((*path, i), kind, name, declared)


def check_terms(
    path: Loc, terms: Mapping[str, Quantity], names: Names, traits: set[str], built_in: Iterable[str]
) -> Iterator[Problem]:
    """A problem for every term of a ``depends_on`` whose trait or level does not exist or does not fit."""
    levels_of = {"type": names.types, "region": names.regions, "route": names.routes}
    for key in terms:
        trait, _, level = key.partition("=")
        if trait in names.undecided:
            continue
        if trait not in traits and trait not in built_in:
            yield _unknown((*path, trait), "trait", trait, {*traits, *built_in})
            continue
        levels = levels_of.get(trait, names.levels.get(trait, set()))
        if levels and not level:
            yield Problem((*path, trait), f"{quote(trait)} without its levels", f"a shift for each of {sorted(levels)}")
        elif level and not levels:
            yield Problem((*path, trait, level), f"{quote(trait)} has no levels", "a single shift")
        elif level:
            yield from check_names((*path, trait, level), f"level of {trait}", [level], levels)


def check_values(
    path: Loc, values: Mapping[str, TraitValue | tuple[str, ...]], names: Names, traits: Mapping[str, Trait]
) -> Iterator[Problem]:
    """A problem for every trait that does not exist, and for every value that it cannot have."""
    for name, value in values.items():
        if name in names.undecided:
            continue
        if name not in traits:
            yield _unknown((*path, name), "trait", name, traits)
            continue
        levels = names.levels[name]
        given = value if isinstance(value, tuple) else (value,)
        if levels:
            yield from check_names((*path, name), f"level of {name}", [str(level) for level in given], levels)
        elif any(isinstance(level, str) for level in given):
            kind = "true or false" if traits[name].probability is not None else "a number"
            yield Problem((*path, name), f"{quote(str(value))} is not a value of {quote(name)}", kind)


def check_eligible(path: Loc, eligible: Eligibility | None, names: Names) -> Iterator[Problem]:
    """Problems of the names in an eligibility."""
    if eligible is None:
        return
    yield from check_names((*path, "types"), "type", eligible.types or (), names.types)
    yield from check_names((*path, "regions"), "region", eligible.regions or (), names.regions)
    yield from check_names((*path, "routes"), "route", eligible.routes or (), names.routes)
    yield from check_values((*path, "traits"), eligible.traits, names, names.traits)


def check_order(
    path: Loc, start: date | None, stop: date | None, first: str = "from", second: str = "until"
) -> Iterator[Problem]:
    """A problem where a span ends before it begins."""
    if start is not None and stop is not None and stop < start:
        yield Problem((*path, second), f"{second} {stop} comes before {first} {start}", f"{first} before {second}")


def check_on_the_clock(path: Loc, when: date, scenario: Scenario) -> Iterator[Problem]:
    """A problem where a date comes before the clock starts."""
    clock = scenario.clock
    if when < clock.start:
        yield Problem(path, f"{when} comes before the clock starts", f"a date from {clock.start} on")


def check_shares(path: Loc, shares: Mapping[str, Quantity] | None) -> Iterator[Problem]:
    """A problem where shares do not add to 1."""
    total = sum(share.value for share in shares.values()) if shares else 1.0
    if abs(total - 1.0) > 1e-6:
        yield Problem(path, f"shares add up to {total:g}", "shares that add up to 1")


def check_circles(path: Loc, traits: Mapping[str, Trait]) -> Iterator[Problem]:
    """Traits of a level may depend on each other, but not in a circle."""
    after = {name: {key.partition("=")[0] for key in trait.depends_on} & set(traits) for name, trait in traits.items()}
    settled: set[str] = set()
    while ready := {name for name in set(after) - settled if after[name] <= settled}:
        settled |= ready
    for name in sorted(set(after) - settled):
        circle = ", ".join(sorted(set(after) - settled))
        yield Problem((*path, name, "depends_on"), f"{quote(name)} depends on itself", f"no circle among {circle}")
