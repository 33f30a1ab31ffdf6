"""What a programme added: launches with it and without it, group by group.

Groups are the same in both worlds, so each launch belongs to one of four kinds:

- *additional*: launched with the programme, and not without it;
- *deadweight*: launched by a route of the programme, and would have launched without it;
- *outside*: launched in both worlds, and by no route of the programme;
- *displaced*: launched without the programme, and not with it.

Shares are of the launches that the programme can claim, the additional and the deadweight, unless they say otherwise.
To set out is not to arrive: of those launches more groups *would have tried* without the programme than would have
launched. A replication is a cluster: a count is a mean over replications with Student's interval, a share or a cost per
launch a ratio of means with Fieller's (`sim.analysis.intervals`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from sim.analysis.intervals import LEVEL, mean_interval, ratio_interval, share_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Measure:
    """Something that is told of a tally: its name, its label for people, its unit, and how it is estimated."""

    name: str
    label: str
    unit: str
    estimate: Callable[[pd.DataFrame], tuple[float, float, float]]


def _mean(of: Callable[[pd.DataFrame], pd.Series]) -> Callable[[pd.DataFrame], tuple[float, float, float]]:
    def estimate(tallies: pd.DataFrame) -> tuple[float, float, float]:
        values = of(tallies).to_numpy(dtype=np.float64)
        return float(values.mean()), *mean_interval(values)

    return estimate


def _ratio(
    of: Callable[[pd.DataFrame], pd.Series],
    by: Callable[[pd.DataFrame], pd.Series],
    interval: Callable[[Numbers, Numbers], tuple[float, float, float]],
) -> Callable[[pd.DataFrame], tuple[float, float, float]]:
    return lambda tallies: interval(of(tallies).to_numpy(dtype=np.float64), by(tallies).to_numpy(dtype=np.float64))


def _if_gained(cost: Numbers, gained: Numbers) -> tuple[float, float, float]:
    """The cost of one of what is gained; nothing where nothing is."""
    return ratio_interval(cost, gained) if gained.mean() > 0.0 else (math.nan, math.nan, math.nan)


def _with(one: pd.DataFrame) -> pd.Series:
    return one["additional"] + one["deadweight"] + one["outside"]


def _without(one: pd.DataFrame) -> pd.Series:
    return one["displaced"] + one["deadweight"] + one["outside"]


def _net(one: pd.DataFrame) -> pd.Series:
    return one["additional"] - one["displaced"]


def _claimed(one: pd.DataFrame) -> pd.Series:
    return one["additional"] + one["deadweight"]


def _both(one: pd.DataFrame) -> pd.Series:
    return one["deadweight"] + one["outside"]


def _programme(one: pd.DataFrame) -> pd.Series:
    return one["programme_with"] - one["programme_without"]


def _total(one: pd.DataFrame) -> pd.Series:
    return one["total_with"] - one["total_without"]


def _column(name: str) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda one: one[name]


def _counts(*several: tuple[str, str]) -> tuple[Measure, ...]:
    return tuple(Measure(name, label, "count", _mean(_column(name))) for name, label in several)


MEASURES: Final = (
    Measure("with_programme", "Launches with the programme", "count", _mean(_with)),
    Measure("without_programme", "Launches without it", "count", _mean(_without)),
    Measure("difference", "Launches gained, net", "count", _mean(_net)),
    *_counts(
        ("additional", "Additional: launched with it only"),
        ("deadweight", "Deadweight: launched by the programme, and without it too"),
        ("outside", "Outside: launched in both worlds, not by the programme"),
        ("displaced", "Displaced: launched without it only"),
    ),
    Measure(
        "share_additional",
        "Share additional, of the programme's launches",
        "share",
        _ratio(_column("additional"), _claimed, share_interval),
    ),
    Measure(
        "share_deadweight",
        "Share deadweight, of the programme's launches",
        "share",
        _ratio(_column("deadweight"), _claimed, share_interval),
    ),
    Measure(
        "share_would_try",
        "Share that would have tried without it, of the programme's launches",
        "share",
        _ratio(_column("would_try"), _claimed, share_interval),
    ),
    Measure("share_net", "Share gained, net, of all launches with it", "share", _ratio(_net, _with, ratio_interval)),
    Measure(
        "share_displaced",
        "Share displaced, of the launches without it",
        "share",
        _ratio(_column("displaced"), _without, share_interval),
    ),
    *_counts(
        ("sooner", "Launched in both, sooner with the programme"),
        ("same", "Launched in both, at the same time"),
        ("later", "Launched in both, later with the programme"),
    ),
    Measure("months", "Months later with the programme", "months", _ratio(_column("months"), _both, ratio_interval)),
    Measure(
        "per_additional",
        "Programme cost per additional launch",
        "pounds",
        _ratio(_programme, _column("additional"), ratio_interval),
    ),
    Measure("per_net", "Programme cost per launch gained, net", "pounds", _ratio(_programme, _net, _if_gained)),
    Measure("total_per_net", "Cost to all per launch gained, net", "pounds", _ratio(_total, _net, _if_gained)),
)
_ON_THE_CURVE: Final = (
    "with_programme",
    "without_programme",
    "difference",
    "additional",
    "deadweight",
    "outside",
    "displaced",
    "share_additional",
    "share_deadweight",
    "share_would_try",
    "share_net",
    "share_displaced",
    "per_additional",
    "per_net",
)
_BY_NAME: Final = {measure.name: measure for measure in MEASURES}


def summary(tallies: pd.DataFrame) -> pd.DataFrame:
    """Everything that is told of a tally, one row a measure: ``measure label unit value low high``."""
    rows = [(one.name, one.label, one.unit, *one.estimate(tallies)) for one in MEASURES]
    return pd.DataFrame(rows, columns=["measure", "label", "unit", "value", "low", "high"])


def point(tallies: pd.DataFrame) -> dict[str, float]:
    """A tally as a point of a curve: for each measure ``X`` the columns ``X X_low X_high``."""
    return {name: value for one in _ON_THE_CURVE for name, value in estimated(tallies, one).items()}


def estimated(tallies: pd.DataFrame, measure: str, name: str | None = None) -> dict[str, float]:
    """One measure as three columns, called ``name`` where it is given."""
    value, low, high = _BY_NAME[measure].estimate(tallies)
    called = name or measure
    return {called: value, f"{called}_low": low, f"{called}_high": high}


def swing(low: pd.DataFrame, high: pd.DataFrame) -> dict[str, float]:
    """What one tally has more than another, paired by replication: of the share additional, and of the net difference.

    The columns are ``swing swing_low swing_high`` and ``difference_swing`` likewise. The interval of the first is
    Student's of the difference of the linearised ratios (Cochran 1977, Sampling Techniques, 3rd ed., section 6.4); of
    tallies that are equal the width is zero.
    """
    both = low.merge(high, on="replication", suffixes=("_a", "_b"))
    before, after = (
        both[[f"{name}_{side}" for name in ("additional", "deadweight", "displaced")]].to_numpy(dtype=np.float64)
        for side in "ab"
    )
    share = _share(after) - _share(before)
    around = mean_interval(_linear(after) - _linear(before), LEVEL)
    net = (after[:, 0] - after[:, 2]) - (before[:, 0] - before[:, 2])
    low_net, high_net = mean_interval(net, LEVEL)
    return {
        "swing": share,
        "swing_low": share + around[0],
        "swing_high": share + around[1],
        "difference_swing": float(net.mean()),
        "difference_swing_low": low_net,
        "difference_swing_high": high_net,
    }


def _share(kinds: Numbers) -> float:
    claimed = float(kinds[:, :2].sum())
    return float(kinds[:, 0].sum()) / claimed if claimed else math.nan


def _linear(kinds: Numbers) -> Numbers:
    """What each replication adds to the error of the share, on average 0."""
    claimed = kinds[:, :2].sum(axis=1)
    if not claimed.any():
        return np.full(len(kinds), math.nan)
    return np.asarray((kinds[:, 0] - _share(kinds) * claimed) / claimed.mean(), dtype=np.float64)
