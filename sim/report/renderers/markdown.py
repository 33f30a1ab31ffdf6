"""Markdown in which whatever comes from elsewhere is text and nothing else."""

from __future__ import annotations

import re
import unicodedata

from sim.report.table import Cell, Code, Linked, Table, write_long

_MEANS_SOMETHING = re.compile(r"[\\`*_\[\]|~$#&<>@]|:(?=//)|(?<=www)\.", re.IGNORECASE)
_IN_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;", ":": "&#58;", ".": "&#46;"}
_NAME = re.compile(r"[\w.=/:-]+(?: [\w.=/:-]+)*")
_ADDRESS = re.compile(r"<(https?://[^\s<>]+)>")


class Markdown(str):
    """Markdown as it stands: what is in it was escaped where that was needed."""

    __slots__ = ()


def escape(text: str) -> Markdown:
    """Text from elsewhere within a line: no markup, no HTML, no links, no characters that cannot be seen."""
    line = "".join(letter for letter in " ".join(text.split()) if unicodedata.category(letter)[0] != "C")
    return Markdown(_MEANS_SOMETHING.sub(lambda match: _IN_HTML.get(match[0], f"\\{match[0]}"), line))


def code(text: str) -> Markdown:
    """A name as it is typed."""
    return Markdown(f"`{text}`") if _NAME.fullmatch(text) else escape(text)


def link_addresses(text: str) -> Markdown:
    """Text of the program's own whose addresses, in angle brackets, can be followed."""
    parts = _ADDRESS.split(text)
    pieces = [Markdown(f"<{part}>") if place % 2 else escape(part) for place, part in enumerate(parts)]
    return Markdown(" ".join(piece for piece in pieces if piece))


def render_table(table: Table) -> Markdown:
    """A table in GitHub's Markdown under its caption, if it has one. The word "None." where there are no rows."""
    table = table.shown_on("page")
    caption = [f"**{escape(table.caption)}**", ""] if table.caption else []
    if not table.rows:
        return Markdown("\n".join([*caption, "None."]))
    head = _line([escape(column.heading) for column in table.columns])
    rule = _line(["---" if column.align == "left" else "---:" for column in table.columns])
    rows = [_line([_cell(cell) for cell in row]) for row in table.rows]
    return Markdown("\n".join([*caption, head, rule, *rows]))


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: Cell) -> str:
    if isinstance(cell, Code):
        return code(cell.text)
    return link_addresses(cell.text) if isinstance(cell, Linked) else escape(write_long(cell))
