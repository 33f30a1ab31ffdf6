"""The kernel beyond agreement on any world: uncompiled, checked, in threads, cut, out of room, failing."""

import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from threading import Barrier

import pandas as pd
import pyarrow as pa
import pytest

import sim
from sim.batch import play
from sim.batch.case import Case
from sim.batch.extract import Computation
from sim.batch.extracts.tables import Tables, extract_tables
from sim.caches import user_caches
from sim.kernel import run as kernel_run
from sim.results.failures import FULL
from tests.helpers.engines import agree
from tests.helpers.instants import a_world
from tests.helpers.known import WORLDS, plain, world
from tests.helpers.random_worlds import build

ROOT = Path(sim.__file__).resolve().parents[1]


def assert_same(tables, others):
    """Equal to the last bit, tables as data frames or of Arrow."""
    assert set(tables) == set(others)
    for name, table in tables.items():
        one, other = (x if isinstance(x, pd.DataFrame) else plain(x).to_pandas() for x in (table, others[name]))
        pd.testing.assert_frame_equal(one, other, check_exact=True, check_categorical=False, obj=name)


def everything(keep="events", seed=7, uncertain=False):
    """A world with something of every kind."""
    return Computation((Case(world("everything"), seed, uncertain),), Tables(keep))


# Without compilation, and with every index checked

OTHERWISE = """
import pickle, sys
from sim.batch.case import Case
from sim.batch.extracts.tables import extract_tables
from sim.scenario.load import load
told = {}
for path in sys.argv[2:]:
    part = extract_tables(Case(load(path).scenario, 7), "events", [0, 5])
    assert part.failures == ()
    told[path] = {name: table.to_pandas().to_dict("list") for name, table in part.tables.items()}
with open(sys.argv[1], "wb") as file:
    pickle.dump(told, file)
"""
SMALL = ("everything", "ties", "fund", "board", "erlang_a")


@pytest.mark.long
@pytest.mark.parametrize(("switch", "cache"), [("NUMBA_DISABLE_JIT", "uncompiled"), ("NUMBA_BOUNDSCHECK", "checked")])
def test_small_worlds_are_the_same_otherwise(switch, cache, tmp_path):
    """As plain Python, and with code that raises where an index lies outside its array.

    Such code has a cache of its own beside the usual one, since the switch changes what is compiled, and is not worth
    the time to optimise it.
    """
    paths = [str(WORLDS / f"{name}.yaml") for name in SMALL]
    environment = {
        **os.environ,
        switch: "1",
        "NUMBA_OPT": "0",
        "SPINOUT_CACHE": str(user_caches() / cache),
        "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]),
    }
    done = subprocess.run(
        # Uncompiled, NumPy warns of products of 64-bit words that wrap, as they shall.
        [sys.executable, "-W", "ignore:overflow:RuntimeWarning", "-c", OTHERWISE, str(tmp_path / "told"), *paths],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    told = pickle.loads((tmp_path / "told").read_bytes())
    for name, path in zip(SMALL, paths, strict=True):
        part = extract_tables(Case(world(name), 7), "events", [0, 5])
        assert len(part.tables["events"]) > 0
        for table, columns in told[path].items():
            wanted = part.tables[table].to_pandas()
            found = pd.DataFrame(columns, columns=wanted.columns)
            assert list(columns) == list(wanted.columns)
            pd.testing.assert_frame_equal(found, wanted, check_exact=True, check_dtype=False, check_categorical=False)


BEYOND = """
import numpy as np
from sim.compile.array_struct import ArrayStruct
from sim.compile.cache import jit

ROW = np.dtype((np.record, [("a", "i8"), ("b", "f8")]))

class Box(ArrayStruct):
    fields = {"numbers": (np.dtype("f8"), 1), "sheet": (np.dtype("f8"), 2), "rows": (ROW, 1)}

@jit
def read(box, i, j):
    return box.numbers[i] + box.sheet[i, j] + box.rows[j].b

box = Box(numbers=np.ones(3), sheet=np.ones((3, 2)), rows=np.ones(2, ROW))
assert read(box, 2, 1) == 3.0
for i, j in ((3, 0), (0, 2), (-1, 0), (0, -1), (10**6, 0)):
    try:
        read(box, i, j)
    except IndexError:
        continue
    raise SystemExit(f"{i}, {j} lies outside and was read")
"""


def test_indices_of_the_arrays_of_an_array_struct_can_be_checked(tmp_path):
    """Else the check of the kernel above would find nothing."""
    environment = {**os.environ, "NUMBA_BOUNDSCHECK": "1", "SPINOUT_CACHE": str(tmp_path)}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), *sys.path])
    script = tmp_path / "beyond.py"
    script.write_text(BEYOND, encoding="utf-8")
    done = subprocess.run([sys.executable, str(script)], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# Threads, and how replications are cut into calls


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_threads_do_not_change_a_number(threads):
    """All of them begin at once, on replications that overlap."""
    work, start = everything(), Barrier(threads)
    alone = work.compute(range(12)).tables

    def at_once(number):
        start.wait()
        return work.compute(range(number % 2, 12)).tables

    with ThreadPoolExecutor(threads) as pool:
        for number, tables in enumerate(pool.map(at_once, range(threads))):
            wanted = {
                name: table.filter(pa.compute.field("replication") >= number % 2) for name, table in alone.items()
            }
            assert_same(tables, wanted)


@pytest.mark.parametrize("keep", ["kpis", "groups", "events"])
@pytest.mark.parametrize("cuts", [(1, 2, 3, 4, 5, 6, 7, 8, 9), (5,), (1, 9)])
def test_how_replications_are_cut_into_calls_changes_nothing(cuts, keep):
    work, edges = everything(keep), (0, *cuts, 10)
    whole = work.compute(range(10)).tables
    parts = [work.compute(range(start, stop)).tables for start, stop in pairwise(edges)]
    assert_same(whole, {name: pa.concat_tables([part[name] for part in parts]) for name in whole})


def test_the_order_and_the_company_of_a_replication_change_nothing():
    work, numbers = everything(), [2**31 - 2, 4, 9, 0, 3, 10**6]
    together = work.compute(numbers).tables
    for number in numbers:
        own = {name: table.filter(pa.compute.field("replication") == number) for name, table in together.items()}
        assert_same(own, work.compute([number]).tables)


@pytest.mark.parametrize("rows", [1, 30, 100])
def test_how_many_groups_are_simulated_at_once_changes_nothing(rows, monkeypatch):
    whole = everything().compute(range(8)).tables
    monkeypatch.setattr(play, "ROWS", rows)
    assert_same(everything().compute(range(8)).tables, whole)


def test_what_a_thread_keeps_is_used_for_the_same_work_alone():
    works = [
        everything(),
        everything(seed=8),
        everything("groups"),
        Computation((Case(world("ties"), 7),), Tables("events")),
    ]
    fresh = []
    for work in works:
        with ThreadPoolExecutor(1) as new_thread:
            fresh.append(new_thread.submit(work.compute, range(6)).result().tables)
    for numbers in (range(6), range(2), range(6)):
        for work, wanted in zip(works, fresh, strict=True):
            early = {
                name: table.filter(pa.compute.field("replication") < numbers.stop) for name, table in wanted.items()
            }
            assert_same(work.compute(numbers).tables, early)


def test_no_replication_at_all_gives_empty_tables_of_the_same_kind():
    some, none = (everything().compute(numbers).tables for numbers in ([0], []))
    for name, table in none.items():
        assert len(table) == 0
        assert table.schema == some[name].schema


def test_what_is_kept_does_not_change_what_is_counted():
    tables = {keep: everything(keep).compute(range(4)).tables for keep in ("kpis", "groups", "events")}
    assert set(tables["kpis"]) < set(tables["groups"]) < set(tables["events"])
    for keep in ("kpis", "groups"):
        assert_same(tables[keep], {name: tables["events"][name] for name in tables[keep]})


# More than there was room for


def many_groups():
    """Far more than the rates alone would let one expect."""
    raw = a_world([{"stage": "a", "work": "10 days", "milestone": "live"}], days=())
    raw["hosts"] = {"regions": {"east": {"hosts": 3}}, "traits": {"keen": {"probability": 1}}}
    raw["staff_groups"]["arrivals"] = {"rate": "0.01 per day", "depends_on": {"keen": 6}}
    return raw


def many_payments():
    costs = {"programme": {"exponential": {"mean": 100}}, "host": 7, "group": {"uniform": {"low": 1, "high": 2}}}
    raw = a_world([{"stage": "a", "costs": costs, "work": "2 days", "milestone": "live"}])
    raw["barriers"] = {
        "fear": {"gates": {"a": {"probability": 0.98, "retry": {"after": "1 day", "tries": "unlimited"}}}}
    }
    return raw


def many_loans():
    """And every one of them in many instalments."""
    need = {"capital": {"award": {"exponential": {"mean": 100}}}}
    raw = a_world([{"stage": "a", "needs": need, "work": "2 days", "milestone": "live"}])
    raw["barriers"] = {
        "fear": {"gates": {"a": {"probability": 0.97, "retry": {"after": "1 day", "tries": "unlimited"}}}}
    }
    raw["resources"] = {
        "capital": {"fund": {"budget": 1e7, "repayment": {"share": 0.9, "after": "3 days", "over": "9 months"}}}
    }
    return raw


def many_waits():
    """Each of which leaves the end of its patience, a year away, among the events to come."""
    need = {"adviser": {"patience": "300 days"}}
    raw = a_world([{"stage": "a", "needs": need, "work": "1 hour", "milestone": "live"}])
    raw["barriers"] = {"fear": {"gates": {"a": {"probability": 1, "retry": {"after": "1 day", "tries": "unlimited"}}}}}
    raw["resources"] = {"adviser": {"servers": 1}}
    return raw


@pytest.mark.parametrize("made", [many_groups, many_payments, many_loans, many_waits])
def test_worlds_that_outgrow_the_first_guess_of_room_are_none_the_worse(made, monkeypatch):
    play, ends = kernel_run._run_replications, []
    monkeypatch.setattr(kernel_run, "_run_replications", lambda *how: ends.append(play(*how)) or ends[-1])
    agree(build(made()), 3, [0, 1])
    assert FULL in ends, "there was room enough from the start, so that nothing was tried"


def test_a_world_of_many_groups_does_not_ask_for_the_memory_of_a_thousand(monkeypatch):
    """Room grows with what is short, and not everything with everything."""
    raw, sizes = many_groups(), []
    raw["staff_groups"]["arrivals"]["depends_on"] = {"keen": 8.5}
    allocate_record = kernel_run.allocate_record

    def counted(*how):
        record = allocate_record(*how)
        sizes.append(sum(getattr(record, name).nbytes for name in record.fields))
        return record

    monkeypatch.setattr(kernel_run, "allocate_record", counted)
    part = extract_tables(Case(build(raw), 1), "kpis", [0])
    groups = part.tables["kpis"]["groups"][0].as_py()
    assert groups > 30_000
    assert max(sizes) < 4000 * groups


# Failures


def refused(raw, replications=range(6)):
    """The failures of both engines, which must be the same to the last word, and what is left must agree."""
    scenario = build(raw)
    agree(scenario, 1, replications)
    kernel, simpy = (
        extract_tables(Case(scenario, 1, False, engine), "kpis", replications).failures
        for engine in ("kernel", "simpy")
    )
    assert [(one.replication, one.error) for one in kernel] == [(one.replication, one.error) for one in simpy]
    alone = [extract_tables(Case(scenario, 1), "kpis", [one.replication]).failures[0] for one in kernel]
    assert [replace(one, traceback="") for one in alone] == [replace(one, traceback="") for one in kernel]
    assert 0 < len(kernel) < len(replications), "some shall fail and others not"
    return [one.error for one in kernel]


PLAIN = [{"stage": "a", "work": "10 days", "milestone": "live"}]
ENORMOUS = {"weibull": {"scale": 1, "shape": 0.001}}


def test_a_group_beyond_all_bounds_fails_its_replication_and_no_other():
    raw = a_world(PLAIN)
    raw["staff_groups"]["types"]["team"]["headcount"] = {"lognormal": {"median": 12, "p90": 100000}}
    told = refused(raw)
    assert all(error.startswith("staff group east-01/") and "staff; at_most:" in error for error in told)
    assert "1.72e+07" in told[1]


def test_a_turnover_beyond_floating_point_fails_its_replication_and_no_other():
    raw = a_world(PLAIN)
    raw["staff_groups"]["types"]["team"]["turnover_per_head"] = ENORMOUS
    assert set(refused(raw)) == {"the numbers of this scenario grow beyond what can be computed"}


def test_a_cost_beyond_floating_point_fails_its_replication_and_no_other():
    raw = a_world([{**PLAIN[0], "costs": {"host": ENORMOUS}}])
    assert set(refused(raw)) == {"the numbers of this scenario grow beyond what can be computed"}


def test_tries_without_end_fail_their_replication_and_no_other():
    """The chance to be blocked ten thousand times is two thirds."""
    retry = {"after": "1 day", "tries": "unlimited"}
    raw = a_world([{**PLAIN[0], "work": "0 days"}], days=(0,))
    raw["barriers"] = {"fear": {"gates": {"a": {"probability": 0.99996, "retry": retry}}}}
    raw["clock"]["end"] = "2040-01-01"
    assert set(refused(raw, [4, 5])) == {"a staff group tried a stage more than 10000 times"}
