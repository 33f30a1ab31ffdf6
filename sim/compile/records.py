"""Records of words of 64 bits, declared as named tuples: so a record is filled by the names of its fields, and one that
is missing or unknown is an error, to the type checker and when it is made.

Compiled code reads whole numbers, keys (unsigned) and floating-point numbers; a yes or no is a whole number. A field of
the kind `Span` says where records of another kind lie that belong to this one: ``terms`` becomes the two words
``first_term`` and ``end_terms``, the first of them and the one after the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NamedTuple, get_type_hints

import numpy as np
from numpy.typing import NDArray

RecordArray = NDArray[Any]
"""Records, one after the other."""


class Span(NamedTuple):
    """The first of several records that lie together, and the one after the last."""

    first: int
    end: int


NO_ROWS: Final = Span(0, 0)
"""The span of nothing."""
_WORDS: Final = {int: "i8", bool: "i8", np.uint64: "u8", float: "f8"}
_SPAN: Final = [("first", "i8"), ("end", "i8")]


@cache
def record_type(row: type[tuple[Any, ...]]) -> np.dtype[Any]:
    """The type of a record with the fields of a named tuple, as compiled code reads it."""
    words = []
    for name, kind in get_type_hints(row).items():
        if kind is Span:
            single = f"{name[:-3]}y" if name.endswith("ies") else name[:-1]
            words += [(f"first_{single}", "i8"), (f"end_{name}", "i8")]
        else:
            words.append((name, _WORDS[kind]))
    return np.dtype((np.record, words))


@cache
def _nested_type(row: type[tuple[Any, ...]]) -> np.dtype[Any]:
    fields = get_type_hints(row).items()
    return np.dtype([(name, _SPAN if kind is Span else _WORDS[kind]) for name, kind in fields])


def records(row: type[tuple[Any, ...]], rows: Sequence[tuple[Any, ...]]) -> RecordArray:
    """An array of records with the contents of named tuples of this kind."""
    # A span is two words within its record, whether they are read as one field or as two.
    return np.array(list(rows), _nested_type(row)).view(record_type(row))
