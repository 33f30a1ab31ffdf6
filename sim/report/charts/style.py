"""What all charts share: sizes, fonts, and colours that the colour-blind can tell apart."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.report.charts.grammar import Spec
from sim.report.format import visible

if TYPE_CHECKING:
    import pandas as pd

# Okabe and Ito (2008), Color Universal Design: told apart under every common form of colour blindness.
ORANGE, SKY, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILION, PURPLE, BLACK = "#0072B2", "#D55E00", "#CC79A7", "#000000"
GREY, PALE, INK = "#999999", "#D9D9D9", "#222222"

_FONT = "Arial, Helvetica, 'Liberation Sans', sans-serif"


@dataclass(frozen=True)
class Layout:
    """How much room a chart has: its width in pixels, the font size, and the letters in a label's line."""

    width: int
    font: int
    line: int

    @property
    def is_narrow(self) -> bool:
        """Whether this is a phone's width, where wide tables of tiles do not fit."""
        return self.width < 500


WIDE = Layout(width=860, font=13, line=32)
NARROW = Layout(width=340, font=12, line=18)

BROKEN_LABELS = "split(datum.label, '\\n')"
PLAIN_NUMBERS = "format(datum.value, ',')"
MONEY_LABELS = (
    "abs(datum.value) >= 1e9 ? '£' + format(datum.value / 1e9, ',.3~r') + ' bn' : "
    "abs(datum.value) >= 1e6 ? '£' + format(datum.value / 1e6, ',.3~r') + ' m' : "
    "abs(datum.value) >= 1e4 ? '£' + format(datum.value / 1e3, ',.3~r') + 'k' : "
    "'£' + format(datum.value, ',.3~r')"
)


def break_lines(text: str, line: int, lines: int = 4) -> str:
    """A label over several lines of at most ``line`` letters; past so many ``lines`` it ends in an ellipsis.

    Control characters, which no font can draw and SVG forbids, become blanks.
    """
    pieces = textwrap.wrap(visible(text), line, break_long_words=True) or [""]
    if len(pieces) > lines:
        pieces = [*pieces[: lines - 1], pieces[lines - 1][: line - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"]
    return "\n".join(pieces)


def greatest(numbers: Iterable[float]) -> float:
    """The greatest of the numbers that are known; 0 where none is."""
    return max((float(number) for number in numbers if not math.isnan(number)), default=0.0)


def month_ticks(last: float, layout: Layout) -> list[int]:
    """Round numbers of months from 0 to ``last`` for an axis of durations."""
    most = 6 if layout.is_narrow else 12
    step = next((step for step in (1, 2, 3, 6, 12, 24, 60) if last / step <= most), 120)
    return list(range(0, int(last) + 1, step))


def watched_enough(frame: pd.DataFrame) -> pd.DataFrame:
    """The times worth drawing of a frame with ``watched``: later ones rest on next to nobody.

    At least 30 groups of all histories together, and two in a thousand of those that arrived, are still
    inside.
    """
    most = float(frame["watched"].max())
    return frame.loc[frame["watched"] >= max(min(30.0, most), 0.002 * most)]


def fit_width(chart: Spec, layout: Layout) -> Spec:
    """A single view made as wide as the layout, labels included."""
    return {**chart, "width": layout.width, "autosize": {"type": "fit-x", "contains": "padding"}}


def apply_style(chart: Spec, layout: Layout) -> Spec:
    """The house's look: fonts, quiet grid lines, legends on top."""
    return {**chart, "config": _look(layout.font)}


def _look(font: int) -> Spec:
    words: dict[str, Any] = {
        "labelFontSize": font,
        "titleFontSize": font,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "titleColor": INK,
        "labelLimit": 0,
        "titleLimit": 0,
    }
    squares = {"symbolType": "square", "symbolOpacity": 1, "symbolStrokeWidth": 0}
    titles = {"fontSize": font + 4, "subtitleFontSize": font, "color": INK, "subtitleColor": "#444444"}
    return {
        "font": _FONT,
        "background": "white",
        "padding": 4,
        "view": {"stroke": None},
        "axis": {**words, "gridColor": "#E5E5E5", "domainColor": "#888888", "tickColor": "#888888", "titlePadding": 8},
        "legend": {**words, "orient": "top", "direction": "horizontal", **squares},
        "title": {"anchor": "start", "offset": 10, **titles},
        # What has no description of its own is not for screen readers nor for tooltips.
        "text": {"fontSize": font, "color": INK, "aria": False},
        "rule": {"aria": False},
        "tick": {"aria": False},
    }


def add_title(chart: Spec, title: str, subtitle: str, layout: Layout) -> Spec:
    """The chart with a title and a sentence of explanation on top, for a picture that stands alone."""
    letters = int(layout.width / (layout.font * 0.52))
    head = textwrap.wrap(visible(title), int(letters * 0.75))
    lines = textwrap.wrap(visible(subtitle), letters)
    return {**chart, "title": {"text": head, "subtitle": lines, "frame": "bounds"}}
