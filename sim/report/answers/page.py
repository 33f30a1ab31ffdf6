"""What every answer's page holds, and the folder in which it lies with its tables and pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sim.report.document import Section, rendered, write_pictures
from sim.report.failures import failures_told
from sim.store.answer_folder import AnswerFolder

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.question import Question
    from sim.experiment.study import Study
    from sim.experiment.worlds import World
    from sim.store.results import Results

Form = Literal["png", "svg"]


@dataclass(frozen=True)
class Described:
    """A world as its page describes it: label, facts, ``changes`` (place, old, new) and the resolved scenario."""

    label: str
    facts: Mapping[str, str]
    changes: tuple[tuple[str, str, str], ...]
    scenario: str = ""


@dataclass(frozen=True)
class Page:
    """An answer for people.

    ``headline`` are sentences, the most important first; ``cards`` a few figures that stand large (what, how much, a
    note); ``reading`` says how to read the numbers; ``frames`` are written beside the page as CSV, by name.
    """

    kicker: str
    title: str
    meta: str
    headline: tuple[str, ...]
    cards: tuple[tuple[str, str, str], ...]
    reading: tuple[str, ...]
    sections: tuple[Section, ...]
    facts: Mapping[str, str]
    worlds: tuple[Described, ...]
    frames: Mapping[str, pd.DataFrame] = field(repr=False)
    warnings: tuple[str, ...] = ()
    question: str = ""
    about: str = ""


def page_html(page: Page) -> str:
    """The page as HTML text that needs no network."""
    return rendered("answer.html", page.sections, {"title": page.title, "page": page})


def write_page(page: Page, folder: Path, forms: Sequence[Form] = ()) -> Path:
    """Write ``report.html``, ``tables/*.csv`` and, in the forms asked for, ``pictures/*``; return the page's path."""
    places = AnswerFolder(folder)
    places.tables.mkdir(parents=True, exist_ok=True)
    for name, frame in page.frames.items():
        frame.to_csv(places.table(name), index=False, encoding="utf-8", lineterminator="\n")
    for form in forms:
        write_pictures(page.sections, places.pictures, form)
    places.page.write_text(page_html(page), encoding="utf-8")
    return places.page


def described(world: World, results: Results | None = None) -> Described:
    """A world with the digest of its scenario, and its overrides old to new or, without any, its whole text."""
    loaded = world.loaded
    facts = {"Scenario": loaded.scenario.title or loaded.name, "Name": world.name, "Digest": loaded.digest}
    if results is not None:
        facts["Replications"] = f"{len(results.replications):,}"
    changes = tuple((one.path, _value(one.old), _value(one.new)) for one in loaded.overrides)
    # A world with changes is its file with them; the whole text of each would make a page of many worlds heavy.
    return Described(world.label, facts, changes, "" if changes else loaded.text)


def failures(worlds: Sequence[World], results: Mapping[str, Results]) -> tuple[str, ...]:
    """What to say of replications that failed, world by world."""
    return tuple(
        f"{one.label}: {sentence}"
        for one in worlds
        for sentence in (failures_told(results[one.name]) if one.name in results else ())
    )


def facts_of(study: Study, worlds: int, manifest: Mapping[str, Any] | None) -> dict[str, str]:
    """How a study was run, in words; versions and machine as the manifest of one of its worlds says."""
    told = {
        "Worlds": f"{worlds:,}",
        "Replications of each": f"{study.replications:,}",
        "Seed": str(study.seed),
        "Common luck": "the same groups meet the same luck in every world (common random numbers by group)",
        "Uncertain assumptions": "drawn anew for each replication, the same draws in every world"
        if study.uncertain
        else "held at their values",
    }
    versions = (manifest or {}).get("versions") or {}
    machine = (manifest or {}).get("machine") or {}
    told["Versions"] = ", ".join(f"{name} {version}" for name, version in versions.items())
    told["Machine"] = ", ".join(str(value) for value in machine.values()) if isinstance(machine, Mapping) else ""
    return {label: value for label, value in told.items() if value}


def error_and_ignorance(study: Study) -> tuple[str, ...]:
    """How to read the two kinds of uncertainty in an answer."""
    n = study.replications
    first = (
        f"Every world was simulated {n:,} times; each time is a history. An interval written in brackets is the 95% "
        f"interval for a mean over all possible histories: the error from having simulated only {n:,} of them (Monte "
        "Carlo error). More computing narrows it."
    )
    if study.uncertain:
        second = (
            "Each history drew the uncertain assumptions anew, the same in every world. The intervals are for the mean "
            "over what we do not know as well as over chance; they are not the range in which the effect may lie."
        )
    else:
        second = (
            "The assumptions were held at their best values. What we do not know about the world (parameter "
            "uncertainty) is not in these intervals, and more computing does not narrow it."
        )
    return first, second


def _value(value: object) -> str:
    if value is None:
        return "not set"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def asked(question: Question | None, title: str) -> dict[str, str]:
    """Title, question and words of what was asked in a file; the given title where nothing was."""
    if question is None:
        return {"title": title}
    return {"title": question.title, "question": question.question, "about": question.about}
