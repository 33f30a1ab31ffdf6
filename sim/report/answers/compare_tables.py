"""The tables of a comparison's page: written numbers from its frames."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sim.report.format import UNKNOWN, amount, change, changed, estimate, money, number, percent, span
from sim.report.frames import records
from sim.report.tables import Table

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.methods.comparison import Comparison

_NO_END = "no interval has an end: the launches are not told apart"


def differences_table(frame: pd.DataFrame) -> Table:
    """Both worlds and the difference, a row an outcome and alternative."""
    head = (
        *("Outcome", "Alternative", "In the base", "In the alternative", "Difference (95% interval)"),
        *("Simultaneous interval", "Relative to the base"),
    )
    return Table(head, tuple(_difference(row) for row in _by_outcome(frame)))


def _difference(row: dict[str, Any]) -> tuple[str, ...]:
    unit = str(row["unit"])
    relative = estimate(row["relative"], row["relative_low"], row["relative_high"], share)
    return (
        row["label"],
        row["alternative_label"],
        estimate(row["base"], row["base_low"], row["base_high"], lambda one: amount(one, unit)),
        estimate(row["alt"], row["alt_low"], row["alt_high"], lambda one: amount(one, unit)),
        changed(row["difference"], row["low"], row["high"], unit),
        span(change(row["family_low"], unit), change(row["family_high"], unit)),
        relative,
    )


def precision_table(frame: pd.DataFrame) -> Table:
    """How well each difference is known, and what pairing did for it."""
    head = (
        *("Outcome", "Alternative", "Replications", "Better in", "Equal in", "Correlation", "Variance, paired"),
        *("Variance, unpaired", "Unpaired / paired", "Precision", "Replications for it", "Method"),
    )
    rows = []
    for row in _by_outcome(frame):
        unit = str(row["unit"])
        rows.append(
            (
                row["label"],
                row["alternative_label"],
                _whole(row["n"]),
                estimate(row["p_better"], row["p_better_low"], row["p_better_high"], percent),
                percent(row["p_equal"]),
                figures(row["correlation"]),
                figures(row["sd"] ** 2),
                figures(row["variance_unpaired"]),
                figures(row["variance_ratio"]),
                f"± {change(row['precision'], unit).removeprefix('+')}" if row["precision"] > 0 else UNKNOWN,
                _whole(row["needed"]),
                str(row["method"]),
            )
        )
    return Table(head, tuple(rows))


def money_tables(comparison: Comparison) -> Iterator[tuple[str, Table]]:
    """What an additional launch costs, and what is paid in which year."""
    costs = comparison.additional_costs
    known = costs[costs["cost"].fillna(0.0).ne(0.0) | costs["cost_low"].fillna(0.0).ne(0.0)]
    if len(known):
        yield "What one more launch costs", additional_table(known, comparison.labels)
    if len(comparison.costs):
        yield "Costs by year and payer, in every world", years_table(comparison.costs)


def additional_table(frame: pd.DataFrame, labels: dict[str, str]) -> Table:
    """Cost, launches, and their ratio by payer."""
    head = ("Who pays", "Money", "Alternative", "Cost more", "Launches more", "Cost per additional launch")
    rows = [
        (
            row["label"],
            str(row["money"]),
            labels.get(row["alternative"], str(row["alternative"])),
            changed(row["cost"], row["cost_low"], row["cost_high"], "pounds"),
            changed(row["launches"], row["launches_low"], row["launches_high"], "count"),
            per_launch(row),
        )
        for row in records(frame)
    ]
    return Table(head, tuple(rows))


def per_launch(row: dict[str, Any]) -> str:
    """What one more launch costs, in words where the number would mislead."""
    if not row["bounded"]:
        return _NO_END
    if row["launches"] < 0:
        return "fewer launch: there is no such cost"
    if row["cost"] < 0:
        return "more launch for less money"
    return estimate(row["per_launch"], row["per_launch_low"], row["per_launch_high"], money)


def years_table(frame: pd.DataFrame) -> Table:
    """What each payer pays in each year in each world, as paid and discounted."""
    rows = [
        (
            str(row["year"]),
            row["label"],
            row["world_label"],
            estimate(row["mean"], row["low"], row["high"], money),
            estimate(row["discounted"], row["discounted_low"], row["discounted_high"], money),
        )
        for row in records(frame.sort_values(["year", "payer"], kind="stable"))
    ]
    return Table(("Year", "Who pays", "World", "As paid", "Discounted"), tuple(rows))


def parting_table(comparison: Comparison) -> Table:
    """Where and when the worlds part."""
    rows = [
        (
            comparison.labels.get(row["alternative"], str(row["alternative"])),
            str(row["place"]) or "nowhere that an event depends on",
            str(row["date"]) or UNKNOWN,
            _whole(row["checked"]),
            "yes" if row["agrees"] else "NO",
            str(row["first_difference"]) or UNKNOWN,
        )
        for row in records(comparison.parting)
    ]
    head = (
        "Alternative",
        "First place that differs",
        "From",
        "Histories checked",
        "The same until then",
        "If not: where",
    )
    return Table(head, tuple(rows))


def share(value: float) -> str:
    """A relative change with its sign: ``+19%``, ``-0.4%``."""
    return ("+" if value > 0 else "") + amount(value, "share")


def figures(value: float) -> str:
    """Three figures of a number that has no unit."""
    if math.isnan(value):
        return UNKNOWN
    if math.isinf(value):
        return "without limit"
    return number(value) if value == int(value) or abs(value) >= 1000 else f"{value:.3g}"


def _whole(value: float) -> str:
    return UNKNOWN if math.isnan(value) else f"{int(value):,}"


def _by_outcome(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows, outcome by outcome, with their alternatives in order."""
    place = {name: k for k, name in enumerate(dict.fromkeys(frame["outcome"]))}
    return sorted(records(frame), key=lambda row: place[row["outcome"]])
