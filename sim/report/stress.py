"""A STRESS-DES statement of what was run: what reviewers of simulation studies check a study against.

The checklist is that of Monks, Currie, Onggo, Robinson, Kunc and Taylor (2019), Strengthening the reporting of
empirical simulation studies: introducing the STRESS guidelines, Journal of Simulation 13(1), 55-67. Items 1.2, 2.3,
3.3, 4 and 5 are filled from manifests; the others get what is true of every scenario, or a marked place for authors.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sim.errors import InputError
from sim.experiment.question import METHODS
from sim.report import stress_tables as tables
from sim.report.format import UNKNOWN, counted, day, listed, number
from sim.report.markdown import Written, code, escaped, table
from sim.scenario.nodes import Mapping as Tree
from sim.scenario.nodes import plain
from sim.scenario.quantity import JUDGEMENT
from sim.scenario.yaml_tree import read_text
from sim.store.answer_folder import AnswerFolder

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario
    from sim.store.results import Results

DEFINITIONS: Final[Mapping[str, str]] = {
    "launches": "groups that reached the milestone live",
    "share_launched": "groups launched over groups that set out",
    "months_to_launch": "months from setting out to launch, of those launched; a month is 365.25 / 12 days",
    "staff_moved": "headcount of the groups launched",
    "value_moved": "turnover a year of the groups launched",
    "exits": "groups that exited without having launched; exits_<cause> by what took them",
    "closed": "groups that exited after launch; closed_<cause> by what took them",
    "trading": "groups launched and not exited when the clock ended; trading_<date>, when that day was over",
    "cost_programme": "what the programme paid, as paid",
    "cost_host": "what hosts paid, as paid",
    "cost_group": "what staff groups paid, as paid",
    "cost_total": "what all payers paid, as paid",
    "discounted_programme": "what the programme paid, each amount over (1 + rate) ^ years since the base year began",
    "discounted_total": "what all payers paid, discounted in the same way",
    "cost_per_launch": "cost_total over launches",
    "programme_cost_per_launch": "cost_programme over launches",
    "cost_per_staff_moved": "cost_total over staff_moved",
}
"""How each outcome of `sim.analysis.outcomes` is computed."""
_WORLDS, _COMBINATIONS = "worlds", "combinations"
_KEPT: Final = ("kpis", "groups", "events")
_NEEDED: Final = (
    "keep",
    "title",
    "about",
    "assumptions",
    "observations",
    "versions",
    "machine",
    "started",
    "seconds",
    "results",
)
_NEEDED_IN: Final = {"versions": frozenset({"spinout"}), "machine": frozenset({"system", "processor"})}


@dataclass(frozen=True)
class _World:
    """One world that was run: its name, what was run, and its scenario as understood and as written.

    ``results`` are None where something else was kept than the tables of a run.
    """

    name: str
    manifest: Mapping[str, Any]
    scenario: Scenario
    tree: Tree
    results: Results | None

    @property
    def digest(self) -> str:
        """What identifies its scenario."""
        return str(self.manifest["digest"])


def write_stress(folder: Path, path: Path) -> Path:
    """Write the statement of a results folder, or of an answer folder with several worlds, to ``path``; return it.

    Raises `InputError` where ``folder`` is neither, or holds what another version of the rules made.
    """
    path.write_text(stress_markdown(folder), encoding="utf-8")
    return path


def stress_markdown(folder: Path) -> str:
    """The statement as Markdown. Whatever comes from a scenario is escaped. Raises as :func:`write_stress`."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    asked, differences = _asked(folder), _differences(folder)
    worlds = [_opened(place) for place in _places(folder, _alternatives(asked, differences))]
    pages = Environment(
        loader=PackageLoader("sim.report", "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=lambda value: value if isinstance(value, Written | int) else escaped(str(value)),
    )
    content = {
        "folder": folder.resolve().name,
        "worlds": worlds,
        "code": code,
        **_objectives(worlds, asked),
        **_logic(worlds),
        **_data(worlds),
        **_running(worlds),
        "justification": _justification(differences),
    }
    return pages.get_template("stress.md").render(content)


def _asked(folder: Path) -> Mapping[str, Any]:
    """The question of an experiment as it was asked; nothing where there is no ``experiment.json``."""
    path = AnswerFolder(folder).record
    if not path.is_file():
        return {}
    try:
        asked = plain(read_text(json.loads(path.read_text(encoding="utf-8"))["asked"], path.name))
    except (OSError, ValueError, KeyError, TypeError, InputError) as fault:
        raise InputError(f"{path}: not the record of an answer ({fault})") from fault
    return asked if isinstance(asked, dict) else {}


def _differences(folder: Path) -> list[dict[str, str]]:
    """The rows of a comparison's table of differences, where there is one."""
    path = AnswerFolder(folder).table("differences")
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _alternatives(asked: Mapping[str, Any], differences: Sequence[Mapping[str, str]]) -> list[str]:
    """The worlds that are held against a base, in their order."""
    compared = list(dict.fromkeys(row.get("alternative", "") for row in differences))
    added = asked.get("additionality")
    return compared or ([str(added.get("with"))] if isinstance(added, dict) else [])


def _places(folder: Path, alternatives: Sequence[str]) -> list[Path]:
    """The results folders to tell of, the base first, which is the world that is no alternative."""
    if (folder / "manifest.json").is_file():
        return [folder]
    found = [path.parent for inner in (f"{_WORLDS}/*", _COMBINATIONS) for path in folder.glob(f"{inner}/manifest.json")]
    if not found:
        raise InputError(f"{folder}: neither a results folder nor an answer folder (no manifest.json)")
    places = {name: place for place, name in enumerate(alternatives)}
    return sorted(found, key=lambda place: (places.get(place.name, -1), place.name))


def _opened(place: Path) -> _World:
    from sim.store.manifest import loaded_from
    from sim.store.reader import open_results, read_manifest

    manifest = read_manifest(place / "manifest.json")
    missing = [key for key in _NEEDED if key not in manifest]
    if missing:
        raise InputError(f"{place}: the manifest lacks {', '.join(missing)}")
    for key, inner in _NEEDED_IN.items():
        if not isinstance(manifest[key], Mapping) or not inner <= manifest[key].keys():
            raise InputError(f"{place}: the manifest's {key} should hold {', '.join(sorted(inner))}")
    tables_of_a_run = manifest["keep"] in _KEPT
    # Only the scenario is wanted, whatever was kept.
    loaded = loaded_from(manifest)
    return _World(
        place.name if place.parent.name == _WORLDS else loaded.name,
        manifest,
        loaded.scenario,
        read_text(loaded.text, "manifest.json"),
        open_results(place) if tables_of_a_run else None,
    )


def _objectives(worlds: Sequence[_World], asked: Mapping[str, Any]) -> dict[str, Any]:
    first = worlds[0]
    words = [str(asked[key]) for key in ("question", "about") if asked.get(key)]
    words += [f"Method: {name}, {_as_asked(asked[name])}." for name in METHODS if asked.get(name)]
    return {
        "title": asked.get("title") or first.manifest["title"],
        "about": str(first.manifest["about"]) or "The scenario does not say.",
        "worlds_table": table(
            ("World", "Title", "Digest"), ((code(one.name), one.manifest["title"], one.digest) for one in worlds)
        ),
        "outcomes": _outcomes(first),
        "observations": table(
            ("Observation", "Observed", "Source"),
            (
                (str(one["label"]), number(float(one["value"])), ", ".join(one.get("source") or ()))
                for one in first.manifest["observations"]
            ),
        ),
        "aims": Written("\n\n".join(map(escaped, words)))
        or (
            "Several worlds were compared."
            if len(worlds) > 1
            else "One world was run; what it is compared with, if anything, stands in section 2.3."
        ),
    }


def _as_asked(method: Any) -> str:
    return json.dumps(method, default=str, ensure_ascii=False).replace('"', "")


def _outcomes(world: _World) -> Written:
    from sim.analysis.outcomes import Reading, outcomes
    from sim.scenario.facts import Facts

    known = outcomes(Facts.of(world.scenario), Reading())
    rows = ((code(name), known[name].label, known[name].unit, told) for name, told in DEFINITIONS.items())
    return table(("Outcome", "Label", "Unit", "How it is computed"), rows)


def _logic(worlds: Sequence[_World]) -> dict[str, Any]:
    scenario = worlds[0].scenario
    streams = [one for one in (scenario.staff_groups.arrivals,) if one is not None]
    streams += [one.arrivals for one in scenario.staff_groups.types.values() if one.arrivals is not None]
    rates = [stream.rate.text for stream in streams if stream.rate is not None]
    how = f"At each host they arrive at {listed(rates)} before traits, bursts and policies." if rates else ""
    return {
        "diagram": tables.diagram(scenario),
        "scenario_logic": Written("\n\n".join(_scenario_logic(worlds))),
        "types": tables.types_table(scenario),
        "traits": tables.traits_table(scenario),
        "activities": tables.activities_table(scenario),
        "barriers": tables.barriers_table(scenario),
        "resources": tables.resources_table(scenario),
        "entry": how,
    }


def _scenario_logic(worlds: Sequence[_World]) -> Iterator[Written]:
    base, *others = worlds
    yield Written("Changes to the scenario file that were asked for:")
    changes = ((code(one["path"]), one["old"] or "not there", one["new"]) for one in base.manifest["overrides"])
    yield table(("Where", "Before", "After"), changes)
    yield Written("Dated facts of the world:")
    yield tables.policies_table(base.scenario.timeline)
    yield from _switched(base)
    for world in others:
        yield Written(f"#### {escaped(world.name)}")
        yield Written("Where its scenario is written otherwise than that of the base:")
        yield tables.differences_table(base.tree, world.tree)
        yield from _switched(world)


def _switched(world: _World) -> Iterator[Written]:
    yield Written("Interventions that are switched on:")
    yield tables.policies_table(world.scenario.interventions)
    off = [code(name) for name, one in world.scenario.barriers.items() if not one.enabled]
    yield Written(f"Barriers that are switched off: {listed(off) or 'none'}.")


def _data(worlds: Sequence[_World]) -> dict[str, Any]:
    kept = [entry for world in worlds for entry in (*world.manifest["assumptions"], *world.manifest["observations"])]
    numbers = worlds[0].manifest["assumptions"]
    judged = sum(JUDGEMENT in entry["source"] for entry in numbers)
    drawn = any(world.manifest["uncertain"] for world in worlds)
    return {
        "sources": tables.sources_table(str(id) for entry in kept for id in entry.get("source") or ()),
        "uncertainty": (
            "Numbers with a range were drawn anew in each history from it, the same ones in every world."
            if drawn
            else "Numbers with a range were held at their value; the range was not used."
        ),
        "parameters": tables.parameters_table({world.name: world.scenario for world in worlds}),
        "laws": tables.laws_table(worlds[0].scenario),
        "judged": f"Of {len(numbers):,} numbers with a range or a source, {judged:,} rest on judgement (section 3.3).",
    }


def _running(worlds: Sequence[_World]) -> dict[str, Any]:
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
        "95 % interval",
        "Kept",
        "Digest of the results",
    )
    return {
        "initial": f"{counted(named, 'group', 'groups')} known by name set out on stated dates." if named else "",
        "run_length": f"From {day(clock.start)} until {day(clock.end)}, that day not included: {days}.",
        "replications": table(head, (_achieved(world) for world in worlds)),
        "versions": table(("Part", "Version"), {"system": first["machine"]["system"], **first["versions"]}.items()),
        "seeds": listed(seeds),
        "execution": " ".join(_ENGINES[one] for one in engines),
        "systems": table(("World", "System", "Processor", "Begun", "Seconds"), (_system(world) for world in worlds)),
        "spinout": first["versions"]["spinout"],
    }


_ENGINES: Final[Mapping[str, str]] = {
    "kernel": "Event scheduling: a compiled kernel with an event calendar of its own, ordered by time and by the rule "
    "of section 2.4; it gives the same histories to the last bit as the process-interaction model on SimPy.",
    "simpy": "Process interaction on SimPy, whose event list is ordered by time and by the rule of section 2.4.",
}


def _achieved(world: _World) -> tuple[str, ...]:
    manifest = world.manifest
    return (
        code(world.name),
        f"{manifest['replications']:,}",
        "not finished" if manifest["failed"] is None else f"{manifest['failed']:,}",
        str(manifest["seed"]),
        *_launches(world.results),
        str(manifest["keep"]),
        code(str(manifest["results"] or "not finished")),
    )


def _launches(results: Results | None) -> tuple[str, str]:
    from sim.analysis.intervals import summarise

    if results is None:
        return UNKNOWN, UNKNOWN
    launched = summarise(results.kpis["launched"].to_numpy(dtype=float))
    return f"{launched.mean:,.3f}", f"{launched.low:,.3f} to {launched.high:,.3f}" if launched.n > 1 else UNKNOWN


def _justification(differences: Sequence[Mapping[str, str]]) -> Written:
    stated = {row["outcome"]: row["precision"] for row in differences if row.get("method", "").startswith("Stein")}
    if stated:
        wanted = escaped(listed([f"{name} to within {half} either way" for name, half in stated.items()]))
        return Written(
            f"Their number follows from a stated precision of differences, {wanted}, by Stein's two-stage procedure "
            "(Stein 1945)."
        )
    return Written(
        "The interval above is what this number of replications achieved.\n\n"
        "**To be written by the authors:** why that is enough for their purpose."
    )


def _system(world: _World) -> tuple[str, ...]:
    machine, seconds = world.manifest["machine"], world.manifest["seconds"]
    taken = "not finished" if seconds is None else f"{float(seconds):,.1f}"
    return code(world.name), str(machine["system"]), str(machine["processor"]), str(world.manifest["started"]), taken
