"""The kernel's calendar: whatever is put on it comes in the order of time, phase, whom and kind."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.calendar import open_next_bucket, pop, push, reset_calendar
from sim.kernel.state import CLOCK, ENTRY, FUTURE_EVENT, LIFE, LOAN, UNIT, State
from sim.results.failures import FULL

HORIZON = 100.0
EVENTS = st.tuples(
    st.one_of(st.sampled_from([0.0, 1.0, 50.0, 99.5, 100.0, math.inf]), st.floats(0, 120)),
    st.integers(0, 3),
    st.integers(0, 5),
    st.integers(0, 2),
    st.integers(0, 2),
)
"""Time, phase, whom, kind, detail."""


def calendar(room, groups):
    state = State(
        clock=np.zeros(1, CLOCK),
        lives=np.zeros(0, LIFE),
        units=np.zeros(0, UNIT),
        event_list=np.zeros(room, FUTURE_EVENT),
        buckets=np.zeros(groups + 1, np.int64),
        heap=np.zeros(room, FUTURE_EVENT),
        ready=np.zeros(1, np.int64),
        loans=np.zeros(0, LOAN),
        sorting=np.zeros(0, ENTRY),
        firsts=np.zeros(1, np.int64),
        ends=np.zeros(1, np.int64),
    )
    reset_calendar(state, HORIZON, groups)
    return state


@given(st.lists(EVENTS, max_size=40), st.lists(EVENTS, max_size=40), st.integers(0, 30))
def test_events_come_in_order_also_those_that_others_bring(first, later, groups):
    """Each event taken up puts another one down, at its own time or after."""
    state, later = calendar(80, groups), list(later)
    waiting, came = [event for event in first if event[0] < HORIZON], []
    for event in first:
        push(state, *event)
    while state.clock[0].heap_size or open_next_bucket(state):
        came.append(tuple(pop(state)))
        assert came[-1] == min(waiting)
        waiting.remove(came[-1])
        if later:
            time, *rest = later.pop()
            event = (max(time, came[-1][0]), *rest)
            push(state, *event)
            waiting += [event] if event[0] < HORIZON else []
    assert waiting == []
    assert not state.clock[0].status


def test_room_is_used_again_and_its_end_is_told():
    state = calendar(3, 10)
    for day in range(50):
        push(state, float(day), 0, 0, 0, 0)
        assert open_next_bucket(state)
        assert pop(state)[0] == day
    for _ in range(3):
        push(state, 90.0, 0, 0, 0, 0)
    assert not state.clock[0].status
    push(state, 90.0, 0, 0, 0, 0)
    assert state.clock[0].status == FULL
