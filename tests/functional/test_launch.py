"""Any milestone may be the launch: a scenario names it, and everything that counts launches counts those."""

import json

import numpy as np
import pytest

import sim
from sim.analysis.outcomes import measure
from sim.analysis.paired.fates import fates
from sim.analysis.reading import Reading
from sim.analysis.run.exits import exits_by_cause
from sim.analysis.run.funnel import funnel
from sim.analysis.run.incidence import incidence
from sim.analysis.run.occupancy import occupancy
from sim.scenario.check import check_scenario
from sim.scenario.emit import as_yaml
from sim.scenario.facts import Facts
from sim.scenario.load import Loaded, apply_changes, load
from sim.scenario.yaml_tree import read_text
from tests.helpers.engines import agree

N = 40


def renamed(name, before, after):
    """A shipped world in which a milestone has another name throughout, and is the launch where it was."""
    loaded = load(name)
    text = as_yaml(read_text(loaded.text, name))
    for frame in ("milestone: {}\n", "reached: {}\n", "reached: {}}}", "to: {}\n", "to: {}}}"):
        text = text.replace(frame.format(before), frame.format(after))
    root = read_text(f"{text}launch: {after}\n", name)
    return Loaded(name, check_scenario(root), as_yaml(root), ())


@pytest.fixture(scope="module")
def approved():
    """A world whose launch is the milestone `approved`, and its results."""
    loaded = apply_changes(load("west_midlands"), ["launch=approved"])
    return loaded, sim.run(loaded, replications=N, seed=3)


def test_launches_are_those_of_the_named_milestone(approved):
    _, results = approved
    groups, kpis = results.groups, results.kpis
    reached = groups["reached_approved"].notna()
    counts = groups[reached].groupby("replication").size().reindex(range(N), fill_value=0)
    assert reached.sum() > groups["reached_live"].notna().sum() > 0
    assert kpis["launched"].tolist() == counts.tolist()
    assert kpis["staff_moved"].sum() == groups.loc[reached, "headcount"].sum()
    assert results.hosts["launched"].sum() == reached.sum()
    assert results.facts.launch == "approved"


def test_every_outcome_counts_them(approved):
    _, results = approved
    groups = results.groups
    reached, exited = groups["reached_approved"].notna(), groups["state"].eq("exited")
    found = measure(results, Reading())
    total = {name: found[name].numerator.sum() for name in ("launches", "exits", "closed", "trading")}
    assert total["launches"] == reached.sum()
    assert total["exits"] == (~reached & exited).sum()
    assert total["closed"] == (reached & exited).sum() > 0
    assert total["trading"] == (reached & ~exited).sum()


def test_funnel_exits_incidence_and_occupancy_count_them(approved):
    _, results = approved
    groups = results.groups
    reached = groups["reached_approved"].notna()
    stages = funnel(results)
    official = stages[stages["route"].eq("official")]
    place = official["milestone"].tolist().index("approved")
    assert official["after_launch"].tolist() == [number > place for number in range(len(official))]
    exits = exits_by_cause(results).groupby("when")["mean"].sum()
    assert exits["after launch"] * N == pytest.approx((reached & groups["state"].eq("exited")).sum())
    curve = incidence(results)
    assert curve["cause"].iloc[0] == "(launched)"
    assert curve[curve["cause"].eq("(launched)")]["share"].iloc[-1] >= reached.mean()
    present = occupancy(results)
    going = present[present["stage"].eq("(launched)")].iloc[-1]
    assert going["mean"] * N == (reached & ~groups["state"].eq("exited")).sum()


def test_both_engines_agree_on_it(approved):
    loaded, _ = approved
    agree(loaded.scenario, 7, range(4))


def test_an_attribution_shares_out_those_launches(approved):
    loaded, _ = approved
    barriers = ["manager_resistance", "union_opposition"]
    ask = {"replications": N, "seed": 3, "players": barriers}
    found = sim.attribute(loaded, **ask)
    groups = sim.run(loaded, replications=N, seed=3).groups
    assert found.whole["launches"].iloc[0] == pytest.approx(groups["reached_approved"].notna().sum() / N)


def test_fates_of_two_worlds_count_those_launches(approved):
    loaded, results = approved
    other = sim.run(apply_changes(loaded, ["barriers.manager_resistance.enabled=false"]), replications=N, seed=3)
    table = fates(results, other).table.iloc[0]
    launched = {
        name: world.groups["reached_approved"].notna().sum() for name, world in (("base", results), ("alt", other))
    }
    assert (table["both"] + table["only_base"]) * N == pytest.approx(launched["base"])
    assert (table["both"] + table["only_alternative"]) * N == pytest.approx(launched["alt"])


def test_the_launch_by_another_name_gives_the_same_numbers():
    plain = sim.run(load("right_to_request"), replications=6, seed=5)
    other = sim.run(renamed("right_to_request", "live", "independence"), replications=6, seed=5)
    assert other.facts.launch == "independence"
    for table in ("kpis", "hosts", "costs", "resources"):
        assert getattr(other, table).equals(getattr(plain, table)), table
    before = plain.groups.rename(columns={"reached_live": "reached_independence"})
    assert other.groups[sorted(before)].equals(before[sorted(before)])
    one, two = (measure(results, Reading()) for results in (plain, other))
    assert list(one) == list(two)
    for name in one:
        assert np.array_equal(one[name].numerator, two[name].numerator, equal_nan=True), name
    assert incidence(other).equals(incidence(plain))


def test_a_scenario_that_names_no_launch_is_as_before():
    loaded = load("west_midlands")
    assert "launch:" not in loaded.text
    facts = Facts.of(loaded.scenario)
    assert facts.launch == "live"
    assert json.loads(json.dumps(facts.as_json()))["launch"] == "live"
    old = {key: value for key, value in facts.as_json().items() if key != "launch"}
    assert Facts.read({"title": facts.title, "about": facts.about, **old}) == facts


def test_an_exemplar_follows_the_launch_unless_it_names_a_milestone():
    text = "exemplars.example={barrier: manager_resistance, odds: 0.5}"
    named = "exemplars.example={barrier: manager_resistance, odds: 0.5, milestone: approved}"
    first = sim.run(load("west_midlands", ["launch=approved", text]), replications=5, seed=2)
    second = sim.run(load("west_midlands", ["launch=approved", named]), replications=5, seed=2)
    third = sim.run(
        load("west_midlands", ["launch=approved", named.replace("approved", "live")]), replications=5, seed=2
    )
    assert first.groups.equals(second.groups)
    assert not first.groups.equals(third.groups)
