"""Two changes tried alone and together: their effects, and whether together they do more than the sum of the two.

A 2 x 2 factorial experiment (Montgomery 2017, Design and Analysis of Experiments, 9th ed., chapter 5), paired by
replication: each effect is a contrast of the four worlds within a replication, with Student's interval over those.
Ratios enter by their linearised values (`sim.analysis.paired.differences`).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.analysis.intervals import mean_interval
from sim.analysis.outcomes import outcomes
from sim.analysis.paired.differences import paired_differences
from sim.analysis.reading import Reading
from sim.analysis.register import Outcome

if TYPE_CHECKING:
    import pandas as pd

    from sim.store.results import Results

_CONTRASTS: Final = (
    ("first", "{0} alone", (1.0, 0.0, 0.0)),
    ("second", "{1} alone", (0.0, 1.0, 0.0)),
    ("both", "Both", (0.0, 0.0, 1.0)),
    ("main_first", "{0}, averaged over {1} off and on", (0.5, -0.5, 0.5)),
    ("main_second", "{1}, averaged over {0} off and on", (-0.5, 0.5, 0.5)),
    ("interaction", "Both, less the sum of each alone", (-1.0, -1.0, 1.0)),
)
"""Each effect as weights of first, second and both, each as its difference from the base."""


def effects(
    base: Results,
    first: Results,
    second: Results,
    both: Results,
    labels: tuple[str, str],
    reading: Reading,
    names: Collection[str],
) -> pd.DataFrame:
    """The effects of two changes, one row an outcome and effect: ``outcome outcome_label unit better effect label value
    low high``.

    ``effect`` is ``first``, ``second`` or ``both`` (against the base), ``main_first`` or ``main_second`` (averaged over
    the other being off and on), or ``interaction``: what both do beyond the sum of each alone. Raises `InputError` for
    an unknown outcome.
    """
    import pandas as pd

    paired = paired_differences(base, {"first": first, "second": second, "both": both}, reading, names)
    by_name: dict[str, Outcome] = {}
    for world in (base, first, second, both):
        by_name |= outcomes(world.facts, reading)
    rows = []
    for name, differences in paired.items():
        outcome = by_name[name]
        for effect, label, weights in _CONTRASTS:
            values = np.asarray(weights) @ differences
            estimate = (float(values.mean()), *mean_interval(values))
            rows.append((name, outcome.label, outcome.unit, outcome.better, effect, label.format(*labels), *estimate))
    columns = ["outcome", "outcome_label", "unit", "better", "effect", "label", "value", "low", "high"]
    return pd.DataFrame(rows, columns=columns)
