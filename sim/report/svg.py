"""Charts as SVG to be put into a page, and as files that stand alone."""

from __future__ import annotations

import html
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from sim.report.charts.style import Picture

_ROOT = re.compile(r"<svg [^>]*?width=\"([0-9.]+)\" height=\"([0-9.]+)\" viewBox=\"([-0-9. ]+)\"[^>]*>")
_OWN_IDS = re.compile(r"(\bid=\"|url\(#|href=\"#)")


def inline_svg(chart: Picture, name: str, words: str, css: str) -> str:
    """The chart as an ``svg`` element for an HTML page.

    ``name`` goes before every id in it, as several charts share a page; ``words`` tell it to those who do not
    see it; ``css`` is its class. All text in it is escaped by the renderer.
    """
    whole = _OWN_IDS.sub(rf"\g<1>{name}-", chart_svg(chart))
    found = _ROOT.search(whole)
    if found is None:
        raise ValueError("the renderer gave no svg element")
    width, height, box = found.groups()
    head = (
        f'<svg class="{css}" role="img" aria-label="{html.escape(words)}" '
        f'width="{width}" height="{height}" viewBox="{box}">'
    )
    return head + whole[found.end() :]


def chart_svg(chart: Picture) -> str:
    """The chart as an SVG document."""
    text = io.StringIO()
    chart.save(text, format="svg")
    return text.getvalue()


def save_picture(chart: Picture, path: Path, form: Literal["png", "svg"]) -> None:
    """Write the chart as a file: PNG at twice the size on screen, or SVG."""
    if form == "svg":
        path.write_text(chart_svg(chart), encoding="utf-8")
    else:
        chart.save(str(path), format="png", scale_factor=2)
