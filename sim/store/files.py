"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

BESIDE = ".part"
"""The end of the name of a file that is being written."""
_DAMAGED = ".damaged"


def path_beside(path: Path) -> Path:
    """Where a file is written before it takes its place."""
    return path.with_name(path.name + BESIDE)


def write_beside(path: Path, data: bytes) -> None:
    """Write a file beside its place and onto the disk. Leaves nothing behind where that fails. Raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path_beside(path)
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            # A system that goes down may keep a new name and lose what was to be behind it.
            os.fsync(file.fileno())
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def put_in_place(path: Path) -> None:
    """Put a file that was written beside its place there, instead of what is there. Raises `OSError`."""
    path_beside(path).replace(path)


def set_aside(path: Path) -> Path | None:
    """Give a file that is not to be trusted another name; returns that, or None where there is no such file."""
    if not path.exists():
        return None
    number, aside = 1, path.with_name(path.name + _DAMAGED)
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}{_DAMAGED}-{number}")
    path.rename(aside)
    return aside
