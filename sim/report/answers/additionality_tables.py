"""The tables of what a programme added, from its frames; pages and terminals show the same ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.analysis.frame_rows import rows_of
from sim.analysis.register import ADDITIONALITY
from sim.report.format import Unit, percent
from sim.report.table import Cell, Change, Column, Interval, Level, Table, page_only, text

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.methods.additionality import Additionality

_Row = dict[str, Any]
_CHANGES = ("difference", "months")
_CURVE = ("with_programme", "without_programme", "difference", "additional", "deadweight", "outside", "displaced")
_CURVE_SHARES = ("share_additional", "share_would_try", "per_additional", "per_net")
_ON_THE_PAGE = ("deadweight", "outside", "share_would_try", "per_additional", "per_net")
"""What a terminal has no room for."""


def reported_shares(additionality: Additionality) -> tuple[float, float]:
    """What recipients reported of themselves: the shares that would have given up, and gone ahead regardless."""
    frame = additionality.reported
    shares = dict(zip(frame["measure"], frame["share"], strict=True))
    return float(shares["additional"]), float(shares["deadweight"])


def summary_table(frame: pd.DataFrame) -> Table:
    """All measures at the stated values."""
    rows = tuple((str(row["label"]), _measure(row)) for row in rows_of(frame))
    columns = (text("In one history, on average"), Column("Value (95% interval)"))
    return Table("All measures at the stated values", columns, rows)


def _measure(row: _Row) -> Cell:
    numbers = (row["value"], row["low"], row["high"], row["unit"])
    if row["measure"] in _CHANGES:
        return Change(*numbers)
    return Interval(*numbers) if row["unit"] == "pounds" else Level(*numbers)


def curve_table(curve: pd.DataFrame) -> Table:
    """The measures along the curve, from the hardest leaving without the programme to the easiest."""
    shown = [name for name in (*_CURVE, *_CURVE_SHARES) if name in curve]
    headings = {name: ADDITIONALITY[name].heading for name in shown}
    columns = [page_only(heading) if name in _ON_THE_PAGE else Column(heading) for name, heading in headings.items()]
    rows = tuple(
        (f"{row['position']:+.2f} {row['label']}".strip(), *(_cell(row, name) for name in shown))
        for row in rows_of(curve)
    )
    caption = "Along the curve: leaving without the programme from hardest (-1) to easiest (+1)"
    return Table(caption, (text("Position"), *columns), rows)


def tornado_table(frame: pd.DataFrame) -> Table:
    """What each assumption alone does to the share and to the net difference."""
    rows = tuple(
        (
            *(str(row["label"]), *(str(row[f"{name}_value"]) for name in ("low", "stated", "high"))),
            *(_cell(row, f"{name}_at_{end}") for name in ("share", "difference") for end in ("low", "high")),
            Change(row["difference_swing"], row["difference_swing_low"], row["difference_swing_high"]),
        )
        for row in rows_of(frame)
    )
    columns = (
        *(text("Assumption"), Column("Low"), page_only("Stated"), Column("High")),
        *(page_only("Share at low"), page_only("Share at high"), Column("Net at low"), Column("Net at high")),
        page_only("Net, from low to high"),
    )
    return Table("One assumption at a time", columns, rows)


def parameters_table(additionality: Additionality) -> Table:
    """What is moved along the curve, with its evidence."""
    rows = tuple(
        (str(row["label"]), str(row["worst"]), str(row["stated"]), str(row["best"]), _source(row["source"]))
        for row in rows_of(additionality.parameters)
    )
    columns = map(text, ("Assumption", "Hardest to leave", "Stated", "Easiest to leave", "Evidence"))
    return Table("Assumptions about leaving without the programme", tuple(columns), rows)


def reported_table(additionality: Additionality) -> Table:
    """What recipients reported of themselves."""
    rows = tuple(
        (str(row["label"]), percent(row["share"]), _source(row["source"]), str(row["caution"]))
        for row in rows_of(additionality.reported)
    )
    columns = (text("Reported"), Column("Share"), text("Evidence"), text("Caution"))
    return Table("What recipients reported of themselves", columns, rows)


def _source(source: object) -> str:
    return ", ".join(map(str, source)) if isinstance(source, list | tuple) else str(source)


def _cell(row: _Row, name: str) -> Cell:
    unit: Unit = "share" if name.startswith("share") else "pounds" if name.startswith("per_") else "count"
    return Level(row[name], row[f"{name}_low"], row[f"{name}_high"], unit)
