"""The evidence table: the published numbers that a scenario's ``source`` ids point to.

The table ships as ``evidence.yaml`` beside the scenarios. It is read on first use and kept for the life of
the process: reading it takes about a tenth of a second, which a command that cites nothing should not pay.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Literal

from sim.caches import keep, user_caches
from sim.scenario.library import shipped_folder

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

    Raises ``OSError`` if the shipped file is missing, ``ruamel.yaml.error.YAMLError`` if it is not YAML or
    holds an id twice, and ``TypeError`` if a row lacks a field or has one too many.
    """
    text = (shipped_folder() / "evidence.yaml").read_text(encoding="utf-8")
    return MappingProxyType({id: Evidence(id=id, **row) for id, row in _rows(text).items()})


def _rows(text: str) -> dict[str, dict[str, Any]]:
    """The rows of the file, kept as JSON among the user's caches: reading that takes a hundredth of the time."""
    kept = user_caches() / f"evidence-{sha256(text.encode()).hexdigest()[:16]}.json"
    rows: dict[str, dict[str, Any]]
    try:
        rows = json.loads(kept.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        from ruamel.yaml import YAML

        rows = YAML(typ="safe", pure=True).load(text)["rows"]
        keep(kept, json.dumps(rows))
    return rows


def normalise(id: str) -> str:
    """Return ``id`` as the table spells it: no outer blanks, ``T4`` and ``C8`` in capitals, ``3b.1`` small.

    Takes the text of the scalar as it was written, never a number: as numbers 1.1 and 1.10 would be one row.
    An id that the table does not have comes back all the same.
    """
    text = id.strip()
    return text.upper() if _TARGET_OR_TRAP.fullmatch(text) else text.lower()


def citable(id: str) -> bool:
    """Tell whether a scenario may cite ``id``: the table has it and it is not marked ``unverified``.

    The word ``judgement`` in a ``source`` is no id; the caller lets it pass before asking.
    """
    row = evidence_table().get(normalise(id))
    return row is not None and row.confidence != "unverified"
