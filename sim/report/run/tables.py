"""The tables of one batch, from the frames of :mod:`sim.analysis.run`; pages and terminals show the same ones."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.analysis.frame_rows import rows_of
from sim.report.format import UNKNOWN, Unit, number
from sim.report.table import Column, Level, Range, Row, Table, page_only, text

if TYPE_CHECKING:
    import pandas as pd

MEAN, RANGE = Column("Mean (95% interval)", "Mean"), Column("95 of 100 histories", "Range")
SHARE = Column("Share (95% interval)", "Share")
_COUNTS = {"entered": "Entered", "passed": "Went on", "lost": "Lost here", "inside": "Still here at the end"}


def funnel_table(frame: pd.DataFrame, caption: str) -> Table:
    """One route of :func:`sim.analysis.run.funnel.funnel`: means, and the range of the groups that enter."""
    rows: list[Row] = []
    for row in rows_of(frame):
        entered, *others = (_mean(row, prefix=f"{name}_") for name in _COUNTS)
        share = Level(row["share_lost"], row["share_lost_low"], row["share_lost_high"], "share")
        rows.append((row["label"], entered, _range(row, prefix="entered_"), *others, share))
    columns = (
        *(text("Stage"), Column("Entered"), Column("95 of 100 histories", "Range"), Column("Went on")),
        *(Column("Lost here", "Lost"), Column("Still here at the end", "Still here"), Column("Share lost", "Lost, %")),
    )
    return Table(caption, columns, tuple(rows))


def funnel_ranges_table(frame: pd.DataFrame, caption: str) -> Table:
    """One route of :func:`sim.analysis.run.funnel.funnel`: the ranges of 95 of 100 histories."""
    rows = [(row["label"], *(_range(row, prefix=f"{name}_") for name in _COUNTS)) for row in rows_of(frame)]
    return Table(caption, (text("Stage"), *map(Column, _COUNTS.values())), tuple(rows))


def exits_table(frame: pd.DataFrame, caption: str) -> Table:
    """Rows of any function of :mod:`sim.analysis.run.exits`: cause, stage and form as far as they are there."""
    headings = {"label": "Cause", "stage_label": "Stage", "form": "Form"}
    names = {column: heading for column, heading in headings.items() if column in frame}
    rows: list[Row] = [
        (
            *(str(row[column]) or UNKNOWN for column in names),
            *(_mean(row), _range(row), Level(row["share"], row["share_low"], row["share_high"], "share")),
        )
        for row in rows_of(frame)
    ]
    return Table(caption, (*map(text, names.values()), MEAN, RANGE, SHARE), tuple(rows))


def incidence_table(frame: pd.DataFrame, at_months: Sequence[int] = (6, 12, 18, 24, 36, 48, 60, 84)) -> Table:
    """Cumulative incidence by cause at a few times, from :func:`sim.analysis.run.incidence.incidence`."""
    watched = frame[frame["at_risk"].gt(0)]
    times = [time for time in at_months if time in set(watched["months"])]
    rows: list[Row] = []
    for label, part in frame.groupby("label", sort=False):
        at = {row["months"]: row for row in rows_of(part)}
        shares = (Level(at[time]["share"], at[time]["low"], at[time]["high"], "share") for time in times)
        rows.append((str(label), *shares))
    columns = (text("What happened"), *(Column(f"By {time} months") for time in times))
    return Table("Share by cause, with the 95% interval of the estimate", columns, tuple(rows))


def occupancy_table(frame: pd.DataFrame) -> Table:
    """Mean groups in each stage once or twice a year, from :func:`sim.analysis.run.occupancy.occupancy`."""
    import pandas as pd

    last = frame["date"].max()
    in_year = [1] if last - frame["date"].min() > pd.Timedelta(days=366 * 6) else [1, 7]
    days = sorted(set(frame.loc[frame["date"].dt.month.isin(in_year), "date"]) | {last})
    rows: list[Row] = []
    for (_, _, label), part in frame.groupby(["route", "stage", "label"], sort=False):
        at = dict(zip(part["date"], part["mean"], strict=True))
        rows.append((str(label), *(Level(float(at[day])) for day in days)))
    columns = (text("Stage"), *(Column(f"{day.day} {day:%b %Y}") for day in days))
    return Table("Mean number of groups by stage and date", columns, tuple(rows))


def launch_time_table(quantiles: pd.DataFrame) -> Table:
    """How soon the groups that launched did so, from :func:`sim.analysis.run.duration.launch_quantiles`."""
    rows = [
        (
            f"{round(row['quantile'] * 100)} of 100 launched within",
            Level(row["months"], unit="months"),
            Range(row["months_low"], row["months_high"], "months"),
        )
        for row in rows_of(quantiles)
    ]
    columns = (text("Of the groups that launched"), Column("Months"), Column("95% interval"))
    return Table("Months from arrival to launch, among groups that launched", columns, tuple(rows))


def launch_share_table(share: pd.DataFrame) -> Table:
    """The share of all groups launched at a few times, from :func:`sim.analysis.run.duration.share_launched`."""
    rows = [
        (f"{number(row['months'])} months", Level(row["share"], row["low"], row["high"], "share"))
        for row in rows_of(share[share["months"].isin([12, 24, 36, 48, 60]) & share["at_risk"].gt(0)])
    ]
    return Table("Launched by then, of all groups that arrived", (text("Within"), SHARE), tuple(rows))


def hosts_table(hosts: pd.DataFrame, regions: pd.DataFrame) -> Table:
    """Regions, each followed by its hosts."""
    rows: list[Row] = []
    for region in rows_of(regions):
        rows.append((region["region_label"], *_outcome(region)))
        rows += [(row["host"], *_outcome(row)) for row in rows_of(hosts[hosts["region"].eq(region["region"])])]
    columns = (
        *(text("Region or host"), Column("Groups that arrived, mean"), Column("Launches, mean")),
        Column("Chance of a launch (95% interval)"),
    )
    return Table("Regions and hosts", columns, tuple(rows))


def observed_table(frame: pd.DataFrame) -> Table:
    """Observed beside simulated, from :func:`sim.analysis.run.observed.compare`; marked where one is outside."""
    rows: list[Row] = []
    for row in rows_of(frame):
        unit: Unit = "share" if row["unit"] == "share of groups" else "number"
        label = row["label"] if row["unit"] != "months" else f"{row['label']} (months)"
        rows.append(
            (
                *(label, Level(row["observed"], unit=unit), Range(row["observed_low"], row["observed_high"], unit)),
                *(Level(row["mean"], unit=unit), Range(row["range_low"], row["range_high"], unit)),
                *(write_tail(row["tail"], int(row["histories"])), write_inside(row["inside"])),
            )
        )
    columns = (
        *(text("Observation"), Column("Observed"), page_only("Its own interval"), Column("Simulated mean", "Mean")),
        *(RANGE, Column("Tail probability", "Tail p"), Column("Inside the range?", "Inside?")),
    )
    outside = frozenset(place for place, row in enumerate(rows) if row[-1] == "no")
    return Table("Observed and simulated", columns, tuple(rows), outside)


def costs_table(frame: pd.DataFrame) -> Table:
    """Costs and cost per launch by payer, from :func:`sim.analysis.run.money.costs_by_payer`."""
    rows = [
        (
            *(row["label"], _mean(row, "pounds"), _range(row, "pounds")),
            *(Level(row["per_launch"], unit="pounds"), Range(row["per_launch_low"], row["per_launch_high"], "pounds")),
        )
        for row in rows_of(frame)
    ]
    columns = (
        text("Who pays"),
        MEAN,
        RANGE,
        Column("Per launch"),
        Column("95% interval of cost per launch", "95% interval"),
    )
    return Table("Costs by payer, undiscounted", columns, tuple(rows))


def items_table(frame: pd.DataFrame) -> Table:
    """The ledger by payer and item, from :func:`sim.analysis.run.money.costs_by_item`."""
    rows = [(row["label"], row["payer_label"], _mean(row, "pounds"), _range(row, "pounds")) for row in rows_of(frame)]
    return Table("Costs by item, undiscounted", (text("Item"), text("Who pays"), MEAN, RANGE), tuple(rows))


def moved_table(frame: pd.DataFrame) -> Table:
    """Launches, staff and contract value moved, from :func:`sim.analysis.run.money.summarise_moved`."""
    rows: list[Row] = []
    for row in rows_of(frame):
        unit: Unit = "pounds" if row["measure"] == "value_moved" else "number"
        rows.append((row["label"], _mean(row, unit), _range(row, unit)))
    return Table("Launches, staff and contracts moved", (text(""), MEAN, RANGE), tuple(rows))


def kpis_table(frame: pd.DataFrame) -> Table:
    """Every number of :func:`sim.analysis.run.kpis.kpis`: its mean with the error of that, and its range."""
    units: dict[str, Unit] = {"pounds": "pounds", "share": "share", "months": "months"}
    rows: list[Row] = []
    for row in rows_of(frame):
        unit = units.get(row["unit"], "number")
        rows.append((row["label"], _mean(row, unit), _range(row, unit)))
    return Table("", (text("In one replication"), MEAN, RANGE), tuple(rows))


def write_tail(tail: float, histories: int) -> str:
    """A tail probability; one of 0 is only known to be less than one history's worth."""
    if math.isnan(tail) or histories == 0:
        return UNKNOWN
    return f"{tail:.2f}" if tail >= 0.005 else f"<{max(0.01, 1 / histories):.2g}"


def write_inside(inside: object) -> str:
    """Yes, no, or that it cannot be said (fewer than two histories)."""
    return "yes" if inside == 1 else "no" if inside == 0 else "cannot say"


def _mean(row: Mapping[str, Any], unit: Unit = "number", prefix: str = "") -> Level:
    return Level(row[f"{prefix}mean"], row[f"{prefix}low"], row[f"{prefix}high"], unit)


def _range(row: Mapping[str, Any], unit: Unit = "number", prefix: str = "") -> Range:
    return Range(row[f"{prefix}range_low"], row[f"{prefix}range_high"], unit)


def _outcome(row: Mapping[str, Any]) -> tuple[Level, Level, Level]:
    chance = Level(row["chance"], row["chance_low"], row["chance_high"], "share")
    return Level(row["groups_mean"]), Level(row["launched_mean"]), chance
