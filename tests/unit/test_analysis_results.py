"""Opening a results folder: whole, unfinished, cut or not ours at all."""

import json

import pandas as pd
import pytest
from synthetic import manifest, world, write

from sim.analysis.results import Results, ResultsError, open_results


@pytest.fixture
def folder(tmp_path):
    return write(world(12, seed=3), tmp_path / "results", parts=3)


def test_round_trip(folder):
    whole = world(12, seed=3)
    opened = open_results(folder)
    pd.testing.assert_frame_equal(opened.groups, whole.groups, check_dtype=False)
    assert opened.replications.tolist() == list(range(12))
    assert opened.manifest["seed"] == 1
    assert opened.folder == folder
    assert opened.events is None


def test_tables_are_read_once_and_only_when_asked_for(folder):
    opened = open_results(folder)
    for part in (folder / "hosts").iterdir():
        part.unlink()
    assert opened.groups is opened.groups
    with pytest.raises(ResultsError, match="part-00000"):
        _ = opened.hosts


def test_parts_of_a_chunk_that_was_not_finished_are_not_read(tmp_path):
    folder = write(world(12, seed=3), tmp_path / "results", parts=1)
    groups = folder / "groups"
    (groups / "part-00001.parquet").write_bytes((groups / "part-00000.parquet").read_bytes())
    assert len(open_results(folder).groups) == len(world(12, seed=3).groups)


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


def test_cut_and_missing_parts(folder):
    part = folder / "groups" / "part-00001.parquet"
    whole = part.read_bytes()
    part.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ResultsError, match=r"part-00001\.parquet: not a whole Parquet file"):
        open_results(folder)
    part.unlink()
    with pytest.raises(ResultsError, match="missing"):
        open_results(folder)


def test_nothing_finished(folder):
    for part in (folder / "kpis").iterdir():
        part.unlink()
    with pytest.raises(ResultsError, match="no replication was finished"):
        open_results(folder)


def test_rows_of_an_unknown_replication_are_noticed():
    whole = world(3, seed=1)
    cut = whole.kpis[whole.kpis["replication"].ne(2)]
    frames = {"groups": whole.groups, "kpis": cut, "hosts": whole.hosts, "costs": whole.costs}
    results = Results.from_frames(manifest(), {**frames, "resources": whole.resources})
    with pytest.raises(ResultsError, match="replication 2 has rows"):
        results.positions(results.groups)
    with pytest.raises(ResultsError, match="no table resources"):
        Results.from_frames(manifest(), frames)
