"""Pages as files: the page, its tables as CSV, its charts as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from sim.store.answer_folder import AnswerFolder

if TYPE_CHECKING:
    from sim.report.document import Page, Section

Form: TypeAlias = Literal["png", "svg"]
"""What a picture is."""


def write_page(page: Page, folder: Path, forms: Sequence[Form] = ()) -> Path:
    """Write ``report.html``, ``tables/*.csv`` and, in the forms asked for, ``pictures/*``; return the page's path."""
    from sim.report.renderers.html import render_page

    places = AnswerFolder(folder)
    places.tables.mkdir(parents=True, exist_ok=True)
    for name, frame in page.frames.items():
        frame.to_csv(places.table(name), index=False, encoding="utf-8", lineterminator="\n")
    for form in forms:
        write_pictures(page.sections, places.pictures, form)
    places.page.write_text(render_page(page), encoding="utf-8")
    return places.page


def write_pictures(sections: Sequence[Section], folder: Path, form: Form) -> list[Path]:
    """Write each chart as a picture of its own, with its title; return the files in order."""
    from sim.report.charts.style import WIDE, add_title
    from sim.report.pictures import save_picture

    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for section in sections:
        for figure in section.figures:
            path = folder / f"{figure.name}.{form}"
            save_picture(add_title(figure.draw(WIDE), figure.title, figure.shows, WIDE), path, form)
            paths.append(path)
    return paths
