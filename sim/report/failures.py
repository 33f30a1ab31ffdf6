"""Replications that could not be run: how many, why, and how to look at one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sim.report.format import counted

if TYPE_CHECKING:
    from sim.store.results import Results

_MOST = 5


def failures_told(results: Results) -> list[str]:
    """What to say of failed replications: how many, each error with the number that it struck, the commonest first.

    Nothing where none failed.
    """
    failures = results.failures
    if not failures:
        return []
    tried = len(failures) + len(results.replications)
    share = f"{len(failures):,} of {counted(tried, 'replication', 'replications')}"
    first = {failure.error: failure.replication for failure in reversed(failures)}
    found = Counter(failure.error for failure in failures).most_common()
    told = [f"{share} failed. They are in none of the numbers here, which may be biased by that."]
    told += [
        f"{counted(times, 'replication', 'replications')}, the first of them number {first[error]}: {error}"
        for error, times in found[:_MOST]
    ]
    if len(found) > _MOST:
        told.append(f"{len(found) - _MOST} rarer errors are in the receipts of the results.")
    if results.folder is not None:
        told.append(f"To see one alone: spinout replay {results.folder} --replication {first[found[0][0]]}")
    return told
