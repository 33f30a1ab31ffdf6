"""Who was saved: what became of the same groups in two worlds.

Group k of a host is the same group in every world that is run with the same seed, with the same luck at every decision
that both worlds have. So the two lives of each can be laid side by side.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.analysis.dates import DAYS_A_MONTH
from sim.analysis.intervals import LEVEL, mean_interval, ratio_interval, share_interval
from sim.analysis.run.endings import has_launched, launch_column, launch_times
from sim.errors import InputError
from sim.scenario.facts import Facts, as_words
from sim.scenario.vocabulary import COMPLETED, EXITED, WAS_COMPLETED, WAS_LAUNCHED
from sim.store.table_slice import Categories

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from sim.store.results import Results
    from sim.store.table_slice import TableSlice

    Numbers = NDArray[np.float64]
    Codes = NDArray[np.int64]
    Worlds = tuple[Facts, Facts]

FATES: Final = ("both", "neither", "only_alternative", "only_base")
"""Launched in both worlds, in neither, only in the alternative, only in the base."""
INSIDE, ABSENT = "(still inside)", "(not there)"
_ENDS: Final = {
    WAS_LAUNCHED: "Launched",
    INSIDE: "Still inside at the end",
    WAS_COMPLETED: "Came to the end of a route without launch",
    ABSENT: "Not there in this world",
}
_COLUMNS: Final = ("entity_id", "type", "region", "state", "exit_cause")


@dataclass(frozen=True)
class Fates:
    """What became of the groups of two worlds. Numbers are means a history, with t intervals over replications.

    ``table``
        ``by group label`` and for each of :data:`FATES` its mean, ``_low`` and ``_high``; ``by`` is ``all``, ``type``,
        ``region`` or ``base_cause``, what ended the group's way to launch in the base: a cause of exit, or
        ``(launched)``, ``(still inside)``, ``(completed)`` its route without launch, ``(not there)``. A group that a
        world does not have did not launch in it.
    ``brought``
        Groups that only one of the worlds has: ``world`` (``only_alternative`` or ``only_base``) ``groups low high
        launched launched_low launched_high``.
    ``timing``
        Those launched in both: one row, ``groups low high``; the shares that launched ``sooner``, ``later`` and at the
        ``same`` time in the alternative and the mean ``months`` later (below 0: sooner), each with ``_low``, ``_high``.
    ``flow``
        From what became of them in the base to what in the alternative: ``base alternative label_base
        label_alternative groups low high``, most frequent first within what is most frequent in the base.
    """

    table: pd.DataFrame
    brought: pd.DataFrame
    timing: pd.DataFrame
    flow: pd.DataFrame


def fates(base: Results, alternative: Results) -> Fates:
    """Lay the two lives of every group side by side, over the replications that both worlds have.

    Both tables of groups are read in step, slice by slice; sums are kept by replication. Raises `InputError` for worlds
    run with different seeds, whose groups are not the same.
    """
    seeds = [world.manifest.get("seed") for world in (base, alternative)]
    if seeds[0] != seeds[1]:
        raise InputError(f"the worlds were run with different seeds ({seeds[0]} and {seeds[1]}): no group is the same")
    numbers = np.intersect1d(base.replications, alternative.replications, assume_unique=True)
    names, sums = _Names(), _Sums(len(numbers))
    for lives in _in_step(base, alternative, names):
        _add(_matched(*lives, numbers), names, sums)
    worlds = (base.facts, alternative.facts)
    return Fates(_table(sums, worlds), _brought(sums), _timing(sums), _flow(sums, worlds))


class _Names:
    """Words by number, the same numbers for both worlds and all slices."""

    def __init__(self) -> None:
        self._of: dict[str, int] = {}

    def codes(self, words: Categories) -> Codes:
        """The numbers of a column of words, each row of which has one."""
        own = [self._of.setdefault(word, len(self._of)) for word in words.names]
        return np.array(own, dtype=np.int64)[words.codes]

    def words(self) -> list[str]:
        """The words by number."""
        return list(self._of)


class _Sums:
    """Counts or sums by replication, of whatever comes up: by key, a vector over all replications."""

    def __init__(self, replications: int) -> None:
        self._nothing = np.zeros(replications)
        self._kept: dict[tuple[str, ...], Numbers] = {}

    def add(self, key: tuple[str, ...], at: Codes, amounts: Numbers | None = None) -> None:
        """Add amounts (by default 1 each) to the replications at these places."""
        if not len(at):
            return
        first, last = int(at.min()), int(at.max())
        if key not in self._kept:
            self._kept[key] = self._nothing.copy()
        self._kept[key][first : last + 1] += np.bincount(at - first, amounts)

    def __getitem__(self, key: tuple[str, ...]) -> Numbers:
        return self._kept.get(key, self._nothing)

    def total(self, keys: Iterable[tuple[str, ...]]) -> Numbers:
        """The sum over several keys."""
        return sum((self[key] for key in keys), self._nothing)

    def under(self, first: str) -> list[tuple[str, ...]]:
        """The keys that begin with this word, without it."""
        return [key[1:] for key in self._kept if key[0] == first]


class _Reader:
    """The groups of a world, replication by replication."""

    def __init__(self, results: Results, names: _Names) -> None:
        self._slices, self._names = results.slices("groups", [*_COLUMNS, launch_column(results.facts.launch)]), names
        self._read()

    def _read(self) -> None:
        table_slice = next(self._slices, None)
        self.rows: pd.DataFrame = _nobody() if table_slice is None else _lives(table_slice, self._names)
        self.until = math.inf if table_slice is None else float(self.rows["replication"].max())
        """The last replication of which everything has been read."""

    def take(self, until: float) -> pd.DataFrame:
        """The groups of all replications up to and with this one that were not taken before."""
        mine = self.rows["replication"] <= until
        taken, self.rows = self.rows[mine], self.rows[~mine]
        if self.until <= until:
            self._read()
        return taken


def _in_step(base: Results, alternative: Results, names: _Names) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """The groups of both worlds, always all those of the same replications; the tables may be cut differently."""
    first, second = _Reader(base, names), _Reader(alternative, names)
    while (until := min(first.until, second.until)) < math.inf:
        yield first.take(until), second.take(until)


def _lives(groups: TableSlice, names: _Names) -> pd.DataFrame:
    """One row a group: words by number, ``live`` the time of launch in days."""
    import pandas as pd

    causes, state, live = groups.categories("exit_cause"), groups.categories("state"), has_launched(groups)
    ends = np.where(state.equal(EXITED), causes.codes + 3, np.where(state.equal(COMPLETED), 1, 0))
    ends[live] = 2
    columns = {
        "who": groups.categories("entity_id"),
        "type": groups.categories("type"),
        "region": groups.categories("region"),
    }
    columns["end"] = Categories(ends, (INSIDE, WAS_COMPLETED, WAS_LAUNCHED, *causes.names))
    return pd.DataFrame(
        {
            "replication": groups.numbers("replication").astype(np.int64),
            **{column: names.codes(words) for column, words in columns.items()},
            "live": launch_times(groups),
        }
    )


def _nobody() -> pd.DataFrame:
    import pandas as pd

    columns = dict.fromkeys(("replication", "who", "type", "region", "end"), "int64")
    return pd.DataFrame({name: np.zeros(0) for name in (*columns, "live")}).astype(columns)


def _matched(lives: pd.DataFrame, others: pd.DataFrame, numbers: Codes) -> pd.DataFrame:
    """One row a group of either world, ``at`` which place its replication is in ``numbers``; -1 for no word."""
    both = lives.merge(others, how="outer", on=["replication", "who"], suffixes=("", "_then"))
    both = both[both["replication"].isin(numbers)]
    at = np.searchsorted(numbers, both["replication"].to_numpy())
    words = ["type", "region", "end", "type_then", "region_then", "end_then"]
    return both.assign(at=at, **{word: both[word].fillna(-1).astype("int64") for word in words})


def _add(both: pd.DataFrame, names: _Names, sums: _Sums) -> None:
    """Count the matched groups by what became of them."""
    at, live, then = (both[column].to_numpy() for column in ("at", "live", "live_then"))
    now, later = ~np.isnan(live), ~np.isnan(then)
    fate = np.select([now & later, ~now & ~later, later], [0, 1, 2], 3)
    words = [*names.words(), ABSENT]
    for by in ("type", "region"):
        what = np.maximum(both[by].to_numpy(), both[f"{by}_then"].to_numpy())
        for (code, kind), rows in _kinds(what, fate):
            sums.add((by, words[code], FATES[kind]), at[rows])
    for (before, after), rows in _kinds(both["end"].to_numpy(), both["end_then"].to_numpy()):
        sums.add(("flow", words[before], words[after]), at[rows])
    months = (then - live) / DAYS_A_MONTH
    for name, rows in {"sooner": months < 0, "later": months > 0, "same": months == 0}.items():
        sums.add(("timing", name), at[rows])
    sums.add(("timing", "months"), at[now & later], months[now & later])


def _kinds(first: Codes, second: Codes) -> Iterator[tuple[tuple[int, int], Codes]]:
    """The pairs that occur, and the rows of each."""
    pairs = (first + 1) * (int(second.max(initial=0)) + 2) + second + 1
    order = np.argsort(pairs, kind="stable")
    cuts = np.flatnonzero(np.diff(pairs[order])) + 1
    for rows in np.split(order, cuts) if len(order) else ():
        yield (int(first[rows[0]]), int(second[rows[0]])), rows


def _mean(name: str, values: Numbers) -> dict[str, float]:
    low, high = mean_interval(values, LEVEL)
    return {name: float(values.mean()) if len(values) else math.nan, f"{name}_low": low, f"{name}_high": high}


def _groups(values: Numbers) -> dict[str, float]:
    mean = _mean("groups", values)
    return {"groups": mean["groups"], "low": mean["groups_low"], "high": mean["groups_high"]}


def _fate(before: str, after: str) -> str:
    if before == WAS_LAUNCHED:
        return "both" if after == WAS_LAUNCHED else "only_base"
    return "only_alternative" if after == WAS_LAUNCHED else "neither"


def _table(sums: _Sums, worlds: Worlds) -> pd.DataFrame:
    import pandas as pd

    groups: dict[tuple[str, str], dict[str, list[tuple[str, ...]]]] = {("all", ""): {}}
    for before, after in sums.under("flow"):
        for place in (("all", ""), ("base_cause", before)):
            groups.setdefault(place, {}).setdefault(_fate(before, after), []).append(("flow", before, after))
    for by in ("type", "region"):
        for name, fate in sums.under(by):
            groups.setdefault((by, name), {})[fate] = [(by, name, fate)]
    rows: list[dict[str, Any]] = []
    for (by, name), keys in groups.items():
        numbers = {key: part for fate in FATES for key, part in _mean(fate, sums.total(keys.get(fate, ()))).items()}
        rows.append({"by": by, "group": name, "label": _label(by, name, worlds), **numbers})
    order = {"all": 0, "type": 1, "region": 2, "base_cause": 3}
    rows.sort(key=lambda row: (order[row["by"]], -sum(row[fate] for fate in FATES), row["group"]))
    return pd.DataFrame(rows)


def _label(by: str, name: str, worlds: Worlds) -> str:
    if by == "all":
        return "All groups"
    if by == "base_cause":
        return _end_label(name, worlds)
    given = [facts.region_label(name) if by == "region" else facts.type_label(name) for facts in worlds]
    return next((label for label in given if label != as_words(name)), as_words(name))


def _end_label(name: str, worlds: Worlds) -> str:
    facts = next((facts for facts in worlds if name in facts.barriers), worlds[0])
    return _ENDS.get(name) or facts.cause_label(name)


def _flow(sums: _Sums, worlds: Worlds) -> pd.DataFrame:
    import pandas as pd

    rows: list[dict[str, Any]] = []
    sizes: dict[str, float] = {}
    for before, after in sums.under("flow"):
        groups = _groups(sums["flow", before, after])
        sizes[before] = sizes.get(before, 0.0) + groups["groups"]
        labels = {"label_base": _end_label(before, worlds), "label_alternative": _end_label(after, worlds)}
        rows.append({"base": before, "alternative": after, **labels, **groups})
    rows.sort(key=lambda row: (-sizes[row["base"]], row["base"], -row["groups"], row["alternative"]))
    columns = ["base", "alternative", "label_base", "label_alternative", "groups", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def _brought(sums: _Sums) -> pd.DataFrame:
    import pandas as pd

    flows = sums.under("flow")
    rows = []
    for world, absent in (("only_alternative", 0), ("only_base", 1)):
        keys = [("flow", *key) for key in flows if key[absent] == ABSENT]
        live = _mean("launched", sums.total(key for key in keys if WAS_LAUNCHED in key))
        rows.append({"world": world, **_groups(sums.total(keys)), **live})
    return pd.DataFrame(rows)


def _timing(sums: _Sums) -> pd.DataFrame:
    import pandas as pd

    kinds = ("sooner", "later", "same")
    both = sums.total(("timing", kind) for kind in kinds)
    row = _groups(both)
    for kind in kinds:
        row |= dict(zip((kind, f"{kind}_low", f"{kind}_high"), share_interval(sums["timing", kind], both), strict=True))
    months = ratio_interval(sums["timing", "months"], both)
    return pd.DataFrame([row | dict(zip(("months", "months_low", "months_high"), months, strict=True))])
