"""Charts as SVG to be put into a page, and as files that stand alone."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sim.report.charts.style import printable

if TYPE_CHECKING:
    from sim.report.charts.style import Picture

_ROOT = re.compile(r"<svg [^>]*?width=\"([0-9.]+)\" height=\"([0-9.]+)\" viewBox=\"([-0-9. ]+)\"[^>]*>")
_ID = re.compile(r"\bid=\"([^\"]+)\"")


def inline_svg(chart: Picture, name: str, words: str, css: str) -> str:
    """The chart as an ``svg`` element for an HTML page.

    ``name`` begins every id in it, as several charts share a page; ``words`` tell it to those who do not
    see it; ``css`` is its class. All text in it is escaped by the renderer.
    """
    whole = _renamed(chart_svg(chart), name)
    found = _ROOT.search(whole)
    if found is None:
        raise ValueError("the renderer gave no svg element")
    width, height, box = found.groups()
    head = (
        f'<svg class="{css}" role="img" aria-label="{html.escape(words)}" '
        f'width="{width}" height="{height}" viewBox="{box}">'
    )
    return head + whole[found.end() :]


def _renamed(svg: str, name: str) -> str:
    """The same SVG with ids of its own: the renderer counts them on from chart to chart of a process."""
    for place, old in enumerate(dict.fromkeys(_ID.findall(svg))):
        new = f"{name}-{place}"
        for before, after in (('id="', '"'), ("url(#", ")"), ('href="#', '"')):
            svg = svg.replace(f"{before}{old}{after}", f"{before}{new}{after}")
    return svg


def chart_svg(chart: Picture) -> str:
    """The chart as an SVG document."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(_specification(chart), vl_version=_grammar())
    return svg


def save_picture(chart: Picture, path: Path, form: Literal["png", "svg"]) -> None:
    """Write the chart as a file: PNG at twice the size on screen, or SVG."""
    import vl_convert

    if form == "svg":
        path.write_text(chart_svg(chart), encoding="utf-8")
    else:
        path.write_bytes(vl_convert.vegalite_to_png(_specification(chart), vl_version=_grammar(), scale=2))


def _specification(chart: Picture) -> dict[str, Any]:
    """The chart as a Vega-Lite specification that the renderer survives.

    A control character in a text that it measures makes the renderer abort the whole process.
    """
    import altair as alt

    with alt.data_transformers.enable("default", max_rows=None):
        clean: dict[str, Any] = _printable(chart.to_dict())
    return clean


def _printable(part: Any) -> Any:
    if isinstance(part, str):
        return "\n".join(printable(line) for line in part.split("\n"))
    if isinstance(part, dict):
        return {key: _printable(value) for key, value in part.items()}
    return [_printable(value) for value in part] if isinstance(part, list) else part


def _grammar() -> str:
    """The version of Vega-Lite that the charts are written in, as the renderer names it."""
    import altair as alt

    return ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
