"""A STRESS-DES statement of what was run: what reviewers of simulation studies check a study against.

The checklist is that of Monks, Currie, Onggo, Robinson, Kunc and Taylor (2019), Strengthening the reporting of
empirical simulation studies: introducing the STRESS guidelines, Journal of Simulation 13(1), 55-67. Items 1.2, 2.3,
3.3, 4 and 5 are filled from manifests; the others get what is true of every scenario, or a marked place for authors.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sim.experiment.question import METHODS
from sim.report.format import UNKNOWN, count, day, join_words, number
from sim.report.renderers.markdown import Markdown, code, escape, render_table
from sim.report.stress import tables
from sim.report.stress.worlds import StressWorld, open_worlds, read_differences, read_question
from sim.report.table import Code, Row, Table, words_table
from sim.scenario.quantity import JUDGEMENT

if TYPE_CHECKING:
    from sim.store.results import Results


def write_stress(folder: Path, path: Path) -> Path:
    """Write the statement of a results folder, or of an answer folder with several worlds, to ``path``; return it.

    Raises `InputError` where ``folder`` is neither, or holds what another version of the rules made.
    """
    path.write_text(stress_markdown(folder), encoding="utf-8")
    return path


def stress_markdown(folder: Path) -> str:
    """The statement as Markdown. Whatever comes from a scenario is escaped. Raises as :func:`write_stress`."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    question, differences = read_question(folder), read_differences(folder)
    worlds = open_worlds(folder, question, differences)
    pages = Environment(
        loader=PackageLoader("sim.report", "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_finalize,
    )
    content = {
        "folder": folder.resolve().name,
        "worlds": worlds,
        "code": code,
        **_objectives(worlds, question),
        **_logic(worlds),
        **_data(worlds),
        **_running(worlds),
        "justification": _justification(differences),
    }
    return pages.get_template("stress.md").render(content)


def _finalize(value: object) -> str | int:
    """What the template puts in: tables are rendered, and all that is no Markdown is escaped."""
    if isinstance(value, Table):
        return render_table(value)
    return value if isinstance(value, Markdown | int) else escape(str(value))


def _objectives(worlds: Sequence[StressWorld], question: Mapping[str, Any]) -> dict[str, Any]:
    first = worlds[0]
    words = [str(question[key]) for key in ("question", "about") if question.get(key)]
    words += [f"Method: {name}, {_write_method(question[name])}." for name in METHODS if question.get(name)]
    return {
        "title": question.get("title") or first.manifest["title"],
        "about": str(first.manifest["about"]) or "The scenario does not say.",
        "worlds_table": words_table(
            "",
            ("World", "Title", "Digest"),
            ((Code(world.name), world.manifest["title"], world.digest) for world in worlds),
        ),
        "outcomes": _outcomes(),
        "observations": words_table(
            "",
            ("Observation", "Observed", "Source"),
            (
                (
                    str(observation["label"]),
                    number(float(observation["value"])),
                    ", ".join(observation.get("source") or ()),
                )
                for observation in first.manifest["observations"]
            ),
        ),
        "aims": Markdown("\n\n".join(map(escape, words)))
        or (
            "Several worlds were compared."
            if len(worlds) > 1
            else "One world was run; what it is compared with, if anything, is in section 2.3."
        ),
    }


def _write_method(method: Any) -> str:
    return json.dumps(method, default=str, ensure_ascii=False).replace('"', "")


def _outcomes() -> Table:
    from sim.analysis.register import OUTCOMES

    columns = ("Outcome", "Label", "Unit", "What it is", "Formula")
    rows = (
        (Code(name), entry.label.format("..."), entry.unit, entry.definition, Code(entry.formula))
        for name, entry in OUTCOMES.items()
    )
    return words_table("", columns, rows)


def _logic(worlds: Sequence[StressWorld]) -> dict[str, Any]:
    scenario = worlds[0].scenario
    streams = [stream for stream in (scenario.staff_groups.arrivals,) if stream is not None]
    streams += [stream.arrivals for stream in scenario.staff_groups.types.values() if stream.arrivals is not None]
    rates = [stream.rate.text for stream in streams if stream.rate is not None]
    how = f"At each host they arrive at {join_words(rates)} before traits, bursts and policies." if rates else ""
    return {
        "diagram": tables.diagram(scenario),
        "launch": code(scenario.launch),
        "scenario_logic": Markdown("\n\n".join(str(_finalize(part)) for part in _scenario_logic(worlds))),
        "types": tables.types_table(scenario),
        "traits": tables.traits_table(scenario),
        "activities": tables.activities_table(scenario),
        "barriers": tables.barriers_table(scenario),
        "resources": tables.resources_table(scenario),
        "entry": how,
    }


def _scenario_logic(worlds: Sequence[StressWorld]) -> Iterator[Markdown | Table]:
    base, *others = worlds
    yield Markdown("Changes to the scenario file in this study:")
    changes = (
        (Code(override["path"]), override["old"] or "not there", override["new"])
        for override in base.manifest["overrides"]
    )
    yield words_table("", ("Where", "Before", "After"), changes)
    yield Markdown("Dated events of the timeline:")
    yield tables.policies_table(base.scenario.timeline)
    yield from _list_switches(base)
    for world in others:
        yield Markdown(f"#### {escape(world.name)}")
        yield Markdown("Where its scenario differs from that of the base:")
        yield tables.differences_table(base.tree, world.tree)
        yield from _list_switches(world)


def _list_switches(world: StressWorld) -> Iterator[Markdown | Table]:
    yield Markdown("Interventions switched on:")
    yield tables.policies_table(world.scenario.interventions)
    off = [code(name) for name, barrier in world.scenario.barriers.items() if not barrier.enabled]
    yield Markdown(f"Barriers switched off: {join_words(off) or 'none'}.")


def _data(worlds: Sequence[StressWorld]) -> dict[str, Any]:
    kept = [entry for world in worlds for entry in (*world.manifest["assumptions"], *world.manifest["observations"])]
    numbers = worlds[0].manifest["assumptions"]
    judged = sum(JUDGEMENT in entry["source"] for entry in numbers)
    drawn = any(world.manifest["uncertain"] for world in worlds)
    return {
        "sources": tables.sources_table(str(id) for entry in kept for id in entry.get("source") or ()),
        "uncertainty": (
            "Numbers with a range were drawn from it again in each replication, with the same values in every world."
            if drawn
            else "Numbers with a range were held at their best value; the range was not used."
        ),
        "parameters": tables.parameters_table({world.name: world.scenario for world in worlds}),
        "distributions": tables.distributions_table(worlds[0].scenario),
        "judged": f"Of {len(numbers):,} numbers with a range or a source, {judged:,} rest on judgement (section 3.3).",
    }


def _running(worlds: Sequence[StressWorld]) -> dict[str, Any]:
    first = worlds[0].manifest
    clock = worlds[0].scenario.clock
    days = f"{first['horizon']:,.0f} days"
    named = len(worlds[0].scenario.staff_groups.named)
    engines = list(dict.fromkeys(str(world.manifest["engine"]) for world in worlds))
    seeds = list(dict.fromkeys(str(world.manifest["seed"]) for world in worlds))
    head = (
        "World",
        "Replications",
        "Failed",
        "Seed",
        "Launches, mean",
        "95% interval",
        "Kept",
        "Digest of the results",
    )
    return {
        "initial": f"{count(named, 'group', 'groups')} known by name arrive on stated dates." if named else "",
        "run_length": f"From {day(clock.start)} until {day(clock.end)}, that day not included: {days}.",
        "replications": words_table("", head, (_achievement_row(world) for world in worlds)),
        "versions": words_table(
            "", ("Part", "Version"), {"system": first["machine"]["system"], **first["versions"]}.items()
        ),
        "seeds": join_words(seeds),
        "execution": " ".join(_ENGINES[engine] for engine in engines),
        "systems": words_table(
            "", ("World", "System", "Processor", "Started", "Seconds"), (_system(world) for world in worlds)
        ),
        "spinout": first["versions"]["spinout"],
    }


_ENGINES: Final[Mapping[str, str]] = {
    "kernel": "Event scheduling: a compiled kernel with an event calendar of its own, ordered by time and by the rule "
    "of section 2.4; it gives the same replications to the last bit as the process-interaction model on SimPy.",
    "simpy": "Process interaction on SimPy, whose event list is ordered by time and by the rule of section 2.4.",
}


def _achievement_row(world: StressWorld) -> Row:
    manifest = world.manifest
    return (
        Code(world.name),
        f"{manifest['replications']:,}",
        "not finished" if manifest["failed"] is None else f"{manifest['failed']:,}",
        str(manifest["seed"]),
        *_launches(world.results),
        str(manifest["keep"]),
        Code(str(manifest["results"] or "not finished")),
    )


def _launches(results: Results | None) -> tuple[str, str]:
    from sim.analysis.intervals import summarise

    if results is None:
        return UNKNOWN, UNKNOWN
    launched = summarise(results.kpis["launched"].to_numpy(dtype=float))
    return f"{launched.mean:,.3f}", f"{launched.low:,.3f} to {launched.high:,.3f}" if launched.n > 1 else UNKNOWN


def _justification(differences: Sequence[Mapping[str, str]]) -> Markdown:
    stated = {row["outcome"]: row["precision"] for row in differences if row.get("method", "").startswith("Stein")}
    if stated:
        wanted = escape(join_words([f"{name} to within {half} either way" for name, half in stated.items()]))
        return Markdown(
            f"Their number follows from a stated precision of differences, {wanted}, by Stein's two-stage procedure "
            "(Stein 1945)."
        )
    return Markdown(
        "The interval above is what this number of replications achieved.\n\n"
        "**To be written by the authors:** why that is enough for their purpose."
    )


def _system(world: StressWorld) -> Row:
    machine, seconds = world.manifest["machine"], world.manifest["seconds"]
    taken = "not finished" if seconds is None else f"{float(seconds):,.1f}"
    return Code(world.name), str(machine["system"]), str(machine["processor"]), str(world.manifest["started"]), taken
