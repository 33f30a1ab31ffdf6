"""The evidence table: the published numbers that a scenario's ``source`` ids point to.

The table ships as ``evidence.yaml`` beside the scenarios. It is read on first use and kept for the life of the process.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

from sim.scenario.library import shipped_folder
from sim.scenario.nodes import as_plain
from sim.scenario.yaml_tree import read_file

Confidence = Literal["seen", "seen_2", "secondary", "derived", "seed", "judgement", "unverified", "not_found"]
"""How a row is known. The head of ``evidence.yaml`` says what each word means."""

_TARGET_OR_TRAP = re.compile(r"[tTcC]\d+")


@dataclass(frozen=True)
class Evidence:
    """One row of the evidence table.

    ``figure`` holds the numbers as text with their units, ``what`` says what they measure, ``date`` when they
    held (empty where that has no meaning), ``source`` the author or outlet, the title and the address in
    angle brackets, or the ids of the rows that it is computed from. ``caution`` is empty where there is
    nothing to beware of.
    """

    id: str
    figure: str
    what: str
    date: str
    source: str
    confidence: Confidence
    caution: str = ""


@cache
def evidence_table() -> Mapping[str, Evidence]:
    """Return every row by id, in the order of the file; read once in a process.

    Raises `ScenarioFaults` if the shipped file cannot be read, and ``TypeError`` if a row lacks a field or has one too
    many.
    """
    rows = as_plain(read_file(shipped_folder() / "evidence.yaml", "evidence.yaml"))["rows"]
    return MappingProxyType({id: Evidence(id=id, **row) for id, row in rows.items()})


def normalise(id: str) -> str:
    """Return ``id`` as the table spells it: no outer blanks, ``T4`` and ``C8`` in capitals, ``3b.1`` small.

    Takes the text of the scalar as it was written, never a number: as numbers 1.1 and 1.10 would be one row.
    An id that the table does not have comes back all the same.
    """
    text = id.strip()
    return text.upper() if _TARGET_OR_TRAP.fullmatch(text) else text.lower()


def may_cite(id: str) -> bool:
    """Tell whether a scenario may cite ``id``: the table has it and it is not marked ``unverified``.

    The word ``judgement`` in a ``source`` is no id; the caller lets it pass before asking.
    """
    row = evidence_table().get(normalise(id))
    return row is not None and row.confidence != "unverified"
