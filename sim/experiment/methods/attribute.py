"""Attribute: which barriers cost the launches of a world, or what its interventions would bring, by Shapley values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import Field

from sim.analysis.frame_rows import rows_of
from sim.experiment.findings import LEVEL, Finding, estimate_of
from sim.experiment.method import DeclaredWorlds, Method
from sim.experiment.study import Study
from sim.experiment.worlds import World
from sim.scenario.names import check_names
from sim.scenario.quantity import Problem
from sim.scenario.schema.base import Part
from sim.scenario.values import Name, Names

if TYPE_CHECKING:
    from sim.batch.extracts.launches.designs import Method as Sampling
    from sim.batch.extracts.launches.toggles import Kind
    from sim.experiment.methods.attribution import Attribution

_OF_ALL: Final = ("launches", "without", "loss")
_OF_EACH: Final = {
    "barriers": ("recorded", "but_for", "alone", "shapley"),
    "interventions": ("alone", "but_for", "shapley"),
}


class AttributeQuestion(Part):
    """Which barriers were to blame, or which interventions to thank, by Shapley values over their combinations.

    ``players`` are those among whom they are shared out: by default all that are switched on (interventions: all that
    there are).
    ``method`` is what pays for as many unless it is given.
    """

    world: Name
    of: Literal["barriers", "interventions"] = "barriers"
    players: Annotated[Names, Field(min_length=1)] | None = None
    method: Literal["exact", "permutations"] | None = None


def title(world: World, of: Kind) -> str:
    """What an attribution is called that has no title of its own."""
    return f"{world.title}: {'the cost of each barrier' if of == 'barriers' else 'what each intervention would bring'}"


def ask(world: World, of: Kind, players: Sequence[str] | None, method: Sampling | None) -> dict[str, Any]:
    """The part of a question that shares out the launches of a world."""
    return {"world": world.name, "of": of, "players": None if players is None else list(players), "method": method}


def _problems(part: AttributeQuestion, worlds: DeclaredWorlds) -> Iterator[Problem]:
    yield from worlds.check(("world",), part.world)
    if part.world not in worlds.loaded or part.players is None:
        return
    kind = part.of.removesuffix("s")
    parts: Mapping[str, Any] = getattr(worlds.loaded[part.world].loaded.scenario, part.of)
    able = [name for name, entry in parts.items() if entry.enabled or part.of == "interventions"]
    yield from check_names(("players",), kind, part.players, able)
    if len(set(part.players)) < len(part.players):
        yield Problem(("players",), f"a {kind} is named again", f"each {kind} once")


def _answer(part: AttributeQuestion, worlds: Mapping[str, World], study: Study) -> Attribution:
    from sim.experiment.methods.attribution import attribute

    return attribute(worlds[part.world], study, part.of, part.players, part.method)


def _findings(part: AttributeQuestion, result: Attribution) -> Iterator[Finding]:
    from sim.analysis.register import ATTRIBUTION

    whole, measures = result.whole.iloc[0].to_dict(), ATTRIBUTION[part.of]
    for name in _OF_ALL:
        measure = measures[name]
        yield Finding("whole", name, "All together", measure.label, LEVEL, measure.unit, *estimate_of(whole, name))
    for row in rows_of(result.players):
        for name in _OF_EACH[part.of]:
            measure = measures[name]
            estimate = estimate_of(row, name)
            yield Finding(row["name"], name, row["label"], measure.label, LEVEL, measure.unit, *estimate)


ATTRIBUTE: Final = Method(AttributeQuestion, _problems, _answer, _findings)
