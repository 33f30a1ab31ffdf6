"""Ties: what the model page states about one instant, worked out by hand, and both engines agreeing on it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.drawn import drawn
from tests.helpers.engines import agree
from tests.helpers.instants import GROUPS, a_world, at
from tests.helpers.random_worlds import build, given_parts, maybe, on

MONTH = 365.25 / 12


def frames(part):
    return {name: table.to_pandas() for name, table in part.tables.items()}


def told(raw):
    """The groups by name, on which both engines agree."""
    return frames(agree(build(raw), 1, [0]))["groups"].set_index("name")


def causes(frame):
    return list(frame.exit_cause.astype(str))


BY_TYPE = {"by_type": {"team": "10 days", "arm": "0 days"}}
MEETING = {"meeting": {"every": "30 days"}}


def test_stages_without_work_lead_to_a_board_too_late_for_the_sitting_of_their_instant():
    """A's work ends on day 30, and the stages that follow are requests of that instant, as B's setting out is."""
    work = {"by_type": {"team": "30 days", "arm": "0 days"}}
    stages = [
        {"stage": "one", "work": work},
        {"stage": "two"},
        {"stage": "ask", "decided_by": "board", "milestone": "live"},
    ]
    raw = a_world(stages, {"board": MEETING}, days=(0, 30, 29, 1), types=("team", "arm", "arm", "team"))
    assert at(told(raw), "reached_live") == [60, 60, 30, 60]


def test_who_passes_at_a_sitting_is_not_heard_again_at_it():
    stages = [
        {"stage": "one", "decided_by": "board", "milestone": "half"},
        {"stage": "two", "decided_by": "board", "milestone": "live"},
    ]
    frame = told(a_world(stages, {"board": MEETING}, days=(1, 30, 31)))
    assert at(frame, "reached_half") == [30, 60, 60]
    assert at(frame, "reached_live") == [60, 90, 90]


def test_a_server_of_the_timeline_is_free_in_time_for_the_sitting_of_its_instant():
    """Timeline, release, sitting: what the first sets off is a release."""
    stages = [{"stage": "ask", "needs": "adviser", "decided_by": "board", "milestone": "live"}]
    adviser = {"servers": {"number": 0, "changes": [{"on": on(30), "number": 1}]}}
    frame = told(a_world(stages, {"adviser": adviser, "board": MEETING}, days=(3, 2, 30, 31)))
    assert at(frame, "reached_live") == [30, 30, 60, 60]


def test_what_is_ready_at_one_instant_is_heard_by_number_though_submitted_in_another_order():
    """B's work ends on day 25; A sets out then and submits after B, but is as early and has the lower number."""
    stages = [{"stage": "ask", "work": BY_TYPE, "decided_by": "board", "milestone": "live"}]
    board = {"meeting": {"every": "30 days", "room": 1}}
    raw = a_world(stages, {"board": board}, days=(25, 15), types=("arm", "team"))
    assert at(told(raw), "reached_live") == [30, 60]


def test_a_sitting_is_over_once_a_request_of_its_instant_was_heard():
    """A has its server at once and gives it back at once: a release, but one that a request has set off."""
    stages = [{"stage": "ask", "needs": "adviser", "decided_by": "board", "milestone": "live"}]
    frame = told(a_world(stages, {"adviser": {"servers": 1}, "board": MEETING}, days=(30,)))
    assert at(frame, "reached_live") == [60]


def test_a_server_given_back_goes_through_the_queue_before_it_is_asked_for():
    """B and C wait, work for no time and give the server back, all before D asks, although D is as early."""
    stages = [{"stage": "work", "needs": "adviser", "work": BY_TYPE, "milestone": "live"}]
    raw = a_world(stages, {"adviser": {"servers": 1}}, days=(0, 5, 6, 10), types=("team", "arm", "arm", "team"))
    assert at(told(raw), "reached_live") == [10, 10, 10, 20]
    raw = a_world(stages, {"adviser": {"servers": 1}}, days=(10, 0, 5), types=("team", "team", "arm"))
    assert at(told(raw), "reached_live") == [20, 10, 10]


@pytest.mark.parametrize(("days", "types"), [((0, 10), ("team", "arm")), ((10, 0), ("arm", "team"))])
def test_requests_of_one_instant_are_heard_by_number_wherever_they_come_from(days, types):
    """One sets out on day 10, the other ends its first work then: both ask as requests, A first."""
    stages = [
        {"stage": "one", "work": BY_TYPE},
        {"stage": "two", "needs": "adviser", "work": "5 days", "milestone": "live"},
    ]
    raw = a_world(stages, {"adviser": {"servers": 1}}, days=days, types=types)
    assert at(told(raw), "reached_live") == [15, 20]


def test_a_chain_of_stages_without_work_keeps_its_place_among_the_requests():
    """A ends work on day 10 and goes through all that takes no time before B and C, who set out then, ask at all.

    On day 15 B and C have the server one after the other before either asks for it again, B first.
    """
    stages = [
        {"stage": "one", "work": BY_TYPE},
        {"stage": "two"},
        {"stage": "three", "needs": "adviser", "milestone": "half"},
        {"stage": "four"},
        {"stage": "five", "needs": {"adviser": {"room": 0}}, "work": "5 days", "milestone": "live"},
    ]
    raw = a_world(stages, {"adviser": {"servers": 1}}, days=(0, 10, 10), types=("team", "arm", "arm"))
    frame = told(raw)
    assert at(frame, "reached_half") == [10, 15, 15]
    assert at(frame, "reached_live") == [15, 20, None]
    assert causes(frame) == ["", "", "turned_away"]


# Loans: 16 months are 487 days


def a_loan(stages, months=24, days=(0,), types=("team",), **more):
    """A has 12000 pounds on day 0; they come back monthly."""
    fund = {"budget": 12000, "award": 12000, "repayment": {"over": f"{months} months", **more}}
    raw = a_world(stages, {"capital": {"fund": fund}}, {"fear": {"gates": {stages[-1]["stage"]: 1}}}, days, types)
    raw["clock"]["end"] = on(900)
    return raw


def test_an_instalment_at_the_instant_of_an_exit_is_paid():
    """The exit is at the end of work, by number after the instalment."""
    frame = told(a_loan([{"stage": "a", "needs": "capital", "work": "1 month"}]))
    assert (frame.exit_time["A"], frame.repaid["A"]) == (MONTH, 500)
    frame = told(a_loan([{"stage": "a", "needs": "capital", "work": "30 days"}]))
    assert (frame.exit_time["A"], frame.repaid["A"]) == (30, 0)
    frame = told(a_loan([{"stage": "a", "needs": "capital"}, {"stage": "b", "work": "3 months"}]))
    assert (frame.exit_time["A"], frame.repaid["A"]) == (3 * MONTH, 1500)


def test_an_instalment_at_the_instant_of_an_exit_with_a_server_is_paid():
    raw = a_loan([{"stage": "a", "needs": "capital"}, {"stage": "b", "needs": "adviser", "work": "16 months"}])
    raw["resources"]["adviser"] = {"servers": 1}
    assert (told(raw).exit_time["A"], told(raw).repaid["A"]) == (487, 8000)


def test_an_instalment_comes_before_the_sitting_that_ends_it_all():
    raw = a_loan([{"stage": "a", "needs": "capital", "work": "10 days", "decided_by": "panel"}])
    raw["resources"]["panel"] = {"panel": {"dates": [on(487)]}}
    frame = told(raw)
    assert (frame.exit_time["A"], frame.exit_cause["A"], frame.repaid["A"]) == (487, "fear", 8000)


def test_an_instalment_comes_before_a_window_that_has_closed():
    raw = a_loan([{"stage": "a", "needs": "capital", "work": "487 days"}, {"stage": "b", "closes": on(486)}])
    frame = told(raw)
    assert (frame.exit_time["A"], frame.exit_cause["A"], frame.repaid["A"]) == (487, "window_closed", 8000)


def test_an_instalment_comes_before_patience_ends():
    raw = a_loan([{"stage": "a", "needs": "capital"}, {"stage": "b", "needs": {"adviser": {"patience": "16 months"}}}])
    raw["resources"]["adviser"] = {"servers": 0}
    frame = told(raw)
    assert (frame.exit_time["A"], frame.exit_cause["A"], frame.repaid["A"]) == (487, "gave_up_waiting", 8000)


def test_money_that_a_group_pays_back_may_be_what_it_waits_for():
    """Of what happens to one group at one instant, the instalment comes before the end of a wait."""
    need = {"capital": {"patience": "1 month"}}
    raw = a_loan([{"stage": "a", "needs": "capital"}, {"stage": "b", "needs": need, "milestone": "live"}], months=1)
    raw["barriers"] = {}
    assert at(told(raw), "reached_live") == [MONTH]


@pytest.mark.parametrize(("borrower", "live"), [("B", None), ("A", 487)])
def test_an_instalment_and_the_end_of_patience_of_two_groups_go_by_number(borrower, live):
    """The sixteenth part makes 8000, for which the other has waited since day 467, and waits until day 487."""
    need = {"capital": {"award": {"by_type": {"team": 12000, "arm": 8000}}, "patience": "20 days"}}
    days, types = ((467, 0), ("arm", "team")) if borrower == "B" else ((0, 467), ("team", "arm"))
    raw = a_loan([{"stage": "a", "needs": need}, {"stage": "b", "work": "800 days"}], days=days, types=types)
    raw["routes"]["only"][0]["milestone"] = "live"
    frame = told(raw)
    other = "A" if borrower == "B" else "B"
    assert [None if math.isnan(x) else x for x in [frame.reached_live[other]]] == [live]
    assert (frame.reached_live[borrower], frame.repaid[borrower]) == (0, 12000)


@pytest.mark.parametrize("loans", range(2, 8))
@pytest.mark.parametrize("groups", [1, 3])
def test_loans_of_one_group_come_back_in_the_order_in_which_they_were_granted(loans, groups):
    """All on one instant every month; the sums of what comes back depend on the order in the last bit."""
    stages = [{"stage": f"s{i}", "needs": {"capital": {"award": 1000.1 + 777.7 * i}}} for i in range(loans)]
    fund = {"budget": 1e7, "repayment": {"share": 0.7, "over": "6 months"}}
    raw = a_world([*stages, {"stage": "wait", "work": "300 days"}], {"capital": {"fund": fund}}, days=(0,) * groups)
    costs = frames(agree(build(raw), 1, [0]))["costs"]
    for name in GROUPS[:groups]:
        back = costs[(costs.entity_id == f"east-01/{name}") & (costs.amount < 0)]
        parts = [-(1000.1 + 777.7 * i) * 0.7 / 6 for i in range(loans)]
        assert list(back.amount) == pytest.approx(parts * 6)


@pytest.mark.parametrize("granted", [0, 3])
def test_a_loan_granted_later_comes_after_one_granted_earlier(granted):
    """The second is granted when money comes, three months after the first, before anything else of its instant."""
    stages = [
        {"stage": "one", "needs": {"capital": {"award": 1000}}},
        {"stage": "two", "needs": {"later": {"award": 700}}},
        {"stage": "wait", "work": "800 days"},
    ]
    back = {"share": 1, "over": "20 months"}
    resources = {
        "capital": {"fund": {"budget": 1000, "repayment": {**back, "after": "13 months"}}},
        "later": {"fund": {"budget": 700, "opens": [{"from": on(487)}], "repayment": {**back, "after": "1 day"}}},
    }
    if granted == 0:
        resources["later"]["fund"]["opens"] = []
        resources["later"]["fund"]["repayment"]["after"] = "13 months"
    raw = a_world(stages, resources, days=(0,))
    raw["clock"]["end"] = on(1600)
    costs = frames(agree(build(raw), 1, [0]))["costs"]
    together = costs[costs.amount < 0].groupby("time").amount.apply(list)
    assert all(parts == [-50, -35] for parts in together if len(parts) == 2)
    if granted == 0:
        assert all(len(parts) == 2 for parts in together)


# Money of the timeline


@pytest.mark.parametrize(
    "fund",
    [
        {"budget": 0, "top_ups": [{"on": on(20), "add": 5000}]},
        {"budget": 5000, "opens": [{"from": on(20)}]},
        {"budget": 1000, "top_ups": [{"on": on(20), "add": 2000}, {"on": on(20), "add": 2000}]},
    ],
)
def test_money_that_comes_at_the_instant_at_which_patience_ends_is_paid(fund):
    stages = [{"stage": "a", "needs": {"capital": {"award": 5000, "patience": "20 days"}}, "milestone": "live"}]
    frame = told(a_world(stages, {"capital": {"fund": fund}}, days=(0, 0)))
    assert at(frame, "reached_live") == [20, None]
    assert at(frame, "exit_time") == [20, 20]
    assert causes(frame) == ["", "gave_up_waiting"]


def test_a_fund_that_shuts_at_an_instant_pays_nobody_at_it():
    stages = [{"stage": "a", "needs": {"capital": {"award": 5000, "room": 0}}, "milestone": "live"}]
    fund = {"budget": 20000, "opens": [{"until": on(19)}]}
    frame = told(a_world(stages, {"capital": {"fund": fund}}, days=(19, 20)))
    assert at(frame, "reached_live") == [19, None]


# Sittings and exemplars


def bandwagon(stages, days, types, resources=None, **more):
    """Arms are blocked at ``ask`` for certain before anybody is live, and pass for certain after."""
    barriers = {"fear": {"gates": {"ask": {"probability": 0.999999, **more}}, "applies_to": {"types": ["arm"]}}}
    wagon = {"barrier": "fear", "odds": 1e-15}
    return a_world(stages, resources, barriers, days, types, exemplars={"wagon": wagon})


@pytest.mark.parametrize(
    ("boards", "state"), [(("a_board", "b_board"), "completed"), (("b_board", "a_board"), "exited")]
)
def test_of_two_sittings_at_one_instant_the_first_is_an_example_to_the_second(boards, state):
    stages = [
        {"stage": "show", "decided_by": boards[0], "only_for": {"types": ["team"]}, "milestone": "live"},
        {"stage": "ask", "decided_by": boards[1], "only_for": {"types": ["arm"]}},
    ]
    for days, types in (((1, 1), ("team", "arm")), ((2, 1), ("arm", "team"))):
        frame = told(bandwagon(stages, days, types, {"a_board": MEETING, "b_board": MEETING}))
        assert frame[frame.type == "arm"].state.item() == state
        assert frame[frame.type == "team"].state.item() == "completed"


@pytest.mark.parametrize(
    ("types", "states"), [(("team", "arm"), ["completed"] * 2), (("arm", "team"), ["exited", "completed"])]
)
def test_of_two_decisions_at_one_instant_the_lower_number_comes_first(types, states):
    stages = [{"stage": "ask", "work": "5 days", "milestone": "live"}]
    assert list(told(bandwagon(stages, (15, 15), types)).state) == states


@pytest.mark.parametrize("before", [[], [{"stage": "first"}], [{"stage": "first"}, {"stage": "second"}]])
def test_what_is_decided_after_a_request_comes_after_all_work_that_ends_at_its_instant(before):
    """A sets out on day 20 and is live at once; but B's work ends then, and ends of work come first."""
    stages = [*before, {"stage": "ask", "work": {"by_type": {"team": "0 days", "arm": "5 days"}}, "milestone": "live"}]
    frame = told(bandwagon(stages, (20, 15, 16), ("team", "arm", "arm")))
    assert at(frame, "reached_live") == [20, None, 21]


def test_what_is_decided_after_work_and_a_request_comes_after_all_work_that_ends_at_its_instant():
    """As before, but A comes from work that ends on day 20."""
    stages = [
        {"stage": "first", "work": {"by_type": {"team": "20 days", "arm": "0 days"}}},
        {"stage": "ask", "work": {"by_type": {"team": "0 days", "arm": "5 days"}}, "milestone": "live"},
    ]
    frame = told(bandwagon(stages, (0, 15, 16), ("team", "arm", "arm")))
    assert at(frame, "reached_live") == [20, None, 21]


def test_another_try_at_the_same_instant_comes_after_all_work_that_ends_at_it():
    """A is blocked on day 20, tries again at once without any work, and has B's example by then."""
    retry = {"after": "0 days", "tries": 2}
    stages = [{"stage": "ask", "work": "5 days", "milestone": "live"}]
    raw = bandwagon(stages, (15, 15), ("arm", "team"), retry=retry)
    raw["interventions"] = {"haste": {"from": on(20), "effects": [{"stage": "ask", "duration": 1e-300}]}}
    frame = told(raw)
    assert at(frame, "reached_live") == [20, 20]
    assert list(frame.tries) == [1, 0]


# Clocks that ring at a known instant: a hazard beyond all measure that begins on day 20


def ringing(stages, resources=None, days=(0,), types=("team",) * 3):
    storm = {"hazards": {"a": "1 per day"}, "depends_on": {"type": {"team": 50, "arm": 50}}}
    calm = {"until": on(19), "effects": [{"barrier": "storm", "remove": True}]}
    return a_world(stages, resources, {"storm": storm}, days, types, timeline={"calm": calm})


def test_a_clock_that_rings_at_the_end_of_work_is_too_late():
    assert at(told(ringing([{"stage": "a", "work": "20 days", "milestone": "live"}])), "reached_live") == [20]
    frame = told(ringing([{"stage": "a", "work": "21 days", "milestone": "live"}]))
    assert (at(frame, "exit_time"), causes(frame)) == ([20], ["storm"])


def test_a_clock_that_rings_at_the_instant_of_a_sitting_is_not():
    stages = [{"stage": "a", "work": {"by_type": {"team": "20 days", "arm": "5 days"}}, "decided_by": "panel"}]
    frame = told(ringing(stages, {"panel": {"panel": {"dates": [on(20)]}}}, (0, 0), ("team", "arm")))
    assert (at(frame, "exit_time"), causes(frame)) == ([20, 20], ["storm", "storm"])


def test_a_clock_that_rings_as_patience_ends_is_the_cause():
    stages = [{"stage": "a", "needs": {"adviser": {"patience": "20 days"}}}]
    frame = told(ringing(stages, {"adviser": {"servers": 0}}))
    assert (at(frame, "exit_time"), causes(frame)) == ([20], ["storm"])


def test_money_that_comes_as_a_clock_rings_is_paid_and_lost():
    stages = [{"stage": "a", "needs": {"capital": {"award": 5000}}, "work": "5 days"}]
    fund = {"budget": 0, "top_ups": [{"on": on(20), "add": 5000}]}
    frame = told(ringing(stages, {"capital": {"fund": fund}}))
    assert (at(frame, "exit_time"), causes(frame), list(frame.award)) == ([20], ["storm"], [5000])


def test_a_server_that_a_ring_gives_back_serves_whoever_waits():
    """A works from day 0 and is lost on day 20; B has waited and is lost at that instant too, C asks only then."""
    stages = [{"stage": "a", "needs": "adviser", "work": "30 days", "milestone": "live"}]
    frame = told(ringing(stages, {"adviser": {"servers": 1}}, (0, 1, 20)))
    assert (at(frame, "exit_time"), causes(frame)) == ([20, 20, 20], ["storm"] * 3)


# Ties at random: everything falls on round days or months

ROUND = st.sampled_from(["0 days", "0 days", "10 days", "20 days", "1 month"])
TENS = st.integers(0, 12).map(lambda number: on(10 * number))


@st.composite
def tied_stages(draw):
    made = []
    for number in range(draw(st.integers(1, 5))):
        stage = {"stage": f"s{number}", "work": draw(ROUND)}
        if need := draw(st.sampled_from(["", "", "adviser", "capital"])):
            bounds = given_parts(
                patience=maybe(ROUND), room=maybe(st.integers(0, 2)), otherwise=maybe(st.just("go_on"))
            )
            stage["needs"] = {need: draw(bounds)}
            if stage["needs"][need].keys() == {"otherwise"}:
                stage["needs"][need]["room"] = 0
        extra = {"decided_by": st.sampled_from(["board", "panel"]), "milestone": st.sampled_from(["half", "live"])}
        extra = {name: maybe(one) for name, one in extra.items()}
        made.append({**stage, **draw(given_parts(**extra, closes=st.none() | st.none() | TENS))})
    made[-1]["milestone"] = "live"
    return made


@st.composite
def tied_worlds(draw):
    stages = draw(tied_stages())
    names = st.sampled_from([stage["stage"] for stage in stages])
    retry = st.fixed_dictionaries({"after": ROUND, "tries": st.integers(2, 4)})
    gate = st.sampled_from([0.3, 0.9]).flatmap(lambda p: retry.map(lambda again: {"probability": p, "retry": again}))
    barriers = {"fear": {"gates": draw(st.dictionaries(names, gate, min_size=1, max_size=3))}}
    repayment = {"over": draw(st.sampled_from(["1 month", "3 months"])), "share": 0.7}
    fund = {"budget": draw(st.sampled_from([0, 1000, 5000])), "award": 1000, "repayment": repayment}
    fund["top_ups"] = [{"on": day, "add": 1000} for day in draw(st.lists(TENS, max_size=3))]
    changes = [{"on": draw(TENS), "number": draw(st.integers(0, 2))} for _ in range(draw(st.integers(0, 2)))]
    resources = {
        "adviser": {"servers": {"number": draw(st.integers(0, 2)), "changes": changes}},
        "board": {
            "meeting": {
                "every": draw(st.sampled_from(["10 days", "20 days", "1 month"])),
                "room": draw(st.integers(1, 3)),
            }
        },
        "panel": {"panel": {"dates": draw(st.lists(TENS, min_size=1, max_size=3)), "room": draw(st.integers(1, 3))}},
        "capital": {"fund": fund},
    }
    raw = a_world(stages, resources, barriers, days=())
    if draw(st.booleans()):
        raw["exemplars"] = {
            "wagon": {"barrier": "fear", "odds": 0.01, "scope": draw(st.sampled_from(["nation", "region"]))}
        }
    raw["hosts"]["regions"]["west"] = {"hosts": 1}
    groups = draw(st.lists(st.tuples(st.sampled_from(["east-01", "west-01"]), TENS), min_size=2, max_size=7))
    raw["staff_groups"]["named"] = [
        {"name": f"G{number}", "host": host, "type": "team", "on": day} for number, (host, day) in enumerate(groups)
    ]
    return raw


TIED = given(tied_worlds(), st.integers(0, 2**31))


@drawn(40)
@TIED
def test_the_engines_agree_where_everything_ties(raw, seed):
    agree(build(raw), seed, [0, 1])


@pytest.mark.long
@drawn(150)
@TIED
def test_the_engines_agree_on_many_worlds_where_everything_ties(raw, seed):
    agree(build(raw), seed, [0, 1])
