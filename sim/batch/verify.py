"""Whether two computations of the same replications agree, to the last bit, and where they first do not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sim.batch.case import Case
from sim.batch.extract import Extraction
from sim.batch.extracts.tables import Tables
from sim.store.chunk import canonicalise

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

_TABLES: Final = ("groups", "events", "costs", "hosts", "resources", "kpis")
_TOGETHER: Final = 10
"""Replications that are computed and compared at once."""
_WHOSE: Final = (("entity_id", "group"), ("host", "host"), ("resource", "resource"), ("unit", "unit"))
_WHAT: Final = ("event", "item")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two computations: what it is called, and what it gave."""

    name: str
    tables: Mapping[str, pa.Table]
    failures: Mapping[int, str]


def first_difference(
    case: Case, replications: Sequence[int], finished: Callable[[int], None] = lambda done: None
) -> str | None:
    """Run replications of a case on both engines, everything kept; the first difference in words, None for none.

    ``finished`` is told how many replications have just been compared.
    """
    by_simpy, by_kernel = (Tables("events").lay_out((replace(case, engine=engine),)) for engine in ("simpy", "kernel"))
    for first in range(0, len(replications), _TOGETHER):
        some = replications[first : first + _TOGETHER]
        simpy = _side("simpy", by_simpy(some))
        kernel = _side("the kernel", by_kernel(some))
        text = difference(simpy, kernel)
        if text is not None:
            return text
        finished(len(some))
    return None


def _side(name: str, part: Extraction) -> Side:
    return Side(name, part.tables, {failure.replication: failure.error for failure in part.failures})


def difference(side: Side, other: Side) -> str | None:
    """The first difference between two computations, in the lowest replication that has one.

    Missing numbers are equal; so are words however they are encoded.
    """
    differences = [*_failing(side, other), *_missing_tables(side, other)]
    for name in _TABLES:
        if name in side.tables and name in other.tables:
            differences += _in_table(name, side, other)
    return min(differences, key=lambda at: at[0])[1] if differences else None


def _failing(first: Side, other: Side) -> Iterator[tuple[int, str]]:
    for number in sorted(first.failures.keys() | other.failures.keys()):
        here, there = (side.failures.get(number, "nothing") for side in (first, other))
        if here != there:
            yield number, f"replication {number} fails with {here!r} by {first.name} and {there!r} by {other.name}"


def _missing_tables(first: Side, other: Side) -> Iterator[tuple[int, str]]:
    for name in sorted(first.tables.keys() ^ other.tables.keys()):
        with_it, without = (first, other) if name in first.tables else (other, first)
        if len(with_it.tables[name]):
            yield -1, f"{with_it.name} has a table {name} and {without.name} has none"


def _in_table(name: str, first: Side, other: Side) -> Iterator[tuple[int, str]]:
    left, right = canonicalise(first.tables[name]), canonicalise(other.tables[name])
    if left.column_names != right.column_names:
        yield -1, f"{name} has the columns {left.column_names} by {first.name}, {right.column_names} by {other.name}"
        return
    common = min(len(left), len(right))
    rows = {
        column: _first_where(_bits(left[column])[:common] != _bits(right[column])[:common])
        for column in left.column_names
    }
    row = min(rows.values(), default=common)
    if row < common:
        column = next(column for column, at in rows.items() if at == row)
        here, there = left[column][row].as_py(), right[column][row].as_py()
        place = _place(left, row)
        yield _number(left, row), f"{name}, {place}: {column} is {here!r} by {first.name} and {there!r} by {other.name}"
    elif len(left) != len(right):
        longer, more, less = (left, first, other) if len(left) > len(right) else (right, other, first)
        place = _place(longer, common)
        yield _number(longer, common), f"{name}, {place}: a row by {more.name} and none by {less.name}"


def _bits(column: pa.ChunkedArray) -> NDArray[Any]:
    """The values so that equal ones are exactly those with the same bits."""
    import numpy as np
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        return np.asarray(column.cast(pa.string()).to_pylist(), dtype=object)
    values: NDArray[Any] = column.to_numpy()
    return values.view(np.int64) if values.dtype == np.float64 else values


def _first_where(differs: NDArray[np.bool_]) -> int:
    """The place of the first yes, or a place behind them all."""
    import numpy as np

    return int(np.argmax(differs)) if differs.any() else len(differs)


def _number(table: pa.Table, row: int) -> int:
    return int(table["replication"][row].as_py())


def _place(table: pa.Table, row: int) -> str:
    """Replication, group and event of a row, as far as its table has them."""
    parts = [f"replication {_number(table, row)}"]
    parts += [f"{word} {table[name][row].as_py()}" for name, word in _WHOSE if name in table.column_names]
    parts += [f"{name} {table[name][row].as_py()}" for name in _WHAT if name in table.column_names]
    return ", ".join(parts)
