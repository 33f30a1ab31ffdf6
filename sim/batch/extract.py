"""An extract: what is kept of each replication of one or several cases.

The driver knows nothing of what is kept. To keep something else, write one more class with the four parts of `Extract`.
"""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from sim.batch.case import Case
from sim.errors import RunFailed
from sim.results.failures import Failure
from sim.store.chunk import Chunk, EncodedTable

if TYPE_CHECKING:
    import pyarrow as pa


class Extraction(NamedTuple):
    """The tables of some replications by name, and those that failed, which have no rows in any of them."""

    tables: Mapping[str, pa.Table]
    failures: tuple[Failure, ...]


Compute = Callable[[Sequence[int]], Extraction]
"""Runs replications and extracts what is kept. May be called from several threads at once."""


class Extract(Protocol):
    """What is kept of replications: a small immutable value that can be pickled and compared."""

    @property
    def keep(self) -> str:
        """What is kept, in words that a manifest holds: a batch is resumed only with the same."""

    @property
    def runs(self) -> int:
        """How often an engine runs for one replication of a batch."""

    def part_size(self, groups: float) -> int:
        """Replications in a whole part of a store, where one has about so many staff groups in all cases together."""

    def lay_out(self, cases: Sequence[Case]) -> Compute:
        """Lay out what all replications share. Raises `RunFailed` where none of them can be run."""

    def encode(self, table: pa.Table) -> EncodedTable:
        """A table as bytes that depend on its values alone, and not on how its replications were cut."""


@dataclass(frozen=True)
class Computation:
    """Cases and an extract: all that must be known to compute any replications, here or anywhere else."""

    cases: tuple[Case, ...]
    extract: Extract

    def __reduce__(self) -> tuple[Any, ...]:
        # What was laid out is large, and of use to this process alone.
        return Computation, (self.cases, self.extract)

    @cached_property
    def packed(self) -> bytes:
        """As bytes, for workers elsewhere."""
        return pickle.dumps(self)

    @cached_property
    def _laid_out(self) -> Compute:
        return self.extract.lay_out(self.cases)

    def compute(self, replications: Sequence[int]) -> Extraction:
        """Run any replications. Raises `RunFailed` where none can be run."""
        return self._laid_out(replications)

    def prepare(self) -> None:
        """Lay out and load what is compiled, so that the first replications take no longer than others.

        Raises `RunFailed` where none can be run.
        """
        self.compute(())

    def chunk(self, replications: range) -> Chunk:
        """Run consecutive replications. Raises `RunFailed` where none can be run, or memory is too small for them."""
        began = time.perf_counter()
        try:
            tables, failures = self.compute(replications)
            encoded = {name: self.extract.encode(table) for name, table in tables.items()}
        except MemoryError:
            raise RunFailed(
                f"out of memory in replications {replications.start} to {replications.stop - 1}; "
                "what was finished is kept"
            ) from None
        return Chunk(replications, encoded, failures, time.perf_counter() - began)
