"""The manifest of a store: all that is needed to understand, check and repeat what was run."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final

from sim.errors import InputError
from sim.scenario.facts import Facts
from sim.version import EPOCH, __version__

if TYPE_CHECKING:
    from sim.scenario.load import Loaded

MANIFEST: Final = "manifest.json"
IDENTITY: Final = ("epoch", "digest", "other_digests", "seed", "uncertain", "keep", "part_size")
"""What must be equal for a batch to be resumed in a folder. How it is run (engine, workers) cannot change results."""
_LIBRARIES: Final = ("simpy", "numba", "numpy", "scipy", "pandas", "pyarrow", "pydantic", "ruamel.yaml")


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """What a batch is to do, as its manifest says: ``keep`` is what is kept, in parts of ``part_size`` replications."""

    replications: int
    seed: int
    uncertain: bool
    keep: str
    engine: str
    part_size: int


def manifest(worlds: Sequence[Loaded], settings: BatchSettings) -> dict[str, Any]:
    """The manifest of a batch of one or several worlds before it runs.

    Labels are those of the first world. Times of day are in UTC, everything else repeats exactly.
    """
    loaded, *others = worlds
    return {
        "program": "spinout",
        "name": loaded.name,
        "title": loaded.scenario.title,
        "about": loaded.scenario.about,
        "epoch": EPOCH,
        "digest": loaded.digest,
        **({"other_digests": [other.digest for other in others]} if others else {}),
        "seed": settings.seed,
        "replications": settings.replications,
        "uncertain": settings.uncertain,
        "keep": settings.keep,
        "engine": settings.engine,
        "part_size": settings.part_size,
        "results": None,
        "failed": None,
        "overrides": [_as_json(override) for override in loaded.overrides],
        "versions": versions(),
        "machine": {"system": platform.platform(), "processor": platform.machine(), "order": sys.byteorder},
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": None,
        **Facts.of(loaded.scenario).as_json(),
        "scenario": loaded.text,
        **({"other_scenarios": [other.text for other in others]} if others else {}),
    }


def loaded_from(manifest: Mapping[str, Any]) -> Loaded:
    """The world of a manifest, its scenario read back from the text in it.

    Raises `InputError` for a manifest of another results version or one that was altered.
    """
    from sim.scenario.check import check_scenario
    from sim.scenario.emit import as_yaml
    from sim.scenario.extend import Override
    from sim.scenario.load import Loaded
    from sim.scenario.yaml_tree import read_text

    if manifest.get("epoch") != EPOCH:
        raise InputError(
            f"the results were made by another version of the rules: results version is "
            f"{manifest.get('epoch')!r} there and {EPOCH!r} here"
        )
    try:
        text, name, digest = str(manifest["scenario"]), str(manifest["name"]), manifest["digest"]
        overrides = tuple(Override(entry["path"], entry["old"], entry["new"]) for entry in manifest["overrides"])
    except (KeyError, TypeError) as error:
        raise InputError(f"the manifest lacks {error}") from error
    read = hashlib.sha256(text.encode()).hexdigest()
    if read != digest:
        raise InputError(f"the scenario in the manifest was altered: digest is {digest!r} there and {read!r} here")
    root = read_text(text, MANIFEST)
    return Loaded(name, check_scenario(root), as_yaml(root), overrides)


def versions() -> dict[str, str]:
    """The versions of this program, of Python, and of the libraries on which results depend."""
    return {"spinout": __version__, "python": platform.python_version(), **dict(_library_versions())}


@cache
def _library_versions() -> tuple[tuple[str, str], ...]:
    # Looked for among all that is installed, which takes long beside the rest of a manifest.
    return tuple(_installed())


def _installed() -> Iterator[tuple[str, str]]:
    for name in _LIBRARIES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue


def _as_json(override: Any) -> dict[str, Any]:
    return {"path": override.path, "old": override.old, "new": override.new}
