"""The tally of two worlds: launches with a programme and without it counted group by group, one row a replication."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sim.batch.batch import choose_part_size, expected_groups
from sim.batch.case import Case
from sim.batch.extract import Compute, Extraction
from sim.batch.play import Player
from sim.results.failures import Failure
from sim.scenario.quantity import DAYS_PER_MONTH
from sim.store.chunk import EncodedTable, encode

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

TABLE: Final = "tally"
_GROUPS: Final = ("replication", "entity_id", "route")
_KPIS: Final = ("replication", "cost_programme", "cost_total")
"""The columns that a tally needs, beside that of the time of launch."""
_GROUPS_IN_A_PART: Final = 1e6
_GROUPS_TOGETHER: Final = 1e5
"""About so many staff groups are matched at once; what is in memory grows with this, and not with a task."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The tally of two cases, the first with a programme, whose ``routes`` they are, and the second without it."""

    routes: tuple[str, ...]

    @property
    def keep(self) -> str:
        """Which launches the programme claims."""
        return f"tally of launches by {', '.join(self.routes)}"

    @property
    def runs(self) -> int:
        """One for each world."""
        return 2

    def part_size(self, groups: float) -> int:
        """Large, as a replication is one short row."""
        return choose_part_size(groups, _GROUPS_IN_A_PART)

    def lay_out(self, cases: Sequence[Case]) -> Compute:
        """What runs replications of both worlds and counts them. Raises `RunFailed` where none of them can be run."""
        with_, without = (Player(case, events=False) for case in cases)
        launch = f"reached_{cases[0].scenario.launch}"
        groups = expected_groups(with_.plan) + expected_groups(without.plan)
        together = choose_part_size(groups, _GROUPS_TOGETHER)

        def compute(replications: Sequence[int]) -> Extraction:
            import pyarrow as pa

            firsts = range(0, max(len(replications), 1), together)
            several = [
                _count((with_, without), launch, self.routes, replications[first:][:together]) for first in firsts
            ]
            table = pa.concat_tables([extraction.tables[TABLE] for extraction in several])
            return Extraction(
                {TABLE: table}, tuple(failure for extraction in several for failure in extraction.failures)
            )

        return compute

    def encode(self, table: pa.Table) -> EncodedTable:
        """A table as the store has it."""
        return encode(table)


def _count(
    worlds: tuple[Player, Player], launch: str, routes: Collection[str], replications: Sequence[int]
) -> Extraction:
    """The tally of some replications. One that failed in either world has no row."""
    import numpy as np
    import pyarrow as pa

    failures: list[Failure] = []
    frames = [_frames(player, launch, replications, failures) for player in worlds]
    counts = tally(frames[0], frames[1], routes, launch).astype({"replication": np.int32})
    first_of = {failure.replication: failure for failure in reversed(failures)}
    return Extraction(
        {TABLE: pa.Table.from_pandas(counts, preserve_index=False).replace_schema_metadata(None)},
        tuple(first_of[number] for number in sorted(first_of)),
    )


def _frames(
    player: Player, launch: str, replications: Sequence[int], failures: list[Failure]
) -> dict[str, pd.DataFrame]:
    import pyarrow as pa

    from sim.results.tables import tables

    several = [tables(*raw, events=False) for raw in player.play(replications, failures)]
    groups, kpis = (pa.concat_tables([some[name] for some in several]) for name in ("groups", "kpis"))
    columns = [name for name in (*_GROUPS, launch) if name in groups.column_names]
    return {"groups": groups.select(columns).to_pandas(), "kpis": kpis.select(_KPIS).to_pandas()}


def tally(
    with_: Mapping[str, pd.DataFrame], without: Mapping[str, pd.DataFrame], programme: Collection[str], launch: str
) -> pd.DataFrame:
    """Count the launches of two worlds with the same groups: one row a replication that both worlds have.

    Groups are the same in both worlds, so each launch belongs to one of four kinds: *additional*, launched with the
    programme and not without it; *deadweight*, launched by a route of the programme, and without it too; *outside*,
    launched in both worlds, and by no route of the programme; *displaced*, launched without the programme only.

    Each world gives its tables ``groups`` (``replication entity_id route`` and ``launch``, the column with the time of
    launch, where it has one) and ``kpis`` (``replication cost_programme cost_total``); ``programme`` are the routes
    that only the world with it has. The columns: ``replication additional deadweight outside displaced would_try``
    (launched by the programme, and had a route without it) ``sooner same later months`` (the sum of the months by which
    launches in both worlds come later with the programme) and ``programme_with programme_without total_with
    total_without`` (pounds).
    """
    import numpy as np
    import pandas as pd

    launches = _launches(with_["groups"], launch).merge(
        _launches(without["groups"], launch),
        how="outer",
        on=["replication", "entity_id"],
        suffixes=("_with", "_without"),
    )
    kinds = _kinds(launches, without["groups"], programme)
    counts = pd.DataFrame({name: rows.astype(np.float64) for name, rows in kinds.items()})
    money = _costs(with_["kpis"], "with").join(_costs(without["kpis"], "without"), how="inner")
    sums = counts.groupby(launches["replication"].to_numpy()).sum().reindex(money.index, fill_value=0.0)
    return sums.join(money).rename_axis("replication").reset_index()


def _kinds(launches: pd.DataFrame, without: pd.DataFrame, programme: Collection[str]) -> dict[str, pd.Series]:
    """What each launch counts as; ``without`` are the groups of the world without the programme."""
    here, there = launches["time_with"].notna(), launches["time_without"].notna()
    claimed = launches["route_with"].isin(list(programme))
    days = launches["time_with"] - launches["time_without"]
    return {
        "additional": here & ~there,
        "deadweight": here & there & claimed,
        "outside": here & there & ~claimed,
        "displaced": there & ~here,
        "would_try": here & claimed & _has_route(launches, without),
        "sooner": days < 0.0,
        "same": days == 0.0,
        "later": days > 0.0,
        "months": (days / DAYS_PER_MONTH).fillna(0.0),
    }


def _launches(groups: pd.DataFrame, launch: str) -> pd.DataFrame:
    """The groups that launched: ``replication entity_id route time``."""
    if launch not in groups:
        groups = groups.assign(**{launch: math.nan})
    launched = groups.loc[groups[launch].notna(), [*_GROUPS, launch]]
    return launched.rename(columns={launch: "time"}).astype({"entity_id": str, "route": str})


def _has_route(launches: pd.DataFrame, groups: pd.DataFrame) -> pd.Series:
    """Whether each of these groups has a route in a world."""
    taken = groups["route"].notna() & (groups["route"] != "")
    ways = groups.loc[taken, ["replication", "entity_id"]].astype({"entity_id": str})
    merged = launches[["replication", "entity_id"]].merge(ways, how="left", indicator=True)
    return (merged["_merge"] == "both").set_axis(launches.index)


def _costs(kpis: pd.DataFrame, world: str) -> pd.DataFrame:
    names = {"cost_programme": f"programme_{world}", "cost_total": f"total_{world}"}
    return kpis.set_index("replication")[list(names)].rename(columns=names)
