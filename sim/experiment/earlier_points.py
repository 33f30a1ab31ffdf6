"""The points of an additionality that an earlier version kept: one Parquet file each, instead of a store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sim.batch.extracts.tally import TABLE
from sim.errors import InputError
from sim.store.chunk import Chunk, encode
from sim.version import EPOCH

if TYPE_CHECKING:
    from sim.batch.batch import Batch
    from sim.store.results import Results


@dataclass(frozen=True, slots=True)
class EarlierPoint:
    """A file of tallies, which can be read and not resumed."""

    file: Path
    batch: Batch

    def chunks(self) -> Iterator[Chunk]:
        """All its replications. Raises `InputError` where it was cut, or is of other worlds or draws."""
        import pyarrow as pa
        import pyarrow.compute as pc
        import pyarrow.parquet as pq

        try:
            table = pq.read_table(self.file)
            made_of = json.loads((table.schema.metadata or {}).get(b"made_of", b"null"))
        except (OSError, ValueError, pa.ArrowException) as error:
            raise InputError(f"{self.file}: cannot be read ({error})") from error
        digests = [world.digest for world in self.batch.worlds]
        # The file names the routes of the programme too; they follow from the worlds.
        if not isinstance(made_of, list) or made_of[:3] != [EPOCH, *digests] or made_of[4:] != self._draws:
            raise InputError(f"{self.file} was altered: it is not of the worlds and draws in the question")
        table = table.filter(pc.is_valid(table["additional"])).replace_schema_metadata(None)
        yield Chunk(range(self.batch.replications), {TABLE: encode(table)})

    @property
    def _draws(self) -> list[object]:
        return [self.batch.seed, self.batch.uncertain]

    def results(self) -> Results:
        """Nothing but tallies was kept. Raises `InputError`."""
        raise InputError(f"{self.file} holds no tables of a run")
