"""What is said of a programme and its absence."""

from __future__ import annotations

from typing import Final

from sim.analysis.register.outcome import Better, Outcome, Terms, count, plus, register

_CLAIMED: Final = plus("additional", "deadweight")
_WITH: Final = plus("additional", "deadweight", "outside")
_WITHOUT: Final = plus("displaced", "deadweight", "outside")
_BOTH: Final = plus("deadweight", "outside")
_NET: Final = plus("additional", minus=("displaced",))
_PROGRAMME: Final = plus("programme_with", minus=("programme_without",))
_TOTAL: Final = plus("total_with", minus=("total_without",))


def _share(name: str, short: str, label: str, better: Better, definition: str, over: Terms, under: Terms) -> Outcome:
    return Outcome(name, label, "share", better, definition, over, under, short)


def _price(name: str, label: str, definition: str, over: Terms, under: Terms) -> Outcome:
    return Outcome(name, label, "pounds", "less", definition, over, under)


_LAUNCHES: Final = (
    count("with_programme", "Launches with the programme", "more", "launches with the programme", _WITH, "With it"),
    count("without_programme", "Launches without it", "more", "launches without the programme", _WITHOUT, "Without it"),
    count("difference", "Launches gained, net", "more", "additional launches less displaced ones", _NET, "Net"),
    count(
        "additional",
        "Additional: launched with it only",
        "more",
        "groups launched with the programme and not without it",
        short="Additional",
    ),
    count(
        "deadweight",
        "Deadweight: launched by the programme, and without it too",
        "less",
        "groups launched by a route of the programme, and also without it",
        short="Deadweight",
    ),
    count(
        "outside",
        "Outside: launched in both worlds, not by the programme",
        "neither",
        "groups launched in both worlds, and by no route of the programme",
        short="Outside",
    ),
    count(
        "displaced",
        "Displaced: launched without it only",
        "less",
        "groups launched without the programme and not with it",
        short="Displaced",
    ),
)
_SHARES: Final = (
    _share(
        "share_additional",
        "Share additional",
        "Share additional, of the programme's launches",
        "more",
        "additional launches, as a share of the launches that the programme can claim",
        plus("additional"),
        _CLAIMED,
    ),
    _share(
        "share_deadweight",
        "Share deadweight",
        "Share deadweight, of the programme's launches",
        "less",
        "deadweight, as a share of the launches that the programme can claim",
        plus("deadweight"),
        _CLAIMED,
    ),
    _share(
        "share_would_try",
        "Share that would have tried",
        "Share that would have tried without it, of the programme's launches",
        "neither",
        "groups that would have had a route without it, as a share of the launches that the programme can claim",
        plus("would_try"),
        _CLAIMED,
    ),
    _share(
        "share_net",
        "Share gained, net",
        "Share gained, net, of all launches with it",
        "more",
        "the net gain, as a share of all launches with the programme",
        _NET,
        _WITH,
    ),
    _share(
        "share_displaced",
        "Share displaced",
        "Share displaced, of the launches without it",
        "less",
        "displaced launches, as a share of all launches without the programme",
        plus("displaced"),
        _WITHOUT,
    ),
)
_TIMING: Final = (
    count("sooner", "Launched in both, sooner with the programme", "more", "groups launched in both, sooner with it"),
    count("same", "Launched in both, at the same time", "neither", "groups launched in both at the same time"),
    count("later", "Launched in both, later with the programme", "less", "groups launched in both, later with it"),
    Outcome(
        "months",
        "Months later with the programme",
        "months",
        "less",
        "mean months later with the programme, of the groups launched in both; below 0 is sooner",
        plus("months"),
        _BOTH,
    ),
)
_PRICES: Final = (
    _price(
        "per_additional",
        "Programme cost per additional launch",
        "what the programme costs itself, for each additional launch",
        _PROGRAMME,
        plus("additional"),
    ),
    _price(
        "per_net",
        "Programme cost per launch gained, net",
        "what the programme costs itself, for each launch of a net gain",
        _PROGRAMME,
        _NET,
    ),
    _price(
        "total_per_net",
        "Cost to all per launch gained, net",
        "what the programme costs all payers, for each launch of a net gain",
        _TOTAL,
        _NET,
    ),
)
ADDITIONALITY: Final = register((*_LAUNCHES, *_SHARES, *_TIMING, *_PRICES))
"""What is said of a programme and its absence, from the columns of `sim.batch.extracts.tally.tally`."""
