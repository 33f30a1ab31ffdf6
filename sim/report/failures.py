"""Replications that could not be run: how many, why, and how to look at one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sim.report.format import count

if TYPE_CHECKING:
    from sim.store.results import Results

_MOST = 5


def describe_failures(results: Results) -> list[str]:
    """How many replications failed, and each error with the first number that it struck, the commonest first.

    Nothing where none failed.
    """
    failures = results.failures
    if not failures:
        return []
    tried = len(failures) + len(results.replications)
    share = f"{len(failures):,} of {count(tried, 'replication', 'replications')}"
    first = {failure.error: failure.replication for failure in reversed(failures)}
    errors = Counter(failure.error for failure in failures).most_common()
    sentences = [f"{share} failed. They are left out of every number here, which may bias the results."]
    sentences += [
        f"{count(times, 'replication', 'replications')}, the first of them number {first[error]}: {error}"
        for error, times in errors[:_MOST]
    ]
    if len(errors) > _MOST:
        sentences.append(f"The receipts of the results list {len(errors) - _MOST} rarer errors.")
    if results.folder is not None:
        sentences.append(f"To see one: spinout replay {results.folder} --replication {first[errors[0][0]]}")
    return sentences
