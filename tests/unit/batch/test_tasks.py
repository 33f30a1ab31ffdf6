"""Handing out and putting together."""

import itertools
import math
import random
from functools import partial

import pytest

import sim
from sim.batch.extracts.tables import table_batch
from sim.batch.tasks import Assembly, Pace, divide
from sim.store.chunk import Chunk, encode, join

PARTS = [(0, range(100)), (1, range(120, 200)), (2, range(200, 207))]


JOIN = partial(join, encode=encode)


def never():
    return False


@pytest.mark.parametrize("each", [1e-6, 0.004, 0.02, 0.3, 5.0])
def test_tasks_cover_every_replication_once(each):
    pace = Pace(4)
    found = []
    for part, replications in divide(PARTS, pace, never):
        found.append((part, replications))
        pace.learn(len(replications), each * len(replications))
    for part, replications in PARTS:
        assert [n for of, some in found if of == part for n in some] == list(replications)
    # Tasks grow from the first on, and take about a second where a part takes long.
    assert len(found[0][1]) == 4
    for before, after in itertools.pairwise([replications for _, replications in found]):
        assert len(after) <= 16 * len(before)
        assert len(after) * each <= 3.0 or len(after) == 1
    wanted = {1e-6: 5, 0.004: 5, 0.02: 5}
    assert len(found) <= wanted.get(each, 200)


def test_no_more_tasks_once_stopped():
    stopped = []
    found = divide(PARTS, Pace(3), lambda: bool(stopped))
    next(found)
    stopped.append(1)
    assert list(found) == []


def test_parts_are_put_together_whatever_comes_first():
    tasks = list(divide(PARTS, Pace(7), never))
    random.Random(1).shuffle(tasks)
    assembly, whole = Assembly(PARTS, JOIN), {}
    for part, replications in tasks:
        assert not assembly.is_complete
        found = assembly.add(part, Chunk(replications, {}))
        if found:
            whole[part] = found.replications
    assert assembly.is_complete
    assert whole == dict(PARTS)
    assert list(assembly.take_beginnings()) == []


def test_a_beginning_ends_at_the_first_gap_and_is_taken_once():
    assembly = Assembly(PARTS, JOIN)
    for chunk in (range(30, 40), range(10), range(10, 20)):
        assert assembly.add(0, Chunk(chunk, {})) is None
    assert assembly.add(1, Chunk(range(150, 200), {})) is None
    assert [(part, chunk.replications) for part, chunk in assembly.take_beginnings()] == [(0, range(20))]
    assert list(assembly.take_beginnings()) == []
    assert assembly.add(0, Chunk(range(40, 100), {})) is None
    assert assembly.add(0, Chunk(range(20, 30), {})).replications == range(20, 100)
    assert assembly.add(1, Chunk(range(120, 150), {})).replications == range(120, 200)


def test_a_small_batch_is_one_trial_and_no_trial_is_empty(monkeypatch):
    world = sim.load("west_midlands")
    assert table_batch(world, 10, 1).trial >= 1000
    assert table_batch(world, 10, 1, engine="simpy").trial == 1
    monkeypatch.setattr("sim.batch.batch.expected_groups", lambda plan: math.inf)
    assert table_batch(world, 10, 1).trial == 1
