"""The report: one HTML file that needs no network, to be read by someone who never saw the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sim.analysis.dates import as_date
from sim.analysis.run.observed import compared
from sim.report.document import rendered, write_pictures
from sim.report.failures import failures_told
from sim.report.figures import sections
from sim.report.format import UNKNOWN, counted, day, span
from sim.report.headline import headline, key_figures, uncertainty

if TYPE_CHECKING:
    import pandas as pd

    from sim.store.results import Results

_JUDGEMENT = "judgement"
_CONFIDENCE = {
    "seen": "read in the source",
    "seen_2": "read in two sources",
    "secondary": "read in another\u2019s report",
    "derived": "computed from other rows",
    "seed": "from the documents that the project began with",
    "judgement": "judgement",
    "not_found": "looked for and not found",
}


def write_report(results: Results, path: Path) -> Path:
    """Write the report to ``path`` and return it.

    Everything is in the one file: words, tables, and every chart twice, for wide screens and for telephones, as data
    with the code that draws it in the reader's browser. Whatever comes from a scenario is escaped.
    """
    path.write_text(report_html(results), encoding="utf-8")
    return path


def report_html(results: Results) -> str:
    """The report as HTML text."""
    observed = compared(results)
    return rendered("report.html", sections(results, observed), _content(results, observed))


def write_charts(results: Results, folder: Path, form: Literal["png", "svg"]) -> list[Path]:
    """Write each chart of the report as a picture of its own, with its title; return the files in order."""
    return write_pictures(sections(results, compared(results)), folder, form)


def _content(results: Results, observed: pd.DataFrame) -> dict[str, Any]:
    manifest = results.manifest
    assumptions = manifest.get("assumptions") or []
    cited = _cited(assumptions, manifest.get("observations") or ())
    return {
        "title": manifest.get("title") or manifest.get("name") or "Simulation report",
        "about": str(manifest.get("about") or ""),
        "period": f"{day(as_date(manifest['start']))} to {day(as_date(manifest['end']))}",
        "histories": counted(len(results.replications), "simulated history", "simulated histories"),
        "failures": failures_told(results),
        "headline": headline(results, observed),
        "key_figures": key_figures(results),
        "uncertainty": uncertainty(results),
        "interventions": sorted(str(label) for label in (manifest.get("interventions") or {}).values()),
        "assumptions": [_assumption(entry) for entry in assumptions],
        "judged": sum(_JUDGEMENT in (entry.get("source") or ()) for entry in assumptions),
        "evidence": _evidence(cited),
        "confidence": _CONFIDENCE,
        "overrides": [
            {key: _value(entry.get(key)) for key in ("path", "old", "new")} for entry in manifest.get("overrides") or ()
        ],
        "how": _how(results),
        "versions": {str(name): str(version) for name, version in (manifest.get("versions") or {}).items()},
        "scenario": str(manifest.get("scenario") or ""),
    }


def _assumption(entry: Mapping[str, Any]) -> dict[str, Any]:
    low, high = (UNKNOWN if entry.get(side) in (None, "") else str(entry[side]) for side in ("low", "high"))
    return {
        "path": str(entry.get("path", "")),
        "value": _value(entry.get("value")),
        "range": span(low, high),
        "sources": [str(source) for source in entry.get("source") or ()],
        "note": str(entry.get("note") or ""),
    }


def _cited(assumptions: Sequence[Mapping[str, Any]], observations: Sequence[Mapping[str, Any]]) -> list[str]:
    """The evidence ids that the results rest on, each once, in the order in which they come up."""
    ids = [str(source) for entry in (*assumptions, *observations) for source in entry.get("source") or ()]
    return [source for source in dict.fromkeys(ids) if source != _JUDGEMENT]


def _evidence(cited: Sequence[str]) -> list[Any]:
    """The rows of the evidence table behind those ids; an id that this version's table lacks is left out."""
    if not cited:
        return []
    from sim.scenario.evidence import evidence_table, normalise

    table = evidence_table()
    return [table[normalise(source)] for source in cited if normalise(source) in table]


def _how(results: Results) -> dict[str, str]:
    manifest = results.manifest
    done, asked = len(results.replications), manifest.get("replications")
    replications = f"{done:,}" if asked in (None, done) else f"{done:,} of the {asked:,} asked for"
    seconds = manifest.get("seconds")
    machine = manifest.get("machine") or {}
    told = {
        "Scenario": str(manifest.get("name") or ""),
        "Scenario digest": str(manifest.get("digest") or ""),
        "Seed": str(manifest.get("seed", "")),
        "Replications": replications,
        "Uncertain assumptions": "drawn anew for each replication"
        if manifest.get("uncertain")
        else "held at their values",
        "Started": str(manifest.get("started") or ""),
        "Time taken": f"{float(seconds):,.1f} seconds" if isinstance(seconds, int | float) else "",
        "Machine": ", ".join(str(value) for value in machine.values())
        if isinstance(machine, Mapping)
        else str(machine),
    }
    return {label: value for label, value in told.items() if value}


def _value(value: object) -> str:
    if value is None:
        return "not set"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
