"""The worlds of a folder, opened for a STRESS-DES statement."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sim.errors import InputError
from sim.scenario.nodes import Mapping as Tree
from sim.scenario.nodes import as_plain
from sim.scenario.yaml_tree import read_text
from sim.store.answer_folder import AnswerFolder

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario
    from sim.store.results import Results

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
class StressWorld:
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


def read_question(folder: Path) -> Mapping[str, Any]:
    """The question that was asked; nothing where there is no ``experiment.json``."""
    path = AnswerFolder(folder).record
    if not path.is_file():
        return {}
    try:
        question = as_plain(read_text(json.loads(path.read_text(encoding="utf-8"))["asked"], path.name))
    except (OSError, ValueError, KeyError, TypeError, InputError) as fault:
        raise InputError(f"{path}: not the record of an answer ({fault})") from fault
    return question if isinstance(question, dict) else {}


def read_differences(folder: Path) -> list[dict[str, str]]:
    """The rows of a comparison's table of differences, where there is one."""
    path = AnswerFolder(folder).table("differences")
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _alternatives(question: Mapping[str, Any], differences: Sequence[Mapping[str, str]]) -> list[str]:
    """The worlds that are held against a base, in their order."""
    compared = list(dict.fromkeys(row.get("alternative", "") for row in differences))
    added = question.get("additionality")
    return compared or ([str(added.get("with"))] if isinstance(added, dict) else [])


def open_worlds(
    folder: Path, question: Mapping[str, Any], differences: Sequence[Mapping[str, str]]
) -> list[StressWorld]:
    """The worlds of a folder of results, or of an answer: the base first. Raises `InputError` for another folder."""
    return [_open(place) for place in _places(folder, _alternatives(question, differences))]


def _places(folder: Path, alternatives: Sequence[str]) -> list[Path]:
    """The results folders, the base first, which is the world that is no alternative."""
    if (folder / "manifest.json").is_file():
        return [folder]
    stores = [
        path.parent for inner in (f"{_WORLDS}/*", _COMBINATIONS) for path in folder.glob(f"{inner}/manifest.json")
    ]
    if not stores:
        raise InputError(f"{folder}: neither a results folder nor an answer folder (no manifest.json)")
    places = {name: place for place, name in enumerate(alternatives)}
    return sorted(stores, key=lambda place: (places.get(place.name, -1), place.name))


def _open(place: Path) -> StressWorld:
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
    return StressWorld(
        place.name if place.parent.name == _WORLDS else loaded.name,
        manifest,
        loaded.scenario,
        read_text(loaded.text, "manifest.json"),
        open_results(place) if tables_of_a_run else None,
    )
