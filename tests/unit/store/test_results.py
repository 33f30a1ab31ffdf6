"""Opening a results folder: whole, unfinished, cut or not ours at all."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from sim.analysis.run.funnel import funnel
from sim.store.reader import open_results
from sim.store.results import Results, ResultsError
from tests.helpers.synthetic import manifest, world, write


@pytest.fixture
def folder(tmp_path):
    return write(world(12, seed=3), tmp_path / "results", parts=3)


def test_round_trip(folder):
    whole = world(12, seed=3)
    opened = open_results(folder)
    pd.testing.assert_frame_equal(opened.groups, whole.groups, check_dtype=False, check_categorical=False)
    assert opened.replications.tolist() == list(range(12))
    assert opened.manifest["seed"] == 1
    assert opened.folder == folder
    assert opened.events is None
    assert opened.failures == ()


def test_tables_are_read_once_and_only_when_asked_for(folder):
    opened = open_results(folder)
    for part in (folder / "hosts").iterdir():
        part.unlink()
    assert opened.groups is opened.groups
    with pytest.raises(ResultsError, match="part-00000"):
        _ = opened.hosts


def test_a_part_counts_when_its_receipt_is_there(tmp_path):
    folder = write(world(12, seed=3), tmp_path / "results", parts=3)
    (folder / "parts" / "000001.json").unlink()
    (folder / "groups" / "part-000007.parquet.part").write_bytes(b"half")
    (folder / "groups" / "part-000000.damaged").write_bytes(b"set aside")
    opened = open_results(folder)
    assert opened.replications.tolist() == [0, 1, 2, 3, 8, 9, 10, 11]
    assert set(opened.groups["replication"]) <= set(opened.replications.tolist())
    assert sum(table_slice.rows for table_slice in opened.slices("groups", [])) == len(opened.groups)
    assert funnel(opened)["entered_mean"].sum() > 0


def test_only_the_numbers_of_each_history(tmp_path):
    folder = write(world(12, seed=3), tmp_path / "results", parts=3)
    for path in (folder / "parts").iterdir():
        receipt = json.loads(path.read_text(encoding="utf-8"))
        receipt["tables"] = {"kpis": receipt["tables"]["kpis"]}
        path.write_text(json.dumps(receipt), encoding="utf-8")
    opened = open_results(folder)
    assert len(opened.kpis) == 12
    with pytest.raises(ResultsError, match="hold no table groups, only kpis"):
        _ = opened.groups
    with pytest.raises(ResultsError, match="hold no table groups, only kpis"):
        funnel(opened)


def test_failures_are_told(tmp_path):
    failed = [{"replication": 12, "error": "ValueError: no way", "traceback": "Traceback ..."}]
    opened = open_results(write(world(12, seed=3), tmp_path / "results", failures=failed))
    assert [(one.replication, one.error) for one in opened.failures] == [(12, "ValueError: no way")]
    everything = write(world(12, seed=3), tmp_path / "nothing", parts=1, failures=failed)
    receipt = everything / "parts" / "000000.json"
    told = json.loads(receipt.read_text(encoding="utf-8"))
    told["tables"]["kpis"]["rows"] = 0
    receipt.write_text(json.dumps(told), encoding="utf-8")
    said = "no replication was finished; 1 failed, the first with: ValueError: no way; to look at it: spinout replay "
    with pytest.raises(ResultsError, match=said + ".* --replication 12"):
        open_results(everything)


def test_what_is_not_ours(tmp_path, folder):
    with pytest.raises(ResultsError, match="no such folder"):
        open_results(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ResultsError, match="not a folder of results"):
        open_results(tmp_path / "empty")
    (folder / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(ResultsError, match="cannot be read"):
        open_results(folder)
    (folder / "manifest.json").write_text(json.dumps([1]), encoding="utf-8")
    with pytest.raises(ResultsError, match="not a mapping"):
        open_results(folder)
    (folder / "manifest.json").write_text(json.dumps({"name": "other"}), encoding="utf-8")
    with pytest.raises(ResultsError, match="not the manifest of a run"):
        open_results(folder)


def test_cut_altered_and_missing_parts(folder):
    part = folder / "groups" / "part-000001.parquet"
    whole = part.read_bytes()
    part.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ResultsError, match=r"part-000001\.parquet: [0-9,]+ bytes, expected [0-9,]+: it was cut"):
        open_results(folder)
    part.write_bytes(bytes(len(whole)))
    with pytest.raises(ResultsError, match=r"part-000001\.parquet: cannot be read"):
        _ = open_results(folder).groups
    part.unlink()
    with pytest.raises(ResultsError, match="missing"):
        open_results(folder)
    part.write_bytes(whole)
    (folder / "parts" / "000001.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ResultsError, match="a receipt cannot be read"):
        open_results(folder)


def test_nothing_finished(folder):
    for part in (folder / "parts").iterdir():
        part.unlink()
    with pytest.raises(ResultsError, match="no replication was finished"):
        open_results(folder)


def test_rows_of_an_unknown_replication_are_noticed():
    whole = world(3, seed=1)
    cut = whole.kpis[whole.kpis["replication"].ne(2)]
    frames = {"groups": whole.groups, "kpis": cut, "hosts": whole.hosts, "costs": whole.costs}
    results = Results.from_frames(manifest(), {**frames, "resources": whole.resources})
    with pytest.raises(ResultsError, match="replication 2 has rows"):
        funnel(results)
    with pytest.raises(ResultsError, match="no table kpis"):
        Results.from_frames(manifest(), {"groups": whole.groups})


def test_arrow_tables_in_memory_are_results_too():
    whole = world(6, seed=1)
    names = ("groups", "kpis", "hosts", "costs")
    tables = {name: pa.Table.from_pandas(getattr(whole, name), preserve_index=False) for name in names}
    results = Results.from_tables(manifest(), tables)
    pd.testing.assert_frame_equal(results.groups, whole.groups, check_dtype=False)
    pd.testing.assert_frame_equal(funnel(results), funnel(whole))
    assert not results.has("resources")
    assert results.has("groups", "reached_live")
    with pytest.raises(ResultsError, match="no table kpis"):
        Results.from_tables(manifest(), {"groups": tables["groups"]})


def test_positions_of_replications_with_gaps():
    whole = world(6, seed=1)
    some = {name: getattr(whole, name) for name in ("groups", "kpis", "hosts", "costs", "resources")}
    kept = {name: frame[frame["replication"].isin([0, 1, 4])] for name, frame in some.items()}
    results = Results.from_frames(manifest(), kept)
    assert results.positions(np.array([4, 0, 1, 4])).tolist() == [2, 0, 1, 2]
    with pytest.raises(ResultsError, match="replication 3 has rows"):
        results.positions(np.array([0, 3]))
    with pytest.raises(ResultsError, match="replication 9 has rows"):
        results.positions(np.array([9]))


def test_an_analysis_is_made_once():
    results = world(4, seed=1)
    made = []
    assert results.once("this", lambda: made.append(1) or 7) == 7
    assert results.once("this", lambda: made.append(1) or 8) == 7
    assert made == [1]
