"""The scenario's schema for editors: JSON Schema, as wide as a file that extends another may be."""

from __future__ import annotations

from typing import Any

from sim.scenario.schema import Scenario

_NULL = {"type": "null"}


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a scenario file.

    A file that extends another may leave out any key and set any to null, so nothing is required here; what is missing
    in the end is found by `spinout check`.
    """
    schema = Scenario.model_json_schema(by_alias=True)
    definitions = schema["$defs"]
    for part in (schema, *definitions.values()):
        _relax(part)
    stage = {"anyOf": [{"$ref": "#/$defs/Stage"}, _NULL]}
    stages = {"type": "array", "items": {"$ref": "#/$defs/Stage"}}
    definitions["Route"]["additionalProperties"] = stage
    definitions["Route"]["properties"]["stages"] = {
        "anyOf": [stages, {"type": "object", "additionalProperties": stage}]
    }
    route = {"anyOf": [stages, {"$ref": "#/$defs/Route"}, _NULL]}
    schema["properties"]["routes"] = {"type": "object", "additionalProperties": route}
    schema["properties"]["extends"] = {"type": "string", "description": "a scenario that this one is merged over"}
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "spinout scenario"
    return schema


def _relax(part: dict[str, Any]) -> None:
    part.pop("required", None)
    for name, inner in part.get("properties", {}).items():
        part["properties"][name] = {"anyOf": [_values_may_be_null(inner), _NULL]}


def _values_may_be_null(inner: dict[str, Any]) -> dict[str, Any]:
    relaxed = {key: value for key, value in inner.items() if key not in ("minProperties", "default")}
    if "patternProperties" in inner:
        patterns = inner["patternProperties"]
        relaxed["patternProperties"] = {name: {"anyOf": [schema, _NULL]} for name, schema in patterns.items()}
        relaxed["additionalProperties"] = False
    if "anyOf" in inner:
        relaxed["anyOf"] = [_values_may_be_null(schema) for schema in inner["anyOf"]]
    return relaxed
