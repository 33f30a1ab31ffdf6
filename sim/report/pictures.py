"""Charts as pictures: SVG and PNG files that stand alone, drawn without a browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sim.report.format import visible

if TYPE_CHECKING:
    from sim.report.charts.grammar import Spec


def chart_svg(chart: Spec) -> str:
    """The chart as an SVG document."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(without_controls(chart))
    return svg


def save_picture(chart: Spec, path: Path, form: Literal["png", "svg"]) -> None:
    """Write the chart as a file: PNG at twice the size on screen, or SVG."""
    import vl_convert

    if form == "svg":
        path.write_text(chart_svg(chart), encoding="utf-8")
    else:
        path.write_bytes(vl_convert.vegalite_to_png(without_controls(chart), scale=2))


def without_controls(part: Any) -> Any:
    """A chart without the control characters that SVG forbids and no font can draw.

    One of them in a text that it measures makes the library that draws pictures abort the whole process.
    """
    if isinstance(part, str):
        return part if part.isprintable() else "\n".join(visible(line) for line in part.split("\n"))
    if isinstance(part, dict):
        return {key: without_controls(value) for key, value in part.items()}
    return [without_controls(value) for value in part] if isinstance(part, list) else part
