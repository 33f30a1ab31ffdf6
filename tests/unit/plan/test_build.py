"""A scenario laid out as a plan: names become numbers, dates days, and what is switched off is not there."""

import math

import pytest

from sim.draws.arithmetic import logarithm
from sim.draws.uniform import name_key
from sim.plan.build import build_plan
from sim.plan.plan import FIRST_TRAIT, LOG_HEADCOUNT, NEVER, REGION, ROUTE, TYPE, Condition, Period, Term
from sim.scenario.quantity import DAYS_PER_MONTH
from sim.scenario.schema import Scenario
from tests.helpers.plans import BASE, plan_of, policy


def stage(plan, name):
    (found,) = [one for one in plan.stages if one.name == name]
    return found


def gates(plan, name):
    return [(gate.rule.barrier, gate.rule.form) for gate in stage(plan, name).gates]


def resource(plan, name):
    (found,) = [one for one in plan.resources if one.name == name]
    return found.kind


def gate(plan, barrier="worry", at="board", form=""):
    (found,) = [one for one in stage(plan, at).gates if (one.rule.barrier, one.rule.form) == (barrier, form)]
    return found


# Time and names


def test_time_is_days_from_the_start():
    plan = plan_of()
    assert plan.horizon == 730.0
    assert plan.regions[0].joins == 10.0
    assert plan.regions[1].joins == 0.0


def test_a_date_that_bounds_is_included():
    plan = plan_of(
        routes__official=[{"stage": "idea", "closes": "2009-01-01"}, {"stage": "board"}, {"stage": "finance"}],
        routes__back_door={"opens": "2009-01-03", "closes": "2009-01-04", "stages": [{"stage": "alone"}]},
    )
    assert stage(plan, "idea").closes == 1.0
    assert stage(plan, "board").closes == NEVER
    assert [(one.opens, one.closes) for one in plan.routes] == [(2.0, 4.0), (-NEVER, NEVER)]


def test_everything_is_numbered_by_name():
    plan = plan_of()
    assert [one.name for one in plan.regions] == ["north", "south"]
    assert [(region.name, region.hosts) for region in plan.regions] == [("north", 1), ("south", 2)]
    assert [one.name for one in plan.types] == ["arm", "team"]
    assert [one.name for one in plan.routes] == ["back_door", "official"]
    assert [one.name for one in plan.stages] == ["alone", "idea", "board", "finance"]
    assert plan.milestones == ("approved", "live")
    assert [one.name for one in plan.resources] == ["advisers", "board", "money"]
    assert [one.stages for one in plan.routes] == [(0,), (1, 2, 3)]


def reordered(raw):
    """The same mapping with its keys turned around; lists keep their order, barriers theirs too (gates are in it)."""
    if not isinstance(raw, dict):
        return raw
    return {key: raw[key] if key == "barriers" else reordered(raw[key]) for key in reversed(raw)}


def test_the_order_of_keys_means_nothing():
    assert build_plan(Scenario.model_validate(reordered(BASE))) == build_plan(Scenario.model_validate(BASE))


def test_the_order_of_barriers_is_the_order_of_gates():
    assert gates(plan_of(), "board") == [("worry", ""), ("doubt", "soft"), ("doubt", "hard")]
    turned = build_plan(Scenario.model_validate({**BASE, "barriers": dict(reversed(BASE["barriers"].items()))}))
    assert gates(turned, "board") == [("doubt", "soft"), ("doubt", "hard"), ("worry", "")]


# What is switched off


def test_a_barrier_that_is_off_is_not_there():
    plan = plan_of(barriers__worry__enabled=False)
    assert gates(plan, "board") == [("doubt", "soft"), ("doubt", "hard")]
    assert stage(plan, "idea").hazards == ()
    assert stage(plan, "idea").drags == ()


def test_a_form_that_is_off_is_not_there():
    plan = plan_of(barriers__doubt__forms__soft__enabled=False)
    assert gates(plan, "board") == [("worry", ""), ("doubt", "hard")]
    assert gates(plan_of(barriers__doubt__enabled=False), "board") == [("worry", "")]


def test_a_route_that_is_off_is_not_there_and_its_milestones_and_number_stay():
    plan = plan_of(routes__official={"enabled": False, "stages": BASE["routes"]["official"]})
    assert [(one.name, one.code) for one in plan.routes] == [("back_door", 0.0)]
    assert [one.name for one in plan.stages] == ["alone"]
    assert plan.milestones == ("approved", "live")
    assert [(one.name, one.code) for one in plan_of().routes] == [("back_door", 0.0), ("official", 1.0)]


def test_a_policy_that_is_off_is_as_one_that_was_never_written():
    effects = [
        {"barrier": "worry", "times": 2},
        {"stage": "idea", "duration": 3},
        {"arrivals": 2},
        {"barrier": "doubt", "remove": True},
    ]
    assert plan_of(**policy(effects, enabled=False, cost={"fixed": 5})) == plan_of()
    assert plan_of(timeline__fact={"enabled": False, "effects": effects}) == plan_of()


def test_an_exemplar_that_is_off_eases_nothing():
    one = {"barrier": "worry", "odds": 0.5}
    assert gate(plan_of(exemplars__near=one)).exemplars == (0,)
    assert gate(plan_of(exemplars__near={**one, "enabled": False})).exemplars == ()
    assert gate(plan_of(exemplars__near={**one, "odds": 1})).exemplars == ()


# Terms and conditions

TRAITS = {"keen": FIRST_TRAIT, "stance": FIRST_TRAIT + 1, "champion": FIRST_TRAIT + 2}


def test_terms_find_their_facts():
    depends_on = {
        "type": {"team": 1, "arm": 2},
        "region": {"south": 3},
        "route": {"official": 4},
        "log_headcount": 5,
        "keen": 6,
        "stance": {"friendly": 7, "hostile": 8},
        "champion": {"value": 9, "low": 8, "high": 10},
    }
    plan = plan_of(barriers__worry__depends_on=depends_on)
    wanted = {
        Term(TYPE, 1.0, 1.0),
        Term(TYPE, 0.0, 2.0),
        Term(REGION, 1.0, 3.0),
        Term(ROUTE, 1.0, 4.0),
        Term(LOG_HEADCOUNT, None, 5.0),
        Term(TRAITS["keen"], None, 6.0),
        Term(TRAITS["stance"], 0.0, 7.0),
        Term(TRAITS["stance"], 1.0, 8.0),
        Term(TRAITS["champion"], None, 9.0),
    }
    for rule in (gate(plan).rule, stage(plan, "idea").hazards[0].rule):
        assert set(rule.terms) == wanted
        assert len(rule.terms) == len(wanted)


def test_terms_do_not_depend_on_the_order_in_which_they_are_written():
    one = plan_of(barriers__worry__depends_on={"keen": 0.1, "champion": 0.3, "type": {"team": 0.7}})
    other = plan_of(barriers__worry__depends_on={"type": {"team": 0.7}, "champion": 0.3, "keen": 0.1})
    assert one == other


def test_a_term_without_effect_is_left_out():
    assert gate(plan_of(barriers__worry__depends_on={"keen": 0, "champion": 1})).rule.terms == (
        Term(TRAITS["champion"], None, 1.0),
    )


def test_conditions_find_their_facts():
    wanted = {
        "types": "team",
        "regions": ["south", "north"],
        "routes": "official",
        "traits": {"keen": True, "stance": ["friendly"]},
    }
    plan = plan_of(barriers__worry__applies_to=wanted)
    tests = (
        (TYPE, frozenset({1.0})),
        (REGION, frozenset({0.0, 1.0})),
        (ROUTE, frozenset({1.0})),
        (TRAITS["keen"], frozenset({1.0})),
        (TRAITS["stance"], frozenset({0.0})),
    )
    assert gate(plan).rule.applies_to == Condition(tests)
    assert gate(plan_of()).rule.applies_to is None
    assert gate(plan_of(barriers__worry__applies_to={})).rule.applies_to is None


def test_a_form_takes_over_from_its_barrier_what_it_does_not_say():
    plan = plan_of(
        barriers__doubt={
            "applies_to": {"types": "team"},
            "depends_on": {"champion": -1, "keen": 2},
            "eases_after": {"approved": 0.5},
            "forms": {
                "soft": {"gates": {"board": 0.25}},
                "hard": {
                    "gates": {"board": 0.75},
                    "applies_to": {"types": "arm"},
                    "depends_on": {"keen": 3},
                    "eases_after": {"live": 0.5},
                },
            },
        }
    )
    soft, hard = gate(plan, "doubt", form="soft").rule, gate(plan, "doubt", form="hard").rule
    assert soft.applies_to == Condition(((TYPE, frozenset({1.0})),))
    assert hard.applies_to == Condition(((TYPE, frozenset({0.0})),))
    assert set(soft.terms) == {Term(TRAITS["champion"], None, -1.0), Term(TRAITS["keen"], None, 2.0)}
    assert set(hard.terms) == {Term(TRAITS["champion"], None, -1.0), Term(TRAITS["keen"], None, 3.0)}
    assert soft.eases_after == ((0, logarithm(0.5)),)
    assert hard.eases_after == ((0, logarithm(0.5)), (1, logarithm(0.5)))


def test_easing_moves_odds_and_rate_by_their_own_factors():
    plan = plan_of(
        barriers__worry__eases_after={"approved": {"odds": 0.25, "rate": 0.5}, "live": {"odds": 1, "rate": 2}}
    )
    assert gate(plan).rule.eases_after == ((0, logarithm(0.25)),)
    assert stage(plan, "idea").hazards[0].rule.eases_after == ((0, logarithm(0.5)), (1, logarithm(2)))


def test_fixed_traits_are_numbers():
    plan = plan_of(hosts__regions__north__traits={"keen": False, "stance": "hostile"})
    assert plan.regions[0].fixed == ((TRAITS["keen"], 0.0), (TRAITS["stance"], 1.0))


def test_traits_come_after_those_that_they_depend_on():
    plan = plan_of(
        staff_groups__traits={
            "a": {"probability": 0.5, "depends_on": {"c": 1}},
            "b": {"probability": 0.5},
            "c": {"probability": 0.5, "depends_on": {"b": 1}},
        }
    )
    assert [one.name for one in plan.group_traits] == ["b", "c", "a"]
    assert [one.slot for one in plan.group_traits] == [FIRST_TRAIT + 3, FIRST_TRAIT + 4, FIRST_TRAIT + 2]


# Gates, hazards, drag, needs


def test_a_gate_stands_on_the_log_odds_scale_with_a_draw_of_its_own():
    plan = plan_of()
    assert gate(plan).log_odds == 0.0
    assert gate(plan, "doubt", form="hard").log_odds == pytest.approx(logarithm(3))
    keys = [
        one.rule.key
        for one in (*stage(plan, "board").gates, *stage(plan, "finance").gates, *stage(plan, "idea").hazards)
    ]
    assert len(set(keys)) == len(keys)
    assert gate(plan, "doubt", form="hard").rule.key == name_key("gate/doubt/hard/board")
    assert gate(plan_of(barriers__worry__gates={"board": 0})).log_odds == -math.inf
    assert gate(plan_of(barriers__worry__gates={"board": 1})).log_odds == math.inf


def test_a_hazard_is_a_rate_a_day():
    assert stage(plan_of(), "idea").hazards[0].rate == pytest.approx(1 / 365.25)


def test_drag_without_effect_is_left_out():
    assert [one.factor for one in stage(plan_of(), "idea").drags] == [2.0]
    assert stage(plan_of(barriers__worry__drag={"idea": 1}), "idea").drags == ()


def test_a_retry_has_chance_delay_and_tries():
    retry = {"probability": 0.3, "after": "2 weeks", "tries": 4}
    found = gate(plan_of(barriers__worry__gates={"board": {"probability": 0.5, "retry": retry}})).retry
    assert (found.probability, found.tries, found.delay.distributions[0].a) == (0.3, 4.0, 14.0)
    endless = {"probability": 0.5, "retry": {"after": "1 day", "tries": "unlimited"}}
    found = gate(plan_of(barriers__worry__gates={"board": endless})).retry
    assert (found.probability, found.tries) == (1.0, math.inf)
    assert gate(plan_of()).retry is None


def test_a_need_has_its_resource_award_patience_and_room():
    plan = plan_of()
    assert (stage(plan, "idea").need.resource, stage(plan, "idea").need.award) == (0, None)
    assert (stage(plan, "idea").need.patience, stage(plan, "idea").need.room, stage(plan, "idea").need.continues) == (
        None,
        math.inf,
        False,
    )
    assert [distribution.a for distribution in stage(plan, "finance").need.award.distributions] == [1000.0, 1000.0]
    need = {
        "money": {
            "award": {"by_type": {"arm": 5}, "otherwise": 7},
            "patience": "3 days",
            "room": 2,
            "otherwise": "go_on",
        }
    }
    plan = plan_of(routes__official=[{"stage": "idea"}, {"stage": "board"}, {"stage": "finance", "needs": need}])
    found = stage(plan, "finance").need
    assert [distribution.a for distribution in found.award.distributions] == [5.0, 7.0]
    assert ([distribution.a for distribution in found.patience.distributions], found.room, found.continues) == (
        [3.0, 3.0],
        2.0,
        True,
    )


def test_costs_of_a_stage_are_sorted_by_payer():
    costs = {"programme": 3, "group": 1, "host": 2}
    plan = plan_of(routes__back_door=[{"stage": "alone", "costs": costs}])
    assert [(payer, one.distributions[0].a) for payer, one in stage(plan, "alone").costs] == [
        ("group", 1.0),
        ("host", 2.0),
        ("programme", 3.0),
    ]


# Policies: windows and what they change


def test_a_policy_holds_from_its_first_day_to_its_last():
    plan = plan_of(**policy([{"barrier": "worry", "odds": 0.5}], **{"from": "2009-01-11", "until": "2009-01-20"}))
    assert (plan.policies[0].start, plan.policies[0].stop) == (10.0, 20.0)
    assert gate(plan).rule.periods == (Period(10.0, 20.0, 0, logarithm(0.5)),)
    assert stage(plan, "idea").hazards[0].rule.periods == ()


def test_a_policy_without_dates_holds_always_and_one_of_a_day_for_that_day():
    always, day = {"effects": [{"barrier": "worry", "rate": 3}]}, {"from": "2009-01-02", "until": "2009-01-02"}
    plan = plan_of(interventions__a=always, interventions__b={**always, **day})
    assert stage(plan, "idea").hazards[0].rule.periods == (
        Period(-NEVER, NEVER, 0, logarithm(3)),
        Period(1.0, 2.0, 1, logarithm(3)),
    )
    assert gate(plan).rule.periods == ()


def test_policies_may_begin_before_the_clock():
    plan = plan_of(**policy([{"barrier": "worry", "odds": 2}], **{"from": "2008-12-02", "until": "2009-01-31"}))
    assert (plan.policies[0].start, plan.policies[0].stop) == (-30.0, 31.0)


def test_times_moves_gates_and_hazards_and_factors_of_1_do_nothing():
    plan = plan_of(**policy([{"barrier": "worry", "times": 0.5, "odds": 4, "rate": 1}]))
    assert [one.change for one in gate(plan).rule.periods] == [logarithm(0.5), logarithm(4)]
    assert [one.change for one in stage(plan, "idea").hazards[0].rule.periods] == [logarithm(0.5)]
    assert gate(plan, "doubt", form="soft").rule.periods == ()


def test_an_effect_may_concern_a_form_or_a_stage():
    plan = plan_of(
        interventions__form={"effects": [{"barrier": "doubt.hard", "odds": 2}]},
        interventions__stage={"effects": [{"barrier": "doubt", "stage": "finance", "odds": 3}]},
        interventions__whole={"effects": [{"barrier": "doubt", "odds": 5}]},
    )
    assert [round(math.exp(one.change)) for one in gate(plan, "doubt", form="soft").rule.periods] == [5]
    assert [round(math.exp(one.change)) for one in gate(plan, "doubt", form="hard").rule.periods] == [2, 5]
    assert [round(math.exp(one.change)) for one in gate(plan, "doubt", "finance", "hard").rule.periods] == [2, 3, 5]


def test_a_barrier_may_be_removed_for_a_while():
    plan = plan_of(**policy([{"barrier": "worry", "remove": True}], **{"from": "2010-01-01"}))
    period = Period(365.0, NEVER, 0, 0.0)
    assert gate(plan).rule.removals == (period,)
    assert stage(plan, "idea").hazards[0].rule.removals == (period,)
    assert stage(plan, "idea").drags[0].removals == (period,)
    assert gate(plan, "doubt", form="soft").rule.removals == ()


def test_work_may_be_shortened_at_several_stages():
    plan = plan_of(**policy([{"stage": ["idea", "alone"], "duration": 0.5}, {"stage": "idea", "duration": 1}]))
    assert [[one.change for one in stage(plan, name).work_factors] for name in ("idea", "alone", "board")] == [
        [0.5],
        [0.5],
        [],
    ]


def test_interventions_come_before_facts_each_by_name():
    effects = [{"barrier": "worry", "odds": 2}]
    plan = plan_of(
        interventions__z={"effects": effects},
        interventions__b={"effects": effects},
        timeline__a={"effects": effects},
        timeline__c={},
    )
    assert [one.name for one in plan.policies] == ["b", "z", "timeline/a", "timeline/c"]


def test_a_policy_has_coverage_eligibility_and_costs():
    plan = plan_of(
        **policy(
            [{"barrier": "worry", "odds": 2}],
            covers={"groups": 0.4},
            eligible={"types": "arm"},
            cost={"fixed": 10, "per_month": "£2k per month", "per_group": "£1k", "payer": "host"},
        )
    )
    (one,) = plan.policies
    assert (one.covered_hosts, one.covered_groups, one.condition) == (None, 0.4, Condition(((TYPE, frozenset({0.0})),)))
    assert (one.fixed, one.per_month, one.per_group, one.payer) == (10.0, 2000.0, 1000.0, "host")
    assert plan_of(**policy([{"arrivals": 2}], covers={"hosts": 0.3})).policies[0].covered_hosts == 0.3


def test_a_cost_per_group_falls_where_the_policy_first_touches_the_group():
    cost = {"per_group": 5}
    plan = plan_of(
        interventions__at_the_board={"effects": [{"barrier": "doubt.soft", "odds": 2}], "cost": cost},
        interventions__at_work={"effects": [{"stage": "idea", "duration": 0.5}], "cost": cost},
        interventions__by_money={"effects": [{"resource": "money", "money": 5}], "cost": cost},
        interventions__by_word={"effects": [{"arrivals": 2}], "cost": cost},
        interventions__free={"effects": [{"stage": "idea", "duration": 0.5}]},
        interventions__narrow={"effects": [{"barrier": "doubt", "stage": "finance", "odds": 2}], "cost": cost},
    )
    names = [one.name for one in plan.policies]
    charged = {one.name: [names[i] for i in one.charged_policies] for one in plan.stages}
    assert charged == {"alone": [], "idea": ["at_work"], "board": ["at_the_board"], "finance": ["by_money", "narrow"]}
    assert [names[i] for i in plan.charged_on_arrival] == ["by_word"]


def test_exemplars_are_numbered_by_name_and_know_their_milestone_and_scope():
    plan = plan_of(
        exemplars__b={"barrier": "doubt", "odds": 0.5, "scope": "region", "milestone": "approved", "at_most": 3},
        exemplars__a={"barrier": "doubt.hard", "odds": 0.8},
    )
    assert [(one.milestone, one.regional, one.log_odds, one.at_most) for one in plan.exemplars] == [
        (1, False, logarithm(0.8), 10),
        (0, True, logarithm(0.5), 3),
    ]
    assert gate(plan, "doubt", form="soft").exemplars == (1,)
    assert gate(plan, "doubt", form="hard").exemplars == (0, 1)
    assert gate(plan).exemplars == ()


# Resources: steps, sittings, funds


def test_servers_step_with_dates_and_policies_and_never_below_none():
    plan = plan_of(
        resources__advisers={
            "servers": {"number": 3, "changes": [{"on": "2009-03-02", "number": 1}, {"on": "2009-01-31", "number": 5}]}
        },
        interventions__more={
            "effects": [{"resource": "advisers", "capacity": 2}],
            "from": "2009-01-11",
            "until": "2009-02-09",
        },
        timeline__fewer={"effects": [{"resource": "advisers", "capacity": -4}], "from": "2009-02-20"},
    )
    assert resource(plan, "advisers").steps == (
        (-NEVER, 3.0),
        (10.0, 5.0),
        (30.0, 7.0),
        (40.0, 5.0),
        (50.0, 1.0),
        (60.0, 0.0),
    )


def test_a_meeting_sits_at_its_beat_from_a_first_date_or_after_one_beat():
    plan = plan_of(
        resources__board={"meeting": {"every": "30 days", "room": 2, "changes": [{"on": "2009-01-11", "room": 4}]}},
        resources__other={"meeting": {"every": "1 month", "first": "2009-01-06"}},
        resources__third={"scope": "region", "meeting": {"every": "10 days", "staggered": True}},
        **policy([{"resource": "other", "capacity": 3}]),
    )
    board, other, third = (resource(plan, name) for name in ("board", "other", "third"))
    assert (board.every, board.first, board.staggered) == (30.0, 30.0, False)
    assert board.steps == ((-NEVER, 2.0), (10.0, 4.0))
    assert (other.every, other.first, other.steps) == (DAYS_PER_MONTH, 5.0, ((-NEVER, math.inf),))
    assert third.staggered
    assert [one.scope for one in plan.resources if one.name == "third"] == ["region"]


def test_a_panel_sits_on_its_dates_in_order_each_once():
    plan = plan_of(resources__board={"panel": {"dates": ["2009-03-02", "2009-01-11", "2009-03-02"], "room": 7}})
    assert resource(plan, "board").dates == (10.0, 60.0)
    assert resource(plan, "board").every == 0.0
    assert resource(plan, "board").steps == ((-NEVER, 7.0),)


def test_a_funds_money_comes_on_its_dates():
    plan = plan_of(
        resources__money={
            "fund": {
                "budget": "£100k",
                "award": 1,
                "top_ups": [{"on": "2009-03-02", "add": 5}, {"on": "2009-01-11", "add": 3}],
            }
        },
        interventions__more={"effects": [{"resource": "money", "money": 7}], "from": "2009-01-31"},
        interventions__early={"effects": [{"resource": "money", "money": 9}], "from": "2008-06-01"},
    )
    assert sorted(resource(plan, "money").deposits) == [
        (0.0, 9.0),
        (0.0, 100000.0),
        (10.0, 3.0),
        (30.0, 7.0),
        (60.0, 5.0),
    ]
    assert resource(plan, "money").deposits == tuple(sorted(resource(plan, "money").deposits))


@pytest.mark.parametrize(
    ("opens", "shut", "expected"),
    [
        ([], [], [(-NEVER, NEVER)]),
        ([], [("2009-01-11", "2009-01-20")], [(-NEVER, 10.0), (20.0, NEVER)]),
        ([("2009-01-11", "2009-01-20")], [], [(10.0, 20.0)]),
        ([("2009-01-11", "2009-01-20"), ("2009-01-16", "2009-01-30")], [], [(10.0, 30.0)]),
        ([("2009-01-11", "2009-01-20"), ("2009-01-21", "2009-01-30")], [], [(10.0, 30.0)]),
        ([("2009-01-21", "2009-01-30"), ("2009-01-01", "2009-01-10")], [], [(0.0, 10.0), (20.0, 30.0)]),
        ([("2009-01-11", "2009-01-30")], [("2009-01-16", "2009-01-20")], [(10.0, 15.0), (20.0, 30.0)]),
        ([("2009-01-11", "2009-01-30")], [("2009-01-01", "2009-01-20"), ("2009-01-19", "2009-01-25")], [(25.0, 30.0)]),
        ([("2009-01-11", "2009-01-30")], [("2009-01-01", None)], []),
        ([(None, "2009-01-20")], [("2009-01-11", None)], [(-NEVER, 10.0)]),
        ([("2009-01-11", None)], [(None, "2009-01-20")], [(20.0, NEVER)]),
        ([("2009-01-11", "2009-01-11")], [("2009-01-11", "2009-01-11")], []),
    ],
)
def test_a_fund_is_open_but_for_the_spells_in_which_it_is_shut(opens, shut, expected):
    def window(start, stop):
        return {key: when for key, when in (("from", start), ("until", stop)) if when}

    facts = {
        f"timeline__shut_{i}": {**window(*one), "effects": [{"resource": "money", "shut": True}]}
        for i, one in enumerate(shut)
    }
    plan = plan_of(
        resources__money={"fund": {"budget": 1, "award": 1, "opens": [window(*one) for one in opens]}}, **facts
    )
    assert list(resource(plan, "money").openings) == expected


@pytest.mark.parametrize(
    ("over", "instalments"), [("6 months", 6), ("1 day", 1), ("0 days", 1), ("45 days", 2), ("5 years", 60)]
)
def test_a_loan_returns_in_monthly_parts(over, instalments):
    repayment = {"share": 0.8, "after": "10 days", "over": over}
    fund = resource(plan_of(resources__money={"fund": {"budget": 1, "award": 1, "repayment": repayment}}), "money")
    assert (fund.returned_share, fund.returns_after, fund.instalments) == (0.8, 10.0, instalments)
    assert resource(plan_of(), "money").instalments == 0


# Groups


def test_a_stream_has_its_rate_window_limit_and_bursts():
    arrivals = {
        "rate": "2 per month",
        "from": "2009-01-11",
        "until": "2009-12-31",
        "limit": 4,
        "depends_on": {"keen": 1},
        "profile": [{"from": "2009-01-21", "until": "2009-01-30", "times": 3}, {"times": 1}],
    }
    plan = plan_of(staff_groups__arrivals=arrivals, **policy([{"arrivals": 1.5}], **{"from": "2009-07-01"}))
    common = plan.streams[0]
    assert (common.name, common.type, common.rate) == ("", None, pytest.approx(2 / DAYS_PER_MONTH))
    assert (common.start, common.stop, common.limit) == (10.0, 365.0, 4.0)
    assert common.terms == (Term(TRAITS["keen"], None, 1.0),)
    assert common.periods == (Period(20.0, 30.0, -1, 3.0), Period(181.0, NEVER, 0, 1.5))


def test_a_type_may_have_a_stream_of_its_own():
    own = plan_of().streams[1]
    assert (own.name, own.type, own.number, own.rate, own.every) == ("arm", 0, 1, 0.0, None)
    assert (own.start, own.stop, own.limit) == (0.0, 730.0, NEVER)
    beat = plan_of(
        staff_groups__types__arm={"arrivals": {"every": "1 week", "first": "2 days"}, "headcount": 5}
    ).streams[1]
    assert (beat.every, beat.first) == (7.0, 2.0)


def test_a_stream_ends_with_the_clock_at_the_latest():
    assert plan_of(staff_groups__arrivals={"rate": "1 per month", "until": "2020-01-01"}).streams[0].stop == 730.0


def test_named_groups_have_what_is_known_of_them():
    named = [
        {
            "name": "Second",
            "host": "south-02",
            "type": "arm",
            "on": "2009-02-01",
            "headcount": 30,
            "turnover": "£1m",
            "route": "official",
            "traits": {"champion": True},
        },
        {"name": "First", "host": "north-01", "type": "team", "on": "2009-01-11"},
    ]
    first, second = plan_of(staff_groups__named=named).named
    assert (first.name, first.host, first.type, first.arrival) == ("First", 0, 1, 10.0)
    assert (first.headcount, first.turnover, first.route, first.fixed) == (None, None, None, ())
    assert (second.host, second.type, second.arrival, second.headcount, second.turnover) == (2, 0, 31.0, 30.0, 1e6)
    assert (second.route, second.fixed) == (1, ((TRAITS["champion"], 1.0),))


def test_shares_of_a_trait_are_in_the_order_of_its_levels():
    (stance,) = plan_of(hosts__traits={"stance": {"shares": {"hostile": 0.7, "friendly": 0.3}}}).host_traits
    assert (stance.levels, stance.shares) == (("friendly", "hostile"), (0.3, 0.7))
