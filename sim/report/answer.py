"""What people see of an answer, whatever was asked: a page with its tables and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.report.answers.page import Form, Page, write_page

if TYPE_CHECKING:
    from sim.experiment.answer import Answer


def write_answer(answer: Answer, folder: Path, forms: Sequence[Form] = ()) -> Path:
    """Write the page, its tables as CSV and, in the forms asked for, its pictures; return the page's path."""
    return write_page(page_of(answer), folder, forms)


def page_of(answer: Answer) -> Page:
    """The page of an answer."""
    from sim.experiment.methods.additionality import Additionality
    from sim.experiment.methods.compare import Comparison
    from sim.report.answers import additionality, attribute, compare

    asked = answer.experiment.question
    if isinstance(answer.result, Comparison):
        return compare.page(answer.result, asked, answer.effects, answer.frontier)
    if isinstance(answer.result, Additionality):
        return additionality.page(answer.result, asked)
    return attribute.page(answer.result, asked)
