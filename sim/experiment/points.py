"""The launches of two worlds counted group by group, kept by point so that a long answer can go on where it stopped."""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sim.batch.batch import Batch
from sim.batch.replicate import Work, compute
from sim.batch.workers import processors
from sim.errors import RunFailed
from sim.experiment.study import Study
from sim.experiment.worlds import World
from sim.store.files import grow, growing, place
from sim.version import EPOCH

if TYPE_CHECKING:
    import pandas as pd

_AT_ONCE: Final = 50
"""Replications that are computed and matched together; what is in memory grows with this, and not with their number."""
_MADE_OF: Final = b"made_of"


def counted(name: str, with_: World, without: World, programme: Collection[str], study: Study) -> pd.DataFrame:
    """The tally of a point (`sim.analysis.paired.additional.tally`), one row a replication.

    Where the study has a folder it is kept there, in ``points/NAME.parquet``, and taken from there when it was made of
    the same. Raises `RunFailed` where more replications fail than the study allows.
    """
    import pandas as pd

    made_of = _made_of(with_, without, programme, study)
    file = None if study.folder is None else study.folder / "points" / f"{name}.parquet"
    there = _read(file, made_of)
    done = 0 if there is None else len(there)
    with study.show(study.replications, name) as shown:
        shown.found(min(done, study.replications))
        found = [] if there is None else [there]
        for tallied in _tallies(with_, without, programme, study, done):
            found.append(tallied)
            shown.finished(len(tallied))
    tallies = pd.concat(found, ignore_index=True)
    if file is not None and len(tallies) > done:
        _write(file, tallies, made_of)
    tallies = tallies[tallies["replication"] < study.replications]
    _check_failures(tallies, study)
    return tallies[tallies["additional"].notna()].reset_index(drop=True)


def _tallies(
    with_: World, without: World, programme: Collection[str], study: Study, start: int
) -> Iterator[pd.DataFrame]:
    """The replications from ``start`` on, some at a time, in their order."""
    works = [Batch(one.loaded, study.replications, study.seed, study.uncertain).work for one in (with_, without)]
    some = [
        range(first, min(first + _AT_ONCE, study.replications)) for first in range(start, study.replications, _AT_ONCE)
    ]
    with ThreadPoolExecutor(study.jobs or processors()) as pool:
        try:
            yield from pool.map(lambda replications: _tallied(works, replications, programme), some)
        finally:
            pool.shutdown(cancel_futures=True)


def _tallied(works: list[Work], replications: range, programme: Collection[str]) -> pd.DataFrame:
    """One row a replication; one that failed in either world has no numbers."""
    from sim.analysis.paired.additional import GROUPS, KPIS, tally
    from sim.analysis.run.endings import launch_column

    launch, kept = launch_column(works[0].scenario.launch), []
    for work in works:
        tables = compute(work, replications).tables
        groups = tables["groups"]
        columns = [name for name in (*GROUPS, launch) if name in groups.column_names]
        kept.append({"groups": groups.select(columns).to_pandas(), "kpis": tables["kpis"].select(KPIS).to_pandas()})
    found = tally(kept[0], kept[1], programme, launch).set_index("replication")
    return found.reindex(list(replications)).rename_axis("replication").reset_index()


def _check_failures(tallies: pd.DataFrame, study: Study) -> None:
    failed = tallies.loc[tallies["additional"].isna(), "replication"]
    if len(failed) > study.most_failures * study.replications:
        raise RunFailed(
            f"{len(failed)} of {study.replications} replications failed, the first of them {failed.iloc[0]}: "
            "spinout replay tells why"
        )


def _made_of(with_: World, without: World, programme: Collection[str], study: Study) -> str:
    """All that a tally depends on, beside the number of its replications."""
    worlds = [with_.loaded.digest, without.loaded.digest]
    return json.dumps([EPOCH, *worlds, sorted(programme), study.seed, study.uncertain])


def _read(file: Path | None, made_of: str) -> pd.DataFrame | None:
    """What lies in a file, if it is whole and was made of the same."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if file is None or not file.is_file():
        return None
    try:
        found = pq.read_table(file)
    except (pa.ArrowException, OSError):
        return None
    same = (found.schema.metadata or {}).get(_MADE_OF, b"").decode() == made_of
    table: pd.DataFrame | None = found.to_pandas() if same else None
    return table


def _write(file: Path, tallies: pd.DataFrame, made_of: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    growing(file).unlink(missing_ok=True)
    table = pa.Table.from_pandas(tallies, preserve_index=False)
    sink = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({**(table.schema.metadata or {}), _MADE_OF: made_of}), sink)
    grow(file, sink.getvalue())
    place(file)
