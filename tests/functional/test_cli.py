"""The command line as a user meets it: real processes, exit codes, files, signals."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pandas as pd
import pyarrow.parquet as pq
import pytest

from sim.scenario.library import shipped_folder, shipped_names
from sim.scenario.load import load
from sim.scenario.nodes import as_plain
from sim.scenario.yaml_tree import read_file
from tests.helpers.command import (
    COMMAND,
    EVERYTHING,
    WORLDS,
    contents,
    environment,
    fails,
    parts,
    ruled,
    spinout,
    started,
    succeeds,
)

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and pipes as POSIX has them")
SET = "barriers.resistance.gates.request.probability=0.55"
N = 25
TABLES = {"groups", "hosts", "kpis", "costs", "resources", "events"}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def ran(home):
    """A run with everything kept: its standard output and results folder."""
    out = home / "ran"
    said = succeeds(
        "run",
        EVERYTHING,
        "-n",
        N,
        "--seed",
        3,
        "--set",
        SET,
        "--keep",
        "events",
        "--jobs",
        1,
        "--out",
        out,
        cwd=home,
    )
    return said, out


@pytest.fixture(scope="module")
def groups(ran):
    return pd.concat([pd.read_parquet(part) for part in parts(ran[1], "groups")], ignore_index=True)


# Running


def test_a_run_says_what_came_out_and_where_it_lies(ran):
    said, out = ran
    for words in (
        "A world with every kind of part",
        f"{N} replications",
        "Groups by stage",
        "Entered",
        "±",
        "Costs",
    ):
        assert words in said
    assert f"Report: {out / 'report.html'}" in said
    assert f"Tables: {out}" in said


def test_the_results_folder_holds_tables_manifest_and_report(ran):
    _, out = ran
    assert {path.name for path in out.iterdir()} >= {*TABLES, "parts", "manifest.json"}
    assert not list(out.rglob("*.part"))
    for table in TABLES:
        assert [part.name for part in parts(out, table)] == ["part-000000.parquet"]
    page = (out / "report.html").read_text(encoding="utf-8")
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert "A world with every kind of part" in page
    assert not re.search(r"""(src|href)\s*=\s*["']?https?:""", page.replace("http://www.w3.org", ""))


def test_the_manifest_says_what_was_run(ran):
    _, out = ran
    kept = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    loaded = load(EVERYTHING, (SET,))
    assert kept["program"] == "spinout"
    assert kept["name"] == "everything"
    assert kept["digest"] == loaded.digest
    assert kept["scenario"] == loaded.text
    assert (kept["seed"], kept["replications"], kept["uncertain"]) == (3, N, False)
    assert kept["overrides"] == [{"path": SET.partition("=")[0], "old": "0.4", "new": "0.55"}]
    assert (kept["start"], kept["end"], kept["horizon"]) == ("2000-01-01", "2002-06-19", 900.0)
    assert kept["seconds"] > 0
    assert kept["versions"].keys() >= {"spinout", "python", "simpy", "numpy"}
    assert kept["machine"]["system"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", kept["started"])
    assert {"name": "idea", "label": "Idea", "route": "official", "milestone": None} in kept["stages"]
    assert kept["barriers"].keys() == {"resistance", "pensions", "failure"}
    assert kept["regions"]["north"] == {"label": "North", "hosts": 3}
    assert kept["timeline"][1]["from"] == "2001-08-23"
    assert kept["timeline"][1]["until"] is None


def test_the_tables_have_their_columns_and_every_replication(ran, groups):
    _, out = ran
    found = {table: pd.concat([pd.read_parquet(part) for part in parts(out, table)]) for table in TABLES}
    assert list(found["kpis"].replication) == list(range(N))
    assert len(found["hosts"]) == 5 * N
    names = {
        "replication",
        "entity_id",
        "name",
        "region",
        "host",
        "type",
        "route",
        "headcount",
        "turnover",
        "arrived",
        "state",
        "stage",
        "exit_time",
        "exit_stage",
        "exit_cause",
        "exit_form",
        "tries",
        "award",
        "repaid",
        "cost_programme",
        "cost_host",
        "cost_group",
        "trait_engaged",
        "trait_aware",
        "trait_stance",
        "trait_champion",
        "trait_resolve",
        "entered_idea",
        "entered_trading",
        "entered_alone",
        "reached_live",
        "reached_submitted",
    }
    assert names <= set(groups.columns)
    assert set(groups.state) == {"inside", "exited", "completed"}
    assert list(found["costs"].columns) == ["replication", "entity_id", "time", "payer", "item", "amount"]
    assert list(found["events"].columns) == ["replication", "entity_id", "event_type", "event", "time", "resource_id"]
    assert {"arrival_departure", "queue", "resource_use", "resource_use_end"} <= set(found["events"].event_type)
    assert {"arrival", "depart"} <= set(found["events"].event)
    assert pq.read_schema(parts(out)[0]).field("replication").type == "int32"
    assert (found["kpis"].groups.to_numpy() == groups.groupby("replication").size().to_numpy()).all()


def test_the_event_log_stands_as_xes_too(ran):
    _, out = ran
    traces = ElementTree.parse(out / "events.xes").getroot().findall("trace")
    groups, events = (pq.read_table(out / name).to_pandas() for name in ("groups", "events"))
    names = {trace.find("string").get("value"): trace for trace in traces}
    assert set(names) == {f"{row.replication}:{row.entity_id}" for row in groups.itertuples()}
    start = datetime.fromisoformat(json.loads((out / "manifest.json").read_text())["start"]).replace(tzinfo=UTC)
    for (replication, entity), story in events.groupby(["replication", "entity_id"]):
        told = names[f"{replication}:{entity}"].findall("event")
        assert [one.find("string").get("value") for one in told] == list(story.event)
        times = [datetime.fromisoformat(one.find("date").get("value")) for one in told]
        days = [(time - start).total_seconds() / 86_400 for time in times]
        assert days == pytest.approx(list(story.time), abs=1e-7)


def test_without_events_there_is_no_event_table(home):
    out = home / "plain"
    succeeds("run", EVERYTHING, "-n", 1, "--out", out, cwd=home)
    assert not (out / "events").exists()


def test_the_same_run_again_does_nothing_new(ran, home):
    _, out = ran
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.parquet")}
    begun = json.loads((out / "manifest.json").read_text())["started"]
    succeeds(
        "run",
        EVERYTHING,
        "-n",
        N,
        "--seed",
        3,
        "--set",
        SET,
        "--keep",
        "events",
        "--out",
        out,
        cwd=home,
    )
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.parquet")} == before
    assert json.loads((out / "manifest.json").read_text())["started"] == begun


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        (["--seed", "4", "-n", N, "--set", SET, "--keep", "events"], "seed is 3 there and 4 here"),
        (
            ["--seed", "3", "-n", N - 1, "--set", SET, "--keep", "events"],
            f"replications is {N} there and {N - 1} here",
        ),
        (["--seed", "3", "-n", N, "--keep", "events"], "digest is"),
        (["--seed", "3", "-n", N, "--set", SET], "keep is 'events' there and 'groups' here"),
        (
            ["--seed", "3", "-n", N, "--set", SET, "--keep", "events", "--uncertain"],
            "uncertain is False there and True here",
        ),
    ],
)
def test_going_on_with_anything_changed_is_refused_naming_it(changed, field, ran, home):
    _, out = ran
    before = contents(out), (out / "manifest.json").read_bytes()
    assert field in fails(1, "run", EVERYTHING, *changed, "--out", out, cwd=home)
    assert (contents(out), (out / "manifest.json").read_bytes()) == before


@pytest.mark.parametrize("kept", ["thesis.txt", "manifest.json", "kpis/part-000000.parquet"])
def test_a_folder_that_holds_something_else_is_left_alone(kept, home):
    folder = home / "foreign" / kept.replace("/", "_")
    (folder / kept).parent.mkdir(parents=True)
    (folder / kept).write_text('{"my": "work"}')
    done = spinout("run", EVERYTHING, "-n", 1, "--out", folder, cwd=home)
    assert done.returncode in (1, 2)
    assert str(folder) in done.stderr
    assert [path.name for path in folder.rglob("*") if path.is_file()] == [Path(kept).name]
    assert (folder / kept).read_text() == '{"my": "work"}'


def test_a_folder_that_cannot_be_written_is_said(home):
    (home / "a_file").write_text("mine")
    for out in ("a_file", "a_file/results"):
        assert "a_file" in fails(1, "run", EVERYTHING, "-n", 1, "--out", out, cwd=home)
    assert (home / "a_file").read_text() == "mine"


@POSIX
def test_a_folder_without_permission_is_said(home):
    locked = home / "locked"
    locked.mkdir()
    locked.chmod(0o500)
    assert "locked" in fails(1, "run", EVERYTHING, "-n", 1, "--out", locked / "results", cwd=home, command=ruled())
    assert "locked" in fails(1, "new", "mine", cwd=locked, command=ruled())


def test_results_go_to_a_folder_named_after_scenario_digest_and_seed(tmp_path):
    said = succeeds("run", WORLDS / "five_gates.yaml", "-n", 2, "--seed", 9, cwd=tmp_path)
    digest = load(str(WORLDS / "five_gates.yaml")).digest
    folder = tmp_path / "results" / f"five_gates-{digest[:12]}-9"
    assert parts(folder)
    assert f"Tables: {folder.relative_to(tmp_path)}" in said


def test_uncertain_numbers_are_drawn_anew_in_each_replication(home):
    world = (
        WORLDS / "five_gates.yaml",
        "--set",
        "barriers.refusal.gates.s1={value: 0.5, low: 0, high: 1, source: judgement}",
    )
    succeeds("run", *world, "-n", 2, "--out", home / "fixed", cwd=home)
    succeeds("run", *world, "-n", 2, "--uncertain", "--out", home / "drawn", cwd=home)
    assert contents(home / "fixed") != contents(home / "drawn")


@pytest.mark.parametrize("keep", ["rubbish", "groups,events", "", "Groups"])
def test_tables_that_do_not_exist_cannot_be_kept(keep, tmp_path):
    assert "--keep" in fails(2, "run", EVERYTHING, "-n", 1, "--keep", keep, cwd=tmp_path)
    assert not list(tmp_path.iterdir())


def test_several_scenarios_run_in_one_go(tmp_path):
    said = succeeds("run", WORLDS / "five_gates.yaml", EVERYTHING, "-n", 2, "--out", "all", cwd=tmp_path)
    assert {path.name for path in (tmp_path / "all").iterdir()} == {"five_gates", "everything"}
    assert said.index("Five clearance points") < said.index("A world with every kind of part")
    for name in ("five_gates", "everything"):
        assert (tmp_path / "all" / name / "report.html").is_file()
    shutil.copy(EVERYTHING, tmp_path / "everything.yaml")
    assert "two scenarios are called everything" in fails(
        2, "run", "everything.yaml", EVERYTHING, "-n", 2, "--out", "twice", cwd=tmp_path
    )
    assert not (tmp_path / "twice").exists()


def test_a_fault_in_one_of_several_scenarios_is_found_before_anything_runs(tmp_path):
    (tmp_path / "bad.yaml").write_text("titel: x\n")
    assert "titel" in fails(2, "run", EVERYTHING, "bad.yaml", "-n", 2, "--out", "all", cwd=tmp_path)
    assert not (tmp_path / "all").exists()


def test_both_engines_write_the_same_and_verify_says_so(ran, home):
    _, out = ran
    again = home / "simpy"
    options = ("-n", N, "--seed", 3, "--set", SET, "--keep", "events", "--out", again)
    succeeds("run", EVERYTHING, *options, "--engine", "simpy", cwd=home)
    assert contents(again) == contents(out)
    said = succeeds("verify", EVERYTHING, "-n", 12, "--seed", 3, "--set", SET, cwd=home)
    assert "both engines agree on 12 replications" in said
    assert "both engines agree" in succeeds("verify", EVERYTHING, "-n", 3, "--uncertain", cwd=home)


def test_the_log_of_a_run_says_how_far_it_is(home):
    done = spinout("run", WORLDS / "five_gates.yaml", "-n", 3, "--out", home / "log", cwd=home)
    assert "five_gates: 3 of 3 replications" in done.stderr


# Interruptions


@pytest.mark.long
@POSIX
def test_ctrl_c_stops_a_validation_in_words(home):
    with started("validate", "west_midlands", "-n", 100000, "--jobs", 1, cwd=home) as run:
        time.sleep(3)
        assert run.poll() is None
        os.killpg(run.pid, signal.SIGINT)
        said, errors = run.communicate(timeout=30)
    assert run.returncode == 1
    assert "stopped" in errors
    assert "Traceback" not in said + errors


# Reports


@pytest.mark.long
def test_a_report_is_made_again_with_charts(ran, home):
    _, out = ran
    copy = home / "copy"
    shutil.copytree(out, copy)
    before = (copy / "report.html").read_text(encoding="utf-8")
    (copy / "report.html").unlink()
    said = succeeds("report", copy, "--png", "--svg", cwd=home)
    assert (copy / "report.html").read_text(encoding="utf-8") == before
    charts = [Path(line.partition(": ")[2]) for line in said.splitlines() if line.startswith("Chart: ")]
    assert {chart.suffix for chart in charts} == {".png", ".svg"}
    assert len({chart.stem for chart in charts}) * 2 == len(charts) >= 12
    for chart in charts:
        head = chart.read_bytes()[:300]
        assert head.startswith(b"\x89PNG\r\n\x1a\n") if chart.suffix == ".png" else b"<svg" in head


def test_a_folder_without_results_makes_no_report(ran, home, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "no such folder" in fails(2, "report", "nowhere", cwd=tmp_path)
    assert "not a folder of results" in fails(2, "report", "empty", cwd=tmp_path)
    shutil.copytree(ran[1], tmp_path / "cut")
    part = parts(tmp_path / "cut", "groups")[0]
    part.write_bytes(part.read_bytes()[:-10])
    assert "it was cut or altered" in fails(2, "report", "cut", cwd=tmp_path)
    part.unlink()
    assert "missing" in fails(2, "report", "cut", cwd=tmp_path)


# Validating


def test_validate_compares_every_observation(tmp_path):
    said = succeeds("validate", "west_midlands", "-n", 20, cwd=tmp_path)
    for one in load("west_midlands").scenario.observations.values():
        assert one.label[:30] in said
    assert "of 8 observations within" in said
    assert not list(tmp_path.iterdir())


def test_validate_says_which_observation_fails(tmp_path):
    said = succeeds("validate", "west_midlands", "-n", 20, "--set", "observations.groups_known.value=500", cwd=tmp_path)
    assert re.search(r"Outside:\s+Groups known,\s+July 2010", said)


def test_validate_without_observations_is_refused(tmp_path):
    assert "lists no observations" in fails(2, "validate", "no_programme", "-n", 2, cwd=tmp_path)


# Traces

TRACE = ("trace", EVERYTHING, "--seed", 3, "--set", SET, "-r", 7)
LINE = re.compile(r"(\d\d \w{3} \d{4})  (\S.*?)  (.*)")


@pytest.fixture(scope="module")
def traced(home):
    return succeeds(*TRACE, cwd=home).splitlines()


def day(time):
    return (date(2000, 1, 1) + timedelta(days=int(time))).strftime("%d %b %Y")


def told(traced, words):
    """(date, group) of the lines whose text begins so."""
    found = [LINE.match(line) for line in traced]
    return sorted((one[1], one[2]) for one in found if one and one[3].startswith(words))


def happened(times, identities):
    return sorted((day(time), who) for time, who in zip(times, identities, strict=True) if time == time)


def test_a_trace_tells_what_the_groups_table_holds(traced, groups):
    mine = groups[groups.replication == 7]
    assert told(traced, "arrives") == happened(mine.arrived, mine.entity_id)
    left = mine[mine.state == "exited"]
    assert told(traced, "LEAVES") == happened(left.exit_time, left.entity_id)
    for milestone in ("submitted", "approved", "live", "independent"):
        assert told(traced, f"MILESTONE {milestone}") == happened(mine[f"reached_{milestone}"], mine.entity_id)


def test_a_trace_is_in_order_and_deterministic(traced, home):
    assert succeeds(*TRACE, cwd=home, PYTHONHASHSEED="12345").splitlines() == traced
    days = [pd.Timestamp(line[:11]) for line in traced]
    assert days == sorted(days)


def test_a_trace_gives_chances_draws_and_dated_facts(traced):
    text = "\n".join(traced)
    assert re.search(r"chance 0\.\d{3}, drew 0\.\d{3}: (not )?blocked", text)
    assert re.search(r"-- Freeze: begins --|-- freeze: begins --", text)
    assert any("The pioneers" in line for line in traced)


def test_a_trace_of_one_group_is_its_part_of_the_whole(traced, groups, home):
    identity = groups[(groups.replication == 7) & (groups.state == "exited")].entity_id.iloc[0]
    lines = succeeds(*TRACE, "--group", identity, cwd=home).splitlines()
    own = [line for line in traced if f"  {identity}  " in line]
    facts = [line for line in traced if "  -- " in line]
    assert [line for line in lines if "  -- " not in line] == own
    assert {line for line in lines if "  -- " in line} <= set(facts)
    assert len(own) > 2


def test_a_trace_of_a_group_that_is_not_there_names_the_nearest(home):
    said = fails(2, *TRACE, "--group", "nroth-01/1", cwd=home)
    assert "no staff group 'nroth-01/1' in replication 7 (did you mean 'north-01/" in said


@POSIX
@pytest.mark.parametrize(
    "arguments", [("trace", "right_to_request"), ("evidence",), ("schema",), ("show", "right_to_request")]
)
def test_a_closed_pipe_makes_no_noise(arguments, tmp_path):
    with subprocess.Popen(
        [*COMMAND, *arguments], cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as run:
        assert run.stdout.readline()
        run.stdout.close()
        errors = run.stderr.read()
        run.wait(60)
    assert errors == b""


# Checking, showing, schemas, lists


def test_check_answers_for_every_file(tmp_path):
    sound = tmp_path / "sound.yaml"
    sound.write_text("extends: west_midlands.yaml\n")
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.write_text("extends: west_midlands.yaml\ntitel: x\nclock: {end: never}\n")
    two.write_text("title: [\n")
    done = spinout("check", one, sound, two, "west_midlands", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout.splitlines() == [f"{sound}: in order", "west_midlands: in order"]
    assert f"{one}:2:1: unknown key 'titel' (did you mean 'title'?)" in done.stderr
    assert f"{one}:3:14: 'never' is not a date" in done.stderr
    assert f"{two}:2:1: " in done.stderr
    assert succeeds("check", sound, cwd=tmp_path) == f"{sound}: in order\n"


def test_check_answers_for_what_is_no_file(tmp_path):
    assert "is a folder, expected a file, or one of" in fails(2, "check", tmp_path, cwd=tmp_path)
    assert "there is no scenario" in fails(2, "check", "nothing.yaml", cwd=tmp_path)


@pytest.fixture(scope="module")
def json_schema(home):
    return json.loads(succeeds("schema", cwd=home))


def test_the_schema_accepts_every_shipped_file_and_world(json_schema):
    jsonschema.Draft202012Validator.check_schema(json_schema)
    validator = jsonschema.Draft202012Validator(json_schema)
    shipped = [shipped_folder() / f"{name}.yaml" for name in shipped_names()]
    for path in [*shipped, *sorted(WORLDS.glob("*.yaml"))]:
        faults = [
            (list(one.path), one.message[:200]) for one in validator.iter_errors(as_plain(read_file(path, path.name)))
        ]
        assert faults == [], path.name


@pytest.mark.parametrize(
    "wrong",
    [
        {"titel": "x"},
        {"barriers": {"pension_worries": {"enbled": False}}},
        {"barriers": {"pension_worries": {"forms": {"at_the_ballot": {"gate": {}}}}}},
        {"routes": {"official": {"stages": {"idea": {"wrk": "1 month"}}}}},
        {"routes": {"official": [{"stage": "idea", "wrk": "1 month"}]}},
        {"interventions": {"x": {"effects": [{"barier": "y", "times": 2}]}}},
        {"staff_groups": {"arrivals": {"rate": "0.1 per month", "profil": []}}},
        {"resources": {"seif": {"fund": {"budgett": 5}}}},
        {"observations": {"x": {"value": 1, "count": {"reach": "live"}}}},
        {"barriers": {"x": {"gates": {"idea": {"probability": 1.2}}}}},
        {"barriers": {"x": {"gates": {"idea": {"value": 0.2, "lwo": 0.1}}}}},
        {"clock": {"start": 5}},
        {"hosts": {"regions": {"x": {"hosts": "many"}}}},
    ],
)
def test_the_schema_refuses(wrong, json_schema):
    assert not jsonschema.Draft202012Validator(json_schema).is_valid(wrong)


@pytest.mark.parametrize("name", shipped_names())
def test_what_show_prints_is_the_same_world(name, tmp_path):
    shown = succeeds("show", name, cwd=tmp_path)
    (tmp_path / "shown.yaml").write_text(shown, encoding="utf-8")
    assert load(str(tmp_path / "shown.yaml")).text == load(name).text


def test_show_says_where_every_value_stands(tmp_path):
    child = tmp_path / "child.yaml"
    child.write_text("extends: west_midlands.yaml\nclock:\n  end: 2011-01-01\n")
    shown = succeeds("show", child, "--set", "barriers.pension_worries.enabled=false", cwd=tmp_path)
    assert f"  end: 2011-01-01  # {child}:3\n" in shown
    assert re.search(r"enabled: false  # --set barriers\.pension_worries\.enabled=false:1\n", shown)
    seen = set()
    for line in shown.splitlines():
        value, _, origin = line.partition("  # ")
        if not origin or origin.startswith("--set"):
            assert origin or value.rstrip().endswith(":") or value.strip() == "-", line
            continue
        file, _, number = origin.rpartition(":")
        path = Path(file) if Path(file).is_absolute() else shipped_folder() / file
        there = path.read_text(encoding="utf-8").splitlines()[int(number) - 1]
        scalar = value.rpartition(": ")[2].strip(' "[]{}')
        seen.add(path.name)
        assert scalar.split(", ")[0] in there or ">-" in there or scalar[:20] in there, (line, there)
    assert seen == {"child.yaml", "west_midlands.yaml", "right_to_request.yaml"}


def test_the_evidence_is_listed_and_shown(tmp_path):
    from sim.scenario.evidence import evidence_table

    listed = succeeds("evidence", cwd=tmp_path)
    assert [line.split()[0] for line in listed.splitlines()] == list(evidence_table())
    row = succeeds("evidence", "T8", cwd=tmp_path)
    for words in ("T8", evidence_table()["T8"].figure, evidence_table()["T8"].caution, "source", "confidence"):
        assert words in row
    assert succeeds("evidence", "t8", cwd=tmp_path) == row
    assert succeeds("evidence", "1.10", cwd=tmp_path) != succeeds("evidence", "1.1", cwd=tmp_path)
    assert "no evidence '1.177' (did you mean '1.17'?)" in fails(2, "evidence", "1.177", cwd=tmp_path)


def test_the_shipped_scenarios_are_listed_with_their_titles(tmp_path):
    lines = succeeds("scenarios", cwd=tmp_path).splitlines()
    assert [line.split()[0] for line in lines] == shipped_names()
    for line in lines:
        assert line.split(maxsplit=1)[1] == load(line.split()[0]).scenario.title


def test_new_writes_a_file_that_passes_and_overwrites_none(tmp_path):
    succeeds("new", "my_world", cwd=tmp_path)
    assert succeeds("check", "my_world.yaml", cwd=tmp_path) == "my_world.yaml: in order\n"
    (tmp_path / "my_world.yaml").write_text("mine")
    assert "my_world.yaml is there already" in fails(2, "new", "my_world.yaml", cwd=tmp_path)
    assert (tmp_path / "my_world.yaml").read_text() == "mine"
    for name in ("../up", "a/b", "", "2nd", "a b", "x\ny", "."):
        assert "is not a name" in fails(2, "new", name, cwd=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["my_world.yaml"]


def test_every_line_of_the_starter_that_is_commented_out_works(tmp_path):
    succeeds("new", "mine", cwd=tmp_path)
    path = tmp_path / "mine.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    block = re.compile(r"^( *)# ((?: *)(?:[a-z_]+:( .*)?|- \{.*))$")
    text = "\n".join(block.sub(r"\1\2", line) if "yaml-language-server" not in line else line for line in lines)
    path.write_text(text + "\n", encoding="utf-8")
    assert "drop_in_centre:\n" in text
    assert succeeds("check", "mine.yaml", cwd=tmp_path) == "mine.yaml: in order\n"


# The door itself

WRONG = [
    ("run",),
    ("run", "west_midland"),
    ("run", ""),
    ("run", "."),
    ("run", "x" * 5000),
    ("run", "west_midlands", "-n", "0"),
    ("run", "west_midlands", "-n", "-5"),
    ("run", "west_midlands", "-n", "many"),
    ("run", "west_midlands", "-n", "1e3"),
    ("run", "west_midlands", "-n", str(2**31)),
    ("run", "west_midlands", "--seed", "-1"),
    ("run", "west_midlands", "--seed", str(2**64)),
    ("run", "west_midlands", "--jobs", "0"),
    ("run", "west_midlands", "--set", "rubbish"),
    ("run", "west_midlands", "--set", "a.b=1"),
    ("run", "west_midlands", "--set", "title=["),
    ("run", "west_midlands", "--fast"),
    ("run", "west_midlands", "--keep", "groups,events"),
    ("run", "west_midlands", "--engine", "fast"),
    ("run", "west_midlands", "--most-failures", "2"),
    ("run", "west_midlands", "--cluster", "local:many", "--out", "."),
    ("run", "west_midlands", "nothing"),
    ("run", "west_midlands", "west_midlands", "--out", "x"),
    ("resume",),
    ("resume", "nowhere"),
    ("replay", "nowhere", "-r", "1"),
    ("replay", "."),
    ("verify", "nothing"),
    ("validate", "nothing"),
    ("validate", "no_programme"),
    ("report",),
    ("report", "nowhere"),
    ("trace", "nothing"),
    ("trace", "west_midlands", "-r", "-1"),
    ("trace", "west_midlands", "--group", ""),
    ("check",),
    ("check", "nothing"),
    ("show", "nothing"),
    ("show", "west_midlands", "--set", "x.y=1"),
    ("evidence", "99.99"),
    ("evidence", "é"),
    ("new",),
    ("new", "no/where"),
    ("nonsense",),
    ("run", "../../etc/passwd"),
    ("run", "evidence"),
]


@pytest.mark.parametrize("arguments", WRONG, ids=lambda arguments: " ".join(arguments)[:40] or "nothing")
def test_wrong_input_ends_with_a_message_and_exit_code_2(arguments, tmp_path):
    said = fails(2, *arguments, cwd=tmp_path)
    assert len(said) < 20_000
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("encoding", ["ascii", "utf-8", pytest.param("cp1252", marks=pytest.mark.long)])
@pytest.mark.parametrize(
    "arguments", [("run", EVERYTHING, "-n", "2"), ("trace", EVERYTHING), ("evidence", "T8"), ("check", "é.yaml")]
)
def test_no_terminal_is_too_plain(arguments, encoding, tmp_path):
    done = spinout(*arguments, cwd=tmp_path, PYTHONIOENCODING=encoding)
    assert done.returncode == (2 if arguments[0] == "check" else 0), done.stderr


def test_help_is_shown_for_every_command(tmp_path):
    said = succeeds("--help", cwd=tmp_path)
    for command in (
        "run",
        "resume",
        "replay",
        "report",
        "validate",
        "verify",
        "trace",
        "check",
        "schema",
        "show",
        "evidence",
        "scenarios",
        "new",
    ):
        assert re.search(rf"^  {command} ", said, re.MULTILINE)
        assert succeeds(command, "--help", cwd=tmp_path).startswith(f"Usage: spinout {command}")


def test_the_module_is_the_command(tmp_path):
    installed = shutil.which("spinout", path=str(Path(sys.executable).parent))
    entry = [installed] if installed else [sys.executable, "-c", "from sim.cli import main; main(prog_name='spinout')"]
    for arguments in (("--help",), ("--version",), ("scenarios",), ("evidence", "T8"), ("check", "nothing"), ("run",)):
        one, other = spinout(*arguments, cwd=tmp_path), spinout(*arguments, cwd=tmp_path, command=entry)
        assert (one.returncode, one.stdout, one.stderr) == (other.returncode, other.stdout, other.stderr)


HEAVY = {"numpy", "pandas", "pydantic", "simpy", "pyarrow", "numba", "scipy", "ruamel", "rich", "vl_convert"}


def test_help_imports_nothing_heavy(tmp_path):
    program = (
        "import sys, json\nfrom sim.cli import main\n"
        "try:\n    main(['--help'], prog_name='spinout')\nexcept SystemExit:\n    pass\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    done = spinout(program, cwd=tmp_path, command=[sys.executable, "-c"])
    assert not HEAVY & set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_the_package_is_light(tmp_path):
    program = "import sys, sim\nprint(sorted({name.partition('.')[0] for name in sys.modules}))"
    done = spinout(program, cwd=tmp_path, command=[sys.executable, "-c"])
    assert done.returncode == 0
    assert not HEAVY & set(re.findall(r"'(\w+)'", done.stdout))


@pytest.mark.long
def test_a_run_does_not_depend_on_the_hash_seed_or_the_folder(tmp_path):
    found = []
    for seed, name in (("0", "here"), ("4242", "there")):
        folder = tmp_path / seed / name
        folder.mkdir(parents=True)
        succeeds("run", EVERYTHING, "-n", 2, "--keep", "events", "--out", "out", cwd=folder, PYTHONHASHSEED=seed)
        found.append(contents(folder / "out"))
    assert found[0] == found[1]
