"""The store against everything that can happen to a folder."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sim.store.receipts import receipt_path, receipts
from tests.helpers.command import COMMAND, WORLDS, contents, digest, environment, fails, parts, ruled, spinout, succeeds

CROWD = WORLDS / "crowd.yaml"
SPREAD = WORLDS / "spread.yaml"
N = 50
CROWDED = ("run", CROWD, "-n", N, "--keep", "events", "--jobs", 1)
POSIX = pytest.mark.skipif(os.name != "posix", reason="limits and mounts as POSIX has them")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def whole(home):
    """A batch of three parts that nothing disturbed, the last of them short."""
    succeeds(*CROWDED, "--out", home / "whole", cwd=home)
    return home / "whole"


@pytest.fixture
def folder(whole, tmp_path):
    """A copy of it to spoil."""
    return Path(shutil.copytree(whole, tmp_path / "folder"))


def test_a_part_is_whole_by_its_receipt(whole):
    found = receipts(whole)
    assert [(one.part, one.first, one.replications) for one in found] == [(0, 0, 20), (1, 20, 20), (2, 40, 10)]
    for one in found:
        assert set(one.tables) == {"groups", "hosts", "kpis", "costs", "resources", "events"}
        for name, table in one.tables.items():
            read = pq.read_table(whole / name / f"part-{one.part:06d}.parquet")
            assert len(read) == table.rows
            assert set(read["replication"].to_pylist()) <= set(range(one.first, one.first + one.replications))
    assert digest(whole) == json.loads((whole / "manifest.json").read_text())["results"]


@pytest.mark.long
def test_the_digest_is_said(whole, home):
    assert f"Digest: {digest(whole)}" in succeeds(*CROWDED, "--out", whole, cwd=home)


def test_kept_kpis_are_those_of_a_fuller_batch(whole, home):
    said = succeeds("run", CROWD, "-n", N, "--keep", "kpis", "--out", home / "kpis", cwd=home)
    assert "launched" in said
    assert {path.name for path in (home / "kpis").iterdir() if path.is_dir()} == {"kpis", "parts"}
    (alone,) = (pq.read_table(part) for part in parts(home / "kpis"))
    assert alone.equals(pq.read_table(whole / "kpis"))


# Going on


@pytest.mark.long
def test_more_replications_are_added_to_those_that_are_there(whole, home):
    out = home / "grown"
    for n in (15, 30, 45, N):
        succeeds("run", CROWD, "-n", n, "--keep", "events", "--out", out, cwd=home)
    assert contents(out) == contents(whole)
    assert digest(out) == digest(whole)
    assert not list(out.rglob("*.damaged*"))


def test_fewer_than_are_there_is_refused(whole, home):
    said = fails(1, "run", CROWD, "-n", N - 1, "--keep", "events", "--out", whole, cwd=home)
    assert f"replications is {N} there and {N - 1} here" in said


@pytest.mark.long
def test_what_is_missing_is_computed_again(folder, whole):
    """A table of one part, the receipt of another, a table of the last."""
    for gone in ("groups/part-000001.parquet", "parts/000000.json", "events/part-000002.parquet"):
        (folder / gone).unlink()
    done = spinout("resume", folder, cwd=folder.parent)
    assert done.returncode == 0, done.stderr
    assert contents(folder) == contents(whole)


def spoil_a_byte(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut(path):
    path.write_bytes(path.read_bytes()[:-10])


def replace_by_another(path):
    path.write_bytes(path.with_name("part-000000.parquet").read_bytes())


@pytest.mark.parametrize(
    ("table", "how"),
    [
        ("kpis", spoil_a_byte),
        pytest.param("events", cut, marks=pytest.mark.long),
        pytest.param("groups", replace_by_another, marks=pytest.mark.long),
    ],
)
def test_a_part_that_was_cut_or_altered_is_said_kept_aside_and_computed_again(how, table, folder, whole):
    part = folder / table / "part-000001.parquet"
    how(part)
    spoilt = part.read_bytes()
    done = spinout("resume", folder, cwd=folder.parent)
    assert done.returncode == 0, done.stderr
    assert f"part 1 was cut or altered ({table})" in done.stderr
    assert part.with_name(part.name + ".damaged").read_bytes() == spoilt
    assert contents(folder) == contents(whole)


@pytest.mark.long
def test_what_was_set_aside_before_is_kept(folder, whole):
    part = folder / "groups" / "part-000001.parquet"
    for damaged in (".damaged", ".damaged-2"):
        spoil_a_byte(part)
        assert spinout(*CROWDED, "--out", folder, cwd=folder.parent).returncode == 0
        assert part.with_name(part.name + damaged).exists()
    assert contents(folder) == contents(whole)


@pytest.mark.parametrize(
    "texts", [("", "[1, 2", "{}"), pytest.param(('{"part": 1}', "[]", "\x00\x01"), marks=pytest.mark.long)]
)
def test_a_receipt_that_is_none_is_set_aside_with_all_of_its_part(texts, folder, whole):
    for part, text in enumerate(texts):
        receipt_path(folder, part).write_text(text)
    done = spinout("resume", folder, cwd=folder.parent)
    assert done.returncode == 0, done.stderr
    for part, text in enumerate(texts):
        assert f"part {part} was cut or altered (receipt)" in done.stderr
        assert (folder / "parts" / f"{part:06d}.json.damaged").read_text() == text
        assert len(list(folder.rglob(f"part-{part:06d}.parquet.damaged"))) == 6
    assert contents(folder) == contents(whole)


@pytest.mark.long
def test_what_a_crash_leaves_half_written_is_swept_and_readers_do_not_see_it(folder, whole):
    (folder / "groups" / "part-000002.parquet.part").write_bytes(b"half a part")
    (folder / "parts" / "000002.json.part").write_bytes(b"{")
    receipt_path(folder, 2).unlink()
    assert "40 of 50" in spinout("resume", folder, cwd=folder.parent).stderr
    assert contents(folder) == contents(whole)
    assert not list(folder.rglob("*.part"))


@pytest.mark.long
def test_resume_needs_the_manifest_alone(tmp_path, whole):
    shutil.copy(CROWD, tmp_path / "mine.yaml")
    name = ("run", "mine.yaml", "-n", N, "--keep", "events", "--out", "out")
    succeeds(*name, cwd=tmp_path)
    (tmp_path / "mine.yaml").unlink()
    shutil.rmtree(tmp_path / "out" / "parts")
    succeeds("resume", "out", "--jobs", 1, cwd=tmp_path)
    assert contents(tmp_path / "out") == contents(whole)


def changed(folder, **values):
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **values}), encoding="utf-8")


def test_another_epoch_is_refused_naming_both(folder):
    changed(folder, epoch=0)
    assert "results version is 0 there and" in fails(1, *CROWDED, "--out", folder, cwd=folder.parent)
    assert "results version is 0 there and" in fails(2, "resume", folder, cwd=folder.parent)
    assert "results version is 0 there and" in fails(2, "replay", folder, "-r", 1, cwd=folder.parent)


def test_an_altered_scenario_in_the_manifest_is_refused(folder):
    text = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["scenario"]
    changed(folder, scenario=text.replace("0.3", "0.4"))
    assert "the scenario in the manifest was altered: digest is" in fails(2, "resume", folder, cwd=folder.parent)


@pytest.mark.long
def test_other_versions_are_said(folder):
    versions = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["versions"]
    changed(folder, versions={**versions, "pyarrow": "1.0"})
    done = spinout("resume", folder, cwd=folder.parent)
    assert done.returncode == 0
    assert "other versions: pyarrow 1.0 then" in done.stderr


def test_a_folder_with_nothing_to_go_on_with_is_said(tmp_path):
    (tmp_path / "empty").mkdir()
    for command in (("resume", "empty"), ("resume", "nowhere"), ("replay", "empty", "-r", 1)):
        assert "no results" in fails(2, *command, cwd=tmp_path)
    (tmp_path / "empty" / "thesis.txt").write_text("mine")
    assert "something other than results" in fails(1, "resume", "empty", cwd=tmp_path)


# Disks and locks


@POSIX
@pytest.mark.long
def test_a_full_disk_is_said_and_nothing_finished_is_lost(home, whole):
    out = home / "full"
    program = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))\n"
        "from sim.cli import main\nmain(sys.argv[2:], prog_name='spinout')"
    )
    command = [sys.executable, "-c", program]
    succeeds("run", CROWD, "-n", 20, "--keep", "events", "--out", out, cwd=home)
    before = contents(out)
    largest = max(path.stat().st_size for path in out.rglob("*.parquet"))
    done = spinout(largest // 2, *CROWDED, "--out", out, cwd=home, command=command)
    assert done.returncode == 1, done.stdout
    assert "cannot be written" in done.stderr
    assert "what was finished is kept" in done.stderr
    assert contents(out) == before
    assert not list(out.rglob("*.part"))
    succeeds(*CROWDED, "--out", out, cwd=home)
    assert contents(out) == contents(whole)


@pytest.fixture
def small_disk(tmp_path, whole):
    """A disk with room for more than one part and less than all, where mounting one is permitted."""
    size = sum(path.stat().st_size for path in whole.rglob("part-*") if "000002" not in path.name) * 8 // 10
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    if (
        not mount
        or subprocess.run(
            [mount, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("no disk may be mounted here")
    yield place
    subprocess.run(["umount", place], check=True)


@pytest.mark.long
@POSIX
def test_a_small_disk_runs_full_and_the_batch_goes_on_elsewhere(small_disk, home, whole, tmp_path):
    out = small_disk / "out"
    said = fails(1, *CROWDED, "--out", out, cwd=home)
    assert "cannot be written" in said
    kept = contents(out)
    assert kept
    assert all(contents(whole)[name] == data for name, data in kept.items())
    moved = shutil.copytree(out, tmp_path / "moved")
    succeeds("resume", moved, cwd=home)
    assert contents(moved) == contents(whole)


@POSIX
def test_a_read_only_folder_is_said(folder):
    folder.chmod(0o500)
    assert "cannot be written" in fails(1, "resume", folder, cwd=folder.parent, command=ruled())
    folder.chmod(0o700)


@pytest.mark.long
def test_two_batches_in_one_folder_one_is_refused_at_once(folder):
    from filelock import FileLock

    before = contents(folder)
    with FileLock(folder / ".lock"):
        began = time.monotonic()
        said = fails(1, "resume", folder, cwd=folder.parent)
        assert time.monotonic() - began < 20
    assert "another batch is writing to" in said
    assert contents(folder) == before
    succeeds("resume", folder, cwd=folder.parent)


@pytest.mark.long
def test_two_batches_started_together_one_writes(home, whole):
    out = home / "contested"
    runs = [
        subprocess.Popen(
            [*COMMAND, *map(str, CROWDED), "--out", str(out)],
            cwd=home,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        for _ in range(2)
    ]
    said = [run.communicate(timeout=180)[1] for run in runs]
    # Whichever came first wrote; the other was refused, or came when all was done.
    assert 0 in [run.returncode for run in runs], said
    for run, errors in zip(runs, said, strict=True):
        assert "Traceback" not in errors
        assert run.returncode == 0 or "another batch is writing to" in errors
    assert contents(out) == contents(whole)


# Replications that fail


@pytest.fixture(scope="module")
def failing(home):
    """A batch in which some replications cannot be computed: standard output and folder."""
    out = home / "failing"
    return succeeds("run", SPREAD, "-n", 200, "--most-failures", 0.2, "--out", out, cwd=home), out


def test_replications_that_fail_are_kept_as_data(failing):
    said, out = failing
    failures = [failure for one in receipts(out) for failure in one.failures]
    assert 2 <= len(failures) <= 30
    assert f"{len(failures)} of 200 replications failed" in said
    assert "spinout replay" in said
    assert json.loads((out / "manifest.json").read_text(encoding="utf-8"))["failed"] == len(failures)
    for failure in failures:
        assert "staff; at_most: bounds a headcount" in failure.error
        assert not failure.traceback or failure.traceback.startswith("Traceback")
    kept = pq.read_table(out / "kpis")["replication"].to_pylist()
    assert sorted([*kept, *(failure.replication for failure in failures)]) == list(range(200))


def test_a_replication_that_failed_runs_alone(failing, home):
    _, out = failing
    number = next(failure.replication for one in receipts(out) for failure in one.failures)
    assert "at_most: bounds a headcount" in fails(1, "replay", out, "-r", number, cwd=home)


def test_too_many_failures_stop_the_batch_and_say_how_to_look(home):
    out = home / "stopped"
    said = fails(1, "run", SPREAD, "-n", 300, "--out", out, cwd=home)
    assert "of 300 replications failed, more than the 1.00% allowed (--most-failures)" in said
    assert f"to look at it: spinout replay {out} --replication" in said
    succeeds("resume", out, "--most-failures", 1, "--retry-failed", cwd=home)
    succeeds("run", SPREAD, "-n", 300, "--most-failures", 1, "--out", home / "through", cwd=home)
    assert contents(out) == contents(home / "through")


# Replaying


def test_a_replay_tells_the_story_and_says_that_it_agrees(whole, home):
    said = succeeds("replay", whole, "-r", 31, cwd=home)
    assert f"What {whole} holds of replication 31 agrees" in said
    assert "MILESTONE live" in said
    story = succeeds("trace", CROWD, "-r", 31, cwd=home)
    assert said.startswith(story.rstrip("\n"))
    one = succeeds("replay", whole, "-r", 31, "--group", "here-01/1", cwd=home)
    assert len(one.splitlines()) < 20


def test_a_replay_of_what_was_altered_says_where_it_differs(folder):
    path = folder / "groups" / "part-000001.parquet"
    table = pq.read_table(path)
    place = table["replication"].to_pylist().index(31)
    heads = table["headcount"].to_pylist()
    heads[place] += 1
    column = table.schema.get_field_index("headcount")
    pq.write_table(table.set_column(column, "headcount", [heads]).cast(table.schema), path)
    said = fails(1, "replay", folder, "-r", 31, cwd=folder.parent)
    assert f"groups, replication 31, group here-01/1, host here-01: headcount is {heads[place]} by the folder" in said
    assert "agrees" in succeeds("replay", folder, "-r", 30, cwd=folder.parent)


def test_a_replication_that_is_not_there_is_said(whole, home, folder):
    assert f"expected one from 0 to {N - 1}" in fails(2, "replay", whole, "-r", N, cwd=home)
    receipt_path(folder, 1).unlink()
    assert "not among the finished ones" in fails(2, "replay", folder, "-r", 31, cwd=home)


def test_a_small_batch_is_the_beginning_of_a_large_one(whole, home):
    succeeds("run", CROWD, "-n", 20, "--keep", "events", "--out", home / "small", cwd=home)
    assert contents(home / "small") == {name: data for name, data in contents(whole).items() if "000000" in name}
