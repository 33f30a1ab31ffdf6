"""The books of replications as tables: one function a table, numbers as they came out of the engine.

Times are days since the clock's start, NaN where a thing never happened; money is in pounds. Names that come from the
scenario are dictionary-encoded.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sim.rules import book as kinds
from sim.rules.arrays import FUND, NONE, PAYERS, SERVERS, causes
from sim.rules.book import EXITED, STATES, Book, item_names, programme_costs
from sim.rules.kpis import KPIS, sum_up
from sim.rules.people import FINE, host_names
from sim.rules.plan import Plan, SittingsPlan, TraitPlan
from sim.rules.setting import Setting

LAUNCH: Final = "live"
"""The milestone that counts as a launch."""
Numbers = NDArray[Any]
Columns = dict[str, Any]


def tables(plan: Plan, setting: Setting, book: Book, replications: Sequence[int], events: bool) -> dict[str, pa.Table]:
    """The tables of a book by name: groups, hosts, costs, kpis, resources and, where wanted, events."""
    rows = _Rows(plan, setting, book, replications)
    made = {
        "groups": _groups(rows),
        "hosts": _hosts(rows),
        "costs": _costs(rows),
        "resources": _resources(rows),
        "kpis": _kpis(rows),
    }
    if events:
        made["events"] = _events(rows)
    return {name: pa.table(columns) for name, columns in made.items()}


def kpis(plan: Plan, setting: Setting, book: Book, replications: Sequence[int]) -> pa.Table:
    """The table of KPIs alone."""
    return pa.table(_kpis(_Rows(plan, setting, book, replications)))


class _Rows:
    """A book with what all tables need: which replications are whole, and which rows are theirs."""

    def __init__(self, plan: Plan, setting: Setting, book: Book, replications: Sequence[int]) -> None:
        self.plan, self.setting, self.book = plan, setting, book
        self.whole = np.flatnonzero(book.spans["trouble"] == FINE)
        self.numbers = np.asarray(replications, np.int32)[self.whole]
        self.hosts = len(setting.hosts)
        spans = book.spans[self.whole]
        self.sizes = spans["end_group"] - spans["first_group"]
        self.groups = _ranges(spans["first_group"], spans["end_group"])
        self.entries = _ranges(spans["first_entry"], spans["end_entry"])
        self.events = _ranges(spans["first_event"], spans["end_event"])
        self.identities = self._identities()

    def launch(self) -> int:
        """The number of the milestone that counts as a launch."""
        return self.plan.milestones.index(LAUNCH) if LAUNCH in self.plan.milestones else NONE

    def _identities(self) -> tuple[Numbers, pa.Array]:
        """The names of the groups, and which each row has: host, stream and number, or the name of a real group."""
        plan, groups = self.plan, self.setting.groups[self.groups]
        streams = [f"/{stream.name}-" if stream.name else "/" for stream in plan.streams] + ["/"]
        most = int(groups["number"].max(initial=0)) + 1
        which = (groups["host"] * len(streams) + groups["stream"]) * most + groups["number"]
        here = np.zeros(self.hosts * len(streams) * most, bool)
        here[which] = True
        place, number = np.divmod(np.flatnonzero(here), most)
        beginnings = pa.array([host + stream for host in host_names(plan) for stream in streams], pa.string())
        ends = pc.cast(pa.array(number), pa.string())
        if plan.named:
            real = place % len(streams) == len(streams) - 1
            names = pa.array([named.name for named in plan.named])
            ends = pc.if_else(pa.array(real), pc.take(names, pa.array(np.where(real, number, 0))), ends)
        words = pc.binary_join_element_wise(pc.take(beginnings, pa.array(place)), ends, "")
        return (np.cumsum(here, dtype=np.int32) - 1)[which], words

    def who(self, rows: Numbers) -> pa.DictionaryArray:
        """The names of the groups in these rows; "" for `NONE`."""
        codes, words = self.identities
        nobody = pa.array([""], pa.string())
        if isinstance(self.groups, slice):
            at = rows - self.groups.start
        else:
            at = np.searchsorted(self.groups, rows)
        place = np.zeros(len(rows), np.int32)
        place[rows != NONE] = 1 + codes[at[rows != NONE]]
        return pa.DictionaryArray.from_arrays(pa.array(place), pa.concat_arrays([nobody, words]))


Rows = slice | Numbers


def _ranges(firsts: Numbers, ends: Numbers) -> Rows:
    """All numbers of several ranges, one after the other; a slice, which copies nothing, where they touch."""
    if not len(firsts):
        return slice(0, 0)
    if (firsts[1:] == ends[:-1]).all():
        return slice(int(firsts[0]), int(ends[-1]))
    return np.concatenate([np.arange(first, end) for first, end in zip(firsts, ends, strict=True)])


def _named(codes: Numbers, names: Iterable[str]) -> pa.DictionaryArray:
    """Names by their numbers; the same name may stand under several."""
    places: dict[str, int] = {}
    known = [places.setdefault(name, len(places)) for name in names]
    numbers = codes.astype(np.int32)
    if len(places) < len(known):
        numbers = np.array(known, np.int32)[numbers]
    return pa.DictionaryArray.from_arrays(pa.array(numbers), pa.array(list(places), pa.string()))


def _whole(numbers: Numbers) -> pa.Array:
    return pa.array(numbers.astype(np.int32))


def _numbers(numbers: Numbers) -> pa.Array:
    """Floating-point numbers."""
    return pa.array(np.ascontiguousarray(numbers, np.float64), from_pandas=False)


def _times(times: Numbers) -> list[pa.Array]:
    """The columns of an array of times, with NaN for what is infinite: never."""
    columns = np.array(times.T, order="C")
    columns[columns == math.inf] = math.nan
    return [pa.array(column, from_pandas=False) for column in columns]


def _trait(trait: TraitPlan, facts: Numbers) -> pa.Array:
    values = facts[:, trait.slot]
    return _named(values, trait.levels) if trait.levels else _numbers(values)


def _groups(rows: _Rows) -> Columns:
    plan, setting, book = rows.plan, rows.setting, rows.book
    groups, fates = setting.groups[rows.groups], book.fates[rows.groups]
    facts, entered, reached = setting.facts[rows.groups], book.entered[rows.groups], setting.reached[rows.groups]
    regions = setting.hosts["region"][groups["host"]]
    stages = ("", *(stage.name for stage in plan.stages))
    why = causes(plan)
    gone = fates["state"] == EXITED
    traits = [*plan.region_traits, *plan.host_traits, *plan.group_traits]
    return {
        "replication": _whole(np.repeat(rows.numbers, rows.sizes)),
        "entity_id": pa.DictionaryArray.from_arrays(*map(pa.array, rows.identities)),
        "name": _named(groups["named"] + 1, ("", *(named.name for named in plan.named))),
        "region": _named(regions, (region.name for region in plan.regions)),
        "host": _named(groups["host"], host_names(plan)),
        "type": _named(groups["type"], (one.name for one in plan.types)),
        "route": _named(groups["route"] + 1, ("", *(route.name for route in plan.routes))),
        "headcount": _whole(groups["headcount"]),
        "turnover": _numbers(groups["turnover"]),
        **{f"trait_{trait.name}": _trait(trait, facts) for trait in traits},
        "arrived": _numbers(groups["arrival"]),
        "state": _named(fates["state"], STATES),
        "stage": _named(fates["stage"] + 1, stages),
        "exit_time": _times(fates["exit_time"][:, None])[0],
        "exit_stage": _named(np.where(gone, fates["stage"] + 1, 0), stages),
        "exit_cause": _named(fates["cause"], (cause for cause, _ in why)),
        "exit_form": _named(fates["cause"], (form for _, form in why)),
        "tries": _whole(fates["tries"]),
        **dict(zip((f"entered_{stage.name}" for stage in plan.stages), _times(entered), strict=True)),
        **dict(zip((f"reached_{name}" for name in plan.milestones), _times(reached), strict=True)),
        "award": _numbers(fates["award"]),
        "repaid": _numbers(fates["repaid"]),
        **{f"cost_{payer}": _numbers(fates[payer]) for payer in PAYERS},
    }


def _hosts(rows: _Rows) -> Columns:
    plan, setting = rows.plan, rows.setting
    which = _ranges(rows.whole * rows.hosts, (rows.whole + 1) * rows.hosts)
    number = np.tile(np.arange(rows.hosts), len(rows.whole))
    place = np.repeat(np.arange(len(rows.whole)), rows.sizes) * rows.hosts + setting.groups["host"][rows.groups]
    launch = rows.launch()
    launched = np.isfinite(setting.reached[rows.groups, launch]) if launch != NONE else np.zeros(len(place), bool)
    facts = setting.host_facts[which]
    return {
        "replication": _whole(np.repeat(rows.numbers, rows.hosts)),
        "region": _named(setting.hosts["region"][number], (region.name for region in plan.regions)),
        "host": _named(number, host_names(plan)),
        **{f"trait_{trait.name}": _trait(trait, facts) for trait in (*plan.region_traits, *plan.host_traits)},
        "groups": _whole(np.bincount(place, minlength=len(number))),
        "launched": _whole(np.bincount(place[launched], minlength=len(number))),
    }


def _costs(rows: _Rows) -> Columns:
    """The ledger: replication by replication, what is paid for the whole world, then group by group."""
    plan, entries = rows.plan, rows.book.ledger[rows.entries]
    spans = rows.book.spans[rows.whole]
    sizes = spans["end_entry"] - spans["first_entry"]
    general = programme_costs(plan)
    of_all = np.tile(
        np.array(general, dtype=[("time", "f8"), ("payer", "i8"), ("item", "i8"), ("amount", "f8")]), len(sizes)
    )
    # Each general payment goes before the first entry of its replication.
    at = np.repeat(np.cumsum(sizes) - sizes, len(general))
    row = np.insert(entries["row"], at, NONE)
    return {
        "replication": _whole(np.repeat(rows.numbers, sizes + len(general))),
        "entity_id": rows.who(row),
        "time": _numbers(np.insert(entries["time"], at, of_all["time"])),
        "payer": _named(np.insert(entries["payer"], at, of_all["payer"]), PAYERS),
        "item": _named(np.insert(entries["purpose"], at, of_all["item"]), item_names(plan)),
        "amount": _numbers(np.insert(entries["amount"], at, of_all["amount"])),
    }


def _resources(rows: _Rows) -> Columns:
    plan = rows.plan
    units = [
        (number, unit)
        for number, resource in enumerate(plan.resources)
        for unit in range(rows.setting.resources[number].units)
    ]
    names = [name for one in plan.resources for name in unit_names(plan, one.scope)]
    which = _ranges(rows.whole * len(units), (rows.whole + 1) * len(units))
    tallies = rows.book.tallies[which]
    resource = np.tile(np.array([number for number, _ in units], np.int64), len(rows.whole))
    kind = np.tile(np.array([_kind(plan, rows.setting, number) for number, _ in units], np.int64), len(rows.whole))
    return {
        "replication": _whole(np.repeat(rows.numbers, len(units))),
        "resource": _named(resource, (one.name for one in plan.resources)),
        "unit": _named(np.tile(np.arange(len(units)), len(rows.whole)), names),
        "kind": _named(kind, ("servers", "meeting", "panel", "fund")),
        **{name: _whole(tallies[name]) for name in ("requests", "granted", "left_queue")},
        "waiting_at_end": _whole(tallies["waiting"]),
        **{
            name: _numbers(tallies[name])
            for name in ("queue_time", "busy_time", "capacity_time", "money_granted", "money_repaid")
        },
    }


def unit_names(plan: Plan, scope: str) -> list[str]:
    """The names of the units of a resource, in their order: "" for the nation, else regions or hosts."""
    if scope == "nation":
        return [""]
    return [region.name for region in plan.regions] if scope == "region" else host_names(plan)


def _kind(plan: Plan, setting: Setting, resource: int) -> int:
    if setting.resources[resource].kind == SERVERS:
        return 0
    if setting.resources[resource].kind == FUND:
        return 3
    kind = plan.resources[resource].kind
    return 1 if isinstance(kind, SittingsPlan) and kind.every > 0.0 else 2


def _kpis(rows: _Rows) -> Columns:
    totals = [0.0, 0.0, 0.0]
    for _, payer, _, amount in programme_costs(rows.plan):
        totals[payer] += amount
    summed = sum_up(rows.setting, rows.book, rows.launch(), *totals)[rows.whole]
    numbers = {name: summed[name] for name in KPIS.names or ()}
    return {
        "replication": _whole(rows.numbers),
        **{name: _numbers(part) if part.dtype.kind == "f" else _whole(part) for name, part in numbers.items()},
    }


_EVENT_TYPES: Final[Mapping[int, str]] = {
    kinds.ARRIVES: "arrival_departure",
    kinds.ENTERS: "queue",
    kinds.STARTS: "resource_use",
    kinds.WORKS: "work",
    kinds.RELEASES: "resource_use_end",
    kinds.PASSES: "decision",
    kinds.BLOCKED: "decision",
    kinds.MILESTONE: "milestone",
    kinds.GRANTED: "award",
    kinds.EXITS: "exit",
    kinds.LEAVES: "arrival_departure",
}


def _events(rows: _Rows) -> Columns:
    """The event log: replication by replication, in the order of time, then of groups."""
    plan, events = rows.plan, rows.book.events[rows.events]
    spans = rows.book.spans[rows.whole]
    replication = np.repeat(rows.numbers, spans["end_event"] - spans["first_event"])
    events = events[(order := np.lexsort((events["row"], events["time"], replication)))]
    names = _event_names(plan)
    words = sorted({word for of_kind in names.values() for word in of_kind})
    places = {word: place for place, word in enumerate(words)}
    event = np.zeros(len(events), np.int64)
    for kind, of_kind in names.items():
        here = events["kind"] == kind
        codes = np.array([places[word] for word in of_kind], np.int64)
        event[here] = codes[events["name"][here]] if kind not in _ALONE else codes[0]
    return {
        "replication": _whole(replication[order]),
        "entity_id": rows.who(events["row"]),
        "event_type": _named(events["kind"], (_EVENT_TYPES[kind] for kind in range(len(_EVENT_TYPES)))),
        "event": _named(event, words),
        "time": _numbers(events["time"]),
        "resource_id": pa.array(events["unit"].astype(np.int32), mask=events["unit"] == NONE),
    }


_ALONE: Final = (kinds.ARRIVES, kinds.LEAVES)


def _event_names(plan: Plan) -> Mapping[int, Sequence[str]]:
    """What the events of each kind are called, by the number that the engines note."""
    stages = [stage.name for stage in plan.stages]
    return {
        kinds.ARRIVES: ["arrival"],
        kinds.LEAVES: ["depart"],
        **dict.fromkeys((kinds.ENTERS, kinds.STARTS, kinds.WORKS, kinds.RELEASES), stages),
        kinds.PASSES: [f"{stage} passes" for stage in stages],
        kinds.BLOCKED: [f"{stage} blocked" for stage in stages],
        kinds.EXITS: [cause for cause, _ in causes(plan)],
        kinds.MILESTONE: list(plan.milestones),
        kinds.GRANTED: [resource.name for resource in plan.resources],
    }
