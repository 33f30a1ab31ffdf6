"""What an answer comes to, as one table whatever was asked: each number with its interval."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["level", "change"]
LEVEL: Final = "level"
CHANGE: Final = "change"
"""The kind of a number that is written with its sign."""


class Finding(NamedTuple):
    """A number of an answer, with its 95 % interval.

    ``subject`` is an alternative, a barrier or a point of a curve, ``measure`` what is said of it; the two are a key.
    """

    subject: str
    measure: str
    subject_label: str
    measure_label: str
    kind: Kind
    unit: str
    value: float
    low: float
    high: float


def findings_table(findings: Iterable[Finding]) -> pd.DataFrame:
    """Findings as a data frame, a row each, in their order."""
    import pandas as pd

    return pd.DataFrame(list(findings), columns=list(Finding._fields))


def estimate_of(row: dict[Any, Any], measure: str) -> tuple[float, float, float]:
    """A measure of a row with the ends of its interval."""
    return row[measure], row[f"{measure}_low"], row[f"{measure}_high"]
