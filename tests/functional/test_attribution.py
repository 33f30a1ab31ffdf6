"""Blame with known answers: what an attribution says of worlds that can be worked out by hand."""

from itertools import combinations
from math import prod

import numpy as np
import pandas as pd
import pytest

from sim.analysis.attribution import shapley
from sim.batch.case import Case
from sim.batch.extract import Computation
from sim.batch.extracts.launches.bits import read_bits
from sim.batch.extracts.launches.designs import Permutations
from sim.batch.extracts.launches.extract import Launches
from sim.batch.extracts.launches.toggles import Players, find_effective, until_launch
from sim.batch.extracts.tables import extract_tables
from sim.errors import InputError, RunFailed
from sim.experiment.worlds import world
from sim.scenario.load import load
from tests.helpers.blame_worlds import STAGES, gates, row, shared
from tests.helpers.command import CHECKOUT
from tests.helpers.known import WORLDS

CHANCES = {"doubt": 0.5, "fear": 0.3, "delay": 0.2}
N = 40
TOO_MANY = r"more than the 1.00% allowed .--most-failures.; replication \d+: .* tried a stage more than"


def launches(chances=CHANCES):
    """The launches of independent gates, whatever is removed: inclusion and exclusion."""
    names = list(chances)
    return np.array(
        [
            [N * prod(1 - chances[name] for place, name in enumerate(names) if not mask >> place & 1)]
            for mask in range(1 << len(names))
        ]
    )


def z(frame, column, answers):
    """z of a column of a frame, whose intervals are about two standard errors to either side, from known answers."""
    error = (frame[f"{column}_high"] - frame[f"{column}_low"]) / (2 * 1.966)
    assert (error > 0).all()
    return ((frame[column] - answers) / error).abs().max()


@pytest.fixture(scope="module")
def three_gates(tmp_path_factory):
    return row(tmp_path_factory.mktemp("gates"), gates(CHANCES))


@pytest.mark.parametrize("method", ["exact", "permutations"])
def test_independent_gates_have_a_closed_form(three_gates, method):
    found = shared(three_gates, method=method)
    answers = launches()
    players = found.players.set_index("name").loc[list(CHANCES)]
    assert found.method == method
    assert z(players, "shapley", shapley.shapley_values(answers)[:, 0]) < 4
    assert z(players, "but_for", shapley.first_values(answers)[:, 0]) < 4
    assert z(players, "saved", shapley.first_values(answers)[:, 0]) < 4
    assert z(players, "alone", shapley.last_values(answers)[:, 0]) < 4
    passed = np.cumprod([1, *(1 - chance for chance in CHANCES.values())])
    assert z(players, "recorded", [N * p * c for p, c in zip(passed, CHANCES.values(), strict=False)]) < 4
    assert z(found.whole, "loss", N - answers[0, 0]) < 4
    index = dict(zip(combinations(CHANCES, 2), shapley.interactions(answers)[:, 0], strict=True))
    pairs = found.pairs.rename(columns={"low": "interaction_low", "high": "interaction_high"})
    assert z(pairs, "interaction", [index[pair] for pair in zip(pairs["first"], pairs["second"], strict=True)]) < 4


def test_every_combination_and_every_smallest_set_of_independent_gates(three_gates):
    found = shared(three_gates)
    told = found.combinations.rename(columns={"low": "launches_low", "high": "launches_high"})
    assert told["launches"].iloc[-1] == N
    assert z(told.iloc[:-1], "launches", launches()[:-1, 0]) < 4
    sets = found.sets.set_index("set").rename(columns={"low": "groups_low", "high": "groups_high"})
    stopped = {
        names: N * prod(CHANCES[name] if name in names else 1 - CHANCES[name] for name in CHANCES)
        for size in (1, 2, 3)
        for names in combinations(CHANCES, size)
    }
    rows = sets.loc[[" + ".join(names) for names in stopped]]
    assert z(rows, "groups", list(stopped.values())) < 4
    assert sets.loc["", "groups"] == 0.0
    lost = found.whole["loss"].iloc[0]
    assert found.sizes["groups"].sum() == pytest.approx(lost)


def test_one_dominant_hazard_is_recorded_for_all_and_shares_with_the_gate_behind_it(tmp_path):
    """Nobody outlives the hazard, so the gate is never reached: v(hazard removed) = n (1 - p), v(both) = n."""
    barriers = {"plague": "{hazards: {one: 1000 per day}}", "doubt": "{gates: {two: 0.4}}"}
    found = shared(row(tmp_path, barriers))
    players = found.players.set_index("name")
    assert players.loc["plague", ["recorded", "recorded_low", "recorded_high"]].tolist() == [N] * 3
    assert players.loc["doubt", ["recorded", "but_for", "but_for_high"]].tolist() == [0.0] * 3
    assert z(players, "shapley", [N * (1 - 0.4 / 2), N * 0.4 / 2]) < 4
    assert players["gap"].to_dict()["doubt"] > 0 > players["gap"].to_dict()["plague"]
    assert found.whole["launches"].iloc[0] == 0.0


IRRELEVANT = {
    "never": "{gates: {two: 0}}",
    "later": "{gates: {trading: 0.5}, hazards: {trading: 0.5 per year}}",
    "nobody": "{applies_to: {types: other}, gates: {one: 1}}",
    "patient": "{drag: {one: 1}}",
}


@pytest.mark.parametrize("method", ["exact", "permutations"])
def test_irrelevant_barriers_get_exactly_nothing(tmp_path, method):
    later = "{stage: trading, work: 1 year}"
    one = row(tmp_path, {**gates(CHANCES), **IRRELEVANT}, types=", other: {share: 0, headcount: 10}", after=later)
    found = shared(one, 30, method=method)
    players = found.players.set_index("name").drop(columns="label")
    assert (players.loc[list(IRRELEVANT)].to_numpy() == 0.0).all()
    assert (players.loc[list(CHANCES), "shapley"] > 1.0).all()
    with_none = found.pairs[found.pairs["first"].isin(IRRELEVANT) | found.pairs["second"].isin(IRRELEVANT)]
    assert (with_none[["interaction", "low", "high"]].to_numpy() == 0.0).all()


def test_two_gates_that_always_block_are_exactly_symmetric(tmp_path):
    """Removing one alone changes nothing, so each bears half and they interact as strongly as can be."""
    found = shared(row(tmp_path, gates({"first": 1, "second": 1})), 20)
    players = found.players.set_index("name")
    assert players["shapley"].tolist() == players["shapley_low"].tolist() == [N / 2] * 2
    assert players["but_for"].tolist() == [0.0] * 2
    assert players.loc["first", "recorded"] == N
    assert players.loc["second", "recorded"] == 0.0
    assert found.pairs["interaction"].tolist() == [N]
    assert found.sets["set"].tolist() == ["first + second", ""]
    assert found.sets["groups"].tolist() == [N, 0.0]


def test_two_gates_with_the_same_chance_are_equal_within_error(tmp_path):
    found = shared(row(tmp_path, gates({"first": 0.4, "second": 0.4})))
    rows = found.players.set_index("name")
    apart = rows.loc["first", "shapley"] - rows.loc["second", "shapley"]
    widths = (rows["shapley_high"] - rows["shapley_low"]) / (2 * 1.966)
    assert 0 < abs(apart) < 4 * np.hypot(*widths)


@pytest.mark.parametrize("method", ["exact", "permutations"])
def test_the_shares_add_up_to_the_whole_loss(method):
    found = shared(
        world("west_midlands"), 20, players=["manager_resistance", "unaware_host", "lack_of_time"], method=method
    )
    assert found.players["shapley"].sum() == pytest.approx(found.whole["loss"].iloc[0], abs=1e-12)
    assert found.players["share"].sum() == pytest.approx(1.0)


@pytest.mark.long
def test_permutations_agree_with_every_combination():
    one, k = world(str(CHECKOUT / "scenarios" / "west_midlands.yaml")), 8
    names = list(
        find_effective(until_launch(one.loaded.scenario), Players("barriers", tuple(one.loaded.scenario.barriers)))
    )
    exact = shared(one, 40, 1, players=names[:k], jobs=None).players.set_index("name")
    sampled = shared(one, 400, 2, players=names[:k], method="permutations", jobs=None).players.set_index("name")
    for column in ("shapley", "saved", "but_for", "alone"):
        both = exact.join(sampled.add_suffix("_sampled"))
        errors = [(both[f"{column}_high{end}"] - both[f"{column}_low{end}"]) / 4 for end in ("", "_sampled")]
        apart = (both[column] - both[f"{column}_sampled"]).abs()
        assert (apart < 4 * np.hypot(*errors) + 1e-12).all(), column


SUBSETS = """named:
    - {name: by a, host: here-01, type: team, on: 2000-01-01, traits: {a: true}}
    - {name: by ab, host: here-01, type: team, on: 2000-01-01, traits: {a: true, b: true}}
    - {name: by abc, host: here-01, type: team, on: 2000-01-01, traits: {a: true, b: true, c: true}}
    - {name: by nobody, host: here-01, type: team, on: 2000-01-01}
    - {name: by another, host: here-01, type: team, on: 2000-01-01, traits: {d: true}}
    - {name: by c and another, host: here-01, type: team, on: 2000-01-01, traits: {c: true, d: true}}
  traits: {a: {probability: 0}, b: {probability: 0}, c: {probability: 0}, d: {probability: 0}}"""


def test_the_smallest_sets_of_groups_that_are_known(tmp_path):
    blocks = {
        name: f"{{applies_to: {{traits: {{{name}: true}}}}, gates: {{{stage}: 1}}}}"
        for name, stage in zip("abcd", STAGES, strict=False)
    }
    found = shared(row(tmp_path, blocks, STAGES, SUBSETS), 3, players=["a", "b", "c"])
    groups = found.sets.set_index("set")["groups"].to_dict()
    assert groups == {"a": 1, "a + b": 1, "a + b + c": 1, "": 2}
    assert found.sets["labels"].iloc[-1] == "not saved by removing all"
    assert found.sizes["groups"].tolist() == [2, 1, 1, 1]
    assert found.sizes["low"].tolist() == [2, 1, 1, 1]


RACE = """named:
    - {name: early, host: here-01, type: team, on: 2000-01-01, traits: {a: true}}
    - {name: late, host: here-01, type: team, on: 2000-02-01, traits: {b: true}}
    - {name: last, host: here-01, type: team, on: 2000-03-01, traits: {c: true}}
  traits: {a: {probability: 0}, b: {probability: 0}, c: {probability: 0}}"""
_MONEY = "resources: {purse: {fund: {budget: 100, award: 100}}}"


def test_saving_one_group_may_lose_another(tmp_path):
    """One award, for whoever comes first: a set that saves a group need not be part of larger ones that do."""
    blocks = {name: f"{{applies_to: {{traits: {{{name}: true}}}}, gates: {{one: 1}}}}" for name in "ab"}
    stages = ("one", "two, needs: {purse: {patience: 1 day}}")
    found = shared(row(tmp_path, blocks, stages, RACE, more=_MONEY), 3)
    players = found.players.set_index("name")
    assert found.combinations["launches"].tolist() == [1, 1, 1, 1]
    assert players["saved"].to_dict() == {"a": 1, "b": 1}
    assert players["but_for"].to_dict() == players["shapley"].to_dict() == {"a": 0, "b": 0}
    assert found.sets.set_index("set")["groups"].to_dict() == {"a": 1, "b": 1, "": 0}


INTERVENTIONS = """interventions:
  abolish: {enabled: false, effects: [{barrier: doubt, remove: true}]}
  soften: {enabled: false, effects: [{barrier: doubt, odds: 0.25}]}
  poster: {enabled: false, cost: {fixed: 1000}, effects: [{barrier: doubt, odds: 1}]}
"""


def test_interventions_first_last_and_on_average(tmp_path):
    """Odds of 1 become 0.25: blocked are 1/2 of 40, then 1/5; abolished, softening adds nothing."""
    one = row(tmp_path, {"doubt": "{gates: {one: 0.5}}"}, more=INTERVENTIONS)
    found = shared(one, of="interventions")
    players = found.players.set_index("name")
    assert players.loc["poster"].drop(["label", "recorded", "recorded_low", "recorded_high"]).dropna().eq(0.0).all()
    assert z(players.loc[["abolish"]], "alone", 20) < 4
    assert z(players.loc[["abolish"]], "but_for", 8) < 4
    assert z(players.loc[["soften"]], "alone", 12) < 4
    assert players.loc["soften", ["but_for", "but_for_low", "but_for_high"]].tolist() == [0.0] * 3
    assert z(players.loc[["abolish", "soften"]], "shapley", [14, 6]) < 4
    assert found.whole["without"].iloc[0] == N
    assert players["recorded"].isna().all()


def test_interventions_that_are_on_are_switched_off_first(tmp_path):
    one = row(
        tmp_path,
        {"doubt": "{gates: {one: 0.5}}"},
        more=INTERVENTIONS.replace("abolish: {enabled: false", "abolish: {enabled: true"),
    )
    off = row(tmp_path / "off", {"doubt": "{gates: {one: 0.5}}"}, more=INTERVENTIONS)
    told = [shared(two, 20, of="interventions").players for two in (one, off)]
    pd.testing.assert_frame_equal(*told)


MORE = """interventions:
  promote: {enabled: false, effects: [{arrivals: 2}]}
  abolish: {enabled: false, effects: [{barrier: doubt, remove: true}]}
"""


def test_an_intervention_that_brings_groups_leaves_the_others_the_same(tmp_path):
    """40 groups are expected of whom half pass; promoted twice as many, and abolished all of them."""
    arrivals = "arrivals: {rate: 0.1 per day, until: 2000-02-09}"
    one = row(tmp_path, {"doubt": "{gates: {one: 0.5}}"}, groups=arrivals, hosts=10, more=MORE)
    found = shared(one, of="interventions")
    told = found.combinations.rename(columns={"low": "launches_low", "high": "launches_high"})
    assert z(told, "launches", [20, 40, 40, 80]) < 4
    assert z(found.players.set_index("name").loc[["abolish", "promote"]], "shapley", [30, 30]) < 4
    extract = Launches(Players("interventions", ("promote",)), Permutations(("promote",), 1))
    block = read_bits(Computation((Case(one.loaded.scenario, 1),), extract).chunk(range(5)))
    before, after = block.truth(2).T
    assert (before <= after).mean() > 0.8
    assert len(np.unique(block.who)) == len(block.who)


@pytest.mark.parametrize("uncertain", [False, True])
@pytest.mark.parametrize("name", [str(WORLDS / "everything.yaml"), "right_to_request"])
def test_a_combination_is_the_world_with_those_barriers_switched_off(name, uncertain):
    """Group for group the launches and exits of a run of the world written so, whatever else the world has."""
    loaded, rng = load(name), np.random.default_rng(1)
    names = tuple(loaded.scenario.barriers)
    design = Permutations(names, 3)
    extract = Launches(Players("barriers", names), design)
    block = read_bits(Computation((Case(loaded.scenario, 3, uncertain),), extract).chunk(range(3)))
    truth = block.truth(design.size)
    for replication in range(3):
        here = block.who["replication"] == replication
        masks = design.combinations(replication)
        for place in (0, *rng.choice(len(masks), 4)):
            off = [f"barriers.{name_}.enabled=false" for i, name_ in enumerate(names) if masks[place] >> i & 1]
            made = extract_tables(Case(load(name, off).scenario, 3, uncertain), "groups", [replication])
            groups = made.tables["groups"].to_pandas()
            launched = groups["reached_live"].notna().to_numpy()
            assert (truth[here, place] == launched).all(), off
            if place == 0:
                lost = (groups["state"] == "exited").to_numpy() & ~launched
                assert (block.cause[here] == np.where(lost, groups["exit_cause"].astype(str), "")).all()


def test_what_is_recorded_and_launched_is_that_of_a_run():
    one = world("west_midlands")
    found = shared(one, 30, players=["unaware_host", "policy_uncertainty"], uncertain=True)
    groups = extract_tables(Case(one.loaded.scenario, 1, True), "groups", range(30)).tables["groups"].to_pandas()
    lost = groups[groups["reached_live"].isna()]
    assert found.whole["launches"].iloc[0] == pytest.approx(groups["reached_live"].notna().sum() / 30)
    for name, recorded in found.players.set_index("name")["recorded"].items():
        assert recorded == pytest.approx((lost["exit_cause"] == name).sum() / 30)


def test_the_stages_after_a_launch_are_left_out_only_where_nobody_else_can_tell():
    rtr, everything = load("right_to_request").scenario, load(str(WORLDS / "everything.yaml")).scenario
    assert [stage.stage for stage in until_launch(rtr).routes["official"].stages][-1] == "transfer"
    assert [stage.stage for stage in until_launch(rtr).routes["informal"].stages][-1] == "informal_transfer"
    assert until_launch(everything) is everything
    after = find_effective(until_launch(rtr), Players("barriers", tuple(rtr.barriers)))
    assert set(rtr.barriers) - set(after) == {"lost_retender", "trading_failure", "return_in_house"}


@pytest.mark.parametrize("of", ["barriers", "interventions"])
def test_threads_and_folders_change_nothing(tmp_path, of):
    asked = {
        "of": of,
        "players": ["unaware_host", "lack_of_time"] if of == "barriers" else ["pension_guarantee", "active_promotion"],
    }
    one = world("west_midlands")
    alone = shared(one, 150, **asked)
    for how in ({"jobs": 3}, {"jobs": 2, "folder": tmp_path / "answer"}, {"folder": tmp_path / "answer"}):
        other = shared(one, 150, **asked, **how)
        for name, frame in alone.tables.items():
            pd.testing.assert_frame_equal(frame, other.tables[name], check_exact=True)


def test_replications_that_fail_in_any_combination_are_left_out_of_all(tmp_path):
    """Where the region is odd, whoever passes the first gate tries the second for ever."""
    endless = "{two: {probability: 1, retry: {after: 1 day, tries: unlimited}}}"
    barriers = {"wall": "{gates: {one: 1}}", "stuck": f"{{applies_to: {{traits: {{odd: true}}}}, gates: {endless}}}"}
    odd = row(tmp_path, barriers, traits="odd: {probability: 0.2}", end="2100-01-01")
    found = shared(odd, 200, most_failures=1.0)
    assert 15 < found.failed < 75
    assert found.replications == 200 - found.failed
    assert found.combinations["launches"].tolist() == [0, N, 0, N]
    with pytest.raises(RunFailed, match=TOO_MANY):
        shared(odd, 200)


def test_what_cannot_be_asked_is_told(tmp_path):
    one = row(tmp_path, {**gates(CHANCES), "off": "{enabled: false, gates: {one: 0.5}}"}, more=INTERVENTIONS)
    for asked, words in (
        ({"players": ["doubts"]}, "row has no barrier 'doubts' .did you mean 'doubt'"),
        ({"players": ["off"]}, "the barrier off is switched off in row"),
        ({"players": []}, "row has no barriers to attribute"),
        ({"of": "interventions", "players": ["doubt"]}, "row has no intervention 'doubt'"),
        ({"of": "stages"}, "cannot attribute to 'stages'"),
        ({"method": "guess"}, "no method 'guess'"),
    ):
        with pytest.raises(InputError, match=words):
            shared(one, 5, **asked)
    many = row(tmp_path / "many", {f"b{i}": "{gates: {one: 0.1}}" for i in range(17)})
    with pytest.raises(InputError, match="all 131,072 combinations of 17, which are 655,360 replications"):
        shared(many, 5, method="exact")
    assert shared(many, 5).method == "permutations"
    with pytest.raises(InputError, match="nothing can launch"):
        shared(world(str(WORLDS / "two_hazards.yaml")), 5)
    shared(one, 5, folder=tmp_path / "there")
    with pytest.raises(RunFailed, match="holds another batch: keep is"):
        shared(one, 5, folder=tmp_path / "there", players=["doubt"])
