"""The limits of what can be asked for, and what holds unless something else is asked."""

from __future__ import annotations

from typing import Final

MOST_REPLICATIONS: Final = 2**31 - 1
MOST_SEED: Final = 2**64 - 1
MOST_FAILURES: Final = 0.01
"""The share of replications that may fail."""
MOST_FOR_PRECISION: Final = 100_000
"""Replications above which a precision is refused unless more are allowed."""
