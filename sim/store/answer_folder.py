"""The folder of an answer: where everything in it lies, and the record that says what was asked.

``experiment.json`` is the record, ``worlds/NAME`` the results of a world, ``points/NAME`` the tallies of two worlds at
a point of an additionality, ``combinations`` the launches of an attribution: each a store that resumes by itself.
``report.html``, ``tables`` and ``pictures`` are what people read, and are written again at the end. No other module
knows these places.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sim.errors import InputError
from sim.store.files import put_in_place, write_beside

Record = Mapping[str, Any]
_RECORD: Final = "experiment.json"


@dataclass(frozen=True, slots=True)
class AnswerFolder:
    """The places in the folder of an answer. Nothing need be there yet."""

    path: Path

    @property
    def record(self) -> Path:
        """The file that says what was asked, and when the answer was finished."""
        return self.path / _RECORD

    @property
    def worlds(self) -> Path:
        """The folder of the results of all worlds."""
        return self.path / "worlds"

    def world(self, name: str) -> Path:
        """The results folder of a world."""
        return self.worlds / name

    @property
    def points(self) -> Path:
        """The folder of the tallies at all points."""
        return self.path / "points"

    def point(self, name: str) -> Path:
        """The store of the tallies at a point."""
        return self.points / name

    @property
    def combinations(self) -> Path:
        """The store of the launches in all combinations."""
        return self.path / "combinations"

    @property
    def stores(self) -> list[Path]:
        """The stores that are there, of worlds, points and combinations."""
        places = (*self.worlds.glob("*"), *self.points.glob("*"), self.combinations)
        return sorted(place for place in places if (place / "manifest.json").is_file())

    @property
    def page(self) -> Path:
        """The page for a browser."""
        return self.path / "report.html"

    @property
    def tables(self) -> Path:
        """The folder of the tables of the page, as CSV."""
        return self.path / "tables"

    def table(self, name: str) -> Path:
        """The file of a table of the page."""
        return self.tables / f"{name}.csv"

    @property
    def pictures(self) -> Path:
        """The folder of the charts of the page, each as a file."""
        return self.path / "pictures"

    @property
    def is_there(self) -> bool:
        """Whether this is the folder of an answer, finished or not."""
        return self.record.is_file()

    def begin(self, record: Record) -> None:
        """Take the folder for an answer, or resume the one in it. Raises `InputError` where it holds something else."""
        if not self.is_there and self.path.is_dir() and any(self.path.iterdir()):
            raise InputError(f"{self.path}: this folder holds something else, expected an empty or a new one (--out)")
        self.path.mkdir(parents=True, exist_ok=True)
        self._write(record)

    def finish(self, record: Record) -> None:
        """Write down that the answer with its tables and pages is finished."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._write({**record, "finished": now})

    def read(self) -> Record:
        """The record of the answer. Raises `InputError` where there is none, or it cannot be read."""
        if not self.is_there:
            raise InputError(f"{self.path}: not the folder of an answer (no {_RECORD})")
        try:
            record = json.loads(self.record.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(f"{self.record}: not the record of an answer ({error})") from error
        if not isinstance(record, dict):
            raise InputError(f"{self.record}: not the record of an answer")
        return record

    def _write(self, record: Record) -> None:
        write_beside(self.record, (json.dumps(record, indent=1, ensure_ascii=False) + "\n").encode())
        put_in_place(self.record)
