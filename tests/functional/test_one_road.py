"""One road for a question: asked by command, in a file or in Python, it is the same answer in the same folder."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

import sim
from sim.cli import main
from sim.errors import InputError
from sim.experiment.load import load_experiment
from tests.helpers.command import WORLDS

N, MORE = 8, 12
OPEN = "barriers.board.enabled=false"
EARLIER = Path(__file__).parents[1] / "helpers" / "earlier"
QUESTION = f"""\
title: Does the board matter?
worlds:
  two_ways: two_ways
  open: {{of: two_ways, label: No board, set: {{barriers.board.enabled: false}}}}
replications: {N}
compare: {{base: two_ways, with: [open]}}
"""
BLAME = f"title: Who is to blame?\nworlds: {{two_ways: two_ways}}\nreplications: {N}\nattribute: {{world: two_ways}}\n"
ADDED = f"""\
title: What does the official way add?
worlds: {{two_ways: two_ways, one_way: one_way}}
replications: {N}
additionality: {{with: two_ways, without: one_way, points: 3}}
"""
BOUGHT = f"""\
title: What buys most?
worlds:
  base:
    scenario: two_ways
    set: {{interventions: {{help: {{enabled: false, effects: [{{barrier: board, odds: 0.5}}]}}}}}}
replications: {N}
frontier: {{base: base, each: interventions}}
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder to work in, with small worlds and a question of each method."""
    for name in ("two_ways", "one_way"):
        shutil.copy(WORLDS / f"{name}.yaml", tmp_path)
    for name, text in (("question", QUESTION), ("blame", BLAME), ("added", ADDED), ("bought", BOUGHT)):
        (tmp_path / f"{name}.yaml").write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def spinout(*arguments):
    """Run a command in this process; return what it printed."""
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.output
    return done.output


def refused(*arguments):
    """Run a command that must be refused; return what it said."""
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert done.exit_code == 2, done.output
    return done.output


def compare_by_command(out, n=N):
    spinout("compare", "two_ways.yaml", "--alt", f"open: {OPEN}", "-n", n, "--out", out, "--jobs", 1)


def compare_by_file(out, n=N):
    spinout("experiment", "question.yaml", "-n", n, "--out", out, "--jobs", 1)


def compare_in_python(out, n=N):
    base, other = sim.load("two_ways.yaml"), sim.load("two_ways.yaml", [OPEN])
    sim.compare(base, {"open": other}, replications=n, out=out)


def attribute_by_command(out, n=N):
    spinout("attribute", "two_ways.yaml", "-n", n, "--out", out, "--jobs", 1)


def attribute_by_file(out, n=N):
    spinout("experiment", "blame.yaml", "-n", n, "--out", out, "--jobs", 1)


def attribute_in_python(out, n=N):
    sim.attribute(sim.load("two_ways.yaml"), replications=n, out=out)


def additionality_by_file(out, n=N):
    spinout("experiment", "added.yaml", "-n", n, "--out", out, "--jobs", 1)


def additionality_in_python(out, n=N):
    sim.additionality(sim.load("two_ways.yaml"), sim.load("one_way.yaml"), 3, n, out=out)


WAYS = {
    "compare": (compare_by_command, compare_by_file, compare_in_python),
    "attribute": (attribute_by_command, attribute_by_file, attribute_in_python),
    "additionality": (additionality_by_file, additionality_in_python),
}
PAIRS = [(first, then) for ways in WAYS.values() for first in ways for then in ways]


def numbers(folder):
    """The tables of an answer, without the words that people gave."""
    frames = {path.name: pd.read_csv(path) for path in sorted((folder / "tables").glob("*.csv"))}
    return {
        name: frame.drop(columns=[c for c in frame if "label" in c]).to_csv(index=False)
        for name, frame in frames.items()
    }


def stored(folder):
    """When every part of a store was written."""
    kept = [*folder.glob("*/**/*.parquet")]
    assert kept
    return {path: path.stat().st_mtime_ns for path in kept}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The tables of an answer that was given at once, by method."""
    made = {}

    def tables(method, n):
        if (method, n) not in made:
            folder = tmp_path_factory.mktemp(method) / "whole"
            WAYS[method][-1](folder, n)
            made[method, n] = numbers(folder)
        return made[method, n]

    return tables


def method_of(way):
    return next(method for method, ways in WAYS.items() if way in ways)


@pytest.mark.parametrize(("first", "then"), PAIRS, ids=[f"{a.__name__}-{b.__name__}" for a, b in PAIRS])
def test_a_folder_begun_one_way_is_resumed_any_other(home, whole, first, then):
    out = home / "answer"
    first(out)
    before = stored(out)
    then(out)
    assert stored(out) == before, "nothing is computed again"
    assert numbers(out) == whole(method_of(then), N)
    then(out, MORE)
    assert numbers(out) == whole(method_of(then), MORE)


@pytest.mark.parametrize("way", [compare_by_command, compare_in_python, attribute_by_command, attribute_in_python])
def test_what_was_asked_is_kept_as_a_file_that_resumes_the_folder(home, way):
    out = home / "answer"
    way(out)
    before, tables = stored(out), numbers(out)
    (home / "again.yaml").write_text(json.loads((out / "experiment.json").read_text(encoding="utf-8"))["asked"])
    spinout("experiment", "again.yaml", "--out", out)
    assert stored(out) == before
    assert numbers(out) == tables


def test_every_way_identifies_a_question_alike(home):
    digests = set()
    for place, way in enumerate(WAYS["compare"]):
        way(home / str(place))
        digests.add(json.loads((home / str(place) / "experiment.json").read_text(encoding="utf-8"))["digest"])
    assert digests == {load_experiment("question.yaml").digest}


ANSWERS = {
    "compare": ("question", lambda answer: [answer.result.differences, answer.result.divergence, answer.result.costs]),
    "attribute": ("blame", lambda answer: [answer.result.players, answer.result.sets]),
    "additionality": ("added", lambda answer: [answer.result.curve, answer.result.tornado, answer.result.fates.table]),
    "frontier": ("bought", lambda answer: [answer.frontier, answer.result.differences]),
}


@pytest.mark.parametrize("method", ANSWERS)
def test_an_opened_answer_is_the_answer_and_nothing_is_run(home, method, monkeypatch):
    name, frames = ANSWERS[method]
    answer = sim.answer(f"{name}.yaml", out=home / "answer")
    for scenario in home.glob("*.yaml"):
        scenario.unlink()
    before = stored(home / "answer")

    def run(*_):
        raise AssertionError("a replication was run")

    monkeypatch.setattr("sim.batch.play.Player.play", run)
    monkeypatch.setattr("sim.batch.extract.Computation.compute", run)
    opened = sim.open_answer(home / "answer")
    assert stored(home / "answer") == before
    for one, other in zip(frames(answer), frames(opened), strict=True):
        pd.testing.assert_frame_equal(one, other, check_dtype=False)
    pd.testing.assert_frame_equal(answer.findings, opened.findings)
    assert opened.experiment.question == answer.experiment.question
    assert opened.experiment.digest == answer.experiment.digest
    assert opened.replications == N


def test_an_answer_with_a_precision_opens_with_its_first_stage(home):
    asked = ("compare", "two_ways.yaml", "--alt", f"open: {OPEN}", "-n", 100, "--precision", "launches=0.5")
    spinout(*asked, "--outcome", "launches", "--out", "a")
    found = pd.read_csv("a/tables/differences.csv")
    opened = sim.open_answer("a")
    pd.testing.assert_frame_equal(found, opened.result.differences, check_dtype=False)
    assert opened.replications > 100


@pytest.mark.parametrize("name", ["question", "blame", "added", "bought"])
def test_the_pages_of_any_answer_are_made_again(home, name):
    spinout("experiment", f"{name}.yaml", "--out", "a", "--jobs", 1)
    page = Path("a/report.html").read_text(encoding="utf-8")
    tables = numbers(home / "a")
    shutil.rmtree("a/tables") if name != "question" and name != "bought" else None
    Path("a/report.html").unlink()
    said = spinout("report", "a", "--svg")
    assert "report.html" in said
    assert Path("a/report.html").read_text(encoding="utf-8") == page
    assert numbers(home / "a") == tables
    assert list(Path("a/pictures").glob("*.svg"))


def test_the_report_of_results_is_made_again(home):
    spinout("run", "two_ways.yaml", "-n", N, "--out", "r", "--jobs", 1)
    Path("r/report.html").unlink()
    spinout("report", "r", "--svg")
    assert Path("r/report.html").is_file()
    assert list(Path("r/charts").glob("*.svg"))


@pytest.mark.parametrize("name", ["compared", "blamed", "added"])
def test_a_folder_of_an_earlier_version_opens(home, name):
    """Its record has no scenarios, and one digest by command and another by file."""
    shutil.copytree(EARLIER / name, name)
    tables = numbers(home / name)
    opened = sim.open_answer(name)
    assert opened.replications == 4
    spinout("report", name)
    assert Path(name, "report.html").is_file()
    again = numbers(home / name)
    assert {table: again[table] for table in tables} == tables
    assert set(again) - set(tables) <= {"divergence.csv"}


def test_a_folder_of_an_earlier_version_is_resumed(home):
    shutil.copytree(EARLIER / "compared", "compared")
    before = stored(home / "compared" / "worlds")
    compare_by_command("compared", 4)
    assert stored(home / "compared" / "worlds") == before
    assert sim.open_answer("compared").replications == 4


@pytest.mark.parametrize("way", [way for ways in WAYS.values() for way in ways])
def test_an_answer_that_is_not_finished_is_refused_and_says_how_to_resume(home, way):
    way("a")
    tables = numbers(home / "a")
    record = json.loads(Path("a/experiment.json").read_text(encoding="utf-8"))
    Path("a/experiment.json").write_text(json.dumps({**record, "finished": None}))
    shutil.rmtree("a/tables")
    for scenario in home.glob("*.yaml"):
        scenario.unlink()
    assert "this answer is not finished: resume it with spinout resume a" in refused("report", "a")
    before = stored(home / "a")
    spinout("resume", "a", "--jobs", 1)
    assert stored(home / "a") == before
    assert numbers(home / "a") == tables
    assert sim.open_answer("a").replications == N


def altered(record, **changes):
    return {**record, **changes}


SPOILT = {
    "another version of the rules": (lambda record: altered(record, epoch=1), "another version of the rules"),
    "another scenario": (
        lambda record: altered(
            record,
            worlds={
                name: {**world, "scenario": world["scenario"].replace("title:", "title: Not")}
                for name, world in record["worlds"].items()
            },
        ),
        "was altered",
    ),
    "another seed": (lambda record: altered(record, asked=record["asked"] + "seed: 5\n"), "was altered"),
    "another question": (
        lambda record: altered(record, asked=record["asked"].replace("with: [open]", "with: []")),
        "was altered",
    ),
    "no question": (lambda record: altered(record, asked="title: x"), "was altered"),
    "no keys": (lambda record: {"program": "spinout"}, "its record has no method"),
    "no mapping": (lambda record: [], "not the record of an answer"),
}


@pytest.mark.parametrize("case", SPOILT)
def test_an_altered_record_is_refused_in_words(home, case):
    compare_by_file("a")
    record = json.loads(Path("a/experiment.json").read_text(encoding="utf-8"))
    change, words = SPOILT[case]
    Path("a/experiment.json").write_text(json.dumps(change(record)))
    with pytest.raises(InputError, match=words):
        sim.open_answer("a")
    assert "a" in refused("report", "a")


def test_an_altered_table_is_refused_in_words(home):
    compare_by_file("a")
    table = next(Path("a/worlds/open/kpis").glob("*.parquet"))
    data = bytearray(table.read_bytes())
    data[len(data) // 2] ^= 1
    table.write_bytes(data)
    with pytest.raises(InputError, match="cut or altered"):
        sim.open_answer("a")
    assert table.read_bytes() == bytes(data), "an answer that is opened is left as it is"


def test_results_of_another_study_are_refused_in_words(home):
    compare_by_file("a")
    shutil.rmtree("a/worlds/open")
    shutil.copytree("a/worlds/two_ways", "a/worlds/open")
    with pytest.raises(InputError, match=r"altered: digest is '.*' there"):
        sim.open_answer("a")
    shutil.rmtree("a/worlds/open")
    with pytest.raises(InputError):
        sim.open_answer("a")


def test_what_is_no_answer_is_refused_in_words(home):
    with pytest.raises(InputError, match="not the folder of an answer"):
        sim.open_answer("nowhere")
    sim.run(sim.load("two_ways.yaml"), 4, out="r")
    with pytest.raises(InputError, match="not the folder of an answer"):
        sim.open_answer("r")


def test_another_question_in_the_folder_is_named(home):
    compare_by_file("a")
    other = ("compare", "two_ways.yaml", "--alt", f"open: {OPEN}", "-n", N, "--out", "a")
    assert "seed is 1 there and 2 here" in refused(*other, "--seed", 2)
    assert "something else is asked of the same worlds" in refused(*other, "--outcome", "launches")
    assert "method is 'compare' there and 'attribute' here" in refused("attribute", "two_ways.yaml", "--out", "a")
    text = QUESTION.replace("board.enabled: false", "board.label: Board")
    Path("other.yaml").write_text(text)
    assert "the scenario of the world open is another" in refused("experiment", "other.yaml", "--out", "a")
    (home / "two.yaml").write_text(QUESTION.replace("with: [open]", "with: [open, more]").replace(
        "replications:", "  more: {of: two_ways, set: {clock.end: 2013-01-01}}\nreplications:"))  # fmt: skip
    assert "its worlds are two_ways, open there and" in refused("experiment", "two.yaml", "--out", "a")


def worlds():
    return sim.load("two_ways.yaml"), sim.load("two_ways.yaml", [OPEN]), sim.load("one_way.yaml")


PAGES = {
    "run": lambda: sim.run(worlds()[0], N),
    "open_results": lambda: sim.run(worlds()[0], N, out="r") and sim.open_results("r"),
    "compare": lambda: sim.compare(worlds()[0], {"open": worlds()[1]}, N),
    "attribute": lambda: sim.attribute(worlds()[0], replications=N),
    "additionality": lambda: sim.additionality(worlds()[0], worlds()[2], 3, N),
    "frontier": lambda: sim.frontier(
        sim.load("two_ways.yaml", ["interventions={help: {enabled: false, effects: [{barrier: board, odds: 0.5}]}}"]),
        replications=N,
    ),
    "answer": lambda: sim.answer("question.yaml"),
    "open_answer": lambda: sim.answer("question.yaml", out="a") and sim.open_answer("a"),
}


@pytest.mark.parametrize("what", PAGES)
def test_whatever_python_answers_can_write_its_page(home, what):
    found = PAGES[what]()
    page = found.page("page.html")
    assert page == Path("page.html")
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_python_answers_keep_their_frames(home):
    compared, blamed, added, bought = (PAGES[name]() for name in ("compare", "attribute", "additionality", "frontier"))
    assert "difference" in compared.differences
    assert set(compared.fates) == {"open"}
    assert set(compared.results) == {"two_ways", "open"}
    assert list(blamed.players["name"]) == ["board"]
    assert len(added.curve) == 3
    assert "icer" in bought.frontier
    answer = sim.answer("bought.yaml")
    assert answer.effects is None
    pd.testing.assert_frame_equal(answer.frontier, answer.result.frontier)


def test_a_question_in_python_is_checked_as_in_a_file(home):
    base, other, _ = worlds()
    with pytest.raises(InputError, match="did you mean 'launches'"):
        sim.compare(base, {"open": other}, N, outcomes=["lunches"])
    with pytest.raises(InputError, match="nothing to compare with"):
        sim.compare(base, {}, N)
    with pytest.raises(InputError, match="no barrier is called 'bord'"):
        sim.attribute(base, players=["bord"])
    with pytest.raises(InputError, match="no route is missing without the programme"):
        sim.additionality(base, sim.load("two_ways.yaml", ["title=Again"]), 3, N)
    with pytest.raises(InputError, match="points"):
        sim.additionality(base, worlds()[2], 4, N)


def test_the_package_has_no_other_names():
    with pytest.raises(AttributeError, match="no attribute 'comparison'"):
        sim.comparison  # noqa: B018
