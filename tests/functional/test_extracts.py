"""Whatever is kept of replications, the driver is the same: workers, interruptions and cuts change no byte."""

import itertools
import os
import signal
from dataclasses import replace

import pytest

from sim.batch.executors.here import here
from sim.batch.executors.processes import in_processes
from sim.batch.extracts.launches.bits import read_bits
from sim.batch.extracts.launches.designs import Exact
from sim.batch.extracts.launches.extract import Launches
from sim.batch.extracts.launches.toggles import Players
from sim.batch.extracts.tables import Tables, batch_of
from sim.batch.extracts.tally import Tally
from sim.batch.run import How, Silence, Stopped, TooManyFailures, run_in_memory, run_to_store, run_to_stores
from sim.batch.tasks import Task
from sim.errors import InputError
from sim.scenario.load import load
from sim.store.chunk import join
from sim.store.reader import StoredBatch, open_results
from sim.store.results import ResultsError
from sim.store.writer import StoreError, read_manifest
from tests.helpers import extracts
from tests.helpers.command import WORLDS, contents
from tests.helpers.extracts import EXTRACTS

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
N = 60


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of a batch of each extract, run through by one worker."""
    home = tmp_path_factory.mktemp("whole")
    for extract in EXTRACTS:
        run_to_store(extracts.batch_of(extract, N), home / extract, How(jobs=1))
    return home


@pytest.fixture(params=EXTRACTS)
def extract(request):
    return request.param


def small_tasks(monkeypatch, longest=7):
    """Tasks of a few replications, so that a small batch has many."""
    monkeypatch.setattr("sim.batch.tasks.Pace.length", lambda pace, left: min(left, longest))


@pytest.mark.parametrize("jobs", [1, 3, None])
def test_threads_and_tasks_change_nothing(extract, jobs, whole, tmp_path, monkeypatch):
    small_tasks(monkeypatch)
    run_to_store(extracts.batch_of(extract, N), tmp_path / "out", How(jobs=jobs))
    assert contents(tmp_path / "out") == contents(whole / extract)


def test_memory_holds_what_the_folder_holds(extract, whole):
    (kept,) = run_in_memory([extracts.batch_of(extract, N)], How(jobs=2))
    for one, other in itertools.zip_longest(kept.chunks(), StoredBatch(whole / extract).chunks()):
        assert (one.replications, one.tables, one.failures) == (other.replications, other.tables, other.failures)


def test_a_smaller_batch_is_the_beginning_of_a_larger_one(extract, whole, tmp_path):
    for replications in (11, 25, N):
        run_to_store(extracts.batch_of(extract, replications), tmp_path / "out", How(jobs=1))
    assert contents(tmp_path / "out") == contents(whole / extract)


@pytest.mark.parametrize("uncertain", [False, True])
def test_how_replications_are_cut_changes_nothing(extract, uncertain):
    batch = extracts.batch_of(extract, 12, uncertain=uncertain)
    computation = batch.computation
    computation.prepare()
    together = computation.chunk(range(12))
    for edges in ((0, 1, 5, 12), (0, 11, 12), tuple(range(13))):
        cut = [computation.chunk(range(start, stop)) for start, stop in itertools.pairwise(edges)]
        assert join(cut, batch.extract.encode).tables == together.tables


@pytest.mark.long
def test_worker_processes_change_nothing():
    """One set of workers takes the tasks of all extracts, with and without uncertain numbers."""
    batches = [
        extracts.batch_of(extract, 6, uncertain=uncertain) for extract in EXTRACTS for uncertain in (False, True)
    ]
    tasks = [
        Task(batch.computation, number, 0, range(first, first + 3))
        for number, batch in enumerate(batches)
        for first in (0, 3)
    ]
    there = {(task.batch, task.replications): chunk.tables for task, chunk in in_processes(iter(tasks), 2)}
    assert there == {(task.batch, task.replications): chunk.tables for task, chunk in here(tasks)}


# Interruptions


class Interrupting(Silence):
    """Sends Ctrl-C when so many replications have been finished."""

    def __init__(self, after):
        self.after, self.said = after, []

    def advance(self, replications):
        before, self.after = self.after, self.after - replications
        if before > 0 >= self.after:
            signal.raise_signal(signal.SIGINT)

    def say(self, line):
        self.said.append(line)


@POSIX
@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_finishes_what_is_in_hand_and_resuming_gives_the_same_bytes(extract, jobs, whole, tmp_path, monkeypatch):
    small_tasks(monkeypatch)
    out, batch, progress = tmp_path / "out", extracts.batch_of(extract, N), Interrupting(15)
    resumes = "to resume, run the same command again" + (", or spinout resume" if extract == "tables" else "$")
    with pytest.raises(Stopped, match=resumes):
        run_to_store(batch, out, How(jobs=jobs, progress=progress))
    assert progress.said == ["finishing what is in hand; Ctrl-C again stops at once"]
    assert read_manifest(out)["results"] is None
    kept = sum(len(chunk.replications) for chunk in StoredBatch(out).chunks())
    assert 15 <= kept < N

    class Watching(Silence):
        def begin(self, replications):
            assert replications == kept

    run_to_store(batch, out, How(jobs=1, progress=Watching()))
    assert contents(out) == contents(whole / extract)
    assert read_manifest(out)["results"] == read_manifest(whole / extract)["results"]


@POSIX
def test_ctrl_c_in_one_batch_of_several_keeps_all_that_was_finished(whole, tmp_path, monkeypatch):
    """All go through one call, with one bar over them all."""
    small_tasks(monkeypatch, longest=20)
    batches = {tmp_path / "answer" / extract: extracts.batch_of(extract, N) for extract in EXTRACTS}
    with pytest.raises(Stopped, match=f"kept in {tmp_path / 'answer'}: to resume, run the same command again"):
        run_to_stores(batches, How(jobs=2, progress=Interrupting(N + 30)))
    assert contents(tmp_path / "answer" / "tables") == contents(whole / "tables")
    assert read_manifest(tmp_path / "answer" / "tally")["results"] is None
    run_to_stores(batches, How(jobs=2))
    assert contents(tmp_path / "answer") == contents(whole)


def test_nothing_is_run_where_one_folder_holds_something_else(tmp_path):
    first, second = (extracts.batch_of(extract, 5) for extract in ("tables", "tally"))
    run_to_store(replace(second, seed=6), tmp_path / "second", How(jobs=1))
    with pytest.raises(StoreError, match="seed is 6 there and 5 here"):
        run_to_stores({tmp_path / "first": first, tmp_path / "second": second}, How(jobs=1))
    assert not contents(tmp_path / "first")


# What is refused


def other_players(batch):
    return replace(batch, extract=Launches(Players("barriers", ("unaware_host",)), Exact(1)))


CHANGED = [
    ("tables", "seed", lambda batch: replace(batch, seed=6)),
    ("tables", "keep", lambda batch: replace(batch, extract=Tables("kpis"))),
    ("tables", "digest", lambda batch: replace(batch, worlds=(load(extracts.ONE_WAY),))),
    ("launches", "uncertain", lambda batch: replace(batch, uncertain=True)),
    ("launches", "keep", other_players),
    ("permutations", "keep", lambda batch: replace(batch, extract=extracts.batch_of("launches").extract)),
    ("tally", "keep", lambda batch: replace(batch, extract=Tally(("informal",)))),
    ("tally", "other_digests", lambda batch: replace(batch, worlds=(batch.worlds[0], batch.worlds[0]))),
    ("tally", "digest", lambda batch: replace(batch, worlds=(batch.worlds[1], batch.worlds[1]))),
]


@pytest.mark.parametrize(("extract", "field", "change"), CHANGED, ids=[f"{one} {field}" for one, field, _ in CHANGED])
def test_resuming_with_anything_changed_is_refused_naming_it(extract, field, change, whole):
    before = contents(whole / extract)
    with pytest.raises(StoreError, match=f"holds another batch: {field} is .* there and .* here"):
        run_to_store(change(extracts.batch_of(extract, N)), whole / extract, How(jobs=1))
    assert contents(whole / extract) == before


def test_too_many_failures_are_told(extract, tmp_path):
    """In this world some groups are larger than any; where nothing else could be done, how to look is not said."""
    spread = load(str(WORLDS / "spread.yaml"))
    batch = extracts.batch_of(extract, 300)
    if isinstance(batch.extract, Launches):
        batch = replace(batch, extract=Launches(Players("barriers", ()), Exact(0)))
    batch = replace(batch, worlds=(spread,) * len(batch.worlds))
    words = r"of 300 replications failed, more than the 1.00% allowed \(--most-failures\); replication \d+: .*at_most"
    with pytest.raises(TooManyFailures, match=words) as told:
        run_to_store(batch, tmp_path / "out", How(jobs=1))
    assert ("spinout replay" in str(told.value)) == (extract == "tables")
    run_to_store(batch, tmp_path / "out", How(jobs=1, most_failures=1.0))
    failed = [failure.replication for chunk in StoredBatch(tmp_path / "out").chunks() for failure in chunk.failures]
    assert failed == sorted(failed)
    assert len(set(failed)) == len(failed) == read_manifest(tmp_path / "out")["failed"]


def test_what_is_no_run_is_neither_resumed_nor_opened_as_one(whole):
    for extract in ("launches", "tally"):
        with pytest.raises(InputError, match=r"part of an answer .*run the command of the answer again"):
            batch_of(read_manifest(whole / extract))
        with pytest.raises(ResultsError, match="a part of an answer"):
            open_results(whole / extract)


def test_bits_are_read_as_they_were(whole):
    (chunk,) = StoredBatch(whole / "launches").chunks()
    bits = read_bits(chunk)
    assert bits.complete.tolist() == list(range(N))
    assert bits.truth(8).shape == (len(bits.who), 8)
