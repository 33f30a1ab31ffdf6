"""The figures and tables of what became of the same groups in two worlds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from sim.analysis.frame_rows import rows_of
from sim.report.charts.fates import FATES, flow_chart, saved_chart, shares_chart
from sim.report.document import Figure
from sim.report.table import Column, Level, Row, Table, text

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.paired.fates import Fates

_COLUMNS = (
    *(Column("Launched in both", "Both"), Column("In neither", "Neither")),
    *(Column("Only in the alternative", "Only alt."), Column("Only in the base", "Only base")),
)
_BY = {"type": "By type of group", "region": "By region", "base_cause": "By what became of them in the base"}
_WORLDS = {"only_alternative": "Groups that only the alternative has", "only_base": "Groups that only the base has"}
_TIMES = {"sooner": "Launched sooner in the alternative", "same": "At the same time", "later": "Later"}
_LIMITS = (
    "No real group can be seen in both worlds; these are the model's predictions. A group that does not exist in a "
    "world counts as not launched there."
)


def fates_figures(fates: Fates, name: str, base: str, alternative: str) -> tuple[Figure, ...]:
    """The flow from fates in the base, and shares by type and region; ``name`` begins the names of their files."""
    table = fates.table
    flow = Figure(
        f"fates_{name}",
        f"{alternative}: from loss to launch, and back",
        f"On the left is what became of the groups in the base, “{base}”; on the right is whether they launch in the "
        f"alternative, “{alternative}”. The thicker a ribbon, the more groups it stands for, in one history on "
        "average. Green are those saved.",
        _LIMITS,
        partial(flow_chart, table),
        (_with_all(table, "base_cause"), timing_table(fates)),
    )
    figures = [flow]
    if (table["by"].eq("base_cause") & table["only_alternative"].gt(0)).any():
        shows = "Groups that launch only in the alternative, by what they were lost to in the base; with 95% intervals."
        title = f"{alternative}: groups saved, by what they were lost to"
        figures.append(Figure(f"saved_{name}", title, shows, _LIMITS, partial(saved_chart, table)))
    for by, words in (("type", "by type"), ("region", "by region")):
        rows = table[table["by"].eq(by)]
        if len(rows) > 1:
            shows = (
                "The share of all groups of a kind that launches in both worlds, or in only one of them. The rest "
                "launch in neither."
            )
            title = f"{alternative}: fates {words}"
            draw = partial(shares_chart, rows)
            figures.append(Figure(f"fates_{name}_{by}", title, shows, _LIMITS, draw, (_with_all(table, by),)))
    return tuple(figures)


def all_fates_figure(fates: Mapping[str, Fates], labels: Mapping[str, str]) -> Figure:
    """The share of all groups that launches in the base, in the alternative or in both: a bar an alternative."""
    import pandas as pd

    rows = [pair.table[pair.table["by"].eq("all")].assign(label=labels[name]) for name, pair in fates.items()]
    frame = pd.concat(rows, ignore_index=True).sort_values("only_alternative", ascending=False, kind="stable")
    return Figure(
        "fates",
        "Saved and lost, by alternative",
        "The share of all groups that launches in both worlds, or in only one of them: those saved, and those lost, "
        "under each alternative. The rest launch in neither.",
        _LIMITS,
        partial(shares_chart, frame),
        (by_table(frame, "By alternative"),),
    )


def by_table(rows: pd.DataFrame, caption: str) -> Table:
    """Some rows of the table of :class:`sim.analysis.paired.fates.Fates`."""
    cells: list[Row] = [
        (str(row["label"]), *(Level(row[fate], row[f"{fate}_low"], row[f"{fate}_high"]) for fate in FATES))
        for row in rows_of(rows)
    ]
    return Table(caption, (text("Groups in one history"), *_COLUMNS), tuple(cells))


def _with_all(table: pd.DataFrame, by: str) -> Table:
    """The fates by one criterion, with all groups last."""
    import pandas as pd

    return by_table(pd.concat([table[table["by"].eq(by)], table[table["by"].eq("all")]]), _BY[by])


def timing_table(fates: Fates) -> Table:
    """Of those launched in both worlds: sooner or later, and by how much; and the groups that one world lacks."""
    rows: list[Row] = []
    for row in rows_of(fates.timing):
        rows.append(("Launched in both worlds", Level(row["groups"], row["low"], row["high"])))
        rows += [
            (label, Level(row[kind], row[f"{kind}_low"], row[f"{kind}_high"], "share"))
            for kind, label in _TIMES.items()
        ]
        months = Level(row["months"], row["months_low"], row["months_high"], "count")
        rows.append(("Months later on average (below 0: sooner)", months))
    for row in rows_of(fates.brought):
        groups = Level(row["groups"], row["low"], row["high"])
        rows.append((_WORLDS.get(row["world"], str(row["world"])), groups))
    return Table("Sooner or later", (text("In one history, on average"), Column("Value (95% interval)")), tuple(rows))
