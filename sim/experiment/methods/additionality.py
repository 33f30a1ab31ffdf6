"""Additionality: what a programme added, over all that is thought possible of leaving without it.

How easily groups would have left without the programme is not identified by the evidence, so the answer is a range. A
*curve* moves all of those numbers together, from the end at which leaving without is hardest (position -1) by the
stated values (0) to the end at which it is easiest (+1). A *tornado* moves one number at a time. Both worlds are run at
every point, with the same replications and the same luck.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sim.errors import InputError
from sim.experiment.methods.additionality_ranges import Range, overrides, ranges
from sim.experiment.points import counted
from sim.experiment.study import Study, run_arms
from sim.experiment.worlds import World
from sim.scenario.load import changed

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.paired.fates import Fates
    from sim.store.results import Results

_SOURCE: Final = "5.1"
_REPORTED: Final = (
    ("additional", "Wholly additional, as recipients report it", 0.35),
    ("in_part", "Additional in part, as recipients report it", 0.37),
    ("deadweight", "Deadweight, as recipients report it", 0.28),
)


@dataclass(frozen=True)
class Additionality:
    """What a programme added. A measure ``X`` stands in three columns, ``X X_low X_high``, at 95 %.

    - ``summary``, at the stated values, one row a measure: ``measure label unit value low high``;
    - ``curve``, one row a point: ``position label`` and the measures;
    - ``tornado``, one row a number, the largest swing first: ``parameter label better low_value stated_value
      high_value``, the measures ``share_at_low share_at_high swing`` (of the share additional) and ``difference_at_low
      difference_at_high difference_swing`` (of the net difference);
    - ``reported``: ``measure label share source caution``, the shares that recipients of a fund reported;
    - ``parameters``: ``parameter label better worst stated best source``, what is moved along the curve;
    - ``fates``: what became of the groups, base without the programme; ``results`` of both worlds by name.

    The measures are those of `sim.analysis.paired.additional`.
    """

    with_programme: World
    without_programme: World
    study: Study
    results: Mapping[str, Results]
    summary: pd.DataFrame
    curve: pd.DataFrame
    tornado: pd.DataFrame
    reported: pd.DataFrame
    parameters: pd.DataFrame
    fates: Fates


@dataclass(frozen=True)
class _Pair:
    """The two worlds, and how they are counted."""

    with_: World
    without: World
    programme: frozenset[str]
    study: Study

    def at(self, name: str, moved: Mapping[str, str]) -> pd.DataFrame:
        """The tally with numbers moved to texts, by path."""
        with_, without = (_moved(one, moved) for one in (self.with_, self.without))
        return counted(name, with_, without, self.programme, self.study)


def _moved(world: World, moved: Mapping[str, str]) -> World:
    return replace(world, loaded=changed(world.loaded, overrides(world, moved))) if moved else world


def additionality(with_programme: World, without_programme: World, study: Study, points: int = 9) -> Additionality:
    """Count what a programme added, at the stated values and over the ranges of leaving without it.

    ``points`` on the curve, an odd number. Raises `InputError` where the worlds are not a programme and its absence.
    """
    from sim.analysis.paired.additional import summary
    from sim.analysis.paired.fates import fates

    if study.cluster is not None:
        raise InputError("an additionality runs on one machine, not on a cluster")
    pair = _Pair(with_programme, without_programme, _programme(with_programme, without_programme), study)
    moved = ranges(with_programme, without_programme)
    results = run_arms((with_programme, without_programme), study)
    stated = pair.at("stated", {})
    return Additionality(
        with_programme,
        without_programme,
        study,
        results,
        summary(stated),
        _curve(pair, moved, points),
        _tornado(pair, moved),
        _reported(),
        _parameters(moved),
        fates(results[without_programme.name], results[with_programme.name]),
    )


def _programme(with_: World, without: World) -> frozenset[str]:
    """The routes of the programme: those that are open in the world with it alone."""
    here, there = (
        {name for name, route in one.loaded.scenario.routes.items() if route.enabled} for one in (with_, without)
    )
    if not here - there or not here & there:
        raise InputError(
            f"{with_.name} and {without.name} are no programme and its absence: expected a route that only the first "
            "has, and one that both have"
        )
    return frozenset(here - there)


def _curve(pair: _Pair, moved: Sequence[Range], points: int) -> pd.DataFrame:
    import pandas as pd

    from sim.analysis.paired.additional import point

    if points < 3 or points % 2 == 0:
        raise InputError(f"{points} points on the curve, expected an odd number from 3 on")
    half = points // 2
    labels = {-half: "worst", 0: "as stated", half: "best"}
    rows: list[dict[str, Any]] = []
    for step in range(-half, half + 1):
        found = pair.at(f"curve_{step + half}", {one.path: one.at(step / half) for one in moved})
        rows.append({"position": step / half, "label": labels.get(step, ""), **point(found)})
    return pd.DataFrame(rows)


def _tornado(pair: _Pair, moved: Sequence[Range]) -> pd.DataFrame:
    import pandas as pd

    from sim.analysis.paired.additional import estimated, swing

    rows: list[dict[str, Any]] = []
    for number, one in enumerate(moved):
        low, high = (
            pair.at(f"alone_{number}_{end}", {one.path: text}) for end, text in (("low", one.low), ("high", one.high))
        )
        told: dict[str, Any] = {"parameter": one.path, "label": one.label, "better": one.better}
        told.update(low_value=one.low, stated_value=one.value, high_value=one.high)
        for end, found in (("low", low), ("high", high)):
            told |= estimated(found, "share_additional", f"share_at_{end}")
            told |= estimated(found, "difference", f"difference_at_{end}")
        rows.append(told | swing(low, high))
    table = pd.DataFrame(rows)
    if not rows:
        return table
    return table.sort_values("swing", key=abs, ascending=False, kind="stable", ignore_index=True)


def _parameters(moved: Sequence[Range]) -> pd.DataFrame:
    import pandas as pd

    columns = ["parameter", "label", "better", "worst", "stated", "best", "source"]
    rows = [(one.path, one.label, one.better, one.worst, one.value, one.best, one.source) for one in moved]
    return pd.DataFrame(rows, columns=columns)


def _reported() -> pd.DataFrame:
    """What recipients of the fund said of themselves, with the caution of the evidence."""
    import pandas as pd

    from sim.scenario.evidence import evidence_table

    caution = " ".join(evidence_table()[_SOURCE].caution.split())
    rows = [(measure, label, share, _SOURCE, caution) for measure, label, share in _REPORTED]
    return pd.DataFrame(rows, columns=["measure", "label", "share", "source", "caution"])
