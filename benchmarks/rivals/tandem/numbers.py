"""The numbers of tandem.yaml, for Ciw; times in days."""

from typing import Final

DAYS: Final = 365.0
ARRIVALS: Final = 8.0
CLERKS: Final = (3, 2)
WORK: Final = (0.36, 0.24)
PATIENCE: Final = (1.0, 0.5)
