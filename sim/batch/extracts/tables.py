"""The full tables of a run: one row a replication, and of as much more as is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from sim.batch.batch import Batch, choose_part_size
from sim.batch.case import ENGINES, Case, Engine
from sim.batch.extract import Compute, Extraction
from sim.batch.play import Player
from sim.errors import InputError
from sim.results.failures import Failure
from sim.store.chunk import EncodedTable, encode
from sim.store.manifest import loaded_from

if TYPE_CHECKING:
    import pyarrow as pa

    from sim.scenario.load import Loaded

Keep = Literal["kpis", "groups", "events"]
"""What is kept: one row a replication; also the tables of groups, hosts, costs and resources; also the event log."""
KEEPS: Final[tuple[Keep, ...]] = get_args(Keep)
_GROUPS_IN_A_PART: Final[Mapping[Keep, float]] = {"kpis": 1e6, "groups": 1e5, "events": 2.5e4}
"""About how many staff groups the replications of a part hold together: so a part is some megabytes at most."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of one case."""

    keep: Keep = "groups"

    def __post_init__(self) -> None:
        """Raises `InputError` for what cannot be kept."""
        if self.keep not in KEEPS:
            raise InputError(f"cannot keep {self.keep!r}, expected kpis, groups or events")

    @property
    def runs(self) -> int:
        """One for each replication."""
        return 1

    def part_size(self, groups: float) -> int:
        """So many replications that a part holds about as many groups whatever the scenario."""
        return choose_part_size(groups, _GROUPS_IN_A_PART[self.keep])

    def lay_out(self, cases: Sequence[Case]) -> Compute:
        """What runs replications of the one case. Raises `RunFailed` where none of them can be run."""
        (case,) = cases
        return partial(_extract, Player(case, self.keep == "events"), self.keep)

    def encode(self, table: pa.Table) -> EncodedTable:
        """A table as the store has it."""
        return encode(table)


def _extract(player: Player, keep: Keep, replications: Sequence[int]) -> Extraction:
    import pyarrow as pa

    from sim.results.tables import kpis, tables

    batches: list[Mapping[str, pa.Table]] = []
    failures: list[Failure] = []
    for raw in player.play(replications, failures):
        if keep == "kpis":
            batches.append({"kpis": kpis(*raw)})
        else:
            batches.append(tables(*raw, events=keep == "events"))
    whole = {name: pa.concat_tables([some[name] for some in batches]) for name in batches[0]}
    return Extraction(whole, tuple(failures))


def extract_tables(case: Case, keep: Keep, replications: Sequence[int]) -> Extraction:
    """The tables of some replications. Raises `RunFailed` where none of them can be run.

    Who calls again for the same case is quicker with `Tables.lay_out`.
    """
    return Tables(keep).lay_out((case,))(replications)


def table_batch(
    loaded: Loaded,
    replications: int,
    seed: int,
    uncertain: bool = False,
    keep: Keep = "groups",
    engine: Engine = "kernel",
) -> Batch:
    """The batch of a run of one world. Raises `InputError` for what cannot be asked."""
    return Batch((loaded,), Tables(keep), replications, seed, uncertain, engine)


def batch_of(manifest: Mapping[str, Any]) -> Batch:
    """The batch that the manifest of a results folder describes.

    Raises `InputError` for a manifest of another results version, one that was altered, and one of another extract.
    """
    loaded = loaded_from(manifest)
    try:
        keep = manifest["keep"]
        settings = {key: manifest[key] for key in ("replications", "seed", "uncertain", "engine")}
    except KeyError as error:
        raise InputError(f"the manifest lacks {error}") from error
    if keep not in KEEPS:
        raise InputError(f"this is a part of an answer ({keep}): to resume, run the command of the answer again")
    return table_batch(loaded, keep=keep, **settings)


def prepare(case: Case, tell: Callable[[str], None]) -> None:
    """Compile what either engine needs and was not compiled on this machine, and ``tell`` it; else nothing."""
    from sim.compile.cache import first_time

    with first_time(tell) as needed:
        if needed:
            for engine in ENGINES:
                extract_tables(replace(case, engine=engine, uncertain=False), "groups", [0])
