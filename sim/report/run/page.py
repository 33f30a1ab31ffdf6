"""The report of one batch, to be read by someone who never saw the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.analysis.run.observed import compare_own
from sim.report.document import Page, Section, WorldNote
from sim.report.failures import describe_failures
from sim.report.format import UNKNOWN, count, day, span
from sim.report.run.figures import sections
from sim.report.run.headline import cards, headline, reading
from sim.report.table import Code, Row, Table, words_table
from sim.report.write import Form, write_pictures

if TYPE_CHECKING:
    from sim.scenario.facts import Facts
    from sim.store.results import Results

_JUDGEMENT = "judgement"
_CONFIDENCE = {
    "seen": "read in the source",
    "seen_2": "read in two sources",
    "secondary": "read in a report of the source",
    "derived": "computed from other rows",
    "seed": "from the documents that the project began with",
    "judgement": "judgement",
    "not_found": "looked for and not found",
}


def write_report(results: Results, path: Path) -> Path:
    """Write the report to ``path``, as one HTML file that needs no network, and return the path."""
    from sim.report.renderers.html import render_page

    path.write_text(render_page(page(results)), encoding="utf-8")
    return path


def write_charts(results: Results, folder: Path, form: Form) -> list[Path]:
    """Write each chart of the report as a picture of its own, with its title; return the files in order."""
    return write_pictures(sections(results, compare_own(results)), folder, form)


def page(results: Results) -> Page:
    """The page of one batch."""
    facts = results.facts
    observed = compare_own(results)
    histories = count(len(results.replications), "simulated history", "simulated histories")
    return Page(
        kicker="Simulation report",
        title=title_of(results),
        meta=f"{day(facts.start)} to {day(facts.end)} · {histories}",
        headline=tuple(headline(results, observed)),
        cards=cards(results),
        reading=reading(results),
        sections=(*sections(results, observed), _assumptions(facts)),
        facts=_facts(results),
        worlds=(_world(results.manifest),),
        warnings=tuple(describe_failures(results)),
        question=facts.about,
    )


def title_of(results: Results) -> str:
    """What people call the scenario of some results."""
    return results.facts.title or str(results.manifest.get("name") or "Simulation report")


def write_value(value: object) -> str:
    """A value of a scenario as people write it."""
    if value is None:
        return "not set"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def changes_table(changes: Sequence[tuple[str, object, object]], caption: str) -> Table:
    """What was changed in a scenario file: the path, the value in the file, and the value in its place."""
    rows = tuple((Code(path), write_value(old), write_value(new)) for path, old, new in changes)
    return words_table(caption, ("Where", "In the file", "In this world"), rows)


def _assumptions(facts: Facts) -> Section:
    evidence = _evidence([*facts.assumptions, *facts.observations])
    judged = sum(_JUDGEMENT in (entry.get("source") or ()) for entry in facts.assumptions)
    interventions = "; ".join(sorted(facts.interventions.values()))
    given = (
        f"{len(facts.assumptions)} numbers of the scenario have a source or a range; {judged} of them rest on "
        "judgement, in whole or in part. The whole scenario is written out at the end of this page."
    )
    tables = (_assumptions_table(facts.assumptions), _evidence_table(evidence))
    return Section(
        "assumptions",
        "What is assumed, and on what evidence",
        sentences=(
            f"Interventions switched on: {interventions}."
            if interventions
            else "No intervention is switched on in this scenario.",
            given if facts.assumptions else "The scenario gives no sources or ranges for its numbers.",
        ),
        tables=tuple(table for table in tables if table.rows),
    )


def _assumptions_table(assumptions: Sequence[Mapping[str, Any]]) -> Table:
    rows = tuple(_assumption(entry) for entry in assumptions)
    headings = ("Where in the scenario", "Value", "Plausible range", "Evidence", "Note")
    return words_table(f"Assumptions ({len(rows)})", headings, rows)


def _assumption(entry: Mapping[str, Any]) -> Row:
    low, high = (UNKNOWN if entry.get(side) in (None, "") else str(entry[side]) for side in ("low", "high"))
    sources = ", ".join(str(source) for source in entry.get("source") or ())
    value = write_value(entry.get("value"))
    return Code(str(entry.get("path", ""))), value, span(low, high), sources, str(entry.get("note") or "")


def _evidence(entries: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The rows of the evidence table that are cited, in the order in which they come up.

    An id that this version's table lacks is left out.
    """
    ids = [str(source) for entry in entries for source in entry.get("source") or ()]
    cited = [source for source in dict.fromkeys(ids) if source != _JUDGEMENT]
    if not cited:
        return []
    from sim.scenario.evidence import evidence_table, normalise

    table = evidence_table()
    return [table[normalise(source)] for source in cited if normalise(source) in table]


def _evidence_table(evidence: Sequence[Any]) -> Table:
    rows = tuple(
        (
            row.id,
            row.figure,
            row.what,
            row.date,
            row.source,
            _CONFIDENCE.get(row.confidence, row.confidence),
            row.caution,
        )
        for row in evidence
    )
    headings = ("Id", "Figure", "What it measures", "Date", "Source", "Confidence", "Caution")
    caption = f"The evidence that these numbers and observations cite ({len(rows)})"
    return words_table(caption, headings, rows)


def _world(manifest: Mapping[str, Any]) -> WorldNote:
    overrides = [
        (str(entry.get("path")), entry.get("old"), entry.get("new")) for entry in manifest.get("overrides") or ()
    ]
    return WorldNote(
        "The scenario",
        {"Changes": "see the table below" if overrides else "none: the scenario was run as it stands in its file"},
        changes_table(overrides, "Changes to the scenario for this run") if overrides else None,
        str(manifest.get("scenario") or ""),
    )


def _facts(results: Results) -> dict[str, str]:
    manifest = results.manifest
    done, planned = len(results.replications), manifest.get("replications")
    seconds = manifest.get("seconds")
    machine, versions = manifest.get("machine") or {}, manifest.get("versions") or {}
    facts = {
        "Scenario": str(manifest.get("name") or ""),
        "Scenario digest": str(manifest.get("digest") or ""),
        "Seed": str(manifest.get("seed", "")),
        "Replications": f"{done:,}" if planned in (None, done) else f"{done:,} of the {planned:,} planned",
        "Uncertain assumptions": "drawn again for each replication"
        if manifest.get("uncertain")
        else "held at their best values",
        "Started": str(manifest.get("started") or ""),
        "Time taken": f"{float(seconds):,.1f} seconds" if isinstance(seconds, int | float) else "",
        "Machine": ", ".join(map(str, machine.values())) if isinstance(machine, Mapping) else str(machine),
        "Versions": ", ".join(f"{name} {version}" for name, version in versions.items()),
    }
    return {label: value for label, value in facts.items() if value}
