"""The version of the package, and of the numbers that it makes."""

from typing import Final

__version__ = "0.1.0"
EPOCH: Final = 2
"""Changes when the same scenario, seed and replication give other numbers than before."""
