"""The register says of everything that is measured what it is, and the reference page says the same."""

import pytest

from sim.analysis.register import ADDITIONALITY, ATTRIBUTION, KPIS, OUTCOMES
from sim.results.kpis import KPIS as COLUMNS
from tests.helpers.register_tables import PAGE, REGISTERS, places, written

EVERY = [(kind, entry) for kind, entries in REGISTERS.items() for entry in entries.values()]


@pytest.mark.parametrize(("kind", "entry"), EVERY, ids=[f"{kind} {entry.name}" for kind, entry in EVERY])
def test_every_entry_is_whole(kind, entry):
    assert REGISTERS[kind][entry.name] is entry
    assert entry.label[0].isupper()
    assert entry.definition[0].islower()
    assert not entry.definition.endswith(".")


def test_the_page_has_the_tables_of_the_register():
    """Where this fails: python -m tests.helpers.register_tables."""
    page = PAGE.read_text(encoding="utf-8")
    assert places(page) == list(REGISTERS)
    assert page == written(page)


def test_there_is_an_entry_for_every_number_of_a_replication():
    assert list(KPIS) == list(COLUMNS.names)


def test_ratios_are_written_as_they_are_computed():
    assert OUTCOMES["launches"].formula == "launched"
    assert OUTCOMES["share_launched"].formula == "launched / groups"
    assert ADDITIONALITY["difference"].formula == "additional - displaced"
    assert ADDITIONALITY["share_net"].formula == "(additional - displaced) / (additional + deadweight + outside)"
    assert ATTRIBUTION["barriers"]["shapley"].formula == ""


def test_a_family_is_written_out():
    entry = OUTCOMES["exits_<cause>"].of("red_tape", "Red {tape}")
    assert (entry.name, entry.label, entry.formula) == (
        "exits_red_tape",
        "Lost before launch: Red {tape}",
        "exits_red_tape",
    )


def test_a_heading_is_the_label_where_there_is_no_shorter_one():
    assert ATTRIBUTION["barriers"]["but_for"].heading == "Removed alone"
    assert OUTCOMES["launches"].heading == "Groups launched"
