"""Frames as plain rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame, each a mapping of column to value."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
