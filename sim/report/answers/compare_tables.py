"""The tables of a comparison, from its frames; pages and terminals show the same ones."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.analysis.frame_rows import rows_of
from sim.report.format import NO_LIMIT, UNKNOWN, amount, change, estimate, money, number, percent
from sim.report.table import Cell, Change, Column, Interval, Level, Table, page_only, terminal_only, text

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.methods.comparison import Comparison

_Row = dict[str, Any]


def differences_table(frame: pd.DataFrame, caption: str) -> Table:
    """Both worlds and the difference, a row an outcome and alternative; with several also the simultaneous interval."""
    several = frame["alternative"].nunique() > 1
    columns = (
        *(text("Outcome"), page_only("Alternative", "left"), Column("In the base", "Base")),
        *(page_only("In the alternative"), _difference_column(several)),
        *((Column("Difference (simultaneous 95% interval)", "Difference (simultaneous interval)"),) if several else ()),
        *(page_only("Relative to the base"), terminal_only("Unpaired")),
    )
    return Table(caption, columns, tuple(_difference(row, several) for row in _by_outcome(frame)))


def _difference_column(several: bool) -> Column:
    heading = "Difference (95% interval)"
    return page_only(heading) if several else Column(heading)


def _difference(row: _Row, several: bool) -> tuple[Cell, ...]:
    unit = row["unit"]
    together = (Change(row["difference"], row["family_low"], row["family_high"], unit),) if several else ()
    return (
        *(row["label"], row["alternative_label"], Level(row["base"], row["base_low"], row["base_high"], unit)),
        Level(row["alt"], row["alt_low"], row["alt_high"], unit),
        Change(row["difference"], row["low"], row["high"], unit),
        *together,
        estimate(row["relative"], row["relative_low"], row["relative_high"], write_relative),
        write_times(row["variance_ratio"]),
    )


def precision_table(frame: pd.DataFrame) -> Table:
    """How precise each difference is, and what pairing did for it."""
    headings = ("Replications", "Better in", "Equal in", "Correlation", "Variance, paired", "Variance, unpaired")
    columns = (
        *(text("Outcome"), text("Alternative"), *map(Column, headings)),
        *(Column("Unpaired / paired"), Column("Precision"), Column("Replications for it"), text("Method")),
    )
    return Table("All outcomes: precision of the differences", columns, tuple(map(_precision, _by_outcome(frame))))


def _precision(row: _Row) -> tuple[Cell, ...]:
    half = f"± {change(row['precision'], str(row['unit'])).removeprefix('+')}" if row["precision"] > 0 else UNKNOWN
    return (
        *(row["label"], row["alternative_label"], _whole(row["n"])),
        Level(row["p_better"], row["p_better_low"], row["p_better_high"], "share"),
        *(percent(row["p_equal"]), write_ratio(row["correlation"]), write_ratio(row["sd"] ** 2)),
        *(write_ratio(row["variance_unpaired"]), write_ratio(row["variance_ratio"])),
        *(half, _whole(row["needed"]), str(row["method"])),
    )


def money_tables(comparison: Comparison) -> tuple[Table, ...]:
    """What an additional launch costs, and what is paid in which year."""
    tables = [additional_cost_table(comparison.additional_costs, comparison.labels)]
    if len(comparison.costs):
        tables.append(years_table(comparison.costs))
    return tuple(table for table in tables if table.rows)


def additional_cost_table(costs: pd.DataFrame, labels: Mapping[str, str]) -> Table:
    """Additional cost, additional launches, and their ratio, by payer; without the payers who pay nothing more."""
    columns = (
        *(text("Who pays"), page_only("Money", "left"), text("Alternative"), page_only("Additional cost")),
        *(page_only("Additional launches"), terminal_only("Additional cost")),
        Column("Cost per additional launch", "Per additional launch"),
    )
    rows = [
        (
            *(row["label"], str(row["money"]), labels.get(row["alternative"], str(row["alternative"]))),
            Change(row["cost"], row["cost_low"], row["cost_high"], "pounds"),
            Change(row["launches"], row["launches_low"], row["launches_high"]),
            Level(row["cost"], row["cost_low"], row["cost_high"], "pounds"),
            _cost_per_launch(row),
        )
        for row in (rows_of(costs) if len(costs) else ())
        if _is_known(row["cost"]) or _is_known(row["cost_low"])
    ]
    return Table("Cost of each additional launch", columns, tuple(rows))


def _is_known(cost: float) -> bool:
    return bool(cost) and not math.isnan(cost)


def _cost_per_launch(row: _Row) -> Cell:
    if row["bounded"] and row["launches"] >= 0 and row["cost"] >= 0:
        return Interval(row["per_launch"], row["per_launch_low"], row["per_launch_high"], "pounds")
    return write_cost_per_launch(row)


def write_cost_per_launch(row: _Row) -> str:
    """What each additional launch costs, in words where the number would mislead."""
    if not row["bounded"]:
        return "not defined: no clear difference in launches"
    if row["launches"] < 0:
        return "not defined: fewer groups launch"
    if row["cost"] < 0:
        return "more launches for less money"
    return estimate(row["per_launch"], row["per_launch_low"], row["per_launch_high"], money)


def years_table(frame: pd.DataFrame) -> Table:
    """What each payer pays in each year in each world, as paid and discounted."""
    rows = [
        (
            *(str(row["year"]), row["label"], row["world_label"]),
            Level(row["mean"], row["low"], row["high"], "pounds"),
            Level(row["discounted"], row["discounted_low"], row["discounted_high"], "pounds"),
        )
        for row in rows_of(frame.sort_values(["year", "payer"], kind="stable"))
    ]
    columns = (text("Year"), text("Who pays"), text("World"), Column("As paid"), Column("Discounted"))
    return Table("Costs by year and payer, in every world", columns, tuple(rows))


def divergence_table(comparison: Comparison) -> Table:
    """Where and when the worlds first differ."""
    rows = [
        (
            comparison.labels.get(row["alternative"], str(row["alternative"])),
            str(row["place"]) or "nowhere that affects an event",
            str(row["date"]) or UNKNOWN,
            _whole(row["checked"]),
            "yes" if row["agrees"] else "NO",
            str(row["first_difference"]) or UNKNOWN,
        )
        for row in rows_of(comparison.divergence)
    ]
    columns = (
        *(text("Alternative"), text("First place that differs"), text("From"), Column("Histories checked")),
        *(text("The same until then"), text("If not: where")),
    )
    wrong = frozenset(place for place, row in enumerate(rows) if row[4] == "NO")
    return Table("Where and when the worlds first differ", columns, tuple(rows), wrong)


def write_relative(value: float) -> str:
    """A relative change with its sign: ``+19%``, ``-0.4%``."""
    return ("+" if value > 0 else "") + amount(value, "share")


def write_ratio(value: float) -> str:
    """Three figures of a number that has no unit."""
    if math.isnan(value):
        return UNKNOWN
    if math.isinf(value):
        return NO_LIMIT
    return number(value) if value == int(value) or abs(value) >= 1000 else f"{value:.3g}"


def write_times(value: float) -> str:
    """A ratio as so many times: ``59.2x``."""
    ratio = write_ratio(value)
    return ratio if ratio in (UNKNOWN, NO_LIMIT) else f"{ratio}x"


def _whole(value: float) -> str:
    return UNKNOWN if math.isnan(value) else f"{int(value):,}"


def _by_outcome(frame: pd.DataFrame) -> list[_Row]:
    """The rows, outcome by outcome, with their alternatives in order."""
    place = {name: k for k, name in enumerate(dict.fromkeys(frame["outcome"]))}
    return sorted(rows_of(frame), key=lambda row: place[row["outcome"]])
