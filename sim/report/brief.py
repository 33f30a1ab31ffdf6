"""The short answer to a question: small tables and what they mean, as Markdown, and the numbers as CSV."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.experiment.findings import CHANGE
from sim.report.format import amount, changed, estimate
from sim.report.format import brief as shortened
from sim.version import EPOCH

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from sim.experiment.answer import Answer


@dataclass(frozen=True, slots=True)
class Table:
    """A small table in words: a head and rows, each as long as the head."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def markdown(self) -> str:
        """The table as Markdown."""
        lines = [self.head, tuple("---" for _ in self.head), *self.rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def tables(given: Answer[Any]) -> list[Table]:
    """The findings of an answer. Subjects of which the same is told stand in one table, a row each."""
    found = given.findings
    told: dict[tuple[str, ...], list[pd.DataFrame]] = {}
    for _, rows in found.groupby("subject", sort=False):
        told.setdefault(tuple(rows["measure_label"]), []).append(rows)
    return [_alone(subjects[0]) if len(subjects) == 1 else _together(subjects) for subjects in told.values()]


def _alone(rows: pd.DataFrame) -> Table:
    head = (str(rows["subject_label"].iloc[0]), "Estimate (95 % interval)")
    return Table(head, tuple((row["measure_label"], _estimate(row)) for row in rows.to_dict("records")))


def _together(subjects: list[pd.DataFrame]) -> Table:
    head = ("", *subjects[0]["measure_label"])
    lines = ((str(rows["subject_label"].iloc[0]), *map(_estimate, rows.to_dict("records"))) for rows in subjects)
    return Table(head, tuple(lines))


def _estimate(row: dict[Any, Any]) -> str:
    numbers, unit = (row["value"], row["low"], row["high"]), row["unit"]
    if row["kind"] == CHANGE:
        return shortened(changed(*numbers, unit))
    return shortened(estimate(*numbers, lambda one: amount(one, unit)))


def brief(given: Answer[Any]) -> str:
    """The short answer as Markdown; every line of ``about`` is a paragraph."""
    asked = given.experiment.question
    name = given.experiment.name
    parts = [
        f"# {asked.title}",
        asked.question.strip(),
        *(table.markdown() for table in tables(given)),
        *(line.strip() for line in asked.about.splitlines()),
        _pairing(given),
        f"Made by `{given.experiment.command}`: {given.replications:,} replications of each world, seed "
        f"{given.study.seed}, numbers of epoch {EPOCH}. In brackets are 95 % intervals of the Monte Carlo error: how "
        "well the means of the simulated world are known, and not how well the world is. The same numbers, unrounded, "
        f"are in [{name}.csv]({name}.csv).",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _pairing(given: Answer[Any]) -> str:
    """What common random numbers bought where worlds were compared, as it was found."""
    differences = getattr(given.result, "differences", None)
    if differences is None:
        return ""
    rows = differences[differences["outcome"] == str(differences["outcome"].iloc[0])]
    ratios = sorted(ratio for ratio in rows["variance_ratio"] if math.isfinite(ratio))
    same = int((rows["sd"] == 0.0).sum())
    told = [f"in {same} of {len(rows)} alternatives it never varies"] if same else []
    if ratios:
        times = f"{ratios[0]:.3g}" if len(ratios) == 1 else f"{ratios[0]:.3g} to {ratios[-1]:.3g}"
        told.insert(0, f"without common random numbers its variance would be {times} times as large")
    return f"How well the difference is known ({rows['label'].iloc[0].lower()}): {'; '.join(told)}." if told else ""


def write_brief(given: Answer[Any], folder: Path) -> tuple[Path, Path]:
    """Write the short answer to ``NAME.md`` and ``NAME.csv`` of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    text, numbers = (folder / f"{given.experiment.name}.{form}" for form in ("md", "csv"))
    text.write_text(brief(given), encoding="utf-8", newline="\n")
    given.findings.to_csv(numbers, index=False, float_format="%.10g", lineterminator="\n")
    return text, numbers


def print_brief(given: Answer[Any], console: Console | None = None) -> None:
    """Print the title and the tables of the short answer, to a ``console`` or to standard output."""
    from rich.table import Table as Shown
    from rich.text import Text

    from sim.report.terminal import standard_output

    console = console or standard_output()
    console.print(Text(f"{given.experiment.question.title}\n"))
    for table in tables(given):
        shown = Shown(box=None, pad_edge=False)
        for title in table.head:
            shown.add_column(Text(title))
        for row in table.rows:
            shown.add_row(*map(Text, row))
        console.print(shown)
        console.print()
