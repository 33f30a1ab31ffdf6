"""What must hold of any world: accounting, repeatability, and that nothing changes but what was changed."""

import copy
import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sim.scenario.load import load
from tests.helpers.drawn import drawn
from tests.helpers.known import WORLDS, chunk
from tests.helpers.random_worlds import build, effects, eligible, given_parts, mechanisms, on, worlds

CHECKOUT = Path(__file__).resolve().parents[2]
thoroughly = drawn(12)
SEED = 11


def play(raw, replications=(0, 1), uncertain=False):
    return chunk(build(raw), SEED, list(replications), uncertain, True)


def same(one, other, *names):
    """Equal tables, to the last bit; NaN equals NaN."""
    for name in names or sorted(set(one) | set(other)):
        pd.testing.assert_frame_equal(frame(one, name), frame(other, name), check_exact=True, obj=name)


def frame(tables, name):
    return tables[name].to_pandas() if name in tables else pd.DataFrame()


# Accounting


@thoroughly
@given(worlds())
def test_groups_are_neither_made_nor_lost(raw):
    tables = play(raw)
    groups, kpis, events = frame(tables, "groups"), frame(tables, "kpis"), frame(tables, "events")
    for kpi in kpis.itertuples():
        mine = groups[groups.replication == kpi.replication]
        assert kpi.groups == len(mine) == kpi.exited + kpi.inside + (mine.state == "completed").sum()
        assert kpi.launched == mine.reached_live.notna().sum() if "reached_live" in mine else True
    out = groups.state == "exited"
    assert (groups.exit_time.notna() == (groups.state != "inside")).all()
    assert ((groups.exit_cause != "") == out).all()
    assert (groups.exit_time[out] >= groups.arrived[out]).all()
    assert not groups.duplicated(["replication", "entity_id"]).any()
    assert (groups.arrived < 360).all()
    times = groups.filter(regex="^(entered|reached)_|^exit_time$")
    assert (times.isna() | (times.ge(groups.arrived, axis=0) & (times < 360))).all(axis=None)
    if len(events):
        assert events.groupby("replication").time.apply(lambda t: t.is_monotonic_increasing).all()
        moves = events[events.event_type == "arrival_departure"]
        assert (moves.event == "arrival").sum() == len(groups)
        assert (moves.event == "depart").sum() == (groups.state != "inside").sum()


@thoroughly
@given(worlds())
def test_resources_do_no_more_than_they_can(raw):
    tables = play(raw)
    for row in frame(tables, "resources").itertuples():
        assert row.requests == row.granted + row.left_queue + row.waiting_at_end
        assert min(row.granted, row.left_queue, row.waiting_at_end, row.queue_time, row.busy_time) >= 0
        if row.kind == "servers":
            assert row.busy_time <= row.capacity_time + _overshoot(raw) + 1e-6
        elif row.kind == "fund":
            assert row.money_granted <= _deposits(raw) + row.money_repaid + 1e-6
            assert row.money_repaid <= row.money_granted + 1e-6
    resources, groups = frame(tables, "resources"), frame(tables, "groups")
    assert resources.money_granted.sum() == pytest.approx(groups.award.sum())
    assert resources.money_repaid.sum() == pytest.approx(groups.repaid.sum())


def _overshoot(raw):
    """More than what work in hand can add after the number of servers steps down."""
    resource = raw["resources"]["advisers"]["servers"]
    numbers = [step["number"] for step in resource["changes"]]
    policies = [*raw.get("interventions", {}).values(), *raw.get("timeline", {}).values()]
    changes = [
        effect["capacity"] for one in policies for effect in one["effects"] if effect.get("resource") == "advisers"
    ]
    steps_down = numbers != sorted(numbers) or any(n < resource["number"] for n in numbers) or changes
    return 360 * (max([resource["number"], *numbers]) + sum(abs(c) for c in changes)) if steps_down else 0


def _deposits(raw):
    fund = raw["resources"]["capital"]["fund"]
    total = {0: 0, 50000: 50000, "£200k": 200000}[fund["budget"]] + 40000 * len(fund["top_ups"])
    policies = [*raw.get("interventions", {}).values(), *raw.get("timeline", {}).values()]
    return total + sum(effect.get("money", 0) for one in policies for effect in one["effects"])


@thoroughly
@given(worlds())
def test_costs_add_up(raw):
    tables = play(raw)
    costs, groups, kpis = frame(tables, "costs"), frame(tables, "groups"), frame(tables, "kpis")
    assert ((costs.time >= 0) & (costs.time < 360)).all()
    for payer in ("programme", "host", "group"):
        paid = costs[costs.payer == payer]
        assert paid.amount.sum() == pytest.approx(kpis[f"cost_{payer}"].sum(), abs=1e-6)
        assert paid[paid.entity_id != ""].amount.sum() == pytest.approx(groups[f"cost_{payer}"].sum(), abs=1e-6)
    assert kpis.cost_total.sum() == pytest.approx(costs.amount.sum(), abs=1e-6)


# Repeatability


@thoroughly
@given(worlds(), st.integers(0, 2**64 - 1), st.booleans())
def test_a_replication_is_the_same_alone_and_in_any_batch(raw, seed, uncertain):
    scenario = build(raw)
    batch = chunk(scenario, seed, [4, 7, 731], uncertain, True)
    same(batch, chunk(scenario, seed, [4, 7, 731], uncertain, True))
    alone = chunk(build(raw), seed, [731], uncertain, True)
    for name in batch:
        whole = frame(batch, name)
        own = whole[whole.replication == 731].reset_index(drop=True)
        if name in alone:
            pd.testing.assert_frame_equal(own, frame(alone, name), check_exact=True)


@thoroughly
@given(worlds(), st.booleans())
def test_the_callers_scenario_is_unchanged_by_a_run(raw, uncertain):
    before_raw = copy.deepcopy(raw)
    scenario = build(raw)
    before = copy.deepcopy(scenario)
    chunk(scenario, SEED, [0, 1], uncertain, True)
    assert scenario == before
    assert repr(scenario) == repr(before)
    assert raw == before_raw


SCRIPT = """
import hashlib, sys
from sim.batch.case import Case
from sim.batch.extracts.tables import extract_tables
from sim.scenario.load import load
tables = extract_tables(Case(load(sys.argv[1]).scenario, 5, True), "events", range(6)).tables
for name in sorted(tables):
    frame = tables[name].to_pandas()
    print(name, len(frame), hashlib.sha256(frame.to_csv(index=False).encode()).hexdigest())
"""


@pytest.mark.long
def test_results_do_not_depend_on_pythons_hash_seed():
    told = set()
    for seed in ("0", "1", "4711"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(CHECKOUT)}
        command = [sys.executable, "-c", SCRIPT, str(WORLDS / "everything.yaml")]
        told.add(subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout)
    assert len(told) == 1
    assert len(told.pop().splitlines()) == 6


# Nothing changes but what was changed


def shape_of(raw):
    """The names in a world, as the strategies want them."""
    names = [stage["stage"] for route in raw["routes"].values() for stage in route["stages"]]
    return {
        "type": list(raw["staff_groups"]["types"]),
        "region": list(raw["hosts"]["regions"]),
        "route": list(raw["routes"]),
        "stance": ["hostile", "neutral", "warm"],
        "mood": ["low", "high"],
        "stages": names,
        "milestones": ["live"],
        "barriers": list(raw["barriers"]),
    }


@thoroughly
@given(worlds(), st.integers(1, 30), st.data())
def test_two_arms_are_identical_until_they_differ(raw, tens, data):
    assume(raw["barriers"])
    day, shape = 10 * tens, shape_of(raw)
    kinds = st.lists(effects(shape, ["barrier", "stage", "resource", "arrivals"]), min_size=1, max_size=3)
    policy = {
        "from": on(day),
        "effects": data.draw(kinds),
        "cost": {"fixed": 5, "per_month": 5, "per_group": 5},
    }
    if not any("resource" in effect for effect in policy["effects"]):
        policy |= data.draw(given_parts(covers=st.none() | st.just({"hosts": 0.5})))
    other = copy.deepcopy(raw)
    other.setdefault("interventions", {})["a_new_policy"] = policy
    base, arm = play(raw), play(other)
    for name in ("events", "costs"):
        one, two = (before(frame(tables, name), day) for tables in (base, arm))
        pd.testing.assert_frame_equal(one, two, check_exact=True)


def before(table, day):
    if not len(table):
        return pd.DataFrame()
    table = table[table.time < day]
    if "amount" in table:
        table = table[table.entity_id != ""]
    return table.reset_index(drop=True) if len(table) else pd.DataFrame()


def with_first(mapping, key, value):
    return {key: value, **mapping}


@thoroughly
@given(worlds(), st.booleans(), st.data())
def test_a_barrier_without_effect_changes_nothing(raw, first, data):
    shape, other = shape_of(raw), copy.deepcopy(raw)
    retry = {"probability": 1, "after": "10 days", "tries": "unlimited"}
    idle = {
        "gates": {name: {"probability": 0, "retry": retry} for name in shape["stages"]},
        "hazards": dict.fromkeys(shape["stages"], "0 per month"),
        "drag": dict.fromkeys(shape["stages"], 1),
        "depends_on": {"keen": 3, "size": 2},
        "eases_after": {"live": 4},
    }
    if data.draw(st.booleans()):
        idle = {**data.draw(mechanisms(shape, True)), "applies_to": {"traits": {"size": -1}}}
        assume(idle["gates"] or idle["hazards"] or idle["drag"])
    if data.draw(st.booleans()):
        idle = {"forms": {"some": idle}}
    barriers = with_first(raw["barriers"], "idle", idle) if first else {**raw["barriers"], "idle": idle}
    other["barriers"] = barriers
    same(play(raw), play(other))


@thoroughly
@given(worlds(), st.data())
def test_a_policy_without_effect_changes_nothing(raw, data):
    assume(raw["barriers"])
    shape, other = shape_of(raw), copy.deepcopy(raw)
    (barrier, *_), (stage, *_) = shape["barriers"], shape["stages"]
    idle = {
        "effects": [
            {"barrier": barrier, "times": 1},
            {"barrier": barrier, "odds": 1, "rate": 1},
            {"stage": stage, "duration": 1},
            {"arrivals": 1},
        ],
        **data.draw(given_parts(covers=st.none() | st.just({"hosts": 0.5}))),
        **data.draw(st.sampled_from([{}, {"from": on(40)}, {"from": on(60), "until": on(100)}])),
    }
    other["interventions"] = with_first(raw.get("interventions", {}), "a_policy", idle)
    timeline = {**raw.get("timeline", {}), "mark": {"from": on(30)}}
    nothing_more = [
        {"resource": "advisers", "capacity": 0},
        {"resource": "board", "capacity": 0},
        {"resource": "capital", "money": 0},
    ]
    uncovered = {key: idle[key] for key in idle if key != "covers"}
    other["timeline"] = {**timeline, "idle": {**uncovered, "effects": [*idle["effects"], *nothing_more]}}
    same(play(raw), play(other))


@thoroughly
@given(worlds(), st.data())
def test_what_is_switched_off_is_not_there(raw, data):
    assume(raw["barriers"])
    shape, other = shape_of(raw), copy.deepcopy(raw)
    off = {"enabled": False}
    barrier = {**data.draw(mechanisms(shape, True)), "gates": {shape["stages"][0]: 1}, **off}
    other["barriers"] = with_first(raw["barriers"], "a_barrier", barrier)
    some_barrier = other["barriers"][shape["barriers"][0]]
    some_barrier["forms"] = {**some_barrier["forms"], "a_form": barrier}
    policy = {"effects": data.draw(st.lists(effects(shape, ["barrier", "stage", "resource", "arrivals"]), min_size=1))}
    other["interventions"] = with_first(
        raw.get("interventions", {}), "a_policy", {**policy, **off, "cost": {"fixed": 9}}
    )
    other["timeline"] = with_first(raw.get("timeline", {}), "a_fact", {**policy, **off})
    wagon = {"barrier": shape["barriers"][0], "odds": 0.1, **off}
    other["exemplars"] = with_first(raw.get("exemplars", {}), "a_wagon", wagon)
    other["routes"] = with_first(raw["routes"], "a_route", {"stages": [{"stage": "extra", "work": "9 days"}], **off})
    same(play(raw), play(other))


@thoroughly
@given(worlds(shared=False))
def test_one_more_group_changes_only_itself(raw):
    other = copy.deepcopy(raw)
    region = next(iter(raw["hosts"]["regions"]))
    kind = next(iter(raw["staff_groups"]["types"]))
    other["staff_groups"]["named"].insert(0, {"name": "A new one", "host": f"{region}-01", "type": kind, "on": on(20)})
    base, more = play(raw), play(other)
    groups = frame(more, "groups")
    assert (groups.name == "A new one").sum() == 2
    rest = groups[groups.name != "A new one"].reset_index(drop=True)
    pd.testing.assert_frame_equal(frame(base, "groups"), rest, check_exact=True)
    for name in ("events", "costs"):
        whole = frame(more, name)
        own = whole[~whole.entity_id.str.endswith("/A new one")].reset_index(drop=True)
        if len(frame(base, name)) or len(own):
            pd.testing.assert_frame_equal(frame(base, name), own, check_exact=True)


@thoroughly
@given(worlds())
def test_one_more_stage_at_the_end_changes_nothing_before_it(raw):
    other = copy.deepcopy(raw)
    for route, stages in other["routes"].items():
        stages["stages"].append({"stage": f"after_{route}", "work": {"exponential": {"mean": "1 month"}}})
    base, more = frame(play(raw), "groups"), frame(play(other), "groups")
    kept = more.drop(columns=[column for column in more if column.startswith("entered_after_")])
    done = base.state == "completed"
    changing = ["state", "stage", "exit_time"]
    pd.testing.assert_frame_equal(kept.drop(columns=changing), base.drop(columns=changing), check_exact=True)
    pd.testing.assert_frame_equal(kept[~done], base[~done], check_exact=True)
    late = more[done]
    assert (late.stage == "after_" + late.route).all()


ORDER_MATTERS = frozenset({"barriers", "forms"})


def reordered(part, random, key=""):
    """The same mapping with the keys of all mappings in another order, but for barriers and their forms."""
    if isinstance(part, list):
        return [reordered(item, random) for item in part]
    if not isinstance(part, dict):
        return part
    keys = list(part)
    if key not in ORDER_MATTERS:
        random.shuffle(keys)
    return {name: reordered(part[name], random, name) for name in keys}


@thoroughly
@given(worlds(), st.integers(0, 2**32))
def test_the_order_of_keys_in_the_file_changes_nothing(raw, seed):
    same(play(raw), play(reordered(raw, Random(seed))))


@thoroughly
@given(worlds(retries=False), st.randoms(use_true_random=False))
def test_the_order_of_barriers_changes_at_most_who_is_credited(raw, random):
    """Without retries: which of several gates blocks decides whether there is another try."""
    other = copy.deepcopy(raw)
    names = list(raw["barriers"])
    random.shuffle(names)
    other["barriers"] = {name: raw["barriers"][name] for name in names}
    one, two = play(raw), play(other)
    credited = ["exit_cause", "exit_form"]
    pd.testing.assert_frame_equal(
        frame(one, "groups").drop(columns=credited),
        frame(two, "groups").drop(columns=credited),
        check_exact=True,
    )
    same(one, two, "resources", "kpis", "hosts")


@thoroughly
@given(worlds(shared=False), st.sampled_from(["rates", "policy"]), st.sampled_from([0.0, 0.3, 0.9]), st.data())
def test_a_weaker_hazard_never_brings_its_exit_sooner(raw, how, less, data):
    """One stage, nothing shared: the stage's other ways out stay as they are."""
    raw["routes"] = {"only": {"stages": [{"stage": "step", "work": {"exponential": {"mean": "90 days"}}}]}}
    shape = {**shape_of(raw), "route": ["only"], "milestones": ["live"]}
    raw["routes"]["only"]["stages"][0]["milestone"] = "live"
    fear = {"hazards": {"step": "0.02 per day"}, "depends_on": {"champion": -0.5, "size": 0.4}}
    doubt = data.draw(mechanisms(shape, True))
    doubt["hazards"], doubt["gates"] = {"step": "0.01 per day"}, {"step": 0.3}
    raw["barriers"] = {"fear": fear, "doubt": doubt}
    raw["interventions"] = raw["timeline"] = raw["exemplars"] = {}
    raw["timeline"] = {"storm": {"from": on(100), "until": on(160), "effects": [{"barrier": "fear", "rate": 3}]}}
    for group in raw["staff_groups"]["named"]:
        group.pop("route", None)
    weak = copy.deepcopy(raw)
    if how == "rates":
        weak["barriers"]["fear"]["hazards"] = {"step": f"{0.02 * less} per day"}
    else:
        policy = {"effects": [{"barrier": "fear", **({"rate": less} if less else {"remove": True})}]}
        eligible_for = {"eligible": data.draw(eligible(shape, routes=False))}
        weak["interventions"] = {"relief": {**policy, "from": on(data.draw(st.integers(0, 200))), **eligible_for}}
    strong, relieved = frame(play(raw), "groups"), frame(play(weak), "groups")
    assert (strong.entity_id == relieved.entity_id).all()
    hit = (relieved.exit_cause == "fear") & (relieved.tries == strong.tries)
    still = strong.exit_cause == "fear"
    assert (still | ~hit | (relieved.tries > 0)).all()
    assert (relieved.exit_time[hit & still] >= strong.exit_time[hit & still] * (1 - 1e-12)).all()
    untouched = (strong.exit_cause != "fear") & (strong.tries == 0)
    assert (relieved.exit_time[untouched].fillna(-1) == strong.exit_time[untouched].fillna(-1)).all()


# Units of time

DAYS = {"days": 1.0, "weeks": 7.0, "months": 365.25 / 12}


def in_unit(part, unit):
    """The world with every duration and rate, all written in days, in another unit."""
    if isinstance(part, dict):
        return {key: in_unit(value, unit) for key, value in part.items()}
    if isinstance(part, list):
        return [in_unit(value, unit) for value in part]
    if isinstance(part, tuple):
        number, kind = part
        return f"{number * DAYS[unit]!r} per {unit[:-1]}" if kind == "rate" else f"{number / DAYS[unit]!r} {unit}"
    return part


@st.composite
def timed_worlds(draw):
    """A world whose times are (number, kind) in days, and do not tie unless by design of its calendar."""
    days = st.floats(1, 60).map(lambda n: (n, "days"))
    law = st.one_of(
        days.map(lambda n: {"exponential": {"mean": n}}),
        days.map(lambda n: {"lognormal": {"median": n, "p90": (n[0] * 2.5, "days")}}),
        days.map(lambda n: {"weibull": {"mean": n, "sd": (n[0] / 2, "days")}}),
        days.map(lambda n: {"uniform": {"low": (n[0] / 2, "days"), "high": n}}),
    )
    retry = {"probability": 0.5, "after": draw(law), "tries": 3}
    return {
        "title": "A timed world",
        "clock": {"start": on(0), "end": on(400)},
        "hosts": {"regions": {"east": {"hosts": 2}}},
        "staff_groups": {
            "types": {"team": {"share": 1, "headcount": 9}},
            "arrivals": {
                "rate": (0.02, "rate"),
                "profile": [{"from": on(100), "until": on(200), "times": 2}],
            },
        },
        "resources": {
            "advisers": {"servers": 1},
            "board": {"scope": "host", "meeting": {"every": draw(days), "room": 1}},
            "capital": {"fund": {"budget": 50000, "award": 30000, "repayment": {"over": (91.3125, "days")}}},
        },
        "routes": {
            "only": [
                {"stage": "idea", "needs": {"advisers": {"patience": draw(law)}}, "work": draw(law)},
                {"stage": "request", "work": draw(law), "decided_by": "board", "milestone": "submitted"},
                {"stage": "finance", "needs": "capital", "work": draw(law), "milestone": "live"},
            ]
        },
        "barriers": {
            "fear": {"hazards": {"idea": (0.005, "rate"), "finance": (0.002, "rate")}},
            "doubt": {"gates": {"request": {"probability": 0.4, "retry": retry}}},
        },
        "interventions": {"relief": {"from": on(150), "effects": [{"barrier": "fear", "rate": 0.5}]}},
    }


@thoroughly
@given(timed_worlds())
def test_units_of_time_scale(raw):
    days = play(in_unit(raw, "days"))
    for unit in ("weeks", "months"):
        other = play(in_unit(raw, unit))
        for name in ("groups", "events", "resources"):
            one, two = frame(days, name), frame(other, name)
            pd.testing.assert_frame_equal(one, two, check_exact=False, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("one", "other"), [("3 months", "91.3125 days"), ("8 weeks", "56 days"), ("1 year", "12 months")]
)
def test_equal_durations_are_equal_to_the_last_bit(one, other):
    text = (WORLDS / "small_shop.yaml").read_text()
    raw = load(str(WORLDS / "small_shop.yaml"), [f"routes.through.service.work={one}", "clock.end=2002-01-01"]).scenario
    two = load(
        str(WORLDS / "small_shop.yaml"), [f"routes.through.service.work={other}", "clock.end=2002-01-01"]
    ).scenario
    assert "21 days" in text
    same(chunk(raw, 1, [0], False, True), chunk(two, 1, [0], False, True))
