"""A question as an analyst writes it in a file of ``experiments/``: the schema, and its JSON Schema for editors."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from sim.batch.batch import MOST_REPLICATIONS, MOST_SEED
from sim.scenario.schema.base import Described, Part, Shorthand, Switch
from sim.scenario.values import Date, Name, Names

METHODS = ("compare", "attribute", "additionality", "frontier")
"""What a question may ask; a file asks exactly one of them."""
MOST_WORLDS = 60

_BY_NAME = Shorthand(lambda raw: {"scenario": raw} if isinstance(raw, str) else raw, {"type": "string"})
_ONE = Shorthand(lambda raw: [raw] if isinstance(raw, str) else raw, {"type": "string"})
_Positive = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]


class AskedWorld(Described):
    """A world: a ``scenario`` (a shipped name, or a file beside the question), or a variation ``of`` another world.

    ``set_`` changes values by their paths, as ``--set`` does.
    """

    scenario: str | None = None
    of: Name | None = None
    set_: Annotated[dict[str, Any], Field(alias="set", default_factory=dict)]


class Discount(Part):
    """How money is discounted: at which rate a year, to which year (None: that in which the clock starts)."""

    rate: Annotated[float, Field(ge=0.0, le=1.0)] = 0.035
    year: Annotated[int, Field(ge=1, le=9999, strict=True)] | None = None


class Read(Part):
    """How outcomes are read."""

    trading_on: tuple[Date, ...] = ()
    discount: Discount = Discount()


class Compare(Read):
    """What would have happened otherwise: the worlds ``with`` against the ``base``.

    With ``factors`` (two variations of the base) their sum is a world too, and their effects and interaction are told.
    ``precision`` is a half-width by outcome up to which replications are added.
    """

    base: Name
    with_: Annotated[Names, Field(alias="with")] = ()
    factors: Annotated[Names, Field(min_length=2, max_length=2)] | None = None
    outcomes: Annotated[tuple[str, ...], _ONE] | None = None
    precision: dict[str, _Positive] = Field(default_factory=dict)


class Attribute(Part):
    """Which barriers were to blame, or which interventions to thank, by Shapley values over their combinations.

    ``players`` are those that are told apart; without them all that are switched on (interventions: all there are).
    ``method`` is what pays for as many unless it is given.
    """

    world: Name
    of: Literal["barriers", "interventions"] = "barriers"
    players: Annotated[Names, Field(min_length=1)] | None = None
    method: Literal["exact", "permutations"] | None = None


class Additional(Part):
    """What a programme added: a world ``with`` it against a world ``without``.

    The numbers of leaving without it are moved over their ranges in so many ``points``.
    """

    with_: Annotated[Name, Field(alias="with")]
    without: Name
    points: Annotated[int, Field(ge=3, le=101, strict=True)] = 9


class Frontier(Read):
    """What buys most: interventions one by one, and ``packages`` of them, by launches and cost."""

    base: Name
    each: Literal["interventions"] | None = None
    packages: dict[Name, Annotated[Names, Field(min_length=1)]] = Field(default_factory=dict)


class Question(Part):
    """A question asked of worlds: exactly one of compare, attribute, additionality and frontier."""

    title: str
    question: str = ""
    about: str = ""
    worlds: Annotated[dict[Name, Annotated[AskedWorld, _BY_NAME]], Field(min_length=1, max_length=MOST_WORLDS)]
    seed: Annotated[int, Field(ge=0, le=MOST_SEED, strict=True)] = 1
    replications: Annotated[int, Field(ge=2, le=MOST_REPLICATIONS, strict=True)] = 1000
    uncertain: Switch = False
    compare: Compare | None = None
    attribute: Attribute | None = None
    additionality: Additional | None = None
    frontier: Frontier | None = None

    @property
    def method(self) -> str:
        """Which of `METHODS` is asked."""
        return next(name for name in METHODS if getattr(self, name) is not None)


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
