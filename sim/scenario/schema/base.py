"""What all parts of a scenario share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter
from pydantic_core import CoreSchema, core_schema

from sim.scenario.quantity import invalid
from sim.scenario.values import Name, Names, Number

TraitValue = bool | float | str
Switch = Annotated[bool, Field(strict=True)]


class Part(BaseModel):
    """What all parts share: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


@dataclass(frozen=True, slots=True, eq=False)
class Shorthand:
    """A short form of a part: how it is written out in full, and what it looks like in JSON Schema."""

    expand: Callable[[Any], Any]
    looks_like: Mapping[str, Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Expand before the part itself is validated."""
        return core_schema.no_info_before_validator_function(self.expand, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Either form."""
        return {"anyOf": [dict(self.looks_like), handler(core)]}


def number_for(key: str) -> Shorthand:
    """A bare or uncertain number stands for a mapping with that number under ``key``."""

    def expand(raw: Any) -> Any:
        whole = (isinstance(raw, Mapping) and "value" not in raw) or isinstance(raw, BaseModel)
        return raw if whole else {key: raw}

    return Shorthand(expand, TypeAdapter(Number).json_schema())


def exactly_one(part: BaseModel, *names: str) -> None:
    """Refuse a part that gives none or several of these keys."""
    given = [name for name in names if getattr(part, name) is not None]
    if len(given) != 1:
        keys = " and ".join(given) if given else "none of them"
        raise invalid(f"{keys} given", f"exactly one of {', '.join(names)}")


class Described(Part):
    """A part with words for people: a label for charts and a remark."""

    label: str = ""
    about: str = ""


class Eligibility(Part):
    """Whom something concerns; every key that is given must hold."""

    types: Names | None = None
    regions: Names | None = None
    routes: Names | None = None
    traits: dict[Name, TraitValue | tuple[str, ...]] = {}
