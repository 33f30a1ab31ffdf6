"""The words to which the program itself gives a meaning, each list once and in the order that counts.

All other words (types, regions, routes, stages, milestones, barriers, interventions) are the scenario's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final, Literal, get_args

LAUNCH: Final = "live"
"""The milestone that counts as a launch where the scenario names no other."""
ARRIVED: Final = "arrived"
"""The moment at which a group comes into the world, which an observation may name beside milestones."""

MODEL_CAUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "no_route": "No route was open to it",
        "window_closed": "The window had closed",
        "turned_away": "Turned away: the queue was full",
        "gave_up_waiting": "Gave up waiting",
    }
)
"""The causes of exit that are no barrier, with their labels. Their numbers in the engines are their places here."""

State = Literal["inside", "exited", "completed"]
STATES: Final[tuple[State, ...]] = get_args(State)
"""What has become of a group when the clock stops: it is still on its route, was lost, or came to the route's end."""
INSIDE, EXITED, COMPLETED = STATES

WAS_LAUNCHED, WAS_COMPLETED = "(launched)", "(completed)"
"""Stand beside causes of exit where a table says what became of a group; no name of a scenario has brackets."""

Payer = Literal["programme", "host", "group"]
PAYERS: Final[tuple[Payer, ...]] = get_args(Payer)
"""Who pays, in the order of tables. A payer's number in the engines is its place here."""
TOTAL: Final = "total"
"""Stands beside the payers for all of them together."""
PAYER_LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {"programme": "The programme", "host": "Hosts", "group": "Staff groups", TOTAL: "All together"}
)

Scope = Literal["nation", "region", "host"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
"""For whom there is one unit of a resource. A scope's number in the engines is its place here."""

RESOURCE_KINDS: Final = ("servers", "meeting", "panel", "fund")
"""What a resource may be."""

DISTRIBUTIONS: Final = ("fixed", "exponential", "weibull", "lognormal", "uniform", "triangular", "empirical")
"""The distributions of durations, amounts and numbers. Their numbers in the engines are their places here."""
SPREADS: Final = ("triangular", "uniform")
"""How parameter uncertainty draws between the bounds of a number, the usual one first."""


class Phase(IntEnum):
    """The parts of an instant, in the order in which they happen (docs/reference/model.md, section 13)."""

    TIMELINE = 0
    RELEASE = 1
    SITTING = 2
    REQUEST = 3
