"""The manifest of a results folder: all that is needed to understand, check and repeat a batch."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from sim.batch.batch import Batch
from sim.errors import InputError
from sim.scenario.check import checked
from sim.scenario.extend import Override, as_yaml
from sim.scenario.load import Loaded
from sim.scenario.quantity import Quantity
from sim.scenario.schema import Observation, Scenario
from sim.scenario.walk import quantities
from sim.scenario.yaml_tree import read_text
from sim.version import EPOCH, __version__

_LIBRARIES = ("simpy", "numba", "numpy", "scipy", "pandas", "pyarrow", "pydantic", "ruamel.yaml")


def manifest(batch: Batch) -> dict[str, Any]:
    """The manifest of a batch before it runs. Times of day are in UTC, everything else repeats exactly."""
    loaded, scenario = batch.loaded, batch.loaded.scenario
    return {
        "program": "spinout",
        "name": loaded.name,
        "title": scenario.title,
        "about": scenario.about,
        "epoch": EPOCH,
        "digest": loaded.digest,
        "seed": batch.seed,
        "replications": batch.replications,
        "uncertain": batch.uncertain,
        "keep": batch.keep,
        "engine": batch.engine,
        "part_size": batch.part_size,
        "results": None,
        "failed": None,
        "overrides": [{"path": one.path, "old": one.old, "new": one.new} for one in loaded.overrides],
        "versions": {"spinout": __version__, "python": platform.python_version(), **dict(_versions())},
        "machine": {"system": platform.platform(), "processor": platform.machine(), "order": sys.byteorder},
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": None,
        "start": scenario.clock.start.isoformat(),
        "end": scenario.clock.end.isoformat(),
        "horizon": float((scenario.clock.end - scenario.clock.start).days),
        **_words(scenario),
        "assumptions": list(_assumptions(scenario)),
        "observations": [_observation(name, one) for name, one in scenario.observations.items()],
        "scenario": loaded.text,
    }


def batch_of(manifest: Mapping[str, Any]) -> Batch:
    """The batch that a manifest describes, its scenario read back from the text in it.

    Raises `InputError` for a manifest of another numbers epoch or one that was altered.
    """
    if manifest.get("epoch") != EPOCH:
        raise InputError(
            f"the results were made by another version of the rules: epoch is {manifest.get('epoch')!r} there and "
            f"{EPOCH!r} here"
        )
    try:
        text, name = str(manifest["scenario"]), str(manifest["name"])
        overrides = tuple(Override(one["path"], one["old"], one["new"]) for one in manifest["overrides"])
        asked = {key: manifest[key] for key in ("replications", "seed", "uncertain", "keep", "engine")}
        digest = manifest["digest"]
    except (KeyError, TypeError) as error:
        raise InputError(f"the manifest lacks {error}") from error
    read = hashlib.sha256(text.encode()).hexdigest()
    if read != digest:
        raise InputError(f"the scenario in the manifest was altered: digest is {digest!r} there and {read!r} here")
    root = read_text(text, "manifest.json")
    return Batch(Loaded(name, checked(root), as_yaml(root), overrides), **asked)


def _versions() -> Iterator[tuple[str, str]]:
    for name in _LIBRARIES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue


def _label(name: str, label: str) -> str:
    return label or name.replace("_", " ").capitalize()


def _words(scenario: Scenario) -> dict[str, Any]:
    """The names of things with the labels that charts and tables show."""
    return {
        "stages": [
            {"name": s.stage, "label": _label(s.stage, s.label), "route": name, "milestone": s.milestone}
            for name, route in scenario.routes.items()
            if route.enabled
            for s in route.stages
        ],
        "routes": {name: _label(name, route.label) for name, route in scenario.routes.items() if route.enabled},
        "barriers": {name: _label(name, one.label) for name, one in scenario.barriers.items()},
        "types": {name: _label(name, one.label) for name, one in scenario.staff_groups.types.items()},
        "regions": {
            name: {"label": _label(name, one.label), "hosts": one.hosts} for name, one in scenario.hosts.regions.items()
        },
        "timeline": [
            {
                "name": name,
                "label": _label(name, one.label),
                "from": one.from_.isoformat() if one.from_ else None,
                "until": one.until.isoformat() if one.until else None,
            }
            for name, one in scenario.timeline.items()
            if one.enabled
        ],
        "interventions": {name: _label(name, one.label) for name, one in scenario.interventions.items() if one.enabled},
    }


def _assumptions(scenario: Scenario) -> Iterator[dict[str, Any]]:
    """Every number that somebody chose, as it was written."""
    for path, part in quantities(scenario):
        if part.source or part.uncertain:
            yield _assumption(path, part)


def _assumption(path: tuple[str, ...], part: Quantity) -> dict[str, Any]:
    return {
        "path": ".".join(step for step in path if step not in ("parameters", "stages")),
        "value": part.text,
        "low": part.low_text,
        "high": part.high_text,
        "source": list(part.source),
        "note": part.note,
    }


def _observation(name: str, one: Observation) -> dict[str, Any]:
    kept = one.model_dump(by_alias=True, exclude_none=True, warnings=False)
    return {"name": name, **json.loads(json.dumps(kept, default=str)), "label": _label(name, one.label)}
