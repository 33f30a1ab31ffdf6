"""Distributions in the parameters that an analyst has: median and p90, mean and sd, low/mode/high.

A distribution is a bare value (fixed), an uncertain value, or a mapping with one of the names in `PARAMETERS`, and
where wanted ``at_least`` and ``at_most``, which clip what is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sim.scenario.quantity import InvalidValue, Problem, Quantity, invalid, plain_quantity, quantity_parser, weight
from sim.scenario.quantity import number as plain_number

PARAMETERS: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "fixed": (("value",),),
    "exponential": (("mean",), ("median",)),
    "weibull": (("median", "p90"), ("mean", "sd"), ("scale", "shape")),
    "lognormal": (("median", "p90"), ("mean", "sd")),
    "triangular": (("low", "mode", "high"),),
    "uniform": (("low", "high"),),
    "empirical": (("values", "weights"), ("values",)),
}
_CLIPS: Final = ("at_least", "at_most")
_UNITLESS: Final = frozenset({"shape"})
_RISING: Final = (("median", "p90"), ("low", "mode"), ("mode", "high"), ("low", "high"))


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution by name with its parameters in base units.

    ``parameters`` maps a parameter to its quantity; an empirical one has ``values`` with ``weights`` beside them, in
    the order of the values. ``by_type`` holds a distribution for each staff group type that has its own;
    ``kind`` is then that of the other types, or "" where every type must be named.
    """

    kind: str
    parameters: Mapping[str, Quantity]
    values: tuple[Quantity, ...] = ()
    weights: tuple[Quantity, ...] = ()
    at_least: Quantity | None = None
    at_most: Quantity | None = None
    by_type: Mapping[str, Distribution] | None = None


ZERO: Final = Distribution("fixed", {"value": plain_quantity(0.0)})
"""The distribution that always gives 0."""


def distribution_parser(parse: Callable[[Any], float]) -> Callable[[Any], Distribution]:
    """A parser of distributions whose values are read by ``parse`` (durations, money or plain numbers)."""

    def read(raw: Any) -> Distribution:
        if isinstance(raw, Distribution):
            return raw
        if isinstance(raw, Mapping) and "by_type" in raw:
            return _by_type(raw, read)
        if not isinstance(raw, Mapping) or "value" in raw:
            return Distribution("fixed", {"value": quantity_parser(parse)(raw)})
        return _named(raw, parse)

    return read


def _by_type(raw: Mapping[str, Any], read: Callable[[Any], Distribution]) -> Distribution:
    problems = [
        Problem((key,), f"unknown key '{key}' beside by_type", "by_type: and where wanted otherwise:")
        for key in raw
        if key not in ("by_type", "otherwise")
    ]
    branches = raw["by_type"]
    if not isinstance(branches, Mapping) or not branches:
        raise invalid("by_type without types", "a mapping from staff group type to a distribution", "by_type")
    types = {name: _branch(part, read, ("by_type", name), problems) for name, part in branches.items()}
    other = _branch(raw["otherwise"], read, ("otherwise",), problems) if "otherwise" in raw else Distribution("", {})
    if problems:
        raise InvalidValue(*problems)
    return replace(other, by_type=types)


def _branch(
    raw: Any, read: Callable[[Any], Distribution], path: tuple[str, ...], problems: list[Problem]
) -> Distribution:
    if isinstance(raw, Mapping) and "by_type" in raw:
        problems.append(Problem((*path, "by_type"), "by_type within by_type", "one distribution for each type"))
        return ZERO
    try:
        return read(raw)
    except InvalidValue as error:
        problems += [Problem((*path, *p.path), p.what, p.expected) for p in error.problems]
        return ZERO


def _named(raw: Mapping[str, Any], parse: Callable[[Any], float]) -> Distribution:
    kinds = [key for key in raw if key in PARAMETERS]
    strangers = [key for key in raw if key not in PARAMETERS and key not in _CLIPS]
    if len(kinds) != 1 or strangers:
        unknown = f"unknown distribution '{strangers[0]}'" if strangers else "not a distribution"
        raise invalid(unknown, f"one of {', '.join(PARAMETERS)}", *strangers[:1])
    kind, problems = kinds[0], list[Problem]()
    clips = {key: _part(raw[key], parse, (key,), problems) for key in _CLIPS if key in raw}
    if len(clips) == 2 and clips["at_least"].bounds()[1] > clips["at_most"].bounds()[0]:
        problems.append(Problem(("at_most",), "at_most lies below at_least", "at_least <= at_most, their ranges too"))
    given = raw[kind]
    if kind == "fixed" and not (isinstance(given, Mapping) and set(given) == {"value"}):
        given = {"value": given}
    if not isinstance(given, Mapping):
        raise invalid(f"{kind} without its parameters", _expected(kind), kind)
    if not any(set(given) == set(names) for names in PARAMETERS[kind]):
        raise invalid(f"{kind} cannot be made from {', '.join(given) or 'nothing'}", _expected(kind), kind)
    if kind == "empirical":
        values, weights = _empirical(given, parse, problems)
        parsed = Distribution(kind, {}, values, weights, clips.get("at_least"), clips.get("at_most"))
    else:
        read = {
            key: _part(part, plain_number if key in _UNITLESS else parse, (kind, key), problems)
            for key, part in given.items()
        }
        if not problems:
            problems += _ordered(kind, read)
        parsed = Distribution(kind, read, (), (), clips.get("at_least"), clips.get("at_most"))
    if problems:
        raise InvalidValue(*problems)
    return parsed


def _expected(kind: str) -> str:
    return " or ".join("{" + ", ".join(names) + "}" for names in PARAMETERS[kind])


def _part(raw: Any, parse: Callable[[Any], float], path: tuple[str | int, ...], problems: list[Problem]) -> Quantity:
    try:
        return quantity_parser(parse)(raw)
    except InvalidValue as error:
        problems += [Problem((*path, *p.path), p.what, p.expected) for p in error.problems]
        return Quantity(1.0, "")


def _empirical(
    given: Mapping[str, Any], parse: Callable[[Any], float], problems: list[Problem]
) -> tuple[tuple[Quantity, ...], tuple[Quantity, ...]]:
    values, weights = given["values"], given.get("weights")
    if not isinstance(values, list) or not values:
        raise invalid("an empirical distribution without values", "a list of values", "empirical", "values")
    if weights is None:
        weights = [1] * len(values)
    if not isinstance(weights, list) or len(weights) != len(values):
        raise invalid("weights do not match the values", f"a list of {len(values)}", "empirical", "weights")
    pairs = [
        (
            _part(value, parse, ("empirical", "values", i), problems),
            _part(share, weight, ("empirical", "weights", i), problems),
        )
        for i, (value, share) in enumerate(zip(values, weights, strict=True))
    ]
    if sum(share.value for _, share in pairs) <= 0:
        problems.append(Problem(("empirical", "weights"), "weights that add up to zero", "at least one above 0"))
    pairs.sort(key=lambda pair: pair[0].value)
    return tuple(value for value, _ in pairs), tuple(share for _, share in pairs)


def _ordered(kind: str, read: Mapping[str, Quantity]) -> list[Problem]:
    """Positive where the distribution needs it, and rising parameters that rise at every draw their ranges allow."""
    problems = []
    strictly = kind in ("lognormal", "weibull")
    for key, part in read.items():
        if kind in ("exponential", "lognormal", "weibull") and part.bounds()[0] <= 0:
            problems.append(Problem((kind, key), f"{key} must be above 0", "a value above 0, its range too"))
    for first, second in _RISING:
        if first not in read or second not in read or ((first, second) == ("low", "high") and "mode" in read):
            continue
        low, high = read[first].bounds()[1], read[second].bounds()[0]
        if low > high or (strictly and low >= high):
            problems.append(Problem((kind, second), f"{second} is not above {first}", f"{first} < {second}"))
    return problems
