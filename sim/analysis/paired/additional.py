"""What a programme added: launches with it and without it, group by group.

Groups are the same in both worlds, so each launch belongs to one of four kinds:

- *additional*: launched with the programme, and not without it;
- *deadweight*: launched by a route of the programme, and would have launched without it;
- *outside*: launched in both worlds, and by no route of the programme;
- *displaced*: launched without the programme, and not with it.

Shares are of the launches that the programme can claim, the additional and the deadweight, unless they say otherwise.
To try is not to launch: of those launches more groups *would have tried* without the programme than would have
launched. A replication is a cluster: a count is a mean over replications with Student's interval, a share or a cost per
launch a ratio of means with Fieller's (`sim.analysis.intervals`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from sim.analysis.intervals import LEVEL, mean_interval, ratio_interval, share_interval
from sim.analysis.register import ADDITIONALITY, Outcome, Terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]


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


def summary(tallies: pd.DataFrame) -> pd.DataFrame:
    """Everything that is said of a tally, one row a measure: ``measure label unit value low high``."""
    rows = [
        (measure.name, measure.label, measure.unit, *_estimate(tallies, measure)) for measure in ADDITIONALITY.values()
    ]
    return pd.DataFrame(rows, columns=["measure", "label", "unit", "value", "low", "high"])


def curve_point(tallies: pd.DataFrame) -> dict[str, float]:
    """A tally as a point of a curve: for each measure ``X`` the columns ``X X_low X_high``."""
    return {name: value for measure in _ON_THE_CURVE for name, value in estimate(tallies, measure).items()}


def estimate(tallies: pd.DataFrame, measure: str, name: str | None = None) -> dict[str, float]:
    """One measure as three columns, called ``name`` where it is given."""
    value, low, high = _estimate(tallies, ADDITIONALITY[measure])
    called = name or measure
    return {called: value, f"{called}_low": low, f"{called}_high": high}


def _estimate(tallies: pd.DataFrame, measure: Outcome) -> tuple[float, float, float]:
    """A mean with Student's interval, or a ratio of means with Fieller's; no ratio to what is not above 0 on average.

    The bounds of a part of a whole are kept between 0 and 1; what may be below 0 is no part.
    """
    over = _sum(tallies, measure.over)
    if not measure.under:
        return float(over.mean()), *mean_interval(over)
    under = _sum(tallies, measure.under)
    if not under.mean() > 0.0:
        return math.nan, math.nan, math.nan
    is_part = measure.unit == "share" and all(sign > 0 for sign, _ in measure.over)
    return share_interval(over, under) if is_part else ratio_interval(over, under)


def _sum(tallies: pd.DataFrame, terms: Terms) -> Numbers:
    first, *others = (sign * tallies[name].to_numpy(dtype=np.float64) for sign, name in terms)
    return sum(others, first)


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
