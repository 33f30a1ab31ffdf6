"""Where the shipped files are, and how a name given by the reader becomes a file."""

from __future__ import annotations

from pathlib import Path

from sim.scenario.faults import Fault, Mark, ScenarioFaults, quote, suggest

_PACKAGE = Path(__file__).resolve().parent.parent
_NOT_SCENARIOS = frozenset({"evidence"})


def shipped_folder() -> Path:
    """Return the folder of the shipped scenarios: in the installed package, else beside it in a checkout."""
    return _folder_of("scenarios")


def shipped_names() -> list[str]:
    """Return the names of the shipped scenarios, without `.yaml`, in alphabetical order."""
    return [name for name in _names_in(shipped_folder()) if name not in _NOT_SCENARIOS]


def find_scenario(name_or_path: str) -> Path:
    """Return the file of a scenario: a path as given when there is such a file, else a shipped name.

    Raises ScenarioFaults, with the nearest shipped name, when it is neither.
    """
    return _find(name_or_path, shipped_folder(), shipped_names(), "scenario")


def experiments_folder() -> Path:
    """Return the folder of the shipped experiments, found as `shipped_folder` is."""
    return _folder_of("experiments")


def experiment_names() -> list[str]:
    """Return the names of the shipped experiments, without `.yaml`, in alphabetical order."""
    return _names_in(experiments_folder())


def find_experiment(name_or_path: str) -> Path:
    """Return the file of an experiment: a path as given when there is such a file, else a shipped name.

    Raises ScenarioFaults, with the nearest shipped name, when it is neither.
    """
    return _find(name_or_path, experiments_folder(), experiment_names(), "experiment")


def is_experiment(name_or_path: str) -> bool:
    """Return whether this names an experiment and no scenario: a file with `worlds`, or else a shipped name."""
    from sim.scenario.yaml_tree import read_file

    path = Path(name_or_path)
    try:
        return "worlds" in read_file(path, name_or_path).entries if path.is_file() else _only_experiment(path.stem)
    except (ScenarioFaults, OSError, ValueError):
        return False


def _only_experiment(name: str) -> bool:
    return name in experiment_names() and name not in shipped_names()


def _folder_of(kind: str) -> Path:
    installed = _PACKAGE / "_shipped" / kind
    return installed if installed.is_dir() else _PACKAGE.parent / kind


def _names_in(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.yaml"))


def _find(name_or_path: str, folder: Path, names: list[str], noun: str) -> Path:
    name, given = name_or_path.removesuffix(".yaml"), Path(name_or_path)
    try:
        if given.is_file():
            return given
        is_folder = given.is_dir()
    except (OSError, ValueError):
        # Too long, or with a NUL in it: no path then, and no name either.
        is_folder = False
    if name in names:
        return folder / f"{name}.yaml"
    missing = f"there is no {noun} {quote(name_or_path)}{suggest(name, names)}"
    what = f"{quote(name_or_path)} is a folder" if is_folder else missing
    raise ScenarioFaults([Fault(Mark(quote(name_or_path)[1:-1], 1, 1), what, f"a file, or one of {', '.join(names)}")])
