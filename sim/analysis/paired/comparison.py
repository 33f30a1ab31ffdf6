"""Worlds compared: differences paired by replication, with intervals for each and for all alternatives together.

How worlds are paired and ratios linearised is told in :mod:`sim.analysis.paired.differences`, where critical values
come from in :mod:`sim.analysis.critical`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.analysis.critical import pointwise_critical
from sim.analysis.intervals import LEVEL, mean_interval, proportion_interval, ratio_interval
from sim.analysis.outcomes import occurring_names, select_names
from sim.analysis.paired.differences import Family, Sample, Yardstick, families, paired_differences
from sim.analysis.reading import Reading
from sim.errors import InputError
from sim.scenario.vocabulary import PAYER_LABELS, TOTAL

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from sim.store.results import Results

    Numbers = NDArray[np.float64]

_PART: Final = 0.01
"""Where no precision is stated, this share of the base's value."""
_NAN: Final = math.nan


COLUMNS: Final = (
    *("outcome", "label", "unit", "better", "n", "base", "base_low", "base_high", "alt", "alt_low", "alt_high"),
    *("difference", "low", "high", "family_low", "family_high", "relative", "relative_low", "relative_high"),
    *("p_better", "p_better_low", "p_better_high", "p_equal", "histories", "correlation", "sd"),
    *("variance_unpaired", "variance_ratio", "precision", "needed", "method"),
)
"""The columns of :func:`differences` after ``alternative``.

``outcome label unit better``
    As in :class:`sim.analysis.outcomes.Outcome`.
``n``
    The replications that all worlds have; the others are left out.
``base alt``
    The outcome in either world, with its own interval: Student's, or Fieller's for a ratio.
``difference``
    Alternative minus base. ``low high`` is its interval alone, ``family_low family_high`` the one that holds for all
    alternatives at once, ``method`` says how both were made.
``relative``
    The difference over the base, with Fieller's interval; no bounds where the interval of the base includes 0.
``p_better p_equal``
    The chance that a single history is better or equal, over the ``histories`` in which both are defined; Wilson's
    interval.
``correlation``
    Of the two worlds over replications.
``sd``
    Standard deviation of the difference in one replication.
``variance_unpaired variance_ratio``
    The variance that the difference would have with independent replications, and how many times more that is.
``precision needed``
    A half-width in the outcome's unit (1 % of the base's value where none is stated), and the replications needed for
    it at the simultaneous level.
"""


def differences(
    base: Results,
    alternatives: Mapping[str, Results],
    reading: Reading,
    names: Collection[str] | None = None,
    precision: Mapping[str, float] | None = None,
    pilot: int | None = None,
    level: float = LEVEL,
) -> pd.DataFrame:
    """Every alternative against the base, paired by replication: one row an alternative and outcome.

    :data:`COLUMNS` says what the columns are. Without ``names`` all outcomes, of causes those that occurred in a world.
    ``precision`` is an absolute half-width by outcome. With a ``pilot``, the replications numbered below it, outcomes
    with a stated precision get Stein's two-stage interval: spread and critical value are those of the pilot
    (:func:`needed`). What is not defined is NaN. Raises `InputError` for an unknown outcome or a precision that is not
    above 0.
    """
    import pandas as pd

    worlds = [base, *alternatives.values()]
    settled = reading.for_world(base.facts)
    stated = dict(precision or {})
    _check(stated, worlds, settled)
    facts = [world.facts for world in worlds]
    wanted = occurring_names(worlds, settled) if names is None else select_names(names, facts, settled)
    rows: list[list[dict[str, Any]]] = [[] for _ in alternatives]
    for family in families(worlds, settled, wanted):
        aim = stated.get(family.outcome.name)
        yardstick = _two_stages(family, pilot, level) if aim is not None and pilot else family.yardstick(level)
        for place, name in enumerate(alternatives):
            rows[place].append({"alternative": name, **_row(family, place, yardstick, aim, level)})
    return pd.DataFrame([row for some in rows for row in some], columns=["alternative", *COLUMNS])


def replications_needed(
    base: Results, alternatives: Mapping[str, Results], reading: Reading, precision: Mapping[str, float], pilot: int
) -> int:
    """How many replications make the half-width of every difference at most the ``precision`` of its outcome.

    Judged by the replications numbered below ``pilot``; intervals at the simultaneous level of :func:`differences`, to
    which the same ``precision`` and ``pilot`` are to be given afterwards. Allows for as many failures as the pilot had.
    Raises `InputError` where an outcome is not defined in the pilot, and as :func:`differences`.
    """
    worlds = [base, *alternatives.values()]
    settled = reading.for_world(base.facts)
    _check(precision, worlds, settled)
    most = pilot
    for family in families(worlds, settled, list(precision)):
        name, first = family.outcome.name, family.first(pilot)
        yardstick, n = first.yardstick(LEVEL), len(first.numbers)
        for sd in yardstick.sd:
            if math.isnan(sd) or (sd > 0 and not math.isfinite(yardstick.together)):
                raise InputError(f"{pilot} replications are too few to judge the precision of {name}")
            enough = needed(float(sd), precision[name], n, yardstick.together)
            most = max(most, math.ceil(enough * pilot / n))
    return most


def needed(sd: float, half_width: float, pilot: int, critical: float | None = None) -> int:
    """The number of replications of Stein's two-stage procedure (1945, Annals of Mathematical Statistics 16:243-258).

    max(pilot, ceil((critical x sd / half_width)^2)), where ``sd`` is the standard deviation in the pilot and
    ``critical`` a two-sided critical value with its degrees of freedom, pilot - 1 (None: Student's). The interval mean
    -+ critical x sd / sqrt(number), its mean over all replications and its sd the pilot's, then is no wider than asked
    and has exactly the stated coverage for normal differences, as the mean is independent of the pilot's sd.
    """
    if sd == 0:
        return pilot
    value = pointwise_critical(pilot - 1) if critical is None else critical
    return max(pilot, math.ceil((value * sd / half_width) ** 2))


def _check(precision: Mapping[str, float], worlds: Sequence[Results], reading: Reading) -> None:
    select_names(list(precision), [world.facts for world in worlds], reading)
    for name, width in precision.items():
        if not (math.isfinite(width) and width > 0):
            raise InputError(f"the precision of {name} is {width}, expected a half-width above 0 in the outcome's unit")


def _two_stages(family: Family, pilot: int, level: float) -> Yardstick:
    """The pilot's yardstick, unless a difference that never varied in it has varied since."""
    first = family.first(pilot).yardstick(level)
    if np.any(first.sd == 0):
        whole = family.yardstick(level)
        if np.any(whole.sd[first.sd == 0] > 0):
            return whole
    return replace(first, method=f"Stein, two stages, {first.method}")


def _row(family: Family, place: int, yardstick: Yardstick, aim: float | None, level: float) -> dict[str, Any]:
    base, alt, outcome = family.base, family.others[place], family.outcome
    mine, theirs = alt.parts(), base.parts()
    paired, n = mine - theirs, len(mine)
    difference, sd = alt.value - base.value, float(yardstick.sd[place])
    error = sd / math.sqrt(n) if n else _NAN
    width = abs(base.value) * _PART if aim is None else aim
    return {
        "outcome": outcome.name,
        "label": outcome.label,
        "unit": outcome.unit,
        "better": outcome.better,
        "n": n,
        **_estimate("base", base.value, base.interval(level)),
        **_estimate("alt", alt.value, alt.interval(level)),
        "difference": difference,
        **_bounds("", _around(difference, error, float(yardstick.alone[place]))),
        **_bounds("family_", _around(difference, error, yardstick.together)),
        **_relative(paired, theirs, level),
        **_chances(alt, base, level),
        **_spread(mine, theirs, paired),
        "precision": width,
        "needed": _enough(sd, width, yardstick),
        "method": yardstick.method,
    }


def _estimate(name: str, value: float, bounds: tuple[float, float]) -> dict[str, float]:
    return {name: value, **_bounds(f"{name}_", bounds)}


def _bounds(prefix: str, bounds: tuple[float, float]) -> dict[str, float]:
    return {f"{prefix}low": bounds[0], f"{prefix}high": bounds[1]}


def _around(centre: float, error: float, critical: float) -> tuple[float, float]:
    """The centre -+ critical x error; NaN where no bounded interval exists."""
    if error == 0:
        return centre, centre
    half = critical * error
    return (centre - half, centre + half) if math.isfinite(half) else (_NAN, _NAN)


def _enough(sd: float, width: float, yardstick: Yardstick) -> float:
    """Replications for a half-width at the simultaneous level; NaN where that cannot be judged."""
    if sd == 0:
        return 2.0
    with np.errstate(all="ignore"):
        number = float(np.square(np.divide(yardstick.together * sd, width)))
    return max(2.0, math.ceil(number)) if math.isfinite(number) else _NAN


def _relative(paired: Numbers, base: Numbers, level: float) -> dict[str, float]:
    """The difference over the base; NaN bounds where the interval of the base includes 0."""
    if not np.isfinite(paired).all():
        return _estimate("relative", _NAN, (_NAN, _NAN))
    ratio, low, high = ratio_interval(paired, base, level)
    return _estimate("relative", ratio, (low, high))


def _chances(alt: Sample, base: Sample, level: float) -> dict[str, float]:
    """The chance that a history of the alternative is better, with its interval, that it is equal, and of how many."""
    mine, theirs = alt.histories(), base.histories()
    defined = ~np.isnan(mine) & ~np.isnan(theirs)
    mine, theirs, n = mine[defined], theirs[defined], int(defined.sum())
    equal = float(np.mean(mine == theirs)) if n else _NAN
    better = _estimate("p_better", _NAN, (_NAN, _NAN))
    if n and alt.outcome.better != "neither":
        wins = int((mine > theirs).sum() if alt.outcome.better == "more" else (mine < theirs).sum())
        better = _estimate("p_better", wins / n, proportion_interval(wins, n, level))
    return {**better, "p_equal": equal, "histories": n}


def _spread(alt: Numbers, base: Numbers, paired: Numbers) -> dict[str, float]:
    """Correlation, standard deviation of the difference, variance without pairing, and how many times more that is."""
    if len(paired) < 2:
        return dict.fromkeys(("correlation", "sd", "variance_unpaired", "variance_ratio"), _NAN)
    var_alt, var_base, var_paired = (float(values.var(ddof=1)) for values in (alt, base, paired))
    product = math.sqrt(var_alt * var_base)
    correlation = (var_alt + var_base - var_paired) / (2 * product) if product else _NAN
    unpaired = var_alt + var_base
    return {
        "correlation": min(max(correlation, -1.0), 1.0),
        "sd": math.sqrt(var_paired),
        "variance_unpaired": unpaired,
        "variance_ratio": unpaired / var_paired if var_paired else (math.inf if unpaired else _NAN),
    }


def additional_costs(
    base: Results, alternatives: Mapping[str, Results], reading: Reading, level: float = LEVEL
) -> pd.DataFrame:
    """What an additional launch costs: the difference of costs over the difference of launches, as in replications.

    ``alternative money payer label cost cost_low cost_high launches launches_low launches_high per_launch
    per_launch_low per_launch_high bounded``. ``money`` is ``undiscounted`` (every payer and ``total``) or
    ``discounted`` (the programme and the total, by the reading). The interval of the ratio is Fieller's on the paired
    differences; where the interval of the launches includes 0 none is bounded: NaN bounds, ``bounded`` False.
    """
    import pandas as pd

    wanted = [("undiscounted", payer, f"cost_{payer}") for payer in PAYER_LABELS]
    wanted += [("discounted", payer, f"discounted_{payer}") for payer in ("programme", TOTAL)]
    paired = paired_differences(base, alternatives, reading, ["launches", *(outcome for *_, outcome in wanted)])
    rows = []
    for place, name in enumerate(alternatives):
        for money, payer, outcome in wanted:
            names = {"alternative": name, "money": money, "payer": payer, "label": PAYER_LABELS[payer]}
            rows.append({**names, **_per_launch(paired[outcome][place], paired["launches"][place], level)})
    return pd.DataFrame(rows)


def _per_launch(cost: Numbers, launches: Numbers, level: float) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for name, values in (("cost", cost), ("launches", launches)):
        low, high = mean_interval(values, level)
        columns |= {name: float(values.mean()) if len(values) else _NAN, f"{name}_low": low, f"{name}_high": high}
    ratio, low, high = ratio_interval(cost, launches, level)
    bounded = math.isfinite(low) and math.isfinite(high)
    return {**columns, "per_launch": ratio, "per_launch_low": low, "per_launch_high": high, "bounded": bounded}
