"""Two lives of one group: what they share, and where they part."""

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from sim.batch.play import trace_replication
from sim.report.side_by_side import print_side_by_side, side_by_side
from sim.report.story import Event, identities, life
from sim.scenario.load import load


def event(name, follows=True):
    return Event(name, (name,) if follows else None)


def test_lives_are_cut_where_their_course_diverges():
    lives = side_by_side([event("a"), event("b"), event("c")], [event("a"), event("d")])
    assert lives.shared == (("a", None),)
    assert (lives.first, lives.second) == (("b", "c"), ("d",))
    assert lives.diverge


def test_a_gate_that_did_not_block_diverges_nobody_and_is_shown_with_its_world():
    gate = event("chance .2: not blocked", follows=False)
    lives = side_by_side([event("a"), gate, event("b")], [event("a"), event("b")])
    assert lives.shared == (("a", None), ("chance .2: not blocked", 0), ("b", None))
    assert not lives.diverge


def test_a_gate_that_blocked_in_one_world_stands_first_where_the_lives_diverge():
    passed, blocked = event("drew .3: not blocked", follows=False), event("drew .3: blocked")
    lives = side_by_side([event("a"), blocked, event("leaves")], [event("a"), passed, event("passes")])
    assert lives.first == ("drew .3: blocked", "leaves")
    assert lives.second == ("drew .3: not blocked", "passes")


EVENTS = st.lists(st.builds(event, st.sampled_from("abc"), st.booleans()), max_size=8)


@given(EVENTS, EVENTS)
def test_no_line_of_either_life_is_lost(first, second):
    lives = side_by_side(first, second)
    for place, (events, alone) in enumerate(((first, lives.first), (second, lives.second))):
        told = [line for line, where in lives.shared if where in (None, place)] + list(alone)
        assert sorted(set(told)) == sorted({one.line for one in events})
    assert not side_by_side(first, first).diverge


def test_real_lives_diverge_at_the_barrier_that_was_switched_off():
    base, other = (
        load("west_midlands", overrides).scenario for overrides in ((), ["barriers.pension_worries.enabled=false"])
    )
    one, two = trace_replication(base, 1, 1, False), trace_replication(other, 1, 1, False)
    parted = 0
    for name in identities(one[0]):
        lives = side_by_side(life(base, *one, name), life(other, *two, name))
        if lives.diverge and "Pension worries" in lives.first[-1]:
            parted += 1
            assert "LEAVES" in lives.first[0]
            assert "Pension" not in "".join(lives.second)
    assert parted >= 1


def test_a_group_that_is_in_one_world_only_is_shown_so():
    out = io.StringIO()
    lives = side_by_side([], [event("arrives"), event("leaves")])
    print_side_by_side(lives, "a/1", "Base", "Other", Console(file=out, width=60))
    told = out.getvalue()
    assert "never arrives" in told
    assert "arrives" in told
    assert "From here they differ" in told
