"""The shipped worlds: they say what they are, cite what they hold, and come out as the evidence has it."""

import re

import pandas as pd
import pytest

from sim.scenario.check import as_raw
from sim.scenario.extend import resolve
from sim.scenario.library import find_scenario, shipped_names
from sim.scenario.load import load
from sim.scenario.quantity import InvalidValue, duration_in_days, money_in_pounds, rate_per_day
from sim.scenario.walk import quantities
from tests.helpers.command import succeeds
from tests.helpers.known import chunk

BARRIERS = {
    "manager_resistance": {"sign_off_refused", "agenda_blocking", "reprisal"},
    "commissioner_scepticism": {"wrong_model", "too_risky"},
    "unaware_host": set(),
    "pension_worries": set(),
    "union_opposition": set(),
    "attachment_to_nhs": set(),
    "business_skill_gap": set(),
    "lack_of_confidence": set(),
    "lack_of_time": set(),
    "working_capital": set(),
    "procurement_burden": {"heavy_tender", "risk_loaded"},
    "policy_uncertainty": set(),
    "competing_destination": set(),
    "judicial_review": set(),
}
INTERVENTIONS = (
    "expert_developers",
    "pension_guarantee",
    "results_based_contract",
    "uncontested_first_contract",
    "honest_union_engagement",
    "time_release",
    "independent_champion",
    "duty_to_consider",
    "active_promotion",
    "business_skills_training",
    "commissioner_development",
    "working_capital_fund",
    "streamlined_tender",
    "information_service",
    "mystery_shopper",
    "business_support_fund",
)
DEFINED = ("clearance_points", "clearance_points_with_persistence")

# Numbers that may stand without a source, each with the reason.
MAY_STAND_ALONE = {
    r"hosts\.regions\.\w+\.hosts": "a whole number that the schema takes plain; the comment above it says where from",
    r".*\.(at_least|at_most)": "clips what is drawn, or caps a count; it is no estimate",
    r".*\.retry\.(after|tries)(\..*)?": "how soon and how often one may ask again: a rule, not an estimate",
    r".*\.triangular\.(low|high)": "the ends of a law whose mode is cited",
    r".*\.empirical\.values\.\d+": "the terms that contracts had; their weights are cited",
    r"routes\.\w+\.share": "the weight that the other route's cited weight is measured against",
    r".*\.arrivals\.limit": "a host has one provider arm",
    r".*\.effects\.\d+\.capacity": "places on an agenda or reviewers: a whole number that the schema takes plain",
    r"exemplars\.\w+\.at_most": "where the effect is cut off",
    r"resources\.support_fund\.fund\.budget": "nothing, until the programme that fills it is on",
}


def is_number(raw):
    if isinstance(raw, bool) or raw is None:
        return False
    if isinstance(raw, int | float):
        return True
    for parse in (duration_in_days, rate_per_day):
        try:
            parse(raw)
        except InvalidValue:
            continue
        return True
    try:
        money_in_pounds(raw)
    except InvalidValue:
        return False
    return True


def numbers(raw, path=()):
    """Every number that is written, by its path, and whether a source stands beside it."""
    if isinstance(raw, dict):
        cited = "value" in raw and raw.get("source")
        for key, part in raw.items():
            if cited and key in ("value", "low", "high"):
                yield ".".join((*path, key)), True
            elif key not in ("source", "label", "about", "title", "note", "name", "from", "until", "on", "by"):
                yield from numbers(part, (*path, key))
    elif isinstance(raw, list):
        for i, part in enumerate(raw):
            yield from numbers(part, (*path, str(i)))
    elif is_number(raw):
        yield ".".join(path), False


def run(name, replications, *overrides, seed=1):
    made = chunk(load(name, overrides).scenario, seed, range(replications), False, False)
    return {table: made[table].to_pandas() for table in ("groups", "hosts", "kpis", "costs")}


@pytest.fixture(scope="module")
def west_midlands():
    return run("west_midlands", 4)


@pytest.fixture(scope="module")
def england():
    return run("right_to_request", 12)


@pytest.mark.parametrize("name", shipped_names())
def test_a_file_opens_with_what_it_is_and_what_it_is_not(name):
    text = find_scenario(name).read_text(encoding="utf-8")
    head = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        head.append(line)
    comment = " ".join(head)
    assert len(head) >= 5
    assert "What this is:" in comment
    assert "What this is not:" in comment
    assert load(name).scenario.title


@pytest.mark.parametrize("name", [name for name in shipped_names() if name not in DEFINED])
def test_every_number_is_cited_or_a_judgement_with_a_range(name):
    raw = as_raw(resolve(find_scenario(name)).root)
    alone = [path for path, cited in numbers(raw) if not cited]
    assert [path for path in alone if not any(re.fullmatch(rule, path) for rule in MAY_STAND_ALONE)] == []
    assert sum(cited for _, cited in numbers(raw)) > 100


def test_every_exception_is_needed():
    alone = [
        path
        for name in shipped_names()
        if name not in DEFINED
        for path, cited in numbers(as_raw(resolve(find_scenario(name)).root))
        if not cited
    ]
    assert [rule for rule in MAY_STAND_ALONE if not any(re.fullmatch(rule, path) for path in alone)] == []


@pytest.mark.parametrize("name", shipped_names())
def test_every_observation_is_cited(name):
    assert all(one.source for one in load(name).scenario.observations.values())


@pytest.mark.parametrize("name", shipped_names())
def test_a_judgement_has_a_range(name):
    for path, one in quantities(load(name).scenario):
        if "judgement" in one.source:
            assert one.low <= one.value <= one.high, path
            assert one.low < one.high, path


# The worlds as the issue lists them


@pytest.mark.parametrize("name", ["right_to_request", "west_midlands", "no_programme"])
def test_every_barrier_is_there_and_on_and_every_intervention_is_there_and_off(name):
    scenario = load(name).scenario
    for barrier, forms in BARRIERS.items():
        assert scenario.barriers[barrier].enabled
        assert forms <= set(scenario.barriers[barrier].forms)
        assert scenario.barriers[barrier].label
    for intervention in INTERVENTIONS:
        assert not scenario.interventions[intervention].enabled
        assert scenario.interventions[intervention].label
    assert {"contracted"} == set(scenario.barriers["working_capital"].eases_after)


def test_england_is_151_hosts_in_ten_regions():
    regions = load("right_to_request").scenario.hosts.regions
    assert len(regions) == 10
    assert sum(region.hosts for region in regions.values()) == 151
    assert regions["west_midlands"].hosts == 17
    west = load("west_midlands").scenario.hosts.regions
    assert {name: one.hosts for name, one in west.items()} == {"west_midlands": 17}


def test_the_pipeline_and_the_calendar_are_those_of_the_programme():
    scenario = load("right_to_request").scenario
    stages = [stage.stage for stage in scenario.routes["official"].stages]
    wanted = [
        "idea",
        "expression_of_interest",
        "pct_board",
        "sha_review",
        "national_wave",
        "business_plan",
        "staff_ballot",
        "assurance",
        "contract",
        "working_capital",
        "transfer",
        "first_contract",
    ]
    assert [stage for stage in stages if stage in wanted] == wanted
    assert [str(when) for when in scenario.resources["wave_panel"].panel.dates] == [
        "2009-11-19",
        "2010-08-04",
        "2010-11-16",
    ]
    assert any(str(stage.closes) == "2010-09-30" for stage in scenario.routes["official"].stages)
    assert {"live", "submitted", "approved"} <= {stage.milestone for stage in scenario.routes["official"].stages}
    spells = {name: (str(one.from_), str(one.until)) for name, one in scenario.timeline.items()}
    assert spells["closing_date"] == ("2010-09-30", "2010-09-30")
    assert spells["divestment"][1].startswith("2011-04") or spells["divestment"][1] == "2011-03-31"
    assert spells["seif_closed"][0].startswith("2010-05")
    assert {"preferred_provider", "white_paper", "surge"} <= set(spells)


def test_the_successor_has_its_services_dates_and_supports():
    scenario = load("right_to_provide").scenario
    regions = scenario.hosts.regions
    assert set(regions) == {
        "nhs_trusts",
        "adult_social_care",
        "youth_services",
        "childrens_centres",
        "probation",
        "fire",
        "further_education",
    }
    assert str(scenario.clock.start) == "2011-03-30"
    assert len({region.joins for region in regions.values()}) >= 4
    supports = {"mutuals_support_programme", "mutuals_information_service", "mystery_shopper"}
    assert all(scenario.interventions[name].enabled for name in supports)
    money = [one.money.value for one in scenario.interventions["mutuals_support_programme"].effects if one.money]
    assert money == [10e6]
    groups = run("right_to_provide", 1)["groups"]
    for region in regions:
        arrived = groups[groups.region == region].arrived
        assert len(arrived) > 0
        assert arrived.min() >= (regions[region].joins - scenario.clock.start).days


def test_half_of_the_regions_are_active(england):
    hosts = england["hosts"]
    active = hosts.groupby(["replication", "region"]).trait_active.first().unstack()
    assert set(active["west_midlands"]) == {0.0}
    assert set(active["south_west"]) == {1.0}
    drawn = active.drop(columns=["west_midlands", "south_west"]).to_numpy()
    assert 0.3 < drawn.mean() < 0.7
    assert hosts.groupby("replication").trait_aware.mean().nunique() > 1


def test_without_the_programme_the_groups_are_the_same():
    with_it, without = run("right_to_request", 2)["groups"], run("no_programme", 2)["groups"]
    same = [
        "replication",
        "entity_id",
        "name",
        "region",
        "host",
        "type",
        "headcount",
        "turnover",
        "arrived",
        *(name for name in with_it.columns if name.startswith("trait_")),
    ]
    pd.testing.assert_frame_equal(with_it[same], without[same], check_exact=True)
    assert set(without.route) == {"informal", ""}
    assert set(with_it.route) == {"official", "informal", ""} - ({""} - set(with_it.route))
    undetermined = without[without.trait_determined == 0.0]
    assert set(undetermined.exit_cause) == {"no_route"}
    assert set(without[without.trait_determined == 1.0].route) == {"informal"}


@pytest.mark.parametrize("barrier", load("west_midlands").scenario.barriers)
def test_a_barrier_that_is_off_stops_nobody_and_moves_nobody_else(barrier, west_midlands):
    off = run("west_midlands", 4, f"barriers.{barrier}.enabled=false")["groups"]
    on = west_midlands["groups"]
    assert barrier not in set(off.exit_cause)
    assert list(off.entity_id) == list(on.entity_id)
    assert (off.arrived == on.arrived).all()


def test_every_barrier_takes_somebody_somewhere(england):
    causes = set(england["groups"].exit_cause)
    assert set(load("right_to_request").scenario.barriers) - causes <= {
        "union_opposition",
        "judicial_review",
        "return_in_house",
    }


def fate_of(tables):
    columns = [name for name in tables["groups"].columns if name.startswith(("exit_", "entered_", "reached_"))]
    return tables["groups"][columns].to_csv()


@pytest.mark.parametrize("intervention", INTERVENTIONS)
def test_an_intervention_that_is_on_costs_and_changes_something(intervention, west_midlands):
    switch = f"interventions.{intervention}.enabled=true"
    on = run("west_midlands", 4, switch)
    cost = load("west_midlands").scenario.interventions[intervention].cost
    if cost.fixed.value or cost.per_month.value:
        paid = on["costs"][(on["costs"].item == intervention) & (on["costs"].entity_id == "")]
        assert set(paid.replication) == set(range(4))
        assert set(paid.payer) == {cost.payer}
    fates = {str(one) for one in (fate_of(west_midlands), fate_of(on))}
    if len(fates) == 1:
        # A small one may change nobody's fate in so few histories of one region.
        fates = {str(fate_of(run("right_to_request", 3, *switches))) for switches in ((), (switch,))}
    assert len(fates) == 2


def test_all_interventions_at_once_launch_more(west_midlands):
    switches = [f"interventions.{name}.enabled=true" for name in INTERVENTIONS]
    everything = run("west_midlands", 4, *switches)["kpis"]
    assert everything.launched.sum() > 1.5 * west_midlands["kpis"].launched.sum()


@pytest.mark.parametrize(
    ("name", "answer"), [("clearance_points", 0.95**70), ("clearance_points_with_persistence", (0.95 / 0.96) ** 70)]
)
def test_the_clearance_points_have_their_known_answer(name, answer):
    kpis = run(name, 20)["kpis"]
    assert (kpis.groups == 100).all()
    share, error = kpis.launched.sum() / 2000, (answer * (1 - answer) / 2000) ** 0.5
    assert abs(share - answer) < 4 * error
    observed = load(name).scenario.observations["share_through"].value
    assert observed == pytest.approx(answer, abs=5e-4)


# What was observed

TARGETS = {
    "west_midlands": {"T1", "T2", "T3", "T4"},
    "right_to_request": {"T5", "T6", "T7", "T8", "T9", "T11", "T13"},
}


@pytest.mark.parametrize("name", TARGETS)
def test_every_target_has_its_observations(name):
    cited = {one for seen in load(name).scenario.observations.values() for one in seen.source}
    assert TARGETS[name] <= cited


@pytest.mark.parametrize(("name", "replications"), [("west_midlands", 300), ("right_to_request", 200)])
def test_what_was_observed_lies_inside_what_is_simulated(name, replications, tmp_path):
    said = succeeds("validate", name, "-n", replications, "--seed", 1, cwd=tmp_path)
    count = len(load(name).scenario.observations)
    assert f"{count} of {count} observations within the model's 95% range" in " ".join(said.split())
