"""What happens at one instant, in the order that the model states, on worlds to follow by hand."""

import pytest

from sim.plan.build import build_plan
from sim.scenario.references import find_problems
from sim.scenario.schema import Scenario
from tests.helpers.instants import GROUPS, a_world, at, groups, play
from tests.helpers.random_worlds import build, on

# Releases and exits, sittings, requests


def test_a_sitting_on_the_instant_at_which_work_ends_decides_it():
    stages = [{"stage": "plan", "work": "30 days", "decided_by": "board", "milestone": "live"}]
    made = groups(a_world(stages, {"board": {"meeting": {"every": "30 days"}}}, days=(0, 30, 31, 60)))
    assert at(made, "reached_live") == [30, 60, 90, 90]


def test_what_is_ready_after_the_sitting_of_its_instant_waits_for_the_next():
    stages = [{"stage": "ask", "decided_by": "board", "milestone": "live"}]
    made = groups(a_world(stages, {"board": {"meeting": {"every": "30 days"}}}, days=(29, 30, 60, 61)))
    assert at(made, "reached_live") == [30, 60, 90, 90]


def test_two_boards_on_one_day_do_not_both_decide_a_group():
    """It enters the next stage as a request, which comes after the sittings of the instant."""
    boards = {name: {"meeting": {"every": "30 days"}} for name in ("a_board", "b_board")}
    for first, second in (("a_board", "b_board"), ("b_board", "a_board")):
        stages = [
            {"stage": "one", "decided_by": first, "milestone": "half"},
            {"stage": "two", "decided_by": second, "milestone": "live"},
        ]
        made = groups(a_world(stages, boards, days=(1,)))
        assert (at(made, "reached_half"), at(made, "reached_live")) == ([30], [60])


def test_a_stage_without_work_hazard_or_sitting_takes_no_time():
    stages = [{"stage": "one"}, {"stage": "two", "milestone": "live"}]
    assert at(groups(a_world(stages, days=(7, 7))), "reached_live") == [7, 7]


def test_a_panel_on_the_day_decides_before_those_who_come_that_day():
    stages = [{"stage": "ask", "decided_by": "panel", "milestone": "live"}]
    made = play(a_world(stages, {"panel": {"panel": {"dates": [on(50), on(20)]}}}, days=(19, 20, 50, 51)))
    frame = made["groups"].set_index("name")
    assert at(frame, "reached_live") == [20, 50, None, None]
    assert list(frame.exit_cause) == ["", "", "window_closed", "window_closed"]
    assert at(frame, "exit_time") == [20, 50, 50, 51]


def test_the_agenda_is_in_order_of_readiness_and_then_of_groups():
    work = {"by_type": {"team": "10 days", "arm": "4 days"}}
    stages = [{"stage": "ask", "work": work, "decided_by": "board", "milestone": "live"}]
    raw = a_world(stages, {"board": {"meeting": {"every": "30 days", "room": 1}}}, types=("team", "arm", "team", "arm"))
    assert at(groups(raw), "reached_live") == [90, 30, 120, 60]


def test_a_server_given_back_serves_who_waits_before_who_comes():
    stages = [{"stage": "work", "needs": "adviser", "work": "10 days", "milestone": "live"}]
    made = groups(a_world(stages, {"adviser": {"servers": 1}}, days=(0, 5, 10, 10)))
    assert at(made, "reached_live") == [10, 20, 30, 40]


def test_patience_and_release_at_one_instant_go_by_the_groups_number():
    """Both are releases or exits: B after A finds the server given back, but A before B has left by then."""
    need = {"adviser": {"patience": {"by_type": {"team": "5 days", "arm": "10 years"}}}}
    stages = [{"stage": "work", "needs": need, "work": "10 days", "milestone": "live"}]
    after = groups(a_world(stages, {"adviser": {"servers": 1}}, days=(0, 5), types=("arm", "team")))
    assert at(after, "reached_live") == [10, 20]
    before = groups(a_world(stages, {"adviser": {"servers": 1}}, days=(5, 0), types=("team", "arm")))
    assert at(before, "reached_live") == [None, 10]
    assert list(before.exit_cause) == ["gave_up_waiting", ""]


def test_a_timeline_change_comes_before_everything_else_of_its_day():
    stages = [{"stage": "ask", "work": "10 days", "milestone": "live"}]
    barriers = {"fear": {"gates": {"ask": 1}}}
    fact = {"from": on(10), "until": on(11), "effects": [{"barrier": "fear", "remove": True}]}
    made = groups(a_world(stages, barriers=barriers, days=(0, 1, 2), timeline={"fact": fact}))
    assert list(made.state) == ["completed", "completed", "exited"]
    tomorrow = {**fact, "from": on(11), "until": on(12)}
    made = groups(a_world(stages, barriers=barriers, days=(0, 1, 2), timeline={"fact": tomorrow}))
    assert list(made.state) == ["exited", "completed", "completed"]


def test_a_step_of_capacity_comes_before_the_requests_of_its_day():
    stages = [{"stage": "work", "needs": {"adviser": {"room": 0}}, "work": "500 days"}]
    adviser = {"servers": {"number": 0, "changes": [{"on": on(10), "number": 1}]}}
    assert list(groups(a_world(stages, {"adviser": adviser}, days=(9, 10))).state) == ["exited", "inside"]


def test_work_in_hand_is_finished_when_servers_step_down():
    stages = [{"stage": "work", "needs": "adviser", "work": "20 days", "milestone": "live"}]
    adviser = {"servers": {"number": 2, "changes": [{"on": on(10), "number": 0}, {"on": on(100), "number": 1}]}}
    tables = play(a_world(stages, {"adviser": adviser}, days=(0, 5, 6)))
    assert at(tables["groups"], "reached_live") == [20, 25, 120]
    (row,) = tables["resources"].itertuples()
    assert (row.busy_time, row.capacity_time, row.queue_time) == (60, 20 + 300, 94)


def test_a_window_closes_at_the_end_of_its_day():
    stages = [{"stage": "one", "work": "10 days"}, {"stage": "two", "closes": on(20), "milestone": "live"}]
    made = groups(a_world(stages, days=(9, 10, 11)))
    assert at(made, "reached_live") == [19, 20, None]
    assert list(made.exit_cause) == ["", "", "window_closed"]
    assert made.exit_stage["C"] == "two"


# Exemplars


def bandwagon(days, **more):
    stages = [{"stage": "ask", "work": "5 days", "milestone": "live"}]
    barriers = {"fear": {"gates": {"ask": 0.999999}, "applies_to": {"types": ["arm"]}}}
    wagon = {"barrier": "fear", "odds": 1e-15, **more}
    return a_world(stages, barriers=barriers, days=days, types=("team", "arm", "arm"), exemplars={"wagon": wagon})


def test_exemplars_are_read_at_the_moment_of_decision():
    """A goes live on day 20; B decides on the day before and C on the day after."""
    assert list(groups(bandwagon((15, 14, 16))).state) == ["completed", "exited", "completed"]


def test_among_decisions_of_one_instant_the_earlier_group_is_an_exemplar_to_the_later():
    assert list(groups(bandwagon((15, 15, 15))).state) == ["completed", "completed", "completed"]


def test_an_exemplar_counts_where_it_is_seen():
    raw = bandwagon((15, 16, 16), scope="region")
    raw["hosts"]["regions"]["west"] = {"hosts": 1}
    raw["staff_groups"]["named"][2]["host"] = "west-01"
    assert list(groups(raw).state) == ["completed", "completed", "exited"]


@pytest.mark.parametrize("types", [("arm", "team"), ("team", "arm")])
def test_a_sitting_decides_in_order_of_readiness_whatever_else_a_group_waits_for(types):
    """A is ready and decided before B, so that B has its example, also where only one is in danger."""
    stages = [{"stage": "ask", "work": "5 days", "decided_by": "board", "milestone": "live"}]
    barriers = {
        "storm": {"hazards": {"ask": "0.0000001 per year"}, "applies_to": {"types": ["arm"]}},
        "fear": {"gates": {"ask": 0.999999}, "applies_to": {"traits": {"second": True}}},
    }
    board, wagon = {"meeting": {"every": "30 days"}}, {"barrier": "fear", "odds": 1e-15}
    raw = a_world(stages, {"board": board}, barriers, (0, 1), types, exemplars={"wagon": wagon})
    raw["staff_groups"]["traits"] = {"second": {"probability": 0}}
    raw["staff_groups"]["named"][1]["traits"] = {"second": True}
    tables = play(raw)
    events = tables["events"]
    passed = events[events.event_type == "milestone"]
    assert list(passed.entity_id) == ["east-01/A", "east-01/B"]
    assert list(tables["groups"].state) == ["completed", "completed"]


def test_awards_paid_at_one_instant_are_logged_in_the_order_of_the_queue():
    stages = [{"stage": "finance", "needs": "fund", "milestone": "live"}]
    barriers = {"storm": {"hazards": {"finance": "0.0000001 per year"}, "applies_to": {"types": ["arm"]}}}
    fund = {"fund": {"budget": 100000, "award": 1000, "opens": [{"from": on(50)}]}}
    events = play(a_world(stages, {"fund": fund}, barriers, (0, 1, 2, 3), ("arm", "team", "arm", "team")))["events"]
    assert list(events[events.event_type == "award"].entity_id) == [f"east-01/{name}" for name in GROUPS]


# Funds and panels


def test_who_leaves_the_head_of_a_funds_queue_lets_the_next_be_paid_at_once():
    """A asks for more than there is and gives up on day 10; B's award could be paid from then on."""
    patience = {"by_type": {"arm": "10 days", "team": "1 year"}}
    need = {"fund": {"award": {"by_type": {"arm": 50000, "team": 20000}}, "patience": patience}}
    stages = [{"stage": "finance", "needs": need, "milestone": "live"}]
    made = groups(a_world(stages, {"fund": {"fund": {"budget": 30000}}}, days=(0, 2), types=("arm", "team")))
    assert at(made, "reached_live") == [None, 10]


def test_a_fund_serves_the_first_before_a_smaller_request_behind_it():
    need = {"fund": {"award": {"by_type": {"arm": 50000, "team": 20000}}}}
    stages = [{"stage": "finance", "needs": need, "milestone": "live"}]
    fund = {"fund": {"budget": 30000, "top_ups": [{"on": on(40), "add": 45000}]}}
    made = play(a_world(stages, {"fund": fund}, days=(0, 2), types=("arm", "team")))
    assert at(made["groups"], "reached_live") == [40, 40]


def test_a_loan_that_comes_back_is_lent_again():
    stages = [{"stage": "finance", "needs": "fund", "milestone": "live"}]
    fund = {"fund": {"budget": 30000, "award": 30000, "repayment": {"over": "3 months", "after": "1 month"}}}
    made = play(a_world(stages, {"fund": fund}, days=(0, 2)))
    assert at(made["groups"], "reached_live") == [0, 4 * 30.4375]
    (row,) = made["resources"].itertuples()
    assert row.money_granted == 60000
    assert row.money_repaid == pytest.approx(60000)


def test_the_loan_of_a_group_that_is_lost_is_lost_with_it():
    stages = [{"stage": "finance", "needs": "fund", "work": "45 days", "milestone": "live"}]
    fund = {"fund": {"budget": 30000, "award": 30000, "repayment": {"over": "3 months"}}}
    made = play(a_world(stages, {"fund": fund}, {"fear": {"gates": {"finance": 1}}}, (0,)))
    assert made["groups"].repaid[0] == pytest.approx(10000)


def test_an_item_that_no_panel_took_was_not_granted():
    stages = [{"stage": "ask", "decided_by": "panel", "milestone": "live"}]
    panel = {"panel": {"dates": [on(20)], "room": 1}}
    made = play(a_world(stages, {"panel": panel}, days=(1, 2, 3)))
    assert list(made["groups"].exit_cause) == ["", "window_closed", "window_closed"]
    (row,) = made["resources"].itertuples()
    assert (row.requests, row.granted, row.left_queue, row.waiting_at_end) == (3, 1, 2, 0)


@pytest.mark.parametrize("scope", ["nation", "region", "host"])
def test_another_region_does_not_move_the_meetings_of_this_one(scope):
    stages = [{"stage": "ask", "decided_by": "board", "milestone": "live"}]
    raw = a_world(stages, {"board": {"scope": scope, "meeting": {"every": "60 days", "staggered": True}}}, days=(0,))
    base = at(groups(raw), "reached_live")
    raw["hosts"]["regions"]["a_new_one"] = {"hosts": 1}
    assert at(groups(raw), "reached_live") == base


def test_the_staggered_meetings_of_several_regions_differ():
    stages = [{"stage": "ask", "decided_by": "board", "milestone": "live"}]
    board = {"scope": "region", "meeting": {"every": "60 days", "staggered": True}}
    raw = a_world(stages, {"board": board}, days=(0, 0))
    raw["hosts"]["regions"]["west"] = {"hosts": 1}
    raw["staff_groups"]["named"][1]["host"] = "west-01"
    assert len(set(at(groups(raw), "reached_live"))) == 2


# The order of a file is not a rule of the model, not even in the last digit


def last_digit_world():
    stages = [{"stage": "step", "work": {"exponential": {"mean": "50 days"}}, "milestone": "live"}]
    raw = a_world(stages, days=(0, 1, 2, 3))
    raw["staff_groups"]["traits"] = {
        name: {"number": {"uniform": {"low": 0.1, "high": 0.9}}} for name in ("one", "two", "three", "four")
    }
    return raw


def backwards(mapping):
    return dict(reversed(mapping.items()))


def test_the_order_of_coefficients_does_not_move_the_last_digit():
    raw = last_digit_world()
    shifts = {"one": 0.1, "two": 0.2, "three": 0.3, "four": -0.7}
    raw["barriers"] = {"fear": {"hazards": {"step": "0.05 per day"}, "depends_on": shifts}}
    base = play(raw, 50)["groups"]
    raw["barriers"]["fear"]["depends_on"] = backwards(shifts)
    assert (play(raw, 50)["groups"].exit_time.fillna(-1) == base.exit_time.fillna(-1)).all()


def test_the_order_of_barriers_does_not_move_the_last_digit_of_drag():
    raw = last_digit_world()
    factors = {"one": 1.1, "two": 1.3, "three": 0.7}
    raw["barriers"] = {name: {"drag": {"step": factor}} for name, factor in factors.items()}
    base = play(raw, 50)["groups"]
    raw["barriers"] = backwards(raw["barriers"])
    assert (play(raw, 50)["groups"].reached_live.fillna(-1) == base.reached_live.fillna(-1)).all()


def test_the_order_of_exemplars_is_that_of_their_names():
    raw = bandwagon((0, 0, 0))
    raw["exemplars"] = {name: {"barrier": "fear", "odds": odds} for name, odds in (("b", 0.7), ("a", 0.3), ("c", 0.9))}
    plan = build_plan(build(raw))
    raw["exemplars"] = backwards(raw["exemplars"])
    again = build_plan(build(raw))
    assert (plan.exemplars, plan.stages) == (again.exemplars, again.stages)


# The event log


def test_the_event_log_says_which_server_works_and_when_it_is_free():
    stages = [{"stage": "work", "needs": "adviser", "work": "10 days", "milestone": "live"}]
    events = play(a_world(stages, {"adviser": {"servers": 2}}, days=(0, 0, 0)))["events"]
    starts = events[events.event_type == "resource_use"]
    ends = events[events.event_type == "resource_use_end"]
    assert list(ends.resource_id) == [1, 2, 1]
    assert list(starts.resource_id) == [1, 2, 1]


def test_every_use_that_begins_ends_or_is_still_going_on():
    stages = [
        {"stage": "alone", "work": "10 days"},
        {"stage": "work", "needs": "adviser", "work": "10 days"},
        {"stage": "finance", "needs": "fund", "work": "10 days", "milestone": "live"},
    ]
    resources = {"adviser": {"servers": 2}, "fund": {"fund": {"budget": 100000, "award": 10}}}
    events = play(a_world(stages, resources, days=(0, 0, 0)))["events"]
    counts = events.event_type.value_counts()
    assert counts["resource_use"] == counts["resource_use_end"]


# What the checks must refuse before an engine meets it


def checked(raw):
    """The scenario, or None where the checks refuse it."""
    try:
        scenario = Scenario.model_validate(raw)
    except ValueError:
        return None
    return None if find_problems(scenario, raw) else scenario


def test_a_law_that_leaves_a_type_out_is_refused_or_runs():
    raw = a_world([{"stage": "ask", "work": {"by_type": {"team": "5 days"}}}], types=("arm",))
    if checked(raw):
        play(raw)


def test_a_trait_with_a_law_for_each_type_is_refused_or_follows_it():
    raw = a_world([{"stage": "ask"}], types=("team", "arm"))
    law = {"by_type": {"team": 1, "arm": 2}, "otherwise": 3}
    raw["staff_groups"]["traits"] = {"size": {"number": law}}
    if checked(raw):
        assert list(play(raw)["groups"].trait_size) == [1, 2]


def test_no_two_groups_have_one_identity():
    raw = a_world([{"stage": "ask"}])
    raw["staff_groups"]["arrivals"] = {"number": 2}
    raw["staff_groups"]["named"][0]["name"] = "1"
    if checked(raw):
        assert not play(raw)["groups"].entity_id.duplicated().any()
