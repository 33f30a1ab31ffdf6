"""The short answer to a question: small tables and what they mean, as Markdown, and the numbers as CSV."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sim.analysis.frame_rows import rows_of
from sim.experiment.findings import CHANGE
from sim.report.format import amount, change_with_interval, estimate, shorten_millions
from sim.report.renderers.markdown import code, escape, render_table
from sim.report.table import Column, Table, text
from sim.version import EPOCH

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.answer import Answer


def findings_tables(answer: Answer[Any]) -> list[Table]:
    """The findings of an answer. Subjects with the same measures stand in one table, a row each."""
    alike: dict[tuple[str, ...], list[pd.DataFrame]] = {}
    for _, rows in answer.findings.groupby("subject", sort=False):
        alike.setdefault(tuple(rows["measure_label"]), []).append(rows)
    return [_measures(subjects[0]) if len(subjects) == 1 else _subjects(subjects) for subjects in alike.values()]


def _measures(rows: pd.DataFrame) -> Table:
    """One subject: a row a measure."""
    columns = (text(str(rows["subject_label"].iloc[0])), Column("Estimate (95% interval)"))
    return Table("", columns, tuple((str(row["measure_label"]), _estimate(row)) for row in rows_of(rows)))


def _subjects(subjects: list[pd.DataFrame]) -> Table:
    """Several subjects, a row each: a column a measure."""
    columns = (text(""), *(Column(str(label)) for label in subjects[0]["measure_label"]))
    rows = ((str(rows["subject_label"].iloc[0]), *map(_estimate, rows_of(rows))) for rows in subjects)
    return Table("", columns, tuple(rows))


def _estimate(row: dict[str, Any]) -> str:
    numbers, unit = (row["value"], row["low"], row["high"]), row["unit"]
    if row["kind"] == CHANGE:
        return shorten_millions(change_with_interval(*numbers, unit))
    return shorten_millions(estimate(*numbers, lambda value: amount(value, unit)))


def short_answer(answer: Answer[Any]) -> str:
    """The short answer as Markdown; every line of ``about`` is a paragraph."""
    experiment, question = answer.experiment, answer.experiment.question
    csv = f"{experiment.name}.csv"
    parts = [
        f"# {escape(question.title)}",
        escape(question.question),
        *(render_table(table) for table in findings_tables(answer)),
        *(escape(line) for line in question.about.splitlines()),
        escape(_pairing(answer)),
        f"Made by {code(experiment.command)}: {answer.replications:,} replications of each world, seed "
        f"{answer.study.seed}, results version {EPOCH}. 95% intervals are in brackets. They show Monte Carlo error: "
        "how precisely the means of the simulated world are estimated. They do not include uncertainty about the "
        f"assumptions. The same numbers, unrounded, are in [{escape(csv)}]({quote(csv)}).",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _pairing(answer: Answer[Any]) -> str:
    """What common random numbers gained where worlds were compared."""
    differences = getattr(answer.result, "differences", None)
    if differences is None:
        return ""
    rows = differences[differences["outcome"] == str(differences["outcome"].iloc[0])]
    ratios = sorted(ratio for ratio in rows["variance_ratio"] if math.isfinite(ratio))
    constant = int((rows["sd"] == 0.0).sum())
    parts = [f"in {constant} of {len(rows)} alternatives it never varies"] if constant else []
    if ratios:
        times = f"{ratios[0]:.3g}" if len(ratios) == 1 else f"{ratios[0]:.3g} to {ratios[-1]:.3g}"
        parts.insert(0, f"without common random numbers its variance would be {times} times as large")
    return f"Precision of the difference ({rows['label'].iloc[0].lower()}): {'; '.join(parts)}." if parts else ""


def write_short_answer(answer: Answer[Any], folder: Path) -> tuple[Path, Path]:
    """Write the short answer to ``NAME.md`` and ``NAME.csv`` of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    document, numbers = (folder / f"{answer.experiment.name}.{form}" for form in ("md", "csv"))
    document.write_text(short_answer(answer), encoding="utf-8", newline="\n")
    answer.findings.to_csv(numbers, index=False, float_format="%.10g", lineterminator="\n")
    return document, numbers
