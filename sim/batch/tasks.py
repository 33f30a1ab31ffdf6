"""Tasks: how the replications of a batch are handed out, and how what comes back is put together.

Nothing here can change a result: chunks are joined in the order of their replications, whoever computed them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sim.store.chunk import Chunk

if TYPE_CHECKING:
    from sim.batch.extract import Computation

_SECONDS: Final = 1.0
"""What a task should take: so the bar moves, little is lost by a crash, and handing out costs nothing beside it."""
_WHOLE: Final = 3.0
"""A part that takes fewer seconds than this is one task."""
_GROWTH: Final = 16
"""A task is at most so many times as long as the one before, as the first ones include all kinds of beginnings."""


@dataclass(frozen=True, slots=True)
class Task:
    """Some replications of a part, to be computed by one worker. ``batch`` is the batch's number in the run."""

    computation: Computation
    batch: int
    part: int
    replications: range


class Pace:
    """How fast replications go, learned from those that were run."""

    def __init__(self, first: int) -> None:
        """``first`` is the number of replications to try it with."""
        self._longest = first
        self._each: float | None = None

    def learn(self, replications: int, seconds: float) -> None:
        """Take note of a task that was done."""
        self._each = max(seconds, 1e-9) / replications
        self._longest = max(self._longest, _GROWTH * replications)

    def seconds(self, replications: int) -> float | None:
        """How long so many replications would take one worker; None before anything was learned."""
        return None if self._each is None else self._each * replications

    def length(self, left: int) -> int:
        """How many replications the next task should have where a part has ``left``."""
        if self._each is None:
            return min(left, self._longest)
        whole = self._each * left
        wanted = left if whole < _WHOLE else max(1, round(left * _SECONDS / whole))
        return min(left, wanted, self._longest)


def divide(parts: Iterable[tuple[int, range]], pace: Pace, stopped: Callable[[], bool]) -> Iterator[tuple[int, range]]:
    """Cut parts into replications for tasks, when they are asked for; nothing more once it is ``stopped``."""
    for part, replications in parts:
        first = replications.start
        while first < replications.stop:
            if stopped():
                return
            length = pace.length(replications.stop - first)
            yield part, range(first, first + length)
            first += length


Join = Callable[[Sequence[Chunk]], Chunk]


class Assembly:
    """The chunks of parts that are not whole yet."""

    def __init__(self, parts: Iterable[tuple[int, range]], join: Join) -> None:
        """``parts`` are the replications that are wanted of each; ``join`` makes one chunk of several."""
        self._wanted = dict(parts)
        self._join = join
        self._chunks: dict[int, dict[int, Chunk]] = {}

    @property
    def is_complete(self) -> bool:
        """Whether every part is whole."""
        return not self._wanted

    def add(self, part: int, chunk: Chunk) -> Chunk | None:
        """Put a chunk to the others of its part; returns the part once it is whole."""
        chunks = self._chunks.setdefault(part, {})
        chunks[chunk.replications.start] = chunk
        if sum(len(other.replications) for other in chunks.values()) < len(self._wanted[part]):
            return None
        del self._chunks[part], self._wanted[part]
        return self._join([chunks[first] for first in sorted(chunks)])

    def take_beginnings(self) -> Iterator[tuple[int, Chunk]]:
        """Take out of every part that is not whole what is there without a gap, from where it begins on."""
        for part, chunks in sorted(self._chunks.items()):
            run, wanted = [], self._wanted[part]
            following = wanted.start
            while following in chunks:
                run.append(chunks.pop(following))
                following = run[-1].replications.stop
            if run:
                self._wanted[part] = range(following, wanted.stop)
                yield part, self._join(run)
