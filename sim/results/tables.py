"""The record of replications as tables: one function a table, numbers as they came out of the engine.

Times are days since the clock's start, NaN where a thing never happened; money is in pounds. Names that come from the
scenario are dictionary-encoded.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sim.compile.records import records
from sim.plan.names import host_names
from sim.plan.plan import Plan, SittingsPlan, TraitPlan
from sim.plan.rows import FUND, NONE, SERVERS
from sim.plan.tables import causes
from sim.results import record as kinds
from sim.results.columns import fill, fill_counts, fill_ledger, fill_times, number_names
from sim.results.failures import FINE
from sim.results.kpis import KPIS, compute_kpis
from sim.results.record import EXITED, EntryRow, Record, item_names, programme_costs
from sim.results.world import WorldArrays
from sim.scenario.vocabulary import PAYERS, RESOURCE_KINDS, STATES

Numbers = NDArray[Any]
Columns = dict[str, Any]


def tables(
    plan: Plan, world: WorldArrays, record: Record, replications: Sequence[int], events: bool
) -> dict[str, pa.Table]:
    """The tables of a record by name: groups, hosts, costs, kpis, resources and, where wanted, events."""
    rows = _Rows(plan, world, record, replications)
    columns = {
        "groups": _groups(rows),
        "hosts": _hosts(rows),
        "costs": _costs(rows),
        "resources": _resources(rows),
        "kpis": _kpis(rows),
    }
    if events:
        columns["events"] = _events(rows)
    return {name: pa.table(parts) for name, parts in columns.items()}


def kpis(plan: Plan, world: WorldArrays, record: Record, replications: Sequence[int]) -> pa.Table:
    """The table of KPIs alone."""
    return pa.table(_kpis(_Rows(plan, world, record, replications)))


@dataclass(frozen=True, slots=True)
class _Span:
    """Where the rows of each replication lie in an array."""

    firsts: Numbers
    ends: Numbers

    @property
    def sizes(self) -> Numbers:
        """How many rows each replication has."""
        return self.ends - self.firsts

    def __len__(self) -> int:
        return int(self.sizes.sum())


class _Rows:
    """A record with what all tables need: which replications are whole, and which rows are theirs."""

    def __init__(self, plan: Plan, world: WorldArrays, record: Record, replications: Sequence[int]) -> None:
        self.plan, self.world, self.record = plan, world, record
        self.whole = np.flatnonzero(record.spans["status"] == FINE)
        self.numbers = np.asarray(replications, np.int32)[self.whole]
        self.host_names = host_names(plan)

    def span(self, first: str, end: str) -> _Span:
        """Where the groups, entries or events of the replications lie, by the names of the fields that say it."""
        spans = self.record.spans
        return _Span(*(np.ascontiguousarray(spans[name][self.whole]) for name in (first, end)))

    def each(self, size: int) -> _Span:
        """Where rows lie of which every replication has the same number."""
        return _Span(self.whole * size, (self.whole + 1) * size)

    def replication(self, span: _Span) -> pa.Array:
        """The column that says which replication a row belongs to."""
        return pa.array(np.repeat(self.numbers, span.sizes))

    def launch(self) -> int:
        """The number of the milestone that counts as a launch."""
        return NONE if self.plan.launch is None else self.plan.launch

    @cached_property
    def groups(self) -> Mapping[str, Numbers]:
        """The whole numbers of the groups."""
        return _wholes(
            self.world.groups,
            ("host", "stream", "number", "type", "named", "route"),
            self.span("first_group", "end_groups"),
        )

    @cached_property
    def identities(self) -> tuple[Numbers, pa.Array]:
        """Which name each group has, and the names: host, stream and number, or the name of a real group."""
        plan, groups = self.plan, self.groups
        streams = [f"/{stream.name}-" if stream.name else "/" for stream in plan.streams] + ["/"]
        codes, place, number = number_names(
            groups["host"], groups["stream"], groups["number"], len(self.host_names), len(streams)
        )
        beginnings = pa.array([host + stream for host in self.host_names for stream in streams], pa.string())
        ends = pc.cast(pa.array(number), pa.string())
        if plan.named:
            real = place % len(streams) == len(streams) - 1
            names = pa.array([named.name for named in plan.named])
            ends = pc.if_else(pa.array(real), pc.take(names, pa.array(np.where(real, number, 0))), ends)
        return codes, pc.binary_join_element_wise(pc.take(beginnings, pa.array(place)), ends, "")

    def shifts(self) -> Numbers:
        """What makes rows of groups places among the groups of whole replications, for each replication."""
        span = self.span("first_group", "end_groups")
        return np.cumsum(span.sizes) - span.ends

    def who(self, places: Numbers) -> pa.DictionaryArray:
        """The names of the groups in these places; "" for `NONE`."""
        codes, words = self.identities
        with_none = np.concatenate([np.zeros(1, np.int32), codes + np.int32(1)])
        return _encode(with_none[places + 1], pa.concat_arrays([pa.array([""], pa.string()), words]))


def _encode(codes: Numbers, words: pa.Array) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes), words, safe=False)


def _encode_names(codes: Numbers, names: Iterable[str]) -> pa.DictionaryArray:
    """Names by their numbers; the same name may stand under several."""
    words, places = _words(tuple(names))
    numbers = codes.astype(np.int32, copy=False)
    return _encode(numbers if places is None else places[numbers], words)


@lru_cache(maxsize=256)
def _words(names: tuple[str, ...]) -> tuple[pa.Array, Numbers | None]:
    """Each name once, and where each of ``names`` stands among them; None where that is where it was."""
    places: dict[str, int] = {}
    numbers = [places.setdefault(name, len(places)) for name in names]
    return pa.array(list(places), pa.string()), np.array(numbers, np.int32) if len(places) < len(numbers) else None


def _whole(numbers: Numbers) -> pa.Array:
    return pa.array(numbers.astype(np.int32, copy=False))


def _numbers(numbers: Numbers) -> pa.Array:
    """Floating-point numbers, NaN among them."""
    return pa.array(numbers, from_pandas=False)


def _places(records: Numbers, names: Sequence[str]) -> Numbers:
    return np.array([(records.dtype.names or ()).index(name) for name in names], np.int64)


def _in_words(records: Numbers, kind: type[Any]) -> Numbers:
    """Records as rows of words of 64 bits."""
    words: Numbers = records.view(kind)
    return words.reshape(len(records), records.itemsize // 8)


def _wholes(records: Numbers, names: Sequence[str], span: _Span) -> dict[str, Numbers]:
    """Fields of records, whose words are of 64 bits each, that are whole numbers."""
    columns = np.empty((len(names), len(span)), np.int32)
    fill(_in_words(records, np.int64), span.firsts, span.ends, _places(records, names), columns)
    return dict(zip(names, columns, strict=True))


def _floats(records: Numbers, names: Sequence[str], span: _Span) -> dict[str, Numbers]:
    """Fields of records that are floating-point numbers."""
    columns = np.empty((len(names), len(span)))
    fill(_in_words(records, np.float64), span.firsts, span.ends, _places(records, names), columns)
    return dict(zip(names, columns, strict=True))


def _times(names: Iterable[str], times: Numbers, span: _Span) -> Columns:
    """The columns of an array of times, with NaN for what is infinite: never."""
    columns = np.empty((times.shape[1], len(span)))
    fill_times(times, span.firsts, span.ends, columns)
    return dict(zip(names, map(_numbers, columns), strict=True))


def _traits(traits: Sequence[TraitPlan], facts: Numbers, span: _Span) -> Columns:
    columns = np.empty((len(traits), len(span)))
    fill(facts, span.firsts, span.ends, np.array([trait.slot for trait in traits], np.int64), columns)
    return {
        f"trait_{trait.name}": _encode_names(values, trait.levels) if trait.levels else _numbers(values)
        for trait, values in zip(traits, columns, strict=True)
    }


def _groups(rows: _Rows) -> Columns:
    plan, world, record, span = rows.plan, rows.world, rows.record, rows.span("first_group", "end_groups")
    group, size = rows.groups, _floats(world.groups, ("arrival", "headcount", "turnover"), span)
    fate = _wholes(record.fates, ("state", "stage", "cause", "tries"), span)
    sums = _floats(record.fates, ("exit_time", "award", "repaid", *PAYERS), span)
    stages, stage = ("", *(stage.name for stage in plan.stages)), fate["stage"] + 1
    gone, why = fate["state"] == EXITED, causes(plan)
    return {
        "replication": rows.replication(span),
        "entity_id": _encode(*rows.identities),
        "name": _encode_names(group["named"] + 1, ("", *(named.name for named in plan.named))),
        "region": _encode_names(world.hosts["region"][group["host"]], (region.name for region in plan.regions)),
        "host": _encode_names(group["host"], rows.host_names),
        "type": _encode_names(group["type"], (kind.name for kind in plan.types)),
        "route": _encode_names(group["route"] + 1, ("", *(route.name for route in plan.routes))),
        "headcount": _whole(size["headcount"]),
        "turnover": _numbers(size["turnover"]),
        **_traits([*plan.region_traits, *plan.host_traits, *plan.group_traits], world.facts, span),
        "arrived": _numbers(size["arrival"]),
        "state": _encode_names(fate["state"], STATES),
        "stage": _encode_names(stage, stages),
        "exit_time": _numbers(np.where(sums["exit_time"] < math.inf, sums["exit_time"], math.nan)),
        "exit_stage": _encode_names(np.where(gone, stage, 0), stages),
        "exit_cause": _encode_names(fate["cause"], (cause for cause, _ in why)),
        "exit_form": _encode_names(fate["cause"], (form for _, form in why)),
        "tries": _whole(fate["tries"]),
        **_times((f"entered_{stage.name}" for stage in plan.stages), record.entered, span),
        **_times((f"reached_{name}" for name in plan.milestones), world.reached, span),
        "award": _numbers(sums["award"]),
        "repaid": _numbers(sums["repaid"]),
        **{f"cost_{payer}": _numbers(sums[payer]) for payer in PAYERS},
    }


def _hosts(rows: _Rows) -> Columns:
    plan, world, hosts = rows.plan, rows.world, len(rows.host_names)
    span, groups = rows.each(hosts), rows.span("first_group", "end_groups")
    number = np.tile(np.arange(hosts), len(rows.whole))
    counts = np.empty((2, len(span)), np.int32)
    fill_counts(rows.groups["host"], world.reached, rows.launch(), groups.firsts, groups.ends, hosts, counts)
    return {
        "replication": rows.replication(span),
        "region": _encode_names(world.hosts["region"][number], (region.name for region in plan.regions)),
        "host": _encode_names(number, rows.host_names),
        **_traits([*plan.region_traits, *plan.host_traits], world.host_facts, span),
        "groups": _whole(counts[0]),
        "launched": _whole(counts[1]),
    }


def _costs(rows: _Rows) -> Columns:
    """The ledger: replication by replication, what is paid for the whole world, then group by group."""
    plan, span = rows.plan, rows.span("first_entry", "end_entries")
    general = records(EntryRow, programme_costs(plan))
    sizes = span.sizes + len(general)
    wholes, floats = np.empty((3, int(sizes.sum())), np.int32), np.empty((2, int(sizes.sum())))
    fill_ledger(rows.record.ledger, span.firsts, span.ends, general, rows.shifts(), wholes, floats)
    return {
        "replication": _whole(np.repeat(rows.numbers, sizes)),
        "entity_id": rows.who(wholes[0]),
        "time": _numbers(floats[0]),
        "payer": _encode_names(wholes[1], PAYERS),
        "item": _encode_names(wholes[2], item_names(plan)),
        "amount": _numbers(floats[1]),
    }


def _resources(rows: _Rows) -> Columns:
    plan, many = rows.plan, len(rows.whole)
    units = rows.world.resources["units"]
    kinds = np.array([_kind(plan, rows.world, number) for number in range(len(units))], np.int32)
    resource = np.tile(np.repeat(np.arange(len(units)), units), many)
    names = [name for resource in plan.resources for name in unit_names(plan, resource.scope)]
    span, tallies = rows.each(len(names)), rows.record.tallies
    counted = _wholes(tallies, ("requests", "granted", "left_queue", "waiting"), span)
    summed = ("queue_time", "busy_time", "capacity_time", "money_granted", "money_repaid")
    return {
        "replication": rows.replication(span),
        "resource": _encode_names(resource, (resource.name for resource in plan.resources)),
        "unit": _encode_names(np.tile(np.arange(len(names)), many), names),
        "kind": _encode_names(kinds[resource], RESOURCE_KINDS),
        **{"waiting_at_end" if name == "waiting" else name: _whole(part) for name, part in counted.items()},
        **{name: _numbers(part) for name, part in _floats(tallies, summed, span).items()},
    }


def unit_names(plan: Plan, scope: str) -> tuple[str, ...]:
    """The names of the units of a resource, in their order: "" for the nation, else regions or hosts."""
    if scope == "nation":
        return ("",)
    return tuple(region.name for region in plan.regions) if scope == "region" else host_names(plan)


def _kind(plan: Plan, world: WorldArrays, resource: int) -> int:
    if world.resources[resource].kind == SERVERS:
        return 0
    if world.resources[resource].kind == FUND:
        return 3
    kind = plan.resources[resource].kind
    return 1 if isinstance(kind, SittingsPlan) and kind.every > 0.0 else 2


def _kpis(rows: _Rows) -> Columns:
    totals = [0.0, 0.0, 0.0]
    for cost in programme_costs(rows.plan):
        totals[cost.payer] += cost.amount
    summed = compute_kpis(rows.world, rows.record, rows.launch(), *totals)[rows.whole]
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
    plan, span = rows.plan, rows.span("first_event", "end_events")
    replication = np.repeat(rows.numbers, span.sizes)
    kept = [rows.record.events[first:end] for first, end in zip(span.firsts, span.ends, strict=True)]
    events = np.concatenate([rows.record.events[:0], *kept])
    place = events["row"] + np.repeat(rows.shifts(), span.sizes)
    order = np.lexsort((place, events["time"], replication))
    events = events[order]
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
        "entity_id": rows.who(place[order]),
        "event_type": _encode_names(events["kind"], (_EVENT_TYPES[kind] for kind in range(len(_EVENT_TYPES)))),
        "event": _encode_names(event, words),
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
