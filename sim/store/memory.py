"""A store in memory: the parts of a batch that nobody wants to keep, with the face of a store on disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.results.failures import Failure
from sim.store.chunk import Chunk, decode
from sim.store.results import Results


class MemoryStore:
    """The parts of a batch by number. They end with the program."""

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        self._manifest = manifest
        self._parts: dict[int, Chunk] = {}

    def count(self, part: int) -> int:
        """How many replications of a part are finished."""
        return len(self._parts[part].replications) if part in self._parts else 0

    @property
    def failures(self) -> Iterator[Failure]:
        """The failed replications of all parts that are finished."""
        for chunk in self.chunks():
            yield from chunk.failures

    def chunks(self) -> Iterator[Chunk]:
        """All parts in their order."""
        for part in sorted(self._parts):
            yield self._parts[part]

    def results(self) -> Results:
        """The tables of a run of one world. Raises `ResultsError` where something else was kept."""
        return Results.from_tables(self._manifest, decode(self.chunks()), tuple(self.failures))

    def read(self, part: int) -> Chunk:
        """What is there of a part."""
        return self._parts[part]

    def write(self, part: int, chunk: Chunk) -> None:
        """Keep a part, instead of the shorter one that may be there."""
        self._parts[part] = chunk

    def forget_failed(self) -> None:
        """Let the parts that have failed replications be computed again."""
        self._parts = {part: chunk for part, chunk in self._parts.items() if not chunk.failures}

    def finish(self, seconds: float) -> None:
        """Nothing: what is in memory has no manifest."""

    def pause(self, seconds: float) -> None:
        """Nothing."""
