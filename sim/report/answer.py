"""What people see of an answer, whatever was asked: a page with its tables and pictures, a short answer, a summary.

How the answers of a method are shown stands in `sim.report.answers`, in the module of that name: ``page`` and
``summary`` of a result and its question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from sim.experiment.record import finish
from sim.report.short_answer import write_short_answer
from sim.report.write import Form, write_page
from sim.store.answer_folder import AnswerFolder

if TYPE_CHECKING:
    from rich.console import Console

    from sim.experiment.answer import Answer
    from sim.experiment.question import Question
    from sim.report.document import Page, Summary


class MethodView(Protocol):
    """What the module of a method has."""

    def page(self, result: Any, question: Question) -> Page:
        """The page of a result."""

    def summary(self, result: Any, question: Question) -> Summary:
        """The summary of a result."""


@dataclass(frozen=True, slots=True)
class AnswerFiles:
    """The files that people read: the page, the folder of its tables, the short answer and its numbers."""

    page: Path
    tables: Path
    short_answer: Path
    numbers: Path


def write_answer(answer: Answer[Any], folder: Path, forms: Sequence[Form] = ()) -> AnswerFiles:
    """Write the page, its tables as CSV, the short answer and, in the forms asked for, the pictures of the page.

    Where the answer was worked out in this folder it is marked as finished.
    """
    page = write_page(page_of(answer), folder, forms)
    short_answer, numbers = write_short_answer(answer, folder)
    if answer.study.folder == folder and not answer.study.opened:
        finish(answer.experiment, answer.study, AnswerFolder(folder))
    return AnswerFiles(page, AnswerFolder(folder).tables, short_answer, numbers)


def write_one_page(answer: Answer[Any], path: Path) -> Path:
    """Write the page alone to a file, and return its path."""
    from sim.report.renderers.html import render_page

    path.write_text(render_page(page_of(answer)), encoding="utf-8")
    return path


def page_of(answer: Answer[Any]) -> Page:
    """The page of an answer."""
    return _view(answer).page(answer.result, answer.experiment.question)


def show_answer(answer: Answer[Any], console: Console | None = None) -> None:
    """Print the summary of an answer: to a console, or to standard output."""
    from sim.report.renderers.terminal import print_summary

    print_summary(_view(answer).summary(answer.result, answer.experiment.question), console)


def _view(answer: Answer[Any]) -> MethodView:
    # A module of its own for each method, read when it is needed: a page reads charts that others do without.
    return cast("MethodView", import_module(f"sim.report.answers.{answer.method}"))
