"""The figures and tables of what a programme added."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sim.report.charts.additionality import additionality_chart, cost_chart, launches_chart, net_chart
from sim.report.charts.tornado import tornado_chart
from sim.report.document import Figure
from sim.report.format import UNKNOWN, amount, changed, estimate, percent, span
from sim.report.frames import records
from sim.report.tables import Table

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.methods.additionality import Additionality

_Row = dict[str, Any]
_SHARE_TITLE = "Share of the programme's launches that are additional"
_WITHOUT = (
    "How easily groups would have left without the programme is not known. From left to right all numbers of that are "
    "moved together over their ranges, from the hardest leaving to the easiest"
)
_CURVE = (
    *("with_programme", "without_programme", "difference", "additional", "deadweight", "outside", "displaced"),
    *("share_additional", "share_would_try", "per_additional", "per_net"),
)


def curves(found: Additionality) -> tuple[Figure, ...]:
    """The net difference first, as additional launches alone would hide those displaced; then shares, parts, price."""
    return (_net(found.curve), _shares(found), _parts(found.curve), _price(found.curve))


def _net(curve: pd.DataFrame) -> Figure:
    return Figure(
        "net",
        "Launches gained, net",
        f"{_WITHOUT}. The line is launches with the programme less launches without it; its ribbon is the 95% "
        "interval of the simulation. The areas are what it is made of.",
        "The curve says what would follow from an assumption, not which assumption is right.",
        partial(net_chart, curve),
        (("Along the curve", curve_table(curve)),),
    )


def _shares(found: Additionality) -> Figure:
    given_up, regardless = reported_shares(found)
    marks = {
        f"Reported: {percent(regardless)} would have gone on regardless": 1 - regardless,
        f"Reported: {percent(given_up)} would have given up": given_up,
    }
    return Figure(
        "additionality",
        _SHARE_TITLE,
        f"{_WITHOUT}. Dashed lines are what recipients of a fund said of themselves (evidence 5.1): "
        f"{percent(given_up)} would have been abandoned without it, {percent(regardless)} would have gone ahead, so "
        f"between {percent(given_up)} and {percent(1 - regardless)} were additional, wholly or in part.",
        "The reports are of another programme (the Social Enterprise Investment Fund), by those who had its money, and "
        "speak of what they would have tried, not of what would have succeeded. They are a mark to compare with, no "
        "target.",
        partial(additionality_chart, found.curve, marks),
        (),
    )


def _parts(curve: pd.DataFrame) -> Figure:
    return Figure(
        "launches",
        "What the launches with the programme are made of",
        "Stacked: launches that the programme had no part in, those that it helped but that would have come anyway, "
        "and those that came only with it. The dashed line is all launches without it; what it has above the "
        "deadweight are those displaced.",
        "A launch that comes sooner or with more staff counts the same as one that does not.",
        partial(launches_chart, curve),
        (),
    )


def _price(curve: pd.DataFrame) -> Figure:
    return Figure(
        "cost",
        "What the programme paid for each launch it added",
        "The programme's own pounds, over the launches additional and over those gained net. Where the line stops no "
        "launch is gained; where the ribbon stops the interval has no end.",
        "Costs to hosts and to staff groups are not in it.",
        partial(cost_chart, curve),
        (),
    )


def reported_shares(found: Additionality) -> tuple[float, float]:
    """What recipients reported of themselves: the shares that would have given up, and gone on regardless."""
    shares = dict(zip(found.reported["measure"], found.reported["share"], strict=True))
    return float(shares["additional"]), float(shares["deadweight"])


def tornadoes(found: Additionality) -> tuple[Figure, ...]:
    """What each assumption does alone, to the net difference and to the additional share."""
    if not len(found.tornado):
        return ()
    at = {row["measure"]: row["value"] for row in records(found.summary)}
    shows = (
        "Each assumption is moved alone from one end of its range to the other, all others as stated. The dashed "
        "line is the answer at the stated values; a thin line is the 95% interval of one end by itself. The change "
        "from end to end is known much better, as both ends meet the same luck: see the table."
    )
    limits = "Moved together assumptions may do more or less than the sum: the curve above moves all of them."
    tables = (("One assumption at a time", tornado_table(found.tornado)),)
    wanted = (
        ("difference", "count", "difference", "Launches gained, net", tables),
        ("share", "share", "share_additional", _SHARE_TITLE, ()),
    )
    return tuple(
        Figure(
            f"tornado_{name}",
            title,
            shows,
            limits,
            partial(tornado_chart, found.tornado, name, unit, at[measure], title),
            written,
        )
        for name, unit, measure, title, written in wanted
        if f"{name}_at_low" in found.tornado
    )


def summary_table(frame: pd.DataFrame) -> Table:
    """All measures at the stated values."""
    rows = [(str(row["label"]), *_written(row)) for row in records(frame)]
    return Table(("In one history, on average", "Value", "95% interval"), tuple(rows))


def curve_table(curve: pd.DataFrame) -> Table:
    """The measures along the curve."""
    heads = {
        **{
            "with_programme": "With it",
            "without_programme": "Without it",
            "difference": "Net",
            "additional": "Additional",
        },
        **{"deadweight": "Deadweight", "outside": "Outside", "displaced": "Displaced"},
        **{"share_additional": "Share additional", "share_would_try": "Share that would have tried"},
        **{"per_additional": "Programme's cost of each added", "per_net": "Of each gained, net"},
    }
    shown = [name for name in _CURVE if name in curve]
    rows = []
    for row in records(curve):
        where = str(row["label"]) or UNKNOWN
        cells = [_cell(row, name) for name in shown]
        rows.append((f"{row['position']:+.2f} {where if where != UNKNOWN else ''}".strip(), *cells))
    return Table(("Position", *(heads[name] for name in shown)), tuple(rows))


def tornado_table(frame: pd.DataFrame) -> Table:
    """What each assumption alone does to the share and to the net difference."""
    rows = []
    for row in records(frame):
        ends = [_cell(row, f"{name}_at_{end}") for name in ("share", "difference") for end in ("low", "high")]
        swing = changed(row["difference_swing"], row["difference_swing_low"], row["difference_swing_high"], "count")
        values = [str(row[f"{name}_value"]) for name in ("low", "stated", "high")]
        rows.append((str(row["label"]), *values, *ends, swing))
    head = ("Assumption", "Low", "Stated", "High", "Share at low", "Share at high", "Net at low", "Net at high")
    return Table((*head, "Net, from low to high"), tuple(rows))


def parameters_table(found: Additionality) -> Table:
    """What is moved along the curve, with its evidence."""
    rows = [
        (str(row["label"]), str(row["worst"]), str(row["stated"]), str(row["best"]), _source(row["source"]))
        for row in records(found.parameters)
    ]
    return Table(("Assumption", "Hardest to leave", "Stated", "Easiest to leave", "Evidence"), tuple(rows))


def reported_table(found: Additionality) -> Table:
    """What recipients reported of themselves."""
    rows = [
        (str(row["label"]), percent(row["share"]), _source(row["source"]), str(row["caution"]))
        for row in records(found.reported)
    ]
    return Table(("Reported", "Share", "Evidence", "Caution"), tuple(rows))


def _source(source: object) -> str:
    return ", ".join(map(str, source)) if isinstance(source, list | tuple) else str(source)


def _cell(row: _Row, name: str) -> str:
    unit = "share" if name.startswith("share") else "pounds" if name.startswith("per_") else "count"
    ends = (row[f"{name}_low"], row[f"{name}_high"])
    return estimate(row[name], *ends, lambda one: amount(one, unit))


def _written(row: _Row) -> tuple[str, str]:
    """A measure, and its interval."""
    value, low, high = (amount(row[name], str(row["unit"])) for name in ("value", "low", "high"))
    return value, span(low, high)
