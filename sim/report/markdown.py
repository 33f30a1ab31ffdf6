"""Markdown in which whatever comes from elsewhere is text and nothing else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

_MEANS_SOMETHING = re.compile(r"[\\`*_\[\]|~$#&<>@]|:(?=//)|(?<=www)\.", re.IGNORECASE)
_IN_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;", ":": "&#58;", ".": "&#46;"}
_NAME = re.compile(r"[\w.=/:-]+")
_ADDRESS = re.compile(r"<(https?://[^\s<>]+)>")


class Written(str):
    """Markdown as it stands: what is in it was escaped where that was needed."""

    __slots__ = ()


def escaped(text: str) -> Written:
    """Text from elsewhere within a line: no markup, no HTML, no links, no characters that cannot be seen."""
    seen = "".join(letter for letter in " ".join(text.split()) if unicodedata.category(letter)[0] != "C")
    return Written(_MEANS_SOMETHING.sub(lambda found: _IN_HTML.get(found[0], f"\\{found[0]}"), seen))


def code(text: str) -> Written:
    """A name as it is typed."""
    return Written(f"`{text}`") if _NAME.fullmatch(text) else escaped(text)


def with_links(text: str) -> Written:
    """Text of the package's own whose addresses, in angle brackets, can be followed."""
    parts = _ADDRESS.split(text)
    told = [Written(f"<{part}>") if place % 2 else escaped(part) for place, part in enumerate(parts)]
    return Written(" ".join(part for part in told if part))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Written:
    """A table; cells that are not :class:`Written` are escaped. The word "None." where there are no rows."""
    lines = [[_cell(cell) for cell in row] for row in rows]
    if not lines:
        return Written("None.")
    every: list[Sequence[str]] = [[_cell(cell) for cell in head], ["---"] * len(head), *lines]
    return Written("\n".join(f"| {' | '.join(cells)} |" for cells in every))


def _cell(text: str) -> Written:
    return text if isinstance(text, Written) else escaped(text)
