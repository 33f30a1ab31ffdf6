"""One HTML file that needs no network: what every page is made of, and how it is put together."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sim.report.browser import drawing_code
from sim.report.charts.style import NARROW, WIDE, titled
from sim.report.pictures import drawable, save_picture

if TYPE_CHECKING:
    from sim.report.charts.grammar import Spec
    from sim.report.charts.style import Layout
    from sim.report.tables import Table


@dataclass(frozen=True)
class Figure:
    """One figure. ``name`` names its file; ``draw`` makes the chart for a layout."""

    name: str
    title: str
    shows: str
    limits: str
    draw: Callable[[Layout], Spec]
    tables: tuple[tuple[str, Table], ...]


@dataclass(frozen=True)
class Section:
    """A heading of a page: sentences, figures (or a sentence saying why there are none), tables without a figure."""

    name: str
    title: str
    figures: tuple[Figure, ...]
    instead: str = ""
    words: tuple[str, ...] = ()
    tables: tuple[tuple[str, Table], ...] = ()


def rendered(template: str, parts: Sequence[Section], content: Mapping[str, Any]) -> str:
    """A page as HTML text: a template of this package with its sections and whatever else it names.

    Everything is in the one text: words, tables, and every chart twice, for wide screens and for telephones, as data
    with the code that draws it in the reader's browser. All texts are escaped.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    loader = PackageLoader("sim.report", "templates")
    pages = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    # These two strings are the only ones of the page that are not escaped as they are put in.
    scripts = {"drawing_code": Markup(drawing_code()), "charts": Markup(_data(_charts(parts)))}
    return pages.get_template(template).render(**content, sections=parts, **scripts)


def write_pictures(parts: Sequence[Section], folder: Path, form: Literal["png", "svg"]) -> list[Path]:
    """Write each chart of a page as a picture of its own, with its title; return the files in order."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for section in parts:
        for figure in section.figures:
            path = folder / f"{figure.name}.{form}"
            save_picture(titled(figure.draw(WIDE), figure.title, figure.shows, WIDE), path, form)
            written.append(path)
    return written


def _charts(parts: Sequence[Section]) -> dict[str, Any]:
    """Every chart by the name of its figure, for both widths."""
    figures = [figure for part in parts for figure in part.figures]
    return {figure.name: {"wide": figure.draw(WIDE), "narrow": figure.draw(NARROW)} for figure in figures}


def _data(charts: Mapping[str, Any]) -> str:
    """The charts as JSON that can end no script element and begin no comment in one, whatever their texts hold."""
    written = json.dumps(drawable(charts), separators=(",", ":"), allow_nan=False)
    return written.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
