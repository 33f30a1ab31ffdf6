"""The figures and tables of what became of the same groups in two worlds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from sim.report.charts.fates import FATES, flow_chart, saved_chart, shares_chart
from sim.report.document import Figure
from sim.report.format import amount, estimate, number, percent
from sim.report.frames import records
from sim.report.tables import Table, interval_words

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.paired.fates import Fates

_HEADS = ("Both", "Neither", "Only in the alternative", "Only in the base")
_BY = {"type": "Type of group", "region": "Region", "base_cause": "What became of it in the base"}
_WORLDS = {"only_alternative": "Groups that only the alternative has", "only_base": "Groups that only the base has"}
_TIMES = {"sooner": "Launched sooner in the alternative", "same": "At the same time", "later": "Later"}
_LIMITS = (
    "A group that is saved was in one world only, so nobody could have met it: these are what the model would have "
    "happen to it. A group that a world does not have counts as not launched there."
)


def fates_figures(fates: Fates, name: str, base: str, alternative: str) -> tuple[Figure, ...]:
    """The flow from fates in the base, and shares by type and region; ``name`` begins the names of their files."""
    table = fates.table
    told = (
        ("By what became of it in the base", by_table(table, "base_cause")),
        ("Sooner or later", timing_table(fates)),
    )
    shows = (
        f"On the left what became of the groups in the base, “{base}”; on the right whether they launch in the "
        f"alternative, “{alternative}”. A "
        "ribbon is as thick as its groups are many, in one history on average; green are those saved."
    )
    title = f"{alternative}: from loss to launch, and back"
    found = [Figure(f"fates_{name}", title, shows, _LIMITS, partial(flow_chart, table), told)]
    if (table["by"].eq("base_cause") & table["only_alternative"].gt(0)).any():
        whence = (
            "Groups that launch in the alternative only, by what had ended their way in the base; lines are intervals."
        )
        head = f"{alternative}: those saved, by what they were lost to"
        found.append(Figure(f"saved_{name}", head, whence, _LIMITS, partial(saved_chart, table), ()))
    for by, head in (("type", "by type"), ("region", "by region")):
        rows = table[table["by"].eq(by)]
        if len(rows) > 1:
            parts = (
                "Of all groups of a kind the share that launches in both worlds, or in one of them only. The rest "
                "launch in neither."
            )
            draw = partial(shares_chart, rows)
            title = f"{alternative}: fates {head}"
            found.append(Figure(f"fates_{name}_{by}", title, parts, _LIMITS, draw, ((_BY[by], by_table(table, by)),)))
    return tuple(found)


def all_fates_figure(fates: Mapping[str, Fates], labels: Mapping[str, str]) -> Figure:
    """Of all groups the share that launches in the base, in the alternative or in both: a bar an alternative."""
    import pandas as pd

    rows = [one.table[one.table["by"].eq("all")].assign(label=labels[name]) for name, one in fates.items()]
    frame = pd.concat(rows, ignore_index=True).sort_values("only_alternative", ascending=False, kind="stable")
    shows = (
        "Of all groups the share that launches in both worlds, or in one of them only: those saved, and those lost, by "
        "each alternative. The rest launch in neither."
    )
    tables = (("Alternative", by_table(frame, "all")),)
    return Figure("fates", "Saved and lost, by alternative", shows, _LIMITS, partial(shares_chart, frame), tables)


def by_table(table: pd.DataFrame, by: str) -> Table:
    """The fates by one criterion, with all groups last."""
    rows = [row for wanted in dict.fromkeys((by, "all")) for row in records(table[table["by"].eq(wanted)])]
    cells = [
        (str(row["label"]), *(interval_words(row, number, fate, f"{fate}_low", f"{fate}_high") for fate in FATES))
        for row in rows
    ]
    return Table((_BY.get(by, "Alternative"), *_HEADS), tuple(cells))


def timing_table(fates: Fates) -> Table:
    """Of those launched in both worlds: sooner or later, and by how much; and the groups that one world lacks."""
    rows = []
    for row in records(fates.timing):
        rows.append(("Launched in both worlds", estimate(row["groups"], row["low"], row["high"], number)))
        rows += [(label, _of(row, kind)) for kind, label in _TIMES.items()]
        months = estimate(row["months"], row["months_low"], row["months_high"], lambda one: amount(one, "count"))
        rows.append(("Months later on average (below 0: sooner)", months))
    for row in records(fates.brought):
        groups = estimate(row["groups"], row["low"], row["high"], number)
        rows.append((_WORLDS.get(row["world"], str(row["world"])), groups))
    return Table(("In one history, on average", "Value"), tuple(rows))


def _of(row: dict[str, float], kind: str) -> str:
    return estimate(row[kind], row[f"{kind}_low"], row[f"{kind}_high"], percent)
