"""The numbers of the Right to Request in its shipped form, written down by hand from the scenario.

Times are days from the start; probabilities of blocking are kept as log-odds, because that is the scale on which
traits, policies and launches nearby move them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from numpy.random import Generator

START: Final = date(2008, 11, 1)
MONTH: Final = 365.25 / 12
YEAR: Final = 365.25
NEVER: Final = math.inf
Z90: Final = 1.2815515655446004


def day(year: int, month: int, number: int) -> float:
    """Days from the start to the beginning of a date."""
    return float((date(year, month, number) - START).days)


def log_odds(probability: float) -> float:
    """ln(p / (1 - p))."""
    return math.log(probability / (1 - probability))


Periods = tuple[tuple[float, float, float], ...]
"""(from, until, factor)."""
Draw = Callable[[Generator], float]

HORIZON: Final = day(2017, 1, 1)
CLOSED: Final = day(2010, 10, 1)

REGIONS: Final[Mapping[str, int]] = {
    "east_midlands": 9,
    "east_of_england": 13,
    "london": 31,
    "north_east": 12,
    "north_west": 24,
    "south_central": 9,
    "south_east_coast": 8,
    "south_west": 14,
    "west_midlands": 17,
    "yorkshire_and_humber": 14,
}
KNOWN_ACTIVE: Final[Mapping[str, bool]] = {"south_west": True, "west_midlands": False}

# What happened when.
OPENING_RUSH: Final = (0.0, day(2009, 1, 1))
CLOSING_RUSH: Final = (day(2010, 7, 12), day(2010, 10, 1))
PREFERRED_PROVIDER: Final = (day(2009, 9, 17), day(2010, 4, 1))
FUND_SHUT: Final = (day(2010, 5, 12), day(2010, 11, 12))
WHITE_PAPER: Final = (day(2010, 7, 12), day(2010, 11, 1))
SURGE: Final = (day(2010, 7, 12), day(2010, 11, 16))
DIVESTMENT: Final = (day(2010, 7, 1), day(2011, 4, 2))
WAVES: Final = (day(2009, 11, 19), day(2010, 8, 4), day(2010, 11, 16))

# Groups a day and host; see `World.common` and `World.provider_arm` for what moves them.
COMMON_RATE: Final = 0.035 / MONTH
COMMON_RUSHES: Final[Periods] = ((*OPENING_RUSH, 4.5), (*CLOSING_RUSH, 7.5))
ARM_RATE: Final = 0.03 / MONTH
ARM_RUSHES: Final[Periods] = ((*OPENING_RUSH, 4.5), (*CLOSING_RUSH, 4.0))
CLINICAL_SHARE: Final = 0.6
INFORMAL_SHARE: Final = 0.15 / 1.15

BOARD_EVERY: Final = 1.9 * MONTH
BOARD_ROOM: Final = 3
REVIEWERS: Final = 4
REVIEWERS_IN_SURGE: Final = 6
FUND_BUDGET: Final = 8e6
FUND_TOP_UP: Final = (day(2010, 11, 16), 4.4e6)
AWARDS: Final[Mapping[str, float]] = {"clinical_team": 60e3, "service_cluster": 100e3, "provider_arm": 160e3}
PREFERRED_PROVIDER_ODDS: Final = math.log(1.4)
NEIGHBOUR_ODDS: Final = math.log(0.95)
MOST_NEIGHBOURS: Final = 10
EASED_BY_CONTRACT: Final = math.log(0.35)

# The pension guarantee, where it is given. No ballot and no transfer comes before its date.
GUARANTEE: Final[Periods] = ((day(2009, 4, 1), NEVER, 0.3),)
GUARANTEE_ODDS: Final[Mapping[str, float]] = {"pension_worries": math.log(0.3), "union_opposition": math.log(0.7)}
GUARANTEE_COST: Final = 20e3


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of staff group: headcount is lognormal with a least."""

    name: str
    mu: float
    sigma: float
    least: float


def _kind(name: str, median: float, p90: float, least: float) -> Kind:
    return Kind(name, math.log(median), math.log(p90 / median) / Z90, least)


CLINICAL_TEAM: Final = _kind("clinical_team", 12, 30, 5)
SERVICE_CLUSTER: Final = _kind("service_cluster", 100, 240, 40)
PROVIDER_ARM: Final = _kind("provider_arm", 800, 1300, 300)


@dataclass(frozen=True, slots=True)
class Traits:
    """What a barrier may ask about a group."""

    kind: str
    active: bool
    aware: bool
    wants_enterprise: bool
    champion: bool
    business_experience: bool

    @property
    def arm(self) -> bool:
        """Whether the group is a whole provider arm."""
        return self.kind == "provider_arm"


def shifts(traits: Traits) -> dict[str, float]:
    """How a group's traits move each barrier: log-odds of its gates, log rate of its hazards."""
    arm, active, champion = traits.arm, traits.active, traits.champion
    cluster = traits.kind == "service_cluster"
    at_the_ballot = 1.0 * arm + 0.4 * cluster
    return {
        "lack_of_confidence": -0.5 * champion - 1.5 * arm,
        "business_skill_gap": -1.0 * traits.business_experience,
        "manager_resistance": -0.8 * champion - 0.4 * active - 1.5 * arm,
        "commissioner_scepticism": -0.3 * active - 2.0 * arm,
        "attachment_to_nhs": at_the_ballot,
        "pension_worries": at_the_ballot,
        "union_opposition": 2.2 * arm + 0.8 * cluster,
        "policy_uncertainty": -2.0 * active - 1.0 * arm,
    }


@dataclass(frozen=True, slots=True)
class Hazard:
    """A barrier that wears groups out all through a stage; ``moved`` says whether traits shift its rate."""

    barrier: str
    rate: float
    form: str = ""
    periods: Periods = ()
    concerns: Callable[[Traits], bool] | None = None
    moved: bool = True


@dataclass(frozen=True, slots=True)
class Gate:
    """A barrier at a stage's decision, and on what terms a blocked group tries again."""

    barrier: str
    log_odds: float
    form: str = ""
    concerns: Callable[[Traits], bool] | None = None
    again: float = 0.0
    after: Draw | None = None
    tries: int = 2


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a route. ``hurry`` makes work that begins in a period shorter."""

    name: str
    work: Draw | None = None
    hurry: tuple[float, float, float] | None = None
    closes: float = NEVER
    needs: str = ""
    heard_by: str = ""
    payer: str = ""
    cost: Mapping[str, Draw] | float = 0.0
    milestone: str = ""
    hazards: tuple[Hazard, ...] = ()
    gates: tuple[Gate, ...] = ()


def months(number: float) -> Draw:
    """So many months, always."""
    days = number * MONTH
    return lambda rng: days


def lognormal_months(median: float, p90: float, drag: float = 1.0) -> Draw:
    """Lognormal months with this median and 90th percentile, made longer by drag."""
    mu, sigma = math.log(median * MONTH * drag), math.log(p90 / median) / Z90
    return lambda rng: rng.lognormal(mu, sigma)


def either(first: float, share: float, second: float) -> Draw:
    """A contract of so many years with this probability, else of so many."""
    return lambda rng: (first if rng.random() < share else second) * YEAR


def triangular(low: float, mode: float, high: float) -> Draw:
    """A triangular distribution."""
    return lambda rng: rng.triangular(low, mode, high)
