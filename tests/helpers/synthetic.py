"""Results made up for the tests of analysis and report: no engine, only tables that keep its contract."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.store.results import Results
from tests.helpers.synthetic_words import ASSUMPTIONS, BARRIERS, INFORMAL, OBSERVATIONS, OFFICIAL, TIMELINE, TYPES

NAN = float("nan")
_TABLES = ("groups", "kpis", "hosts", "costs", "resources")
START, END = "2008-11-01", "2012-04-01"
HORIZON = float((date.fromisoformat(END) - date.fromisoformat(START)).days)


def manifest(**changes: Any) -> dict[str, Any]:
    """A manifest as a run writes it, with ``changes``."""
    stages = [_stage("official", *entry) for entry in OFFICIAL] + [_stage("informal", *entry) for entry in INFORMAL]
    whole: dict[str, Any] = {
        "title": "The Right to Request in the West Midlands",
        "scenario_name": "west_midlands",
        "scenario": "title: The Right to Request in the West Midlands\n",
        "digest": "3f9c0c1be5a4d1f2",
        "versions": {"spinout": "0.1.0", "python": "3.11.9", "numpy": "2.4.6", "simpy": "4.1.1"},
        "seed": 1,
        "replications": 300,
        "overrides": [{"path": "barriers.pension_worries.enabled", "old": True, "new": False}],
        "machine": {"system": "Linux", "cpus": 2},
        "started": "2026-11-21T10:00:00+00:00",
        "seconds": 41.3,
        "start": START,
        "end": END,
        "horizon": HORIZON,
        "stages": stages,
        "routes": {"official": "The official route", "informal": "The informal route"},
        "barriers": BARRIERS,
        "types": TYPES,
        "regions": {"west_midlands": {"label": "West Midlands", "hosts": 17}},
        "timeline": TIMELINE,
        "assumptions": ASSUMPTIONS,
        "observations": OBSERVATIONS,
    }
    return {**whole, **changes}


def _stage(route: str, name: str, label: str, _days: float, milestone: str, _risks: object) -> dict[str, str]:
    return {"name": name, "label": label, "route": route, "milestone": milestone}


def world(
    replications: int = 300,
    seed: int = 1,
    regions: Mapping[str, int] | None = None,
    rate: float = 0.9,
    **changes: Any,
) -> Results:
    """A made-up batch: ``rate`` groups a host on average, two routes; ``changes`` go into the manifest."""
    places = dict(regions or {"west_midlands": 17})
    draw = np.random.default_rng(seed)
    people, places_rows = [], []
    for replication in range(replications):
        for region, number in places.items():
            for k in range(1, number + 1):
                aware = bool(draw.random() < 0.35)
                host = f"{region}-{k:02d}"
                mine = [
                    _person(draw, replication, region, host, j + 1)
                    for j in range(draw.poisson(rate * (2.0 if aware else 0.5)))
                ]
                people += mine
                launched = sum(not np.isnan(row.get("reached_live", NAN)) for row in mine)
                places_rows.append(
                    {
                        "replication": replication,
                        "region": region,
                        "host": host,
                        "trait_aware": float(aware),
                        "groups": len(mine),
                        "launched": launched,
                    }
                )
    labels = {region: {"label": _plain(region), "hosts": number} for region, number in places.items()}
    whole = manifest(**{"replications": replications, "regions": labels, **changes})
    return results_of(people, range(replications), whole, hosts=places_rows)


def results_of(
    people: Sequence[Mapping[str, Any]],
    replications: Sequence[int],
    whole: Mapping[str, Any] | None = None,
    hosts: Sequence[Mapping[str, Any]] = (),
    costs: Sequence[Mapping[str, Any]] = (),
) -> Results:
    """Results whose groups are just ``people``; columns that a row does not give get the value of nothing."""
    told = dict(whole or manifest())
    groups = pd.DataFrame([{**_nobody(told), **row} for row in people], columns=list(_nobody(told)))
    groups = groups.astype({"replication": "int32", "headcount": "int32", "tries": "int32"})
    times = [name for name in _nobody(told) if name.startswith(("entered_", "reached_"))]
    groups = groups.astype(dict.fromkeys([*times, "arrived", "exit_time"], "float64"))
    kpis = pd.DataFrame([_kpi(groups[groups["replication"].eq(r)], r) for r in replications], columns=list(_KPIS))
    kpis["replication"] = kpis["replication"].astype("int32")
    host_columns = ["replication", "region", "host", "trait_aware", "groups", "launched"]
    resource_columns = ["replication", "resource", "unit", "kind", "requests", "granted"]
    ledger = list(costs) or _ledger(groups)
    frames = {
        "groups": groups,
        "kpis": kpis,
        "hosts": pd.DataFrame(list(hosts), columns=host_columns),
        "costs": pd.DataFrame(ledger, columns=["replication", "entity_id", "time", "payer", "item", "amount"]),
        "resources": pd.DataFrame([], columns=resource_columns),
    }
    return Results.from_frames(told, frames)


def write(results: Results, folder: Path, parts: int = 2, failures: Sequence[Mapping[str, Any]] = ()) -> Path:
    """Write results as a run does: manifest.json, Parquet parts by table, and a receipt for each part.

    Every part holds whole replications, its words in a dictionary of its own; ``failures`` go into the last receipt.
    """
    for name in ("parts", *_TABLES):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps(dict(results.manifest)), encoding="utf-8")
    numbers = results.kpis["replication"].to_numpy()
    for k, own in enumerate(np.array_split(numbers, parts)):
        files = {}
        for name in _TABLES:
            frame = getattr(results, name)
            piece = frame[frame["replication"].isin(own)]
            words = {column: "category" for column in piece if pd.api.types.is_string_dtype(piece[column])}
            path = folder / name / f"part-{k:06d}.parquet"
            piece.astype(words).to_parquet(path, index=False)
            files[name] = {"rows": len(piece), "bytes": path.stat().st_size, "sha256": ""}
        whole = {
            "part": k,
            "first": int(own[0]) if len(own) else 0,
            "replications": len(own),
            "tables": files,
            "failures": list(failures) if k == parts - 1 else [],
        }
        (folder / "parts" / f"{k:06d}.json").write_text(json.dumps(whole), encoding="utf-8")
    return folder


def _nobody(told: Mapping[str, Any]) -> dict[str, Any]:
    milestones = {stage["milestone"] for stage in told["stages"] if stage.get("milestone")}
    return {
        "replication": 0,
        "entity_id": "somewhere-01/1",
        "name": "",
        "region": "somewhere",
        "host": "somewhere-01",
        "type": "clinical_team",
        "route": "official",
        "headcount": 12,
        "turnover": 400_000.0,
        "trait_champion": 0.0,
        "arrived": 0.0,
        "state": "inside",
        "stage": told["stages"][0]["name"],
        "exit_time": NAN,
        "exit_stage": "",
        "exit_cause": "",
        "exit_form": "",
        "tries": 0,
        **{f"entered_{stage['name']}": NAN for stage in told["stages"]},
        **{f"reached_{milestone}": NAN for milestone in sorted(milestones)},
        "award": 0.0,
        "repaid": 0.0,
        "cost_programme": 0.0,
        "cost_host": 0.0,
        "cost_group": 0.0,
    }


_KPIS = (
    *(
        "replication",
        "groups",
        "launched",
        "share_launched",
        "exited",
        "inside",
        "staff_moved",
        "value_moved",
    ),
    *("cost_programme", "cost_host", "cost_group", "cost_total", "median_days_to_live"),
)


def _kpi(groups: pd.DataFrame, replication: int) -> dict[str, float]:
    live = groups["reached_live"] if "reached_live" in groups else pd.Series(NAN, index=groups.index)
    moved = groups[live.notna()]
    costs = {f"cost_{payer}": float(groups[f"cost_{payer}"].sum()) for payer in ("programme", "host", "group")}
    return {
        "replication": replication,
        "groups": len(groups),
        "launched": len(moved),
        "share_launched": len(moved) / len(groups) if len(groups) else NAN,
        "exited": int(groups["state"].eq("exited").sum()),
        "inside": int(groups["state"].eq("inside").sum()),
        "staff_moved": float(moved["headcount"].sum()),
        "value_moved": float(moved["turnover"].sum()),
        **costs,
        "cost_total": sum(costs.values()),
        "median_days_to_live": float((live - groups["arrived"]).median()),
    }


def _ledger(groups: pd.DataFrame) -> list[dict[str, Any]]:
    rows = []
    items = {"programme": "mentor_and_grant", "host": "board_papers", "group": "staff_time"}
    for payer, item in items.items():
        for row in groups[groups[f"cost_{payer}"].ne(0.0)].itertuples():
            amount = getattr(row, f"cost_{payer}")
            rows.append(
                {
                    "replication": row.replication,
                    "entity_id": row.entity_id,
                    "time": row.arrived,
                    "payer": payer,
                    "item": item,
                    "amount": amount,
                }
            )
    return rows


def _person(draw: np.random.Generator, replication: int, region: str, host: str, k: int) -> dict[str, Any]:
    """One made-up group, walked through its route."""
    kind = str(draw.choice(list(TYPES), p=[0.5, 0.25, 0.25]))
    median = {"clinical_team": 12, "service_cluster": 100, "provider_arm": 800}[kind]
    head = int(np.exp(draw.normal(np.log(median), 0.4)))
    arrived = float(draw.triangular(0, 610, 690))
    route = "official" if draw.random() < 0.85 else "informal"
    row: dict[str, Any] = {
        "replication": replication,
        "entity_id": f"{host}/{k}",
        "region": region,
        "host": host,
        "type": kind,
        "route": route,
        "headcount": max(head, 4),
        "turnover": max(head, 4) * 36_000.0,
        "arrived": arrived,
    }
    return {**row, **_walk(draw, route, arrived), "cost_host": 4_000.0 + head * 20.0, "cost_group": 2_500.0}


def _walk(draw: np.random.Generator, route: str, arrived: float) -> dict[str, Any]:
    row: dict[str, Any] = {}
    now, spent = arrived, 0.0
    for name, _label, days, milestone, risks in OFFICIAL if route == "official" else INFORMAL:
        row |= {f"entered_{name}": now, "stage": name, "cost_programme": spent}
        now += float(np.exp(draw.normal(np.log(days), 0.45)))
        luck, cause = draw.random(), ""
        for barrier, chance in risks.items():
            if not cause and luck < chance:
                cause = barrier
            luck -= chance
        if cause:
            now -= draw.random() * (now - row[f"entered_{name}"]) / 2
        if now > HORIZON:
            return {**row, "state": "inside"}
        if cause:
            refused = str(draw.choice(["sign-off refused", "kept off the agenda"]))
            form = refused if cause == "manager_resistance" else ""
            return {
                **row,
                "state": "exited",
                "exit_time": now,
                "exit_stage": name,
                "exit_cause": cause,
                "exit_form": form,
            }
        if milestone:
            row[f"reached_{milestone}"] = now
        spent += 30_000.0 if milestone == "approved" else 0.0
    return {**row, "state": "completed", "exit_time": now}


def _plain(name: str) -> str:
    return name.replace("_", " ").title()
