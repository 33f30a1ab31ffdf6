"""Histories as tables: one function a table, numbers as they came out of the engine.

Times are days since the clock's start, NaN where a thing never happened; money is in pounds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import pyarrow as pa

from sim.model.journal import EventRow
from sim.model.staff_group import StaffGroup
from sim.model.world import History
from sim.rules.plan import Plan, TraitPlan

LAUNCH: Final = "live"
"""The milestone that counts as a launch."""
Row = Mapping[str, Any]


def tables(plan: Plan, histories: Sequence[History], events: Mapping[int, Sequence[EventRow]]) -> dict[str, pa.Table]:
    """The tables of a chunk of replications by name: groups, hosts, costs, kpis, resources and, if kept, events."""
    made = {
        "groups": _table(groups_schema(plan), (row for history in histories for row in _groups(history))),
        "hosts": _table(_hosts_schema(plan), (row for history in histories for row in _hosts(history))),
        "costs": _table(_COSTS, (row for history in histories for row in _costs(history))),
        "resources": _table(_RESOURCES, (row for history in histories for row in _resources(history))),
        "kpis": _table(_KPIS, (_kpi(history) for history in histories)),
    }
    if events:
        rows = (_event(number, row) for number, kept in events.items() for row in kept)
        made["events"] = _table(_EVENTS, rows)
    return made


def _table(schema: pa.Schema, rows: Iterable[Row]) -> pa.Table:
    columns: dict[str, list[Any]] = {name: [] for name in schema.names}
    for row in rows:
        for name, column in columns.items():
            column.append(row[name])
    arrays = [pa.array(columns[field.name], field.type, from_pandas=False) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def _schema(fields: Sequence[tuple[str, pa.DataType]]) -> pa.Schema:
    return pa.schema([pa.field(name, kind) for name, kind in fields])


_I, _F, _S = pa.int32(), pa.float64(), pa.string()
_COSTS = _schema([("replication", _I), ("entity_id", _S), ("time", _F), ("payer", _S), ("item", _S), ("amount", _F)])
_EVENTS = _schema(
    [
        ("replication", _I),
        ("entity_id", _S),
        ("event_type", _S),
        ("event", _S),
        ("time", _F),
        ("resource_id", _I),
    ]
)
_TALLIED = ("requests", "granted", "left_queue", "queue_time", "busy_time", "capacity_time")
_RESOURCES = _schema(
    [
        ("replication", _I),
        ("resource", _S),
        ("unit", _S),
        ("kind", _S),
        ("requests", _I),
        ("granted", _I),
        ("left_queue", _I),
        ("waiting_at_end", _I),
        ("queue_time", _F),
        ("busy_time", _F),
        ("capacity_time", _F),
        ("money_granted", _F),
        ("money_repaid", _F),
    ]
)
_PAYERS = ("programme", "host", "group")
_KPIS = _schema(
    [
        ("replication", _I),
        ("groups", _I),
        ("launched", _I),
        ("share_launched", _F),
        ("exited", _I),
        ("inside", _I),
        ("staff_moved", _F),
        ("value_moved", _F),
        *((f"cost_{payer}", _F) for payer in _PAYERS),
        ("cost_total", _F),
        ("median_days_to_live", _F),
    ]
)


def _trait_field(trait: TraitPlan) -> tuple[str, pa.DataType]:
    return f"trait_{trait.name}", _S if trait.levels else _F


def groups_schema(plan: Plan) -> pa.Schema:
    """The columns of the groups table: fixed ones, and one for each trait, stage and milestone."""
    traits = [*plan.region_traits, *plan.host_traits, *plan.group_traits]
    return _schema(
        [
            ("replication", _I),
            *((name, _S) for name in ("entity_id", "name", "region", "host", "type", "route")),
            ("headcount", _I),
            ("turnover", _F),
            *(_trait_field(trait) for trait in traits),
            ("arrived", _F),
            ("state", _S),
            ("stage", _S),
            ("exit_time", _F),
            ("exit_stage", _S),
            ("exit_cause", _S),
            ("exit_form", _S),
            ("tries", _I),
            *((f"entered_{stage.name}", _F) for stage in plan.stages),
            *((f"reached_{milestone}", _F) for milestone in plan.milestones),
            ("award", _F),
            ("repaid", _F),
            *((f"cost_{payer}", _F) for payer in _PAYERS),
        ]
    )


def _hosts_schema(plan: Plan) -> pa.Schema:
    traits = [*plan.region_traits, *plan.host_traits]
    return _schema(
        [
            ("replication", _I),
            ("region", _S),
            ("host", _S),
            *(_trait_field(trait) for trait in traits),
            ("groups", _I),
            ("launched", _I),
        ]
    )


def _trait_value(trait: TraitPlan, facts: Sequence[float]) -> float | str:
    value = facts[trait.slot]
    return trait.levels[int(value)] if trait.levels else value


def _groups(history: History) -> Iterable[Row]:
    plan = history.plan
    spent = _spent(history)
    traits = [*plan.region_traits, *plan.host_traits, *plan.group_traits]
    for one in sorted(history.groups, key=lambda one: one.group.order):
        group, fate = one.group, one.fate
        stage = "" if fate.stage is None else plan.stages[fate.stage].name
        yield {
            "replication": history.replication,
            "entity_id": group.identity,
            "name": group.name,
            "region": plan.regions[group.host.region].name,
            "host": group.host.name,
            "type": plan.types[group.type].name,
            "route": "" if fate.route is None else plan.routes[fate.route].name,
            "headcount": group.headcount,
            "turnover": group.turnover,
            **{f"trait_{trait.name}": _trait_value(trait, group.facts) for trait in traits},
            "arrived": group.arrival,
            "state": fate.state,
            "stage": stage,
            "exit_time": _time(fate.exit_time),
            "exit_stage": stage if fate.state == "exited" else "",
            "exit_cause": fate.exit_cause,
            "exit_form": fate.exit_form,
            "tries": fate.tries,
            **{f"entered_{s.name}": fate.entered.get(i, math.nan) for i, s in enumerate(plan.stages)},
            **{f"reached_{m}": one.traveller.reached.get(i, math.nan) for i, m in enumerate(plan.milestones)},
            "award": fate.award,
            "repaid": fate.repaid,
            **{f"cost_{payer}": spent.get((group.identity, payer), 0.0) for payer in _PAYERS},
        }


def _time(time: float) -> float:
    return math.nan if math.isinf(time) else time


def _spent(history: History) -> dict[tuple[str, str], float]:
    """What each group cost each payer."""
    totals: dict[tuple[str, str], float] = {}
    for entity, _, payer, _, amount in history.ledger:
        if entity:
            totals[entity, payer] = totals.get((entity, payer), 0.0) + amount
    return totals


def _launched(history: History) -> list[StaffGroup]:
    if LAUNCH not in history.plan.milestones:
        return []
    live = history.plan.milestones.index(LAUNCH)
    return [one for one in history.groups if live in one.traveller.reached]


def _hosts(history: History) -> Iterable[Row]:
    plan = history.plan
    groups = [0] * len(history.hosts)
    launched = [0] * len(history.hosts)
    for one in history.groups:
        groups[one.group.host.number] += 1
    for one in _launched(history):
        launched[one.group.host.number] += 1
    traits = [*plan.region_traits, *plan.host_traits]
    for host in history.hosts:
        yield {
            "replication": history.replication,
            "region": plan.regions[host.region].name,
            "host": host.name,
            **{f"trait_{trait.name}": _trait_value(trait, host.facts) for trait in traits},
            "groups": groups[host.number],
            "launched": launched[host.number],
        }


def _costs(history: History) -> Iterable[Row]:
    for entity, time, payer, item, amount in history.ledger:
        yield {
            "replication": history.replication,
            "entity_id": entity,
            "time": time,
            "payer": payer,
            "item": item,
            "amount": amount,
        }


def _resources(history: History) -> Iterable[Row]:
    for used in history.resources:
        yield {
            "replication": history.replication,
            "resource": used.resource,
            "unit": used.unit,
            "kind": used.kind,
            "waiting_at_end": used.waiting,
            **{name: getattr(used.tally, name) for name in (*_TALLIED, "money_granted", "money_repaid")},
        }


def _kpi(history: History) -> Row:
    launched, states = _launched(history), [one.fate.state for one in history.groups]
    costs = dict.fromkeys(_PAYERS, 0.0)
    for _, _, payer, _, amount in history.ledger:
        costs[payer] += amount
    return {
        "replication": history.replication,
        "groups": len(states),
        "launched": len(launched),
        "share_launched": len(launched) / len(states) if states else math.nan,
        "exited": states.count("exited"),
        "inside": states.count("inside"),
        "staff_moved": float(sum(one.group.headcount for one in launched)),
        "value_moved": sum(one.group.turnover for one in launched),
        **{f"cost_{payer}": amount for payer, amount in costs.items()},
        "cost_total": sum(costs.values()),
        "median_days_to_live": _median_days(history, launched),
    }


def _median_days(history: History, launched: Sequence[StaffGroup]) -> float:
    if not launched:
        return math.nan
    live = history.plan.milestones.index(LAUNCH)
    days = sorted(one.traveller.reached[live] - one.group.arrival for one in launched)
    return (days[(len(days) - 1) // 2] + days[len(days) // 2]) / 2


def _event(replication: int, row: EventRow) -> Row:
    return dict(zip(_EVENTS.names, (replication, *row), strict=True))
