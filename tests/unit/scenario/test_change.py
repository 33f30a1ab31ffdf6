"""Overrides that another file asks for, and scenarios changed after they were loaded."""

import pytest

from sim.scenario.extend import Change
from sim.scenario.faults import Mark, ScenarioFaults
from sim.scenario.load import apply_changes, load
from sim.scenario.yaml_tree import read_value

PATH = "interventions.pension_guarantee.enabled"
PLACE = Mark("question.yaml", 7, 11)


def asked(path, text):
    return Change(path, read_value(text, "question.yaml"), PLACE)


def test_a_change_does_what_the_same_override_does():
    one, other = load("west_midlands", [asked(PATH, "true")]), load("west_midlands", [f"{PATH}=true"])
    assert one.digest == other.digest
    assert one.overrides == other.overrides


def test_a_loaded_scenario_changed_is_the_one_loaded_with_the_change():
    base = load("west_midlands", ["clock.end=2011-12-31"])
    one, other = apply_changes(base, [f"{PATH}=true"]), load("west_midlands", ["clock.end=2011-12-31", f"{PATH}=true"])
    assert one == other
    assert not base.scenario.interventions["pension_guarantee"].enabled


@pytest.mark.parametrize(("path", "words"), [("interventions.pensions.enabled", "has no 'pensions'"), ("a..b", "no")])
def test_a_fault_of_a_change_is_told_where_it_was_asked_for(path, words):
    with pytest.raises(ScenarioFaults, match=words) as caught:
        load("west_midlands", [asked(path, "true")])
    assert [fault.mark for fault in caught.value.faults] == [PLACE]


def test_all_faults_of_several_changes_are_told():
    with pytest.raises(ScenarioFaults) as caught:
        apply_changes(load("west_midlands"), ["barriers.x.enabled=true", asked("interventions.y.enabled", "true"), "z"])
    assert len(caught.value.faults) == 3
