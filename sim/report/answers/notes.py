"""What every answer's page says of how it was computed and how to read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.report.document import WorldNote
from sim.report.failures import describe_failures
from sim.report.run.page import changes_table

if TYPE_CHECKING:
    from sim.experiment.study import Study
    from sim.experiment.worlds import World
    from sim.store.results import Results


def describe_world(world: World, results: Results | None = None) -> WorldNote:
    """A world with the digest of its scenario, and its overrides old to new or, without any, its whole text."""
    loaded = world.loaded
    facts = {"Scenario": loaded.scenario.title or loaded.name, "Name": world.name, "Digest": loaded.digest}
    if results is not None:
        facts["Replications"] = f"{len(results.replications):,}"
    changes = [(change.path, change.old, change.new) for change in loaded.overrides]
    # A world with changes is its file with them; the whole text of each would make a page of many worlds heavy.
    return WorldNote(
        world.label,
        facts,
        changes_table(changes, f"Changes in {world.label}") if changes else None,
        "" if changes else loaded.text,
    )


def describe_study(study: Study, worlds: int, manifest: Mapping[str, Any] | None) -> dict[str, str]:
    """How a study was run; versions and machine as the manifest of one of its worlds says."""
    versions = (manifest or {}).get("versions") or {}
    machine = (manifest or {}).get("machine") or {}
    facts = {
        "Worlds": f"{worlds:,}",
        "Replications of each": f"{study.replications:,}",
        "Seed": str(study.seed),
        "Common random numbers": "the same group has the same luck in every world",
        "Uncertain assumptions": "drawn again for each replication, with the same draws in every world"
        if study.uncertain
        else "held at their best values",
        "Versions": ", ".join(f"{name} {version}" for name, version in versions.items()),
        "Machine": ", ".join(map(str, machine.values())) if isinstance(machine, Mapping) else "",
    }
    return {label: value for label, value in facts.items() if value}


def failure_sentences(worlds: Sequence[World], results: Mapping[str, Results]) -> tuple[str, ...]:
    """What to say of replications that failed, world by world."""
    return tuple(
        f"{world.label}: {sentence}"
        for world in worlds
        for sentence in (describe_failures(results[world.name]) if world.name in results else ())
    )


def explain_intervals(study: Study) -> tuple[str, ...]:
    """How to read the two kinds of uncertainty in an answer."""
    n = study.replications
    first = (
        f"Every world was simulated {n:,} times. Each time is one simulated history (a replication). An interval in "
        f"brackets is the 95% interval of a mean: the error from having simulated only {n:,} histories (Monte Carlo "
        "error). More computing narrows it."
    )
    if study.uncertain:
        second = (
            "The uncertain assumptions were drawn again for each history, with the same draws in every world. The "
            "intervals are for the mean over this uncertainty and over chance; they are not the range in which the "
            "effect itself may lie."
        )
    else:
        second = (
            "The assumptions were held at their best values. These intervals do not include uncertainty about the "
            "assumptions, and more computing does not reduce that uncertainty."
        )
    return first, second


def quote(label: object) -> str:
    """A label in a sentence."""
    return f"“{label}”"
