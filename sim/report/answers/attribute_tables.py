"""The tables of an attribution, from its frames; pages and terminals show the same ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.analysis.frame_rows import rows_of
from sim.analysis.register import ATTRIBUTION
from sim.report.charts.interaction import is_clear
from sim.report.format import amount, join_words
from sim.report.table import Cell, Change, Column, Level, Table, page_only, text

if TYPE_CHECKING:
    from sim.experiment.methods.attribution import Attribution

MOST_SETS = 20
_WAYS = ("but_for", "shapley", "alone")


def measures(attribution: Attribution) -> dict[str, str]:
    """The three measures of one barrier or intervention, by name."""
    return {name: ATTRIBUTION[attribution.kind][name].heading for name in _WAYS}


def players_table(attribution: Attribution) -> Table:
    """All measures of each barrier or intervention."""
    is_blame = attribution.kind == "barriers"
    measures = ATTRIBUTION[attribution.kind]
    shown = [*(("recorded",) if is_blame else ()), *_WAYS, "share"]
    columns = (
        text("Barrier" if is_blame else "Intervention"),
        *(Column(measures[name].label, measures[name].heading) for name in shown),
        page_only(measures["saved"].label),
        *((page_only(measures["gap"].label),) if is_blame else ()),
    )
    rows = []
    for row in rows_of(attribution.players):
        recorded = (_level(row, "recorded"),) if is_blame else ()
        gap = (Change(row["gap"], row["gap_low"], row["gap_high"]),) if is_blame else ()
        share = amount(row["share"], "share") if row["share"] == row["share"] else ""
        rows.append(
            (str(row["label"]), *recorded, *(_level(row, name) for name in _WAYS), share, _level(row, "saved"), *gap)
        )
    verb = "cost" if is_blame else "bring"
    return Table(f"Launches that {attribution.kind} {verb} in one history", columns, tuple(rows))


def pairs_table(attribution: Attribution) -> Table:
    """Every pair with its interaction, the strongest first."""
    rows = tuple(
        (
            f"{row['label_first']} and {row['label_second']}",
            Change(row["interaction"], row["low"], row["high"]),
            "yes" if is_clear(row) else "no",
        )
        for row in rows_of(attribution.pairs)
    )
    columns = (
        text("Pair"),
        Column("Interaction (95% interval)", "Interaction"),
        Column("Differs clearly from zero?", "Clear?"),
    )
    return Table("Pairs: launches that both together bring beyond each alone", columns, rows)


def whole_table(attribution: Attribution) -> Table:
    """Launches with and without all of them, and the difference."""
    [row] = rows_of(attribution.whole)
    measures = ATTRIBUTION[attribution.kind]
    rows = tuple((measures[name].label, _level(row, name)) for name in ("launches", "without", "loss"))
    return Table("The whole", (text("In one history, on average"), Column("Launches")), rows)


def sizes_table(attribution: Attribution) -> Table:
    """How many barriers would have to go, or interventions to come, for lost groups to launch."""
    doing = "removed" if attribution.kind == "barriers" else "added"
    frame = attribution.sizes
    rows = []
    for row in rows_of(
        frame.sort_values("size", key=lambda size: size.replace(0, len(frame) + 1)) if len(frame) else frame
    ):
        size = f"{int(row['size'])}" if row["size"] else "Not even all of them"
        rows.append((size, Level(row["groups"], row["low"], row["high"], "count")))
    columns = (text(f"Number to be {doing}"), Column("Lost groups in one history", "Lost groups"))
    return Table(f"How many would have to be {doing} for a lost group to launch", columns, tuple(rows))


def sets_table(attribution: Attribution, most: int = MOST_SETS) -> Table:
    """The smallest sets, the commonest first, and last those groups that nothing saves."""
    frame = attribution.sets
    doing = "removed" if attribution.kind == "barriers" else "added"
    columns = (text("Set"), Column("Size"), Column("Lost groups in one history", "Lost groups"))
    caption = f"The smallest sets to be {doing} for a lost group to launch"
    if not len(frame):
        return Table(caption, columns, ())
    rest = frame["size"].eq(0)
    kept = [*rows_of(frame[~rest].nlargest(most, "groups", keep="first")), *rows_of(frame[rest])]
    rows = tuple(
        (str(row["labels"]), f"{int(row['size'])}", Level(row["groups"], row["low"], row["high"], "count"))
        for row in kept
    )
    return Table(f"{caption}, the {most} most common" if len(frame) > most + 1 else caption, columns, rows)


def combinations_table(attribution: Attribution) -> Table:
    """The combinations with most launches."""
    labels = {str(row["name"]): str(row["label"]) for row in rows_of(attribution.players)}
    rows = tuple(
        (
            join_words([labels.get(name, name) for name in str(row["combination"]).split(" + ") if name]) or "none",
            f"{int(row['removed'])}",
            Level(row["launches"], row["low"], row["high"], "count"),
        )
        for row in rows_of(attribution.combinations.nlargest(MOST_SETS, "launches", keep="first"))
    )
    doing = "Removed" if attribution.kind == "barriers" else "Added"
    return Table("The combinations with most launches", (text(doing), Column("How many"), Column("Launches")), rows)


def _level(row: dict[str, Any], name: str) -> Cell:
    return Level(row[name], row[f"{name}_low"], row[f"{name}_high"], "count")
