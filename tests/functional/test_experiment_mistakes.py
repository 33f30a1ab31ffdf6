"""Every kind of mistake in an experiment file: said at its place, in words, with the nearest name, and all at once.

In the texts below `§` stands where a fault must be reported; it is taken out before the file is written.
"""

# ruff: noqa: E501 - the tables of cases have a row a case
import shutil
import time

import pytest

from sim.experiment.load import load_experiment
from sim.experiment.question import json_schema
from sim.scenario.faults import ScenarioFaults
from sim.scenario.library import experiment_names, experiments_folder
from tests.helpers.command import WORLDS, fails, succeeds
from tests.helpers.marked import places_of
from tests.helpers.require import require_module

SOUND = """\
title: Questions to break
question: Is it sound?
worlds:
  base: two_ways
  none: {scenario: one_way.yaml, label: Nothing}
  open: {of: base, label: No board, set: {barriers.board.enabled: false}}
  keen: {of: base, set: {staff_groups.traits.determined.probability.value: 0.6}}
seed: 7
replications: 200
uncertain: false
compare:
  base: base
  with: [none]
  factors: [open, keen]
  trading_on: [2012-12-31]
  discount: {rate: 0.035, year: 2010}
  outcomes: [launches, cost_total]
  precision: {launches: 0.5}
"""
OTHERS = {
    "attribute": "attribute: {world: base, of: barriers, players: [board], method: exact}\n",
    "additionality": "additionality: {with: base, without: none, points: 5}\n",
    "frontier": "frontier: {base: base, each: interventions, packages: {all: [promotion]}}\n",
}


@pytest.fixture
def home(tmp_path):
    for name in ("two_ways", "one_way"):
        shutil.copy(WORLDS / f"{name}.yaml", tmp_path)
    return tmp_path


def faults_of(path, text):
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioFaults) as caught:
        load_experiment(str(path))
    return caught.value.faults


def assert_faults(path, marked, *expected):
    text, places = places_of(marked)
    said = [str(fault).removeprefix(f"{path}:") for fault in faults_of(path, text)]
    wanted = [f"{line}:{column}: {words}" for (line, column), words in zip(places, expected, strict=True)]
    assert len(said) == len(wanted), said
    for one, other in zip(said, wanted, strict=True):
        assert one.startswith(other), (one, other)


def changed(*changes):
    text = SOUND
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def asking(method):
    return SOUND[: SOUND.index("compare:")] + OTHERS[method]


def test_what_the_cases_change_is_sound(home):
    (home / "sound.yaml").write_text(SOUND)
    found = load_experiment(str(home / "sound.yaml"))
    assert list(found.worlds) == ["base", "none", "open", "keen"]
    assert found.worlds["none"].label == "Nothing"
    assert not found.worlds["open"].loaded.scenario.barriers["board"].enabled
    assert [one.new for one in found.worlds["keen"].loaded.overrides] == ["0.6"]
    for method in ("attribute", "additionality"):
        (home / "other.yaml").write_text(asking(method))
        assert load_experiment(str(home / "other.yaml")).question.method == method


CASES = {
    # Keys and values
    "an unknown key": (
        "title: Q",
        "§titel: x\ntitle: Q",
        "unknown key 'titel' (did you mean 'title'?), expected one of about, additionality, attribute, compare,",
    ),
    "an unknown key of a world": (
        "label: No board",
        "§lable: No board",
        "unknown key 'lable' (did you mean 'label'?), expected one of about, label, of, scenario, set",
    ),
    "an unknown key of a method": (
        "  trading_on:",
        "  §trading: x\n  trading_on:",
        "unknown key 'trading' (did you mean 'trading_on'?)",
    ),
    "an unknown key like a Python name": (
        "  with: [none]",
        "  §with_: [none]",
        "unknown key 'with_' (did you mean 'with'?)",
    ),
    "an unknown key of the discount": (
        "year: 2010",
        "§yer: 2010",
        "unknown key 'yer' (did you mean 'year'?), expected one of rate, year",
    ),
    "no worlds": (
        "compare:\n  base: base\n",
        "compare:\n  base: base\n  §base: base\n",
        "the key 'base' is written again",
    ),
    "a seed below nothing": (
        "seed: 7",
        "seed: §-7",
        "seed: '-7' is not possible here, expected greater than or equal to 0",
    ),
    "a seed in half": ("seed: 7", "seed: §7.5", "seed: '7.5' is not a whole number"),
    "one replication": (
        "replications: 200",
        "replications: §1",
        "replications: '1' is not possible here, expected greater than or equal to 2",
    ),
    "replications that are a word": (
        "replications: 200",
        "replications: §many",
        "replications: 'many' is not a whole number",
    ),
    "a switch that is none": (
        "uncertain: false",
        "uncertain: §perhaps",
        "uncertain: 'perhaps' is not a switch, expected true or false",
    ),
    "a date that is none": ("[2012-12-31]", "[§2012-13-31]", "'2012-13-31' is not a date"),
    "a rate of discount in percent": (
        "rate: 0.035",
        "rate: §3.5",
        "rate: '3.5' is not possible here, expected less than or equal to 1",
    ),
    "a precision of nothing": (
        "{launches: 0.5}",
        "{launches: §0}",
        "launches: '0' is not possible here, expected greater than 0",
    ),
    "a name of a world that is none": (
        "  keen:",
        "  §2 keen: {scenario: two_ways}\n  keen:",
        "'2 keen' is not a name, expected letters, digits and _",
    ),
    "one factor": ("factors: [open, keen]", "§factors: [open]", "'factors' is not possible here"),
    # Worlds
    "a scenario that does not exist": (
        "base: two_ways",
        "base: §two_wys",
        "scenario 'two_wys.yaml', and there is no such file (did you mean 'two_ways.yaml'?), expected a file beside this one, or a shipped scenario",
    ),
    "a scenario outside its folder": (
        "base: two_ways",
        "base: §../../etc/passwd",
        "scenario '../../etc/passwd.yaml' leaves the folder of the experiment",
    ),
    "a scenario by an absolute path": (
        "base: two_ways",
        "base: §/etc/passwd",
        "scenario names the absolute path '/etc/passwd.yaml'",
    ),
    "a world of nothing": (
        "open: {of: base, label: No board, set: {barriers.board.enabled: false}}",
        "§open: {label: No board}",
        "neither of them given, expected exactly one of scenario, of",
    ),
    "a variation of a world that does not exist": (
        "{of: base, label: No board",
        "{of: §bse, label: No board",
        "no world is called 'bse' (did you mean 'base'?), expected one of base, keen, none, open",
    ),
    "worlds that differ in case alone": ("  keen:", "  Base: §two_ways\n  keen:", "two worlds are called Base"),
    # Overrides, as --set is checked
    "an override of what is not there": (
        "barriers.board.enabled: false",
        "§barriers.bord.enabled: false",
        "'barriers' has no 'bord' (did you mean 'board'?), expected a key that is there",
    ),
    "an override with a wrong value": (
        "barriers.board.enabled: false",
        "barriers.board.enabled: §never",
        "enabled: 'never' is not a switch, expected true or false",
    ),
    "an override out of its range": ("probability.value: 0.6", "probability.§value: 0.9", ""),
    "an override with an unknown key": (
        "barriers.board.enabled: false",
        "§barriers.board.enable: false",
        "unknown key 'enable' (did you mean 'enabled'?)",
    ),
    "an override without a path": (
        "barriers.board.enabled: false",
        "§barriers..enabled: false",
        "this is not an override",
    ),
    # What is asked
    "a base that does not exist": ("  base: base", "  base: §bse", "no world is called 'bse' (did you mean 'base'?)"),
    "an alternative that does not exist": (
        "with: [none]",
        "with: [§non]",
        "no world is called 'non' (did you mean 'none'?)",
    ),
    "a comparison with itself": ("with: [none]", "§with: [none, base]", "base is compared with itself"),
    "an alternative twice": ("with: [none]", "§with: [none, none]", "a world is named again"),
    "a factor that is no variation of the base": ("factors: [open, keen]", "§factors: [open, none]", ""),
    "an outcome that does not exist": (
        "outcomes: [launches,",
        "outcomes: [§lunches,",
        "no outcome is called 'lunches' (did you mean 'launches'?)",
    ),
    "a precision of what does not exist": (
        "{launches: 0.5}",
        "{launched: §0.5}",
        "no outcome is called 'launched' (did you mean 'launches'?)",
    ),
    "a date outside the clock": ("[2012-12-31]", "[§2015-12-31]", ""),
    "two methods": ("  precision:", "  precision: {}\n§attribute: {world: base}\nx:", ""),
}
SEVERAL = (
    "an override out of its range",
    "a factor that is no variation of the base",
    "a date outside the clock",
    "two methods",
)


@pytest.mark.parametrize("case", [case for case in CASES if case not in SEVERAL])
def test_each_mistake_has_its_place_and_words(home, case):
    old, new, words = CASES[case]
    assert_faults(home / "question.yaml", changed((old, new)), words)


def test_a_value_outside_its_range_is_said_where_the_scenario_has_it(home):
    (fault,) = faults_of(home / "question.yaml", changed(("probability.value: 0.6", "probability.value: 0.9")))
    assert "the value lies outside its range" in str(fault)


def test_a_date_outside_the_clock_is_said_once_for_each_world(home):
    found = faults_of(home / "question.yaml", changed(("[2012-12-31]", "[2015-12-31]")))
    assert {str(fault).partition(": ")[2] for fault in found} == {
        f"2015-12-31 lies outside the clock of {name}, expected a date from 2010-01-01 to before 2014-01-01"
        for name in ("base", "none", "open", "keen")
    }


def test_factors_must_be_variations_of_the_base(home):
    found = faults_of(
        home / "question.yaml",
        changed(("factors: [open, keen]", "factors: [open, none]"), ("with: [none]", "with: []")),
    )
    assert [str(one).partition(": ")[2] for one in found] == [
        "a factor that is no variation of the base, expected worlds with of: base"
    ]


def test_a_question_asks_exactly_one_thing(home):
    (fault,) = faults_of(home / "question.yaml", SOUND + OTHERS["attribute"])
    assert str(fault).endswith(
        "compare and attribute asked, expected exactly one of compare, attribute, additionality, frontier"
    )
    (fault,) = faults_of(home / "question.yaml", SOUND[: SOUND.index("compare:")])
    assert "nothing asked" in str(fault)


def test_variations_may_not_go_in_a_circle(home):
    found = faults_of(
        home / "question.yaml",
        changed(("{of: base, label", "{of: keen, label"), ("{of: base, set: {staff", "{of: open, set: {staff")),
    )
    assert (
        sum("is a variation of itself, expected worlds that begin with a scenario" in str(fault) for fault in found)
        == 2
    )


OTHER_CASES = {
    "a world to blame that does not exist": (
        "attribute",
        "world: base",
        "world: §bas",
        "no world is called 'bas' (did you mean 'base'?)",
    ),
    "a player that does not exist": (
        "attribute",
        "[board]",
        "[§bord]",
        "no barrier is called 'bord' (did you mean 'board'?), expected one of board",
    ),
    "a player twice": ("attribute", "players: [board]", "§players: [board, board]", "a barrier is named again"),
    "something else to blame": (
        "attribute",
        "of: barriers",
        "of: §barrier",
        "of: 'barrier' is not possible here, expected barriers or interventions",
    ),
    "a method that is none": (
        "attribute",
        "method: exact",
        "method: §exactly",
        "method: 'exactly' is not possible here",
    ),
    "a programme without its absence": (
        "additionality",
        "without: none",
        "without: §base",
        "no route is missing without the programme",
    ),
    "points without a middle": (
        "additionality",
        "points: 5",
        "points: §4",
        "4 points have no middle, expected an odd number",
    ),
    "too few points": ("additionality", "points: 5", "points: §1", "points: '1' is not possible here"),
    "nothing to buy": (
        "frontier",
        "frontier: {base: base, each: interventions, packages: {all: [promotion]}}",
        "§frontier: {base: base}",
        "nothing to buy",
    ),
    "an intervention that does not exist": (
        "frontier",
        "each: interventions, packages: {all: [promotion]}",
        "packages: {all: [§promotion]}",
        "no intervention is called 'promotion'",
    ),
}


@pytest.mark.parametrize("case", OTHER_CASES)
def test_each_mistake_of_the_other_methods(home, case):
    method, old, new, words = OTHER_CASES[case]
    text = asking(method)
    assert text.count(old) == 1
    assert_faults(home / "question.yaml", text.replace(old, new), words)


def test_all_mistakes_at_once(home):
    text = changed(
        ("title: Q", "§titel: Q"),
        ("base: two_ways", "base: §tw_ways"),
        ("barriers.board.enabled: false", "barriers.board.enabled: false, label: x"),
        ("seed: 7", "seed: §soon"),
        ("with: [none]", "with: [§non]"),
        ("{launches: 0.5}", "{launches: §-1}"),
    )
    found = faults_of(home / "question.yaml", places_of(text)[0])
    said = "\n".join(map(str, found))
    for words in (
        "unknown key 'titel'",
        "'title' is missing",
        "'tw_ways.yaml'",
        "seed: 'soon'",
        "'non'",
        "launches: '-1'",
    ):
        assert words in said, said


def test_a_fault_in_the_scenario_is_said_in_the_scenario(home):
    (home / "two_ways.yaml").write_text(
        (home / "two_ways.yaml").read_text().replace("application: {value: 0.6", "aplication: {value: 0.6")
    )
    found = faults_of(home / "question.yaml", SOUND)
    assert all(fault.mark.file.endswith("two_ways.yaml") for fault in found)
    assert "no stage is called 'aplication' (did you mean 'application'?)" in str(found[0])


HOSTILE = {
    "aliases that explode": "a: &a [x, x, x, x, x, x, x, x, x]\n"
    + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
    "nesting without end": "worlds: " + "{a: " * 500 + "1" + "}" * 500,
    "a tag that constructs": "title: !!python/object/apply:os.system ['true']\n",
    "worlds without number": "title: x\nworlds:\n"
    + "".join(f"  w{i}: two_ways\n" for i in range(2000))
    + "compare: {base: w1, with: [w2]}\n",
    "a file too large": "title: " + "x" * 400_000,
    "no text": "\x00\x01",
    "a list": "[1, 2]",
    "nothing": "",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files_end_soon_and_in_words(home, case):
    began = time.monotonic()
    found = faults_of(home / "question.yaml", HOSTILE[case])
    assert time.monotonic() - began < 5
    assert 0 < len(found) < 400
    assert all(str(fault).startswith(str(home)) for fault in found)


def test_a_name_that_is_none():
    with pytest.raises(
        ScenarioFaults, match="there is no experiment 'additionalty' \\(did you mean 'additionality'\\?\\)"
    ):
        load_experiment("additionalty")
    with pytest.raises(ScenarioFaults):
        load_experiment("\0" * 9000)


def test_the_published_schema_takes_what_the_loader_takes(home):
    jsonschema = require_module("jsonschema", "needs the extra [test]")
    from ruamel.yaml import YAML

    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    judge = jsonschema.Draft202012Validator(schema)

    def read(text):
        import json

        return json.loads(json.dumps(YAML(typ="safe").load(text), default=str))

    for name in experiment_names():
        judge.validate(read((experiments_folder() / f"{name}.yaml").read_text(encoding="utf-8")))
    judge.validate(read(SOUND))
    for method in OTHERS:
        judge.validate(read(asking(method)))
    for bad in (
        SOUND + OTHERS["attribute"],
        asking("attribute").replace("of: barriers", "of: all"),
        SOUND.replace("seed:", "sed:"),
    ):
        assert list(judge.iter_errors(read(bad)))


def test_check_and_schema_know_experiments(home):
    (home / "question.yaml").write_text(SOUND)
    (home / "wrong.yaml").write_text(SOUND.replace("with: [none]", "with: [non]"))
    assert "question.yaml: in order" in succeeds("check", "question.yaml", cwd=home)
    assert "wrong.yaml:13:10: no world is called 'non'" in fails(2, "check", "wrong.yaml", cwd=home)
    assert "wrong.yaml:13:10" in fails(2, "experiment", "wrong.yaml", cwd=home)
    assert '"spinout experiment"' in succeeds("schema", "experiment", cwd=home)
    assert '"spinout scenario"' in succeeds("schema", cwd=home)
