"""Worlds by name, and variations as they are written on a command line."""

import pytest

from sim.errors import InputError
from sim.experiment.worlds import Variation, check_names, label_of, named_world, variation, world
from sim.scenario.faults import ScenarioFaults
from sim.scenario.load import load


@pytest.mark.parametrize(
    ("text", "name", "overrides"),
    [
        ("pensions: a.b=true", "pensions", ("a.b=true",)),
        ("p1 :a.b=1; c.d=2 months", "p1", ("a.b=1", "c.d=2 months")),
        ("p: a={x: 1; y}; b=2", "p", ("a={x: 1; y}", "b=2")),
        ("p: a=1;b=2;", "p", ("a=1", "b=2;")),
    ],
)
def test_a_variation_is_a_name_and_changes(text, name, overrides):
    assert variation(text) == Variation(name, overrides)


@pytest.mark.parametrize("text", ["", "pensions", "pensions:", "a.b=true", "2x: a=1", "p: nothing to change", ": a=1"])
def test_what_is_no_variation_is_refused_with_an_example(text):
    with pytest.raises(InputError, match="expected NAME: PATH=VALUE"):
        variation(text)


def test_a_world_is_called_as_its_file_or_as_asked(tmp_path):
    file = tmp_path / "2010 déjà-vu.yaml"
    file.write_text("extends: west_midlands.yaml\n", encoding="utf-8")
    assert world("west_midlands").name == "west_midlands"
    assert world("west_midlands").label == "West midlands"
    assert world(str(file)).name == "world_2010_d_j_vu"
    assert world("west_midlands", ["clock.end=2011-01-01"], "short").loaded.name == "short"
    with pytest.raises(ScenarioFaults, match="barrierz"):
        world("west_midlands", ["barrierz.x=1"])


@pytest.mark.parametrize("name", ["", "a/b", "..", "a b", "é", "1a"])
def test_a_name_that_cannot_be_a_folder_everywhere_is_refused(name):
    with pytest.raises(InputError, match="cannot be the name of a world"):
        named_world(name, load("west_midlands"))


def test_names_must_differ_whatever_their_case():
    loaded = load("west_midlands")
    with pytest.raises(InputError, match="two worlds are called Base"):
        check_names([named_world("base", loaded), named_world("Base", loaded)])
    assert label_of("no_programme") == "No programme"
