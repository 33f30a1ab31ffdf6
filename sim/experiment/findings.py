"""What an answer comes to, as one table whatever was asked: each number with its interval."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sim.experiment.answer import Answer
from sim.experiment.methods.additionality import Additionality
from sim.experiment.methods.attribute import Attribution
from sim.experiment.methods.compare import Comparison

if TYPE_CHECKING:
    import pandas as pd

Row: TypeAlias = "dict[Any, Any]"
COLUMNS: Final = ("subject", "measure", "subject_label", "measure_label", "kind", "unit", "value", "low", "high")
LEVEL, CHANGE = "level", "change"
_BRIEF: Final = ("launches", "staff_moved", "cost_programme", "discounted_total")
"""The outcomes that a comparison comes to where none are asked for."""
_BLAME: Final = (
    ("recorded", "Exits recorded as its own"),
    ("but_for", "Launches gained when it alone is removed"),
    ("alone", "Launches it costs when it is the only one"),
    ("shapley", "Launches it costs: Shapley value"),
)
_CREDIT: Final = (
    ("alone", "Launches gained by it alone"),
    ("but_for", "Launches gained when it joins all others"),
    ("shapley", "Launches gained: Shapley value"),
)
_ALONG: Final = ("with_programme", "without_programme", "difference", "additional", "displaced", "share_additional")
_MOST: Final = 4
"""So many of the numbers that move the net difference most are told."""


def findings(given: Answer) -> pd.DataFrame:
    """The numbers of an answer: ``subject measure subject_label measure_label kind unit value low high``.

    ``subject`` is an alternative, a barrier or a point of a curve, ``measure`` what is told of it; the two are a key.
    ``kind`` is ``level`` or ``change``: of what is written with its sign. Intervals are at 95 %.
    """
    import pandas as pd

    result = given.result
    if isinstance(result, Comparison):
        rows = _compared(result, given)
    elif isinstance(result, Additionality):
        rows = _added(result)
    else:
        rows = _blamed(result)
    return pd.DataFrame(list(rows), columns=list(COLUMNS))


def _compared(result: Comparison, given: Answer) -> Iterator[tuple[Any, ...]]:
    asked = given.experiment.question.compare
    names = (asked.outcomes if asked else None) or _BRIEF
    kept = result.differences[result.differences["outcome"].isin(names)]
    base = kept[kept["alternative"] == result.alternatives[0].name]
    for row in _rows(base):
        yield "base", row["outcome"], result.base.label, row["label"], LEVEL, row["unit"], *_estimate(row, "base")
    for row in _rows(kept if given.frontier is None else _ranked(kept)):
        told = (row["difference"], row["low"], row["high"])
        label = result.labels[row["alternative"]]
        yield row["alternative"], row["outcome"], label, row["label"], CHANGE, row["unit"], *told
    if given.effects is not None:
        for row in _rows(given.effects[given.effects["effect"].str.contains("main|interaction")]):
            told = (row["value"], row["low"], row["high"])
            yield row["effect"], row["outcome"], row["label"], row["outcome_label"], CHANGE, row["unit"], *told
    if given.frontier is not None:
        for row in _rows(given.frontier[given.frontier["on_frontier"] & given.frontier["icer"].notna()]):
            words = "On the frontier: cost of one more launch"
            yield "frontier", row["alternative"], words, row["label"], LEVEL, "pounds", *_estimate(row, "icer")


def _ranked(differences: pd.DataFrame) -> pd.DataFrame:
    """The alternatives in the order of the launches that they add, most first."""
    launches = differences[differences["outcome"] == "launches"].set_index("alternative")["difference"]
    place = differences["alternative"].map(launches)
    return differences.loc[place.sort_values(ascending=False, kind="stable").index]


def _added(result: Additionality) -> Iterator[tuple[Any, ...]]:
    told = {row["measure"]: row for row in _rows(result.summary)}
    for measure, row in told.items():
        estimate = (row["value"], row["low"], row["high"])
        yield "summary", measure, "At the stated values", row["label"], _kind(measure), row["unit"], *estimate
    for row in _rows(result.curve):
        words = f"Leaving without it: {row['label'] or format(row['position'], '+.2g')}"
        for measure in _ALONG:
            shown = (told[measure]["label"], _kind(measure), told[measure]["unit"])
            yield f"{row['position']:+.2g}", measure, words, *shown, *_estimate(row, measure)
    most = result.tornado.sort_values("difference_swing", key=abs, ascending=False).head(_MOST)
    for row in _rows(most):
        for end in ("low", "high"):
            words = f"Launches gained, net, at the {end} end of its range"
            estimate = _estimate(row, f"difference_at_{end}")
            yield row["parameter"], f"at_{end}", row["label"], words, CHANGE, "count", *estimate


def _kind(measure: str) -> str:
    return CHANGE if measure in ("difference", "months") else LEVEL


def _blamed(result: Attribution) -> Iterator[tuple[Any, ...]]:
    whole = result.whole.iloc[0].to_dict()
    added = result.kind == "interventions"
    for measure, label in (
        ("launches", "Launches"),
        ("without", f"Launches with all of the {result.kind} {'added' if added else 'removed'}"),
        ("loss", f"Launches {'gained by' if added else 'lost to'} all of them together"),
    ):
        yield "whole", measure, "All together", label, LEVEL, "count", *_estimate(whole, measure)
    for row in _rows(result.players):
        for measure, label in _CREDIT if added else _BLAME:
            yield row["name"], measure, row["label"], label, LEVEL, "count", *_estimate(row, measure)


def _rows(frame: pd.DataFrame) -> list[Row]:
    return frame.to_dict("records")


def _estimate(row: Row, name: str) -> tuple[float, float, float]:
    return row[name], row[f"{name}_low"], row[f"{name}_high"]
