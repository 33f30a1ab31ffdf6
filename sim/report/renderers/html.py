"""HTML: tables and whole pages in one file that needs no network. All texts are escaped."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.report.browser import chart_library
from sim.report.charts.style import NARROW, WIDE
from sim.report.format import visible
from sim.report.pictures import without_controls
from sim.report.table import Cell, Code, Column, Table, write_long

if TYPE_CHECKING:
    from markupsafe import Markup

    from sim.report.document import Page, Section


def render_table(table: Table) -> Markup:
    """A table in a box of its own that scrolls where the screen is too narrow."""
    from markupsafe import Markup

    table = table.shown_on("page")
    head = Markup("").join(
        Markup('<th scope="col"{}>{}</th>').format(_class(column), visible(column.heading)) for column in table.columns
    )
    rows = Markup("\n").join(_row(table, place) for place in range(len(table.rows)))
    return Markup(
        '<div class="scroll" tabindex="0" role="region" aria-label="{caption}">\n<table>\n'
        "<caption>{caption}</caption>\n"
        "<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n</div>"
    ).format(caption=visible(table.caption), head=head, rows=rows)


def _row(table: Table, place: int) -> Markup:
    from markupsafe import Markup

    name, *rest = table.rows[place]
    cells = [Markup('<th scope="row"{}>{}</th>').format(_class(table.columns[0]), _content(name, table.columns[0]))]
    cells += [
        Markup("<td{}>{}</td>").format(_class(column), _content(cell, column))
        for column, cell in zip(table.columns[1:], rest, strict=True)
    ]
    attribute = Markup(' class="marked"') if place in table.marked else ""
    return Markup("<tr{}>{}</tr>").format(attribute, Markup("").join(cells))


def _class(column: Column) -> Markup:
    from markupsafe import Markup

    return Markup(' class="text"') if column.align == "left" else Markup("")


def _content(cell: Cell, column: Column) -> Markup:
    from markupsafe import Markup, escape

    text = visible(write_long(cell))
    if isinstance(cell, Code):
        return Markup("<code>{}</code>").format(text)
    value, bracket, interval = text.partition(" (")
    if column.align == "left" or not bracket:
        return escape(text)
    # A line may break before an interval, and not in it.
    return Markup('{} <span class="interval">({}</span>').format(value, interval)


def render_page(page: Page) -> str:
    """A page as HTML text.

    Everything is in the one text: words, tables, and every chart twice, for wide screens and for telephones, as data
    with the code that draws it in the reader's browser.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    loader = PackageLoader("sim.report", "templates")
    pages = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    pages.filters["table"] = render_table
    # These two strings are the only ones of the page that are not escaped as they are put in.
    scripts = {"chart_library": Markup(chart_library()), "charts": Markup(_charts(page.sections))}
    return pages.get_template("page.html").render(page=page, sections=page.sections, **scripts)


def _charts(sections: Sequence[Section]) -> str:
    """Every chart by the name of its figure, for both widths, as JSON.

    The JSON can end no script element and begin no comment in one, whatever its texts hold.
    """
    figures = [figure for section in sections for figure in section.figures]
    charts = {figure.name: {"wide": figure.draw(WIDE), "narrow": figure.draw(NARROW)} for figure in figures}
    data = json.dumps(without_controls(charts), separators=(",", ":"), allow_nan=False)
    return data.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
