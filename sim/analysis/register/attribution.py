"""What is said of the players of an attribution, and of all of them together."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sim.analysis.register.outcome import Better, Outcome, register


def _measure(name: str, short: str, label: str, better: Better, definition: str) -> Outcome:
    return Outcome(name, label, "count", better, definition, short=short)


def _share(label: str, better: Better) -> Outcome:
    return Outcome("share", label, "share", better, "the Shapley value over what all come to", short="Share")


_ORDERS: Final = "averaged over all orders in which they may be"
_PAIR: Final = "the Shapley interaction index of a pair: what both bring together beyond what each brings"
_BARRIERS: Final = register(
    (
        _measure("launches", "As it is", "Launches as it is", "more", "launches with all of the barriers as they are"),
        _measure(
            "without",
            "All removed",
            "Launches with all these barriers removed",
            "more",
            "launches with none of the barriers",
        ),
        _measure(
            "loss",
            "Lost to all",
            "Launches that they cost together",
            "less",
            "launches with all of the barriers removed, less launches",
        ),
        _measure(
            "recorded",
            "Recorded",
            "Exits recorded as its own",
            "less",
            "exits before launch with the barrier as their cause",
        ),
        _measure(
            "saved",
            "Saved by it alone",
            "Groups saved by removing it alone",
            "more",
            "groups that launch when it alone is removed and else do not, whatever becomes of others",
        ),
        _measure(
            "but_for",
            "Removed alone",
            "Launches gained if it alone is removed",
            "more",
            "launches when it alone is removed, less launches",
        ),
        _measure(
            "alone",
            "Only one left",
            "Launches it costs if it is the only one left",
            "less",
            "launches with all of the barriers removed, less launches when all others are",
        ),
        _measure(
            "shapley",
            "Shapley value",
            "Launches it costs: Shapley value",
            "less",
            f"launches that removing it brings, {_ORDERS} removed; the values add up to the loss",
        ),
        _measure(
            "gap",
            "Less recorded",
            "Shapley value less recorded exits",
            "neither",
            "the Shapley value less recorded exits",
        ),
        _share("Share of the launches lost to all", "less"),
        _measure("interaction", "Interaction", "Launches gained by removing both, beyond each", "neither", _PAIR),
    )
)
_INTERVENTIONS: Final = register(
    (
        _measure("launches", "With none", "Launches with none of them", "more", "launches without any intervention"),
        _measure(
            "without",
            "All added",
            "Launches with all of them",
            "more",
            "launches with all of the interventions",
        ),
        _measure(
            "loss",
            "Gained by all",
            "Launches that they bring together",
            "more",
            "launches with all of the interventions, less launches",
        ),
        _measure(
            "saved",
            "Saved by it alone",
            "Groups saved by adding it alone",
            "more",
            "groups that launch when it alone is added and else do not, whatever becomes of others",
        ),
        _measure(
            "alone",
            "Added first",
            "Launches gained if it is the only one",
            "more",
            "launches when it alone is added, less launches",
        ),
        _measure(
            "but_for",
            "Added last",
            "Launches gained if added to all the others",
            "more",
            "launches with all of the interventions, less launches with all others",
        ),
        _measure(
            "shapley",
            "Shapley value",
            "Launches gained: Shapley value",
            "more",
            f"launches that adding it brings, {_ORDERS} added; the values add up to the gain",
        ),
        _share("Share of the launches gained by all", "more"),
        _measure("interaction", "Interaction", "Launches gained by adding both, beyond each", "neither", _PAIR),
    )
)
ATTRIBUTION: Final[Mapping[str, Mapping[str, Outcome]]] = MappingProxyType(
    {"barriers": _BARRIERS, "interventions": _INTERVENTIONS}
)
"""What is said of the players of an attribution, by what they are."""
