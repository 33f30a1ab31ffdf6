"""The event log as XES (IEEE 1849), the format that process-mining tools read: one trace a staff group."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from sim.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.store.results import Results

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2016" xes.features="">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
"""


def write_xes(results: Results, path: Path) -> Path:
    """Write the event log of a results folder to ``path`` and return it.

    A trace is a staff group in a replication (``concept:name`` is ``replication:entity_id``), its events in the order
    in which they happened, with calendar times. Raises `InputError` where no events were kept.
    """
    if not results.has("events"):
        raise InputError(f"{results.folder} holds no events; run again with --keep events")
    start = datetime.fromisoformat(results.manifest["start"])
    growing = path.with_suffix(".part")
    with growing.open("w", encoding="utf-8") as file:
        file.write(_HEAD)
        for trace in _traces(results):
            file.write(_trace(trace, start))
        file.write("</log>\n")
    growing.replace(path)
    return path


def _traces(results: Results) -> Iterator[list[Any]]:
    """The rows of each staff group; a part of the table holds whole replications, so no more is read at once."""
    columns = results.tables.columns("events")
    for read in results.tables.parts("events"):
        # As words: categories would be sorted by when they came up in the part.
        events = read(columns).to_pandas().astype({"entity_id": str})
        ordered = events.sort_values(["replication", "entity_id"], kind="stable")
        for _, rows in groupby(ordered.itertuples(index=False), key=lambda row: (row.replication, row.entity_id)):
            yield list(rows)


def _trace(rows: list[Any], start: datetime) -> str:
    name = f"{rows[0].replication}:{rows[0].entity_id}"
    events = "".join(_event(row, start) for row in rows)
    return f"<trace>\n{_string('concept:name', name)}{events}</trace>\n"


def _event(row: Any, start: datetime) -> str:
    when = (start + timedelta(days=row.time)).isoformat(timespec="milliseconds")
    resource = "" if row.resource_id != row.resource_id else _string("org:resource", str(int(row.resource_id)))
    date = f'<date key="time:timestamp" value="{when}+00:00"/>\n'
    what = _string("concept:name", row.event) + _string("event_type", row.event_type)
    return f"<event>\n{what}{date}{resource}</event>\n"


# The same few names of events come up hundreds of thousands of times.
@lru_cache(maxsize=1024)
def _string(key: str, value: str) -> str:
    return f"<string key={quoteattr(key)} value={quoteattr(value)}/>\n"
