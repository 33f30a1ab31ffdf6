"""The stages of the two routes with their barriers, written down by hand from the scenario."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from benchmarks.rivals.by_hand.numbers import (
    CLOSED,
    DIVESTMENT,
    MONTH,
    PREFERRED_PROVIDER,
    SURGE,
    WHITE_PAPER,
    YEAR,
    Gate,
    Hazard,
    Stage,
    either,
    log_odds,
    lognormal_months,
    months,
    triangular,
)

DESTINATIONS: Final = tuple(
    Hazard(
        "competing_destination",
        0.01 / MONTH,
        form,
        periods=((*WHITE_PAPER, 25.0),),
        concerns=lambda group: group.arm and not group.wants_enterprise,
        moved=False,
    )
    for form in ("acute_merger", "mental_health_merger", "community_foundation_trust")
)
UNCERTAINTY: Final = Hazard("policy_uncertainty", 0.012 / MONTH, periods=((*PREFERRED_PROVIDER, 1.3),))
UNCERTAINTY_BEFORE_APPROVAL: Final = Hazard(
    "policy_uncertainty", 0.012 / MONTH, periods=((*PREFERRED_PROVIDER, 1.3), (*WHITE_PAPER, 40.0))
)
BEFORE_APPROVAL: Final = (UNCERTAINTY_BEFORE_APPROVAL, *DESTINATIONS)
AFTER_APPROVAL: Final = (UNCERTAINTY, *DESTINATIONS)


def lack_of_time(rate: float) -> Hazard:
    """So much a month."""
    return Hazard("lack_of_time", rate / MONTH, moved=False)


def reprisal(rate: float) -> Hazard:
    """Reprisal against the leader, so much a month."""
    return Hazard("manager_resistance", rate / MONTH, "reprisal")


def among_founders(barrier: str, rate: float) -> Hazard:
    """What keeps the founders of smaller groups back, so much a month."""
    return Hazard(barrier, rate / MONTH, "among_founders", concerns=lambda group: not group.arm, moved=False)


def no_capital(rate: float) -> Hazard:
    """No working capital while a plan is written, so much a month."""
    return Hazard("working_capital", rate / MONTH, moved=False)


def trading_failure(rate: float) -> Hazard:
    """So much a year."""
    return Hazard("trading_failure", rate / YEAR, moved=False)


def wrong_model(probability: float, again: float = 0.0) -> Gate:
    """Commissioners who think the model wrong."""
    return Gate("commissioner_scepticism", log_odds(probability), "wrong_model", again=again, after=months(2))


def too_risky(probability: float, again: float = 0.0, after: float = 2.0) -> Gate:
    """Commissioners who think the risk too large."""
    return Gate("commissioner_scepticism", log_odds(probability), "too_risky", again=again, after=months(after))


LOST_RETENDER: Final = Gate("lost_retender", log_odds(0.14))
IN_HOUSE: Final = Gate("return_in_house", log_odds(0.03))

OFFICIAL: Final = (
    Stage(
        "hearing_of_it",
        milestone="known",
        gates=(Gate("unaware_host", log_odds(0.97), concerns=lambda group: not group.aware),),
    ),
    Stage(
        "idea",
        work=lognormal_months(3.5, 8),
        hurry=(*SURGE, 0.2),
        hazards=(
            Hazard("lack_of_confidence", 0.02 / MONTH),
            lack_of_time(0.008),
            among_founders("attachment_to_nhs", 0.012),
            among_founders("pension_worries", 0.012),
            *BEFORE_APPROVAL,
        ),
    ),
    Stage(
        "expression_of_interest",
        work=lognormal_months(1.8, 3, drag=1.15),
        hurry=(*SURGE, 0.2),
        payer="group",
        cost=2000.0,
        hazards=(lack_of_time(0.012), reprisal(0.006), no_capital(0.01), *BEFORE_APPROVAL),
        gates=(Gate("business_skill_gap", log_odds(0.06), again=0.3, after=months(1)),),
    ),
    Stage(
        "submission",
        closes=CLOSED,
        milestone="submitted",
        gates=(
            Gate("manager_resistance", log_odds(0.3), "sign_off_refused", again=0.25, after=lognormal_months(1, 3)),
        ),
    ),
    Stage(
        "pct_board",
        heard_by="board",
        payer="host",
        cost=5000.0,
        milestone="eoi_approved",
        hazards=BEFORE_APPROVAL,
        gates=(
            Gate("manager_resistance", log_odds(0.25), "agenda_blocking", again=0.5, after=months(1), tries=4),
            wrong_model(0.13, again=0.25),
            too_risky(0.13, again=0.25),
        ),
    ),
    Stage(
        "sha_review",
        needs="reviewer",
        work=lognormal_months(3, 6, drag=1.3),
        hurry=(*SURGE, 0.3),
        payer="host",
        cost=10000.0,
        hazards=BEFORE_APPROVAL,
        gates=(wrong_model(0.4, again=0.25), too_risky(0.4, again=0.25)),
    ),
    Stage("national_wave", heard_by="wave", milestone="approved", hazards=BEFORE_APPROVAL),
    Stage(
        "business_plan",
        needs="fund",
        work=lognormal_months(4.5, 8.5, drag=1.05 * 1.1),
        hurry=(*DIVESTMENT, 0.65),
        payer="programme",
        cost=45000.0,
        hazards=(
            lack_of_time(0.003),
            Hazard("business_skill_gap", 0.004 / MONTH),
            no_capital(0.006),
            *AFTER_APPROVAL,
        ),
    ),
    Stage(
        "staff_ballot",
        work=lognormal_months(1, 2, drag=1.2),
        payer="host",
        cost=5000.0,
        hazards=AFTER_APPROVAL,
        gates=(
            Gate("attachment_to_nhs", log_odds(0.03), "at_the_ballot", again=0.6, after=months(2)),
            Gate("pension_worries", log_odds(0.05), "at_the_ballot", again=0.6, after=months(2)),
            Gate("union_opposition", log_odds(0.02), again=0.7, after=months(2)),
        ),
    ),
    Stage(
        "assurance",
        work=lognormal_months(1.2, 2.2),
        hurry=(*DIVESTMENT, 0.65),
        payer="host",
        cost=15000.0,
        hazards=AFTER_APPROVAL,
        gates=(too_risky(0.08, again=0.6, after=3),),
    ),
    Stage(
        "contract",
        work=lognormal_months(1.2, 2.2, drag=1.3),
        hurry=(*DIVESTMENT, 0.65),
        payer="host",
        cost=20000.0,
        milestone="contracted",
        gates=(
            Gate("procurement_burden", log_odds(0.06), "heavy_tender", again=0.4, after=months(2)),
            Gate("procurement_burden", log_odds(0.05), "risk_loaded", again=0.4, after=months(2)),
        ),
    ),
    Stage(
        "working_capital",
        work=lognormal_months(0.6, 1.5),
        gates=(Gate("working_capital", log_odds(0.2), again=0.5, after=months(2)),),
    ),
    Stage(
        "transfer",
        work=lognormal_months(1.3, 2.5),
        hurry=(*DIVESTMENT, 0.65),
        payer="host",
        cost={
            "clinical_team": triangular(30e3, 70e3, 150e3),
            "service_cluster": triangular(80e3, 200e3, 500e3),
            "provider_arm": triangular(500e3, 900e3, 1000e3),
        },
        milestone="live",
        hazards=(UNCERTAINTY,),
        gates=(
            Gate(
                "judicial_review",
                log_odds(0.07),
                concerns=lambda group: group.arm,
                again=0.5,
                after=triangular(3 * MONTH, 4 * MONTH, 5 * MONTH),
            ),
        ),
    ),
    Stage(
        "first_contract",
        work=either(3, 0.6, 5),
        milestone="contract_renewed",
        hazards=(trading_failure(0.008),),
        gates=(LOST_RETENDER, IN_HOUSE),
    ),
    Stage(
        "second_contract",
        work=either(3, 0.6, 5),
        hazards=(trading_failure(0.02),),
        gates=(LOST_RETENDER, IN_HOUSE),
    ),
)

INFORMAL: Final = (
    Stage(
        "informal_plan",
        work=lognormal_months(2.5, 6),
        hazards=(
            Hazard("lack_of_confidence", 0.04 / MONTH),
            reprisal(0.015),
            among_founders("pension_worries", 0.02),
            no_capital(0.05),
            *DESTINATIONS,
        ),
    ),
    Stage(
        "informal_agreement",
        work=lognormal_months(1, 3),
        heard_by="board",
        gates=(
            Gate("manager_resistance", log_odds(0.6), "sign_off_refused"),
            wrong_model(0.3),
            too_risky(0.3),
            Gate("procurement_burden", log_odds(0.08), "risk_loaded"),
        ),
    ),
    Stage(
        "informal_transfer",
        work=lognormal_months(2, 5),
        payer="group",
        cost={
            "clinical_team": lambda rng: 50e3,
            "service_cluster": lambda rng: 150e3,
            "provider_arm": lambda rng: 700e3,
        },
        milestone="live",
        gates=(Gate("working_capital", log_odds(0.25)),),
    ),
    Stage(
        "informal_contract",
        work=either(1, 0.5, 3),
        milestone="contract_renewed",
        hazards=(trading_failure(0.02),),
        gates=(LOST_RETENDER,),
    ),
)

ROUTES: Final[Mapping[str, tuple[Stage, ...]]] = {"official": OFFICIAL, "informal": INFORMAL}
