"""A question as an analyst writes it in a file of ``experiments/``: the schema, the methods, and the JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field

from sim.experiment.method import Method
from sim.experiment.methods.additionality import ADDITIONALITY, AdditionalityQuestion
from sim.experiment.methods.attribute import ATTRIBUTE, AttributeQuestion
from sim.experiment.methods.compare import COMPARE, CompareQuestion
from sim.experiment.methods.frontier import FRONTIER, FrontierQuestion
from sim.limits import MOST_REPLICATIONS, MOST_SEED
from sim.scenario.schema.base import Described, Part, Shorthand, Switch
from sim.scenario.values import Name

METHODS: Final[Mapping[str, Method[Any, Any]]] = {
    "compare": COMPARE,
    "attribute": ATTRIBUTE,
    "additionality": ADDITIONALITY,
    "frontier": FRONTIER,
}
"""What a question may ask, by the key of its part; a file asks exactly one of them."""
MOST_WORLDS = 60

_BY_NAME = Shorthand(lambda raw: {"scenario": raw} if isinstance(raw, str) else raw, {"type": "string"})


class QuestionWorld(Described):
    """A world: a ``scenario`` (a shipped name, or a file beside the question), or a variation ``of`` another world.

    ``set_`` changes values by their paths, as ``--set`` does.
    """

    scenario: str | None = None
    of: Name | None = None
    set_: Annotated[dict[str, Any], Field(alias="set", default_factory=dict)]


class Question(Part):
    """A question asked of worlds: exactly one of compare, attribute, additionality and frontier."""

    title: str
    question: str = ""
    about: str = ""
    worlds: Annotated[dict[Name, Annotated[QuestionWorld, _BY_NAME]], Field(min_length=1, max_length=MOST_WORLDS)]
    seed: Annotated[int, Field(ge=0, le=MOST_SEED, strict=True)] = 1
    replications: Annotated[int, Field(ge=2, le=MOST_REPLICATIONS, strict=True)] = 1000
    uncertain: Switch = False
    compare: CompareQuestion | None = None
    attribute: AttributeQuestion | None = None
    additionality: AdditionalityQuestion | None = None
    frontier: FrontierQuestion | None = None

    @property
    def method(self) -> str:
        """Which of `METHODS` is asked."""
        return next(name for name in METHODS if getattr(self, name) is not None)

    @property
    def part(self) -> Part:
        """What is asked of the method."""
        part: Part = getattr(self, self.method)
        return part


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a file of ``experiments/``."""
    schema = Question.model_json_schema(by_alias=True)
    for method in METHODS:
        # No method is asked by writing nothing after its name.
        schema["properties"][method] = schema["properties"][method]["anyOf"][0]
    schema["oneOf"] = [{"required": [method]} for method in METHODS]
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "spinout experiment"
    return schema
