"""The manifest of a results folder: all that is needed to understand, check and repeat a batch."""

from __future__ import annotations

import hashlib
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
from sim.scenario.facts import Facts
from sim.scenario.load import Loaded
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
        "versions": versions(),
        "machine": {"system": platform.platform(), "processor": platform.machine(), "order": sys.byteorder},
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": None,
        **Facts.of(scenario).as_json(),
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


def versions() -> dict[str, str]:
    """The versions of spinout, of Python and of the libraries on which results rest."""
    return {"spinout": __version__, "python": platform.python_version(), **dict(_libraries())}


def _libraries() -> Iterator[tuple[str, str]]:
    for name in _LIBRARIES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue
