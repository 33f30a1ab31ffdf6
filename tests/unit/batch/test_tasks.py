"""Handing out and putting together."""

import itertools
import math
import random

import pytest

import sim
from sim.batch.batch import Batch
from sim.batch.tasks import Assembly, Pace, divided
from sim.store.chunk import Chunk

PARTS = [(0, range(100)), (1, range(120, 200)), (2, range(200, 207))]


def never():
    return False


@pytest.mark.parametrize("each", [1e-6, 0.004, 0.02, 0.3, 5.0])
def test_tasks_cover_every_replication_once(each):
    pace = Pace(4)
    found = []
    for task in divided(PARTS, pace, never):
        found.append(task)
        pace.learn(len(task.replications), each * len(task.replications))
    for part, replications in PARTS:
        assert [n for task in found if task.part == part for n in task.replications] == list(replications)
    # Tasks grow from the first on, and take about a second where a part takes long.
    assert len(found[0].replications) == 4
    for before, after in itertools.pairwise(found):
        assert len(after.replications) <= 16 * len(before.replications)
        assert len(after.replications) * each <= 3.0 or len(after.replications) == 1
    wanted = {1e-6: 5, 0.004: 5, 0.02: 5}
    assert len(found) <= wanted.get(each, 200)


def test_no_more_tasks_once_stopped():
    stopped = []
    found = divided(PARTS, Pace(3), lambda: bool(stopped))
    next(found)
    stopped.append(1)
    assert list(found) == []


def test_parts_are_put_together_whatever_comes_first():
    tasks = list(divided(PARTS, Pace(7), never))
    random.Random(1).shuffle(tasks)
    assembly, whole = Assembly(PARTS), {}
    for task in tasks:
        found = assembly.add(task.part, Chunk(task.replications, {}))
        if found:
            whole[task.part] = found.replications
    assert whole == dict(PARTS)
    assert list(assembly.take_beginnings()) == []


def test_a_beginning_ends_at_the_first_gap_and_is_taken_once():
    assembly = Assembly(PARTS)
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
    assert Batch(world, 10, 1).trial >= 1000
    assert Batch(world, 10, 1, engine="simpy").trial == 1
    monkeypatch.setattr("sim.batch.batch.expected_groups", lambda plan: math.inf)
    assert Batch(world, 10, 1).trial == 1
