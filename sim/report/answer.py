"""What people see of an answer, whatever was asked: a page with its tables and pictures, a short answer, a terminal.

How the answers of a method are shown stands in `sim.report.answers`, in the module of that name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from sim.experiment.record import finish
from sim.report.answers.page import Form, Page, page_html, write_page
from sim.report.brief import write_brief
from sim.store.answer_folder import AnswerFolder

if TYPE_CHECKING:
    from rich.console import Console

    from sim.experiment.answer import Answer
    from sim.experiment.question import Question


class _Shown(Protocol):
    """What the module of a method has."""

    def page(self, result: Any, question: Question) -> Page:
        """The page of a result."""

    def show(self, answer: Answer[Any], console: Console | None = None) -> None:
        """Print an answer."""


@dataclass(frozen=True, slots=True)
class Written:
    """The files that people read: the page, the folder of its tables, the short answer and its numbers."""

    page: Path
    tables: Path
    brief: Path
    numbers: Path


def write_answer(answer: Answer[Any], folder: Path, forms: Sequence[Form] = ()) -> Written:
    """Write the page, its tables as CSV, the short answer and, in the forms asked for, the pictures of the page.

    Where the answer was worked out in this folder it is marked as finished.
    """
    page = write_page(page_of(answer), folder, forms)
    brief, numbers = write_brief(answer, folder)
    if answer.study.folder == folder and not answer.study.opened:
        finish(answer.experiment, answer.study, AnswerFolder(folder))
    return Written(page, AnswerFolder(folder).tables, brief, numbers)


def write_one_page(answer: Answer[Any], path: Path) -> Path:
    """Write the page alone to a file, and return its path."""
    path.write_text(page_html(page_of(answer)), encoding="utf-8")
    return path


def page_of(answer: Answer[Any]) -> Page:
    """The page of an answer."""
    return _shown(answer).page(answer.result, answer.experiment.question)


def show_answer(answer: Answer[Any], console: Console | None = None) -> None:
    """Print an answer: to a console, or to standard output."""
    _shown(answer).show(answer, console)


def _shown(answer: Answer[Any]) -> _Shown:
    # A module of its own for each method, read when it is needed: a page reads charts that others do without.
    return cast("_Shown", import_module(f"sim.report.answers.{answer.method}"))
