"""A plan laid out as flat arrays: nothing is lost, nothing stands twice, and products stand where they are read."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.draws.arithmetic import exponential, logarithm
from sim.draws.probability import log_odds
from sim.draws.uniform import host_place, name_key, region_place, stream_tag
from sim.kernel import state
from sim.plan import rows, table_builder
from sim.plan import tables as arrays
from sim.plan.plan import NEVER, REGION, TYPE
from sim.plan.rows import FIELDS, FUND, NONE, SERVERS, SITTINGS
from sim.plan.tables import causes
from sim.results import record, world
from sim.results.kpis import KPIS
from sim.scenario.vocabulary import DISTRIBUTIONS, MODEL_CAUSES, PAYERS, SCOPES
from tests.helpers.plans import plan_of, policy
from tests.helpers.rules_by_hand import segments_of

# What a span is called, where it does not have the name of the table in which its records stand.
HOLDS = {
    "removal": "periods",
    "work_factor": "periods",
    "charge": "links",
    "arrival_charge": "links",
    "exemplar": "links",
    "date": "steps",
    "share": "values",
    "opening": "steps",
    "easing": "easings",
}


def tables(plan):
    """The tables of a plan, records with their fields as attributes."""
    made = arrays.build_tables(plan)
    return {name: table.view(np.recarray) if table.dtype.names else table for name, table in made.items()}


def everything():
    """A plan with something of every kind."""
    return plan_of(
        hosts__region_traits={"keen": {"probability": 0.5}},
        hosts__traits={
            "stance": {"shares": {"hostile": 0.25, "friendly": 0.75}},
            "size": {"number": {"uniform": {"low": 1, "high": 2}}},
        },
        staff_groups__types={
            "team": {"share": 0.75, "headcount": 10},
            "club": {"share": 0.25, "headcount": {"empirical": {"values": [3, 5], "weights": [1, 3]}}},
            "arm": {"arrivals": {"number": 1}, "headcount": 500},
        },
        staff_groups__named=[
            {"name": "Ann", "host": "north-01", "type": "arm", "on": "2009-01-11", "traits": {"champion": True}},
            {"name": "Bob", "host": "south-02", "type": "team", "on": "2009-02-01", "headcount": 7},
        ],
        staff_groups__arrivals={
            "rate": "1 per month",
            "depends_on": {"keen": 1},
            "profile": [{"from": "2009-01-21", "until": "2009-01-30", "times": 3}],
        },
        routes__back_door={
            "opens": "2009-01-02",
            "only_for": {"types": "team"},
            "depends_on": {"champion": 1},
            "stages": [{"stage": "alone", "costs": {"group": 5, "host": 6}}],
        },
        resources__panel={"scope": "region", "panel": {"dates": ["2009-03-01", "2009-02-01"], "room": 3}},
        resources__money={
            "fund": {
                "budget": "£100k",
                "award": {"by_type": {"arm": 5}, "otherwise": 7},
                "opens": [{"from": "2009-02-01", "until": "2009-03-01"}],
                "repayment": {"share": 0.5, "over": "3 months"},
            }
        },
        barriers__worry={
            "applies_to": {"types": ["team", "arm"], "regions": "south"},
            "depends_on": {"keen": 1, "stance": {"hostile": 2}},
            "eases_after": {"approved": 0.5},
            "gates": {"board": {"probability": 0.5, "retry": {"after": "1 day", "tries": 3}}},
            "hazards": {"idea": "1 per year"},
            "drag": {"idea": 2},
        },
        exemplars__near={"barrier": "worry", "odds": 0.5, "milestone": "approved"},
        interventions__late={"effects": [{"barrier": "worry", "remove": True}], "from": "2010-01-01"},
        interventions__some={
            "effects": [{"barrier": "worry", "times": 0.5}, {"stage": "idea", "duration": 0.7}],
            "covers": {"groups": 0.4},
            "eligible": {"types": "arm"},
            "cost": {"per_group": 5},
        },
        interventions__word={"effects": [{"arrivals": 2}], "covers": {"hosts": 0.5}, "cost": {"per_group": 5}},
    )


def spans(kind):
    """The spans of a record: (name of the first, name of the end, table). A resource numbers its units instead."""
    for first in (name for name in kind.names or () if name.startswith("first_") and name != "first_unit"):
        what = first.removeprefix("first_")
        yield first, f"end_{what}s", HOLDS.get(what, f"{what}s")


def row_of(table, **wanted):
    (found,) = [row for row in table if all(row[name] == value for name, value in wanted.items())]
    return found


def part(laid_out, table, row, what):
    """The records of a span."""
    return laid_out[table][row[f"first_{what}"] : row[f"end_{what}s"]]


def test_there_is_a_table_for_every_kind_of_record_and_no_other():
    laid_out = tables(everything())
    assert {name: table.dtype for name, table in laid_out.items()} == FIELDS
    assert all(table.ndim == 1 and table.flags.c_contiguous for table in laid_out.values())
    assert all(len(table) for table in laid_out.values()), [name for name, table in laid_out.items() if not len(table)]


def test_every_record_belongs_to_one_span_and_no_span_leaves_its_table():
    laid_out = tables(everything())
    used = {name: np.zeros(len(table), int) for name, table in laid_out.items()}
    for name, kind in FIELDS.items():
        for first, end, target in spans(kind):
            for row in laid_out[name]:
                assert 0 <= row[first] <= row[end] <= len(laid_out[target]), (name, first)
                used[target][row[first] : row[end]] += 1
    # All dates of a panel stand among the steps, all tests and terms in their tables, once each.
    for name in (
        "tests",
        "terms",
        "easings",
        "periods",
        "segments",
        "drags",
        "gates",
        "hazards",
        "costs",
        "links",
        "steps",
    ):
        assert (used[name] == 1).all(), name
    for name in ("values", "points", "fixed_traits", "stages"):
        assert (used[name] <= 1).all(), name


RECORDS = [
    *FIELDS.values(),
    world.GROUP,
    world.LUCK,
    record.FATE,
    record.ENTRY,
    record.EVENT,
    record.TALLY,
    record.SPAN,
]
RECORDS += [state.LIFE, state.UNIT, state.FUTURE_EVENT, state.LOAN, state.CLOCK, KPIS]


@pytest.mark.parametrize("kind", [kind for kind in RECORDS if kind.names], ids=lambda kind: kind.names[0])
def test_no_field_is_hidden_by_something_that_every_record_has(kind):
    """Compiled code would read the field, and Python the method of that name."""
    assert not set(kind.names) & set(dir(np.record))


def test_an_empty_scenario_has_empty_tables():
    laid_out = tables(plan_of(barriers={}))
    assert all(len(laid_out[name]) == 0 for name in ("gates", "hazards", "drags", "policies", "exemplars", "periods"))


def test_the_world_in_general():
    plan = everything()
    (general,) = tables(plan)["general"]
    assert (general.horizon, general.slots, general.milestones) == (730.0, plan.slots, 2)
    assert (general.region_traits, general.host_traits) == (1, 2)
    names = ("arrival", "type", "headcount", "turnover", "route")
    assert [general[name] for name in names] == [name_key(name) for name in names]


def test_hosts_know_their_regions_and_places():
    laid_out = tables(everything())
    assert [tuple(host) for host in laid_out["hosts"]] == [
        (host_place("north", 1), 0),
        (host_place("south", 1), 1),
        (host_place("south", 2), 1),
    ]
    assert [(one.joins, one.place) for one in laid_out["regions"]] == [
        (10.0, region_place("north")),
        (0.0, region_place("south")),
    ]


def test_units_are_numbered_through_all_resources():
    """advisers and money for the nation, the board for each host, the panel for each region."""
    laid_out = tables(everything())
    assert [(one.kind, one.scope, one.first_unit, one.units) for one in laid_out["resources"]] == [
        (SERVERS, 0, 0, 1),
        (SITTINGS, 2, 1, 3),
        (FUND, 0, 4, 1),
        (SITTINGS, 1, 5, 2),
    ]
    panel, money = laid_out["resources"][3], laid_out["resources"][2]
    assert list(part(laid_out, "steps", panel, "date").time) == [31.0, 59.0]
    assert [tuple(step) for step in part(laid_out, "steps", panel, "step")] == [(-NEVER, 3.0)]
    assert [tuple(step) for step in part(laid_out, "steps", money, "step")] == [(0.0, 100000.0), (31.0, 0.0)]
    assert [tuple(step) for step in part(laid_out, "steps", money, "opening")] == [(31.0, 60.0)]
    assert (money.returned_share, money.instalments) == (0.5, 3)


def test_shares_add_to_one():
    laid_out = tables(everything())
    (general,) = laid_out["general"]
    assert list(part(laid_out, "values", general, "share")) == [0.0, 0.25, 0.75]
    stance = row_of(laid_out["traits"], key=name_key("trait/stance"))
    assert list(part(laid_out, "values", stance, "value")) == [0.75, 0.25]


def test_a_draw_has_the_laws_of_the_types_one_after_the_other():
    plan = everything()
    laid_out = tables(plan)
    (finance,) = [number for number, stage in enumerate(plan.stages) if stage.name == "finance"]
    award = laid_out["draws"][laid_out["stages"][finance].award]
    assert award.key == name_key("award/finance")
    assert [laid_out["distributions"][award.distribution + kind].a for kind in range(3)] == [5.0, 7.0, 7.0]
    club = laid_out["distributions"][laid_out["types"][1].headcount]
    assert DISTRIBUTIONS[club.kind] == "empirical"
    assert [tuple(point) for point in part(laid_out, "points", club, "point")] == [(3.0, 0.25), (5.0, 1.0)]


def test_what_is_not_there_is_none():
    laid_out = tables(plan_of())
    idea = laid_out["stages"][1]
    assert (idea.award, idea.patience, idea.decided_by, idea.milestone) == (NONE, NONE, NONE, NONE)
    assert (idea.room, idea.closes) == (math.inf, math.inf)
    assert laid_out["stages"][0].resource == NONE


def test_a_condition_is_a_test_for_each_thing_that_it_names():
    laid_out = tables(everything())
    gate = row_of(laid_out["gates"], key=name_key("gate/worry//board"))
    found = [
        (test.slot, list(part(laid_out, "values", test, "value"))) for test in part(laid_out, "tests", gate, "test")
    ]
    assert found == [(TYPE, [0.0, 2.0]), (REGION, [1.0])]


def test_a_gate_has_all_that_moves_it():
    laid_out = tables(everything())
    gate = row_of(laid_out["gates"], key=name_key("gate/worry//board"))
    assert gate.log_odds == log_odds(0.5)
    assert [(one.milestone, one.shift) for one in part(laid_out, "easings", gate, "easing")] == [(0, logarithm(0.5))]
    assert [one.shift for one in part(laid_out, "terms", gate, "term")] == [1.0, 2.0]
    assert np.isnan(part(laid_out, "terms", gate, "term")[0].level)
    assert [one.change for one in part(laid_out, "periods", gate, "period")] == [logarithm(0.5)]
    assert [(one.start, one.stop) for one in part(laid_out, "periods", gate, "removal")] == [(365.0, NEVER)]
    assert list(part(laid_out, "links", gate, "exemplar")) == [0]
    assert (gate.retry_key, gate.retry, gate.tries) == (name_key("retry/worry//board"), 1.0, 3.0)
    other = row_of(laid_out["gates"], key=name_key("gate/doubt/soft/board"))
    assert (other.retry, other.tries, other.delay) == (0.0, 0.0, NONE)


def test_causes_are_those_that_are_no_barrier_and_then_barriers_with_their_forms():
    plan = plan_of()
    own = (("", ""), ("no_route", ""), ("window_closed", ""), ("turned_away", ""), ("gave_up_waiting", ""))
    assert causes(plan) == (*own, ("doubt", "hard"), ("doubt", "soft"), ("worry", ""))
    laid_out = tables(plan)
    assert [causes(plan)[gate.cause] for gate in laid_out["gates"]] == [
        ("worry", ""),
        ("doubt", "soft"),
        ("doubt", "hard"),
        ("doubt", "hard"),
    ]
    assert (arrays.NO_CAUSE, arrays.NO_ROUTE, arrays.WINDOW_CLOSED, arrays.TURNED_AWAY, arrays.GAVE_UP_WAITING) == (
        0,
        1,
        2,
        3,
        4,
    )


def test_streams_and_named_groups_are_members_of_their_own():
    laid_out = tables(everything())
    assert [int(one.tag) for one in laid_out["streams"]] == [int(stream_tag("")), int(stream_tag("arm"))]
    assert [one.type for one in laid_out["streams"]] == [NONE, 0]
    assert [int(one.member) for one in laid_out["named"]] == [
        int(stream_tag("named/Ann")),
        int(stream_tag("named/Bob")),
    ]
    ann, bob = laid_out["named"]
    assert (np.isnan(ann.headcount), bob.headcount, ann.host, bob.host) == (True, 7.0, 0, 2)
    assert [one.value for one in laid_out["fixed_traits"][ann.first_fixed_trait : ann.end_fixed_traits]] == [1.0]


# What everybody meets, and what is asked one by one


def hazard_of(**parts):
    laid_out = tables(plan_of(**parts))
    hazard = row_of(laid_out["hazards"], key=name_key("hazard/worry//idea"))
    segments = [tuple(map(float, one)) for one in part(laid_out, "segments", hazard, "segment")]
    periods = [(one.start, one.stop, one.policy, one.change) for one in part(laid_out, "periods", hazard, "period")]
    return segments, periods


DATES = {"from": "2009-01-11", "until": "2009-01-20"}


def test_a_hazard_that_nothing_changes_is_one_segment():
    assert hazard_of() == ([(-NEVER, 1.0)], [])


def test_a_policy_that_reaches_everybody_is_in_the_product():
    effect = [{"barrier": "worry", "rate": 0.5}]
    factor = exponential(logarithm(0.5))
    wanted = [(-NEVER, 1.0), (10.0, factor), (20.0, 1.0)]
    assert hazard_of(**policy(effect, **DATES)) == (wanted, [])
    assert hazard_of(timeline__fact={"effects": effect, **DATES}) == (wanted, [])
    assert hazard_of(**policy(effect, eligible={}, **DATES)) == (wanted, [])


@pytest.mark.parametrize(
    "narrower", [{"covers": {"groups": 0.5}}, {"covers": {"hosts": 1}}, {"eligible": {"types": "arm"}}]
)
def test_a_policy_that_does_not_is_a_spell_of_its_own(narrower):
    segments, periods = hazard_of(**policy([{"barrier": "worry", "rate": 0.5}], **DATES, **narrower))
    assert segments == [(-NEVER, 1.0)]
    assert periods == [(10.0, 20.0, 0, exponential(logarithm(0.5)))]


def test_spells_that_overlap_are_multiplied_in_order_and_every_date_begins_a_segment():
    """Even where the product stays as it was, since where the sum is cut decides its last bit."""
    segments, _ = hazard_of(
        interventions__a={"effects": [{"barrier": "worry", "rate": 0.3}], "from": "2009-01-11", "until": "2009-01-30"},
        interventions__b={"effects": [{"barrier": "worry", "times": 0.7, "rate": 1.3}], "from": "2009-01-21"},
        timeline__c={"effects": [{"barrier": "worry", "remove": True}], "from": "2009-01-26"},
        timeline__d={"effects": [{"barrier": "worry", "rate": 2}], "from": "2009-02-10"},
    )
    a, b1, b2 = (exponential(logarithm(factor)) for factor in (0.3, 0.7, 1.3))
    assert segments == [
        (-NEVER, 1.0),
        (10.0, a),
        (20.0, a * b1 * b2),
        (25.0, 0.0),
        (30.0, 0.0),
        (40.0, 0.0),
    ]


def test_spells_of_narrower_policies_stay_in_the_order_of_policies_removals_last():
    cover = {"covers": {"groups": 0.5}}
    _, periods = hazard_of(
        interventions__b={"effects": [{"barrier": "worry", "rate": 3}], **cover},
        interventions__a={"effects": [{"barrier": "worry", "remove": True}, {"barrier": "worry", "rate": 2}], **cover},
        interventions__c={"effects": [{"barrier": "worry", "times": 5, "rate": 7}], **cover},
    )
    assert [(policy, round(change)) for _, _, policy, change in periods] == [(0, 2), (1, 3), (2, 5), (2, 7), (0, 0)]


SPELL = st.tuples(
    st.sampled_from([-NEVER, -10.0, 0.0, 30.0, 60.0, 61.0]),
    st.sampled_from([0.0, 30.0, 60.0, 61.0, 90.0, NEVER]),
    st.sampled_from([0.0, 0.5, 1.7, 3.0]),
)


@given(st.lists(SPELL.filter(lambda period: period[0] < period[1]), max_size=5))
def test_segments_are_the_product_at_every_time(periods):
    rows = [table_builder.Period(start, stop, -1, factor) for start, stop, factor in periods]
    made = table_builder._segments(rows)
    assert made == segments_of(periods)
    for time in (-1e9, -10.0, -5.0, 0.0, 10.0, 30.0, 45.0, 60.0, 60.5, 61.0, 75.0, 90.0, 1e9):
        (_, factor) = [segment for segment in made if segment[0] <= time][-1]
        wanted = 1.0
        for start, stop, change in periods:
            if start <= time < stop:
                wanted *= change
        assert factor == wanted


def test_bursts_and_policies_change_a_stream_together():
    laid_out = tables(everything())
    common = laid_out["streams"][0]
    segments = [tuple(one) for one in part(laid_out, "segments", common, "segment")]
    periods = [(one.start, one.stop, one.change) for one in part(laid_out, "periods", common, "period")]
    assert segments == [(-NEVER, 1.0), (20.0, 3.0), (30.0, 1.0)]
    assert periods == [(-NEVER, NEVER, 2.0)]
    own = laid_out["streams"][1]
    assert [tuple(one) for one in part(laid_out, "segments", own, "segment")] == [(-NEVER, 1.0)]


def test_gates_and_work_name_no_policy_where_it_reaches_everybody():
    effects = [{"barrier": "worry", "odds": 2}, {"stage": "idea", "duration": 0.5}]
    for narrower, number in (({}, NONE), ({"covers": {"groups": 1}}, 0)):
        laid_out = tables(plan_of(**policy(effects, **narrower)))
        gate = row_of(laid_out["gates"], key=name_key("gate/worry//board"))
        assert [one.policy for one in part(laid_out, "periods", gate, "period")] == [number]
        idea = laid_out["stages"][1]
        work_factors = laid_out["periods"][idea.first_work_factor : idea.end_work_factors]
        assert [(one.policy, one.change) for one in work_factors] == [(number, 0.5)]


# What is shared


def shared(**parts):
    plan = plan_of(**parts)
    ends = tables(plan)["stages"].shared_end
    return {stage.name for stage, end in zip(plan.stages, ends, strict=True) if end}


def test_the_end_of_a_stage_is_shared_where_its_milestone_is_counted_or_its_gates_are_eased():
    assert shared() == set()
    assert shared(exemplars__near={"barrier": "worry", "odds": 0.5}) == {"board", "finance"}
    assert shared(exemplars__near={"barrier": "worry", "odds": 0.5, "milestone": "approved"}) == {"board"}
    hard = {"barrier": "doubt.hard", "odds": 0.5, "milestone": "approved"}
    assert shared(exemplars__near=hard) == {"board", "finance"}
    off = {"barrier": "doubt.hard", "odds": 0.5, "enabled": False, "milestone": "approved"}
    assert "finance" not in shared(exemplars__near=off)


def test_scopes_and_payers_have_the_numbers_of_their_places_in_the_vocabulary():
    scopes = rows.PER_NATION, rows.PER_REGION, rows.PER_HOST
    assert [SCOPES[number] for number in scopes] == [
        "nation",
        "region",
        "host",
    ]
    assert [PAYERS[number] for number in (rows.PROGRAMME, rows.HOST, rows.GROUP)] == ["programme", "host", "group"]


def test_causes_that_are_no_barrier_have_the_numbers_of_their_places_in_the_vocabulary():
    numbers = (arrays.NO_ROUTE, arrays.WINDOW_CLOSED, arrays.TURNED_AWAY, arrays.GAVE_UP_WAITING)
    names = ["no_route", "window_closed", "turned_away", "gave_up_waiting"]
    assert [list(MODEL_CAUSES)[number - 1] for number in numbers] == names == list(MODEL_CAUSES)


def test_a_row_with_a_field_too_few_or_unknown_is_refused():
    with pytest.raises(TypeError, match="shift"):
        rows.TermRow(slot=1, level=math.nan)
    with pytest.raises(TypeError, match="shifted"):
        rows.TermRow(slot=1, level=math.nan, shift=0.0, shifted=0.0)
