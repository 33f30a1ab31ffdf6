"""From a tree of nodes to a checked, frozen Scenario, or every fault at once.

Values are checked by the schema, names and dates against one another by `sim.scenario.references`. So that a fault in
one place hides none elsewhere, parts that the schema refuses are left out and the rest is checked without them. Files
of another schema are read in the same way by `validate`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from collections.abc import Mapping as ReadOnly
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sim.scenario.faults import Fault, ScenarioFaults, quote, suggest
from sim.scenario.nodes import Mapping, Node, Scalar, Sequence, locate, locate_key
from sim.scenario.quantity import InvalidValue, Problem
from sim.scenario.references import find_problems
from sim.scenario.schema import Scenario

Loc = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)
_MOST_ROUNDS = 30
_STAND_INS: dict[str, Any] = {
    "title": "",
    "clock": {"start": "1000-01-01", "end": "3000-01-01"},
    "hosts": {"regions": {"none": {"hosts": 1}}},
    "staff_groups": {"types": {"none": {"arrivals": {"number": 0}, "headcount": 1}}},
    "routes": {"none": [{"stage": "none"}]},
}
_WORDS = {
    "missing": ("is missing", ""),
    "bool_type": ("is not a switch", "true or false"),
    "bool_parsing": ("is not a switch", "true or false"),
    "string_type": ("is not text", "text"),
    "int_type": ("is not a whole number", "a whole number"),
    "int_parsing": ("is not a whole number", "a whole number"),
    "float_parsing": ("is not a number", "a number"),
    "float_type": ("is not a number", "a number"),
    "dict_type": ("is not a mapping", "keys with values, indented"),
    "model_type": ("is not a mapping", "keys with values, indented"),
    "model_attributes_type": ("is not a mapping", "keys with values, indented"),
    "tuple_type": ("is not a list", "a list"),
}


def check_scenario(root: Mapping) -> Scenario:
    """The scenario in a resolved tree. Raises `ScenarioFaults` with everything that is wrong."""
    scenario, faults = validate(root, Scenario, _STAND_INS)
    problems = find_problems(scenario, as_raw(root))
    faults += [Fault(locate(root, problem.path), problem.what, problem.expected) for problem in problems]
    if faults:
        raise ScenarioFaults(faults)
    return scenario


def validate(root: Mapping, schema: type[M], stand_ins: ReadOnly[str, Any]) -> tuple[M, list[Fault]]:
    """What a schema takes of a tree, and a fault for each part that it refuses.

    ``stand_ins`` are sound values of the keys that the schema requires, for where those are refused or missing.
    """
    raw = as_raw(root)
    assert isinstance(raw, dict)
    try:
        return schema.model_validate(raw), []
    except ValidationError as error:
        errors = _without_echoes(error.errors(include_url=False))
        faults = [fault for detail in errors for fault in _faults(root, schema, detail)]
        return _without_refused_parts(copy.deepcopy(raw), errors, schema, stand_ins), faults


def as_raw(node: Node) -> Any:
    """A node as plain values; below ``source`` as text, since evidence ids such as 1.10 are no numbers."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [as_raw(item) for item in node.items]
    return {key: _texts(entry.node) if key == "source" else as_raw(entry.node) for key, entry in node.entries.items()}


def _texts(node: Node) -> Any:
    if isinstance(node, Scalar):
        return node.text
    return [_texts(item) for item in node.items] if isinstance(node, Sequence) else as_raw(node)


def _without_refused_parts(
    raw: dict[str, Any], errors: list[ErrorDetails], schema: type[M], stand_ins: ReadOnly[str, Any]
) -> M:
    """What is left of the file when everything with an error is taken out, as little as will do."""
    for _ in range(_MOST_ROUNDS):
        for loc in sorted({_place(detail) for detail in errors}, key=_later_first, reverse=True):
            _cut(raw, loc)
        try:
            return schema.model_validate({**stand_ins, **raw})
        except ValidationError as error:
            errors = [_whole_if_missing(detail) for detail in error.errors(include_url=False)]
    return schema.model_validate(stand_ins)


def _without_echoes(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """A list is not too short because all that is in it is wrong."""
    inner = {detail["loc"][:i] for detail in errors for i in range(len(detail["loc"]))}
    return [detail for detail in errors if detail["type"] != "too_short" or detail["loc"] not in inner]


def _whole_if_missing(detail: ErrorDetails) -> ErrorDetails:
    """A part that lacks what it needs goes as a whole."""
    if detail["type"] != "missing":
        return detail
    return {**detail, "loc": detail["loc"][:-1] or detail["loc"]}


def _later_first(loc: Loc) -> tuple[tuple[int, str], ...]:
    """Items of a list are taken out from its end, so that the places of the others hold."""
    return tuple((step, "") if isinstance(step, int) else (-1, step) for step in loc)


def _cut(raw: Any, loc: Loc) -> None:
    """Take out the deepest part on the way to a place."""
    deepest: tuple[Any, Any] | None = None
    holder = raw
    for step in loc:
        here = range(len(holder)) if isinstance(holder, list) else holder if isinstance(holder, dict) else ()
        if step in here:
            deepest, holder = (holder, step), holder[step]
    if deepest is not None:
        del deepest[0][deepest[1]]


def _place(detail: ErrorDetails) -> Loc:
    """Where an error is; steps that name a member of a union are no keys of the file."""
    return tuple(step for step in detail["loc"] if isinstance(step, int) or not _is_union_step(step)) or ("title",)


def _is_union_step(step: str) -> bool:
    kinds = ("bool", "float", "str", "int", "tuple[str, ...]", "constrained-int", "[key]")
    return step in kinds or step.startswith("literal[")


def _faults(root: Mapping, schema: type[BaseModel], detail: ErrorDetails) -> Iterator[Fault]:
    loc, kind = _place(detail), detail["type"]
    wrong = detail.get("ctx", {}).get("error")
    if isinstance(wrong, InvalidValue):
        for problem in wrong.problems:
            yield _located(root, loc, problem)
    elif kind == "extra_forbidden":
        keys = _known_keys(schema, loc[:-1])
        near = suggest(str(loc[-1]), keys)
        yield Fault(locate_key(root, loc), f"unknown key {quote(str(loc[-1]))}{near}", f"one of {', '.join(keys)}")
    elif detail["loc"][-1:] == ("[key]",):
        expected = detail["msg"].replace("Input should be ", "").replace("'", "")
        yield Fault(locate_key(root, loc), f"{quote(str(loc[-1]))} is not possible here", expected)
    elif kind == "missing":
        yield Fault(locate(root, loc[:-1]), f"{quote(str(loc[-1]))} is missing", f"the key {loc[-1]}")
    elif kind in _WORDS:
        what, expected = _WORDS[kind]
        yield Fault(locate(root, loc), f"{_what(loc, detail)} {what}", expected)
    else:
        expected = detail["msg"].replace("Input should be ", "").replace("'", "")
        yield Fault(locate(root, loc), f"{_what(loc, detail)} is not possible here", expected)


def _located(root: Mapping, loc: Loc, problem: Problem) -> Fault:
    place = (*loc, *problem.path)
    find = locate_key if problem.what.startswith(("unknown key", "unknown distribution")) else locate
    return Fault(find(root, place), problem.what, problem.expected)


def _what(loc: Loc, detail: ErrorDetails) -> str:
    given = detail.get("input")
    if given is None or isinstance(given, dict | list):
        return quote(str(loc[-1]))
    return f"{loc[-1]}: {quote(str(given))}"


def _known_keys(schema: type[BaseModel], loc: Loc) -> list[str]:
    """The keys that the schema knows at a place."""
    model: Any = schema
    for step in loc:
        model = _inside(model, step)
    innermost = next(_models(model), None)
    if innermost is None:
        return []
    return sorted(field.alias or name for name, field in innermost.model_fields.items())


def _inside(kind: Any, step: str | int) -> Any:
    for model in _models(kind):
        for name, field in model.model_fields.items():
            if step in (name, field.alias):
                return field.annotation
    for part in get_args(kind):
        if any(_models(part)):
            return part
    return kind


def _models(kind: Any) -> Iterator[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for part in get_args(kind):
        yield from _models(part)
