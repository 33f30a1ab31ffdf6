"""What a fault says, in what order faults come, and what counts as a near name."""

import pickle

from sim.scenario.faults import Fault, Mark, ScenarioFaults, quote, suggest


def test_a_fault_is_one_line_with_its_place_first():
    mark = Mark("world.yaml", 12, 3)
    assert str(Fault(mark, "unknown key 'x'")) == "world.yaml:12:3: unknown key 'x'"
    assert str(Fault(mark, "no date", "2009-04-01")) == "world.yaml:12:3: no date, expected 2009-04-01"


def test_faults_are_sorted_by_place_as_numbers_and_each_said_once():
    late, early = Fault(Mark("a.yaml", 10, 1), "late"), Fault(Mark("a.yaml", 9, 20), "early")
    other = Fault(Mark("b.yaml", 1, 1), "other")
    faults = ScenarioFaults([other, late, early, late])
    assert faults.faults == (early, late, other)
    assert str(faults).splitlines() == ["a.yaml:9:20: early", "a.yaml:10:1: late", "b.yaml:1:1: other"]


def test_faults_travel_between_processes():
    faults = ScenarioFaults([Fault(Mark("a.yaml", 1, 1), "x")])
    assert pickle.loads(pickle.dumps(faults)).faults == faults.faults


def test_the_nearest_name_is_offered_whatever_its_case_and_nothing_unlike_it():
    names = ["pension_worries", "union_opposition"]
    assert suggest("pension_worry", names) == " (did you mean 'pension_worries'?)"
    assert suggest("Union_Opposition", names) == " (did you mean 'union_opposition'?)"
    assert suggest("zzz", names) == ""
    assert suggest("x" * 1_000_000, ["x" * 999_999]) == ""


def test_quoted_text_stays_short_and_on_one_line():
    assert quote("a\nb\x1b[31m") == "'a b [31m'"
    assert quote("x" * 100) == "'" + "x" * 60 + "…'"
