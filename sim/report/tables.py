"""The tables that people read: words and written numbers from the frames of :mod:`sim.analysis`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.report.format import UNKNOWN, money, months, number, percent, span
from sim.report.frames import records

if TYPE_CHECKING:
    import pandas as pd

MEAN, KNOWN, HISTORIES = "Mean", "Interval of the mean", "95 of 100 histories"


@dataclass(frozen=True)
class Table:
    """Headings and rows of written cells; the first column names the row."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


_COUNTS = {"entered": "Entered", "passed": "Went on", "lost": "Lost here", "inside": "Still here at the end"}


def funnel_table(frame: pd.DataFrame) -> Table:
    """The means of one route of :func:`sim.analysis.run.funnel.funnel`, each with the interval of the mean."""
    rows = []
    for row in records(frame):
        cells = [interval_words(row, number, *_keys(name)) for name in _COUNTS]
        share = interval_words(row, percent, "share_lost", "share_lost_low", "share_lost_high")
        rows.append((row["label"], *cells, share))
    return Table(("Stage", *_COUNTS.values(), "Share lost"), tuple(rows))


def funnel_ranges_table(frame: pd.DataFrame) -> Table:
    """The ranges of 95 of 100 histories of one route of :func:`sim.analysis.run.funnel.funnel`."""
    rows = [
        (
            row["label"],
            *(span(number(row[f"{name}_range_low"]), number(row[f"{name}_range_high"])) for name in _COUNTS),
        )
        for row in records(frame)
    ]
    return Table(("Stage", *_COUNTS.values()), tuple(rows))


def exits_table(frame: pd.DataFrame) -> Table:
    """Rows of any function of :mod:`sim.analysis.run.exits`: cause, stage and form as far as they are there."""
    names = {"label": "Cause", "stage_label": "Stage", "form": "Form"}
    shown = {column: head for column, head in names.items() if column in frame}
    rows = [
        (
            *(_worded(str(row[column])) for column in shown),
            *_summary(row, number),
            percent(row["share"]),
            span(percent(row["share_low"]), percent(row["share_high"])),
        )
        for row in records(frame)
    ]
    return Table((*shown.values(), MEAN, KNOWN, HISTORIES, "Share", "Interval of the share"), tuple(rows))


def incidence_table(frame: pd.DataFrame, at_months: Sequence[int] = (6, 12, 18, 24, 36, 48, 60, 84)) -> Table:
    """Cumulative incidence by cause at a few times, from :func:`sim.analysis.run.incidence.incidence`."""
    watched = frame[frame["at_risk"].gt(0)]
    times = [time for time in at_months if time in set(watched["months"])]
    heads = [f"By {time} months" for time in times]
    rows = []
    for label, part in frame.groupby("label", sort=False):
        at = {row["months"]: row for row in records(part)}
        cells = [interval_words(at[time], percent, "share", "low", "high") for time in times]
        rows.append((str(label), *cells))
    return Table(("What happened", *heads), tuple(rows))


def occupancy_table(frame: pd.DataFrame) -> Table:
    """Mean groups in each stage once or twice a year, from :func:`sim.analysis.run.occupancy.occupancy`."""
    import pandas as pd

    last = frame["date"].max()
    in_year = [1] if last - frame["date"].min() > pd.Timedelta(days=366 * 6) else [1, 7]
    wanted = sorted(set(frame.loc[frame["date"].dt.month.isin(in_year), "date"]) | {last})
    rows = []
    for (_, _, label), part in frame.groupby(["route", "stage", "label"], sort=False):
        at = dict(zip(part["date"], part["mean"], strict=True))
        rows.append((str(label), *(number(float(at[day])) for day in wanted)))
    return Table(("Stage", *(f"{day.day} {day:%b %Y}" for day in wanted)), tuple(rows))


def duration_table(quantiles: pd.DataFrame, share: pd.DataFrame) -> Table:
    """Quantiles of the time to launch, and the share launched at a few times."""
    rows = [
        (
            f"{round(row['quantile'] * 100)} of 100 that launched did so within",
            f"{months(row['months'])} months",
            span(months(row["months_low"]), months(row["months_high"])),
        )
        for row in records(quantiles)
    ]
    for row in records(share[share["months"].isin([12, 24, 36, 48, 60]) & share["at_risk"].gt(0)]):
        known = span(percent(row["low"]), percent(row["high"]))
        rows.append(
            (
                f"Launched within {number(row['months'])} months, of all that set out",
                percent(row["share"]),
                known,
            )
        )
    return Table(("Measure", "Value", "Interval of the value"), tuple(rows))


def hosts_table(hosts: pd.DataFrame, regions: pd.DataFrame) -> Table:
    """Regions, each followed by its hosts."""
    head = (
        "Region or host",
        "Groups that set out, mean",
        "Launches, mean",
        "Chance of a launch",
        "Interval of the chance",
    )
    rows = []
    for region in records(regions):
        rows.append((region["region_label"], *_outcome(region)))
        rows += [(row["host"], *_outcome(row)) for row in records(hosts[hosts["region"].eq(region["region"])])]
    return Table(head, tuple(rows))


def observed_table(frame: pd.DataFrame) -> Table:
    """Observed beside simulated, from :func:`sim.analysis.run.observed.compare`."""
    head = (
        "What was seen",
        "Observed",
        "Its own interval",
        "Simulated mean",
        HISTORIES,
        "Tail probability",
        "Inside?",
    )
    rows = []
    for row in records(frame):
        form = percent if row["unit"] == "share of groups" else number
        label = row["label"] if row["unit"] != "months" else f"{row['label']} (months)"
        evidence = span(form(row["observed_low"]), form(row["observed_high"]))
        ranged = span(form(row["range_low"]), form(row["range_high"]))
        tail = tail_words(row["tail"], int(row["histories"]))
        cells = (
            form(row["observed"]),
            evidence,
            form(row["mean"]),
            ranged,
            tail,
            inside_words(row["inside"]),
        )
        rows.append((label, *cells))
    return Table(head, tuple(rows))


def costs_table(frame: pd.DataFrame) -> Table:
    """Costs and cost per launch by payer, from :func:`sim.analysis.run.money.costs_by_payer`."""
    head = ("Who pays", "A history, mean", KNOWN, HISTORIES, "Per launch", "Interval of that")
    rows = [
        (
            row["label"],
            *_summary(row, money),
            money(row["per_launch"]),
            span(money(row["per_launch_low"]), money(row["per_launch_high"])),
        )
        for row in records(frame)
    ]
    return Table(head, tuple(rows))


def items_table(frame: pd.DataFrame) -> Table:
    """The ledger by payer and item, from :func:`sim.analysis.run.money.costs_by_item`."""
    rows = [(row["label"], row["payer_label"], *_summary(row, money)) for row in records(frame)]
    return Table(("Item", "Who pays", MEAN, KNOWN, HISTORIES), tuple(rows))


def moved_table(frame: pd.DataFrame) -> Table:
    """Launches, staff and contract value moved, from :func:`sim.analysis.run.money.moved`."""
    rows = []
    for row in records(frame):
        form = money if row["measure"] == "value_moved" else number
        rows.append((row["label"], *_summary(row, form)))
    return Table(("In one history", MEAN, KNOWN, HISTORIES), tuple(rows))


def tail_words(tail: float, histories: int) -> str:
    """A tail probability; one of 0 is only known to be less than one history's worth."""
    if math.isnan(tail) or histories == 0:
        return UNKNOWN
    return f"{tail:.2f}" if tail >= 0.005 else f"<{max(0.01, 1 / histories):.2g}"


def inside_words(inside: object) -> str:
    """Yes, no, or that it cannot be said (fewer than two histories)."""
    return "yes" if inside == 1 else "no" if inside == 0 else "cannot say"


def interval_words(row: Mapping[str, Any], form: Callable[[float], str], mean: str, low: str, high: str) -> str:
    """A mean with its interval: ``13.5 (13.0 to 14.0)``; the mean alone where it has none."""
    bounds = form(row[low]), form(row[high])
    if UNKNOWN in bounds or bounds[0] == bounds[1]:
        return form(row[mean])
    return f"{form(row[mean])} ({span(*bounds)})"


def _keys(name: str) -> tuple[str, str, str]:
    return f"{name}_mean", f"{name}_low", f"{name}_high"


def _summary(row: Mapping[str, Any], form: Callable[[float], str], prefix: str = "") -> tuple[str, str, str]:
    value = {name: form(row[prefix + name]) for name in ("mean", "low", "high", "range_low", "range_high")}
    return value["mean"], span(value["low"], value["high"]), span(value["range_low"], value["range_high"])


def _outcome(row: Mapping[str, Any]) -> tuple[str, str, str, str]:
    known = span(percent(row["chance_low"]), percent(row["chance_high"]))
    return number(row["groups_mean"]), number(row["launched_mean"]), percent(row["chance"]), known


def _worded(text: str) -> str:
    return text or UNKNOWN
