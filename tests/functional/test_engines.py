"""Both engines tell the same story: on any scenario, seed and replication, to the last bit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.scenario.library import shipped_names
from sim.scenario.load import load
from tests.helpers.drawn import drawn
from tests.helpers.engines import agree
from tests.helpers.known import WORLDS
from tests.helpers.random_worlds import build, worlds

ANY = given(worlds(), st.integers(0, 2**64 - 1), st.integers(0, 2**31 - 2), st.booleans())


@drawn(40)
@ANY
def test_the_engines_agree_on_any_world(raw, seed, first, uncertain):
    agree(build(raw), seed, [first, first + 1], uncertain)


@pytest.mark.long
@drawn(300)
@ANY
def test_the_engines_agree_on_many_worlds(raw, seed, first, uncertain):
    agree(build(raw), seed, [first, first + 1], uncertain)


@pytest.mark.parametrize("uncertain", [False, True])
@pytest.mark.parametrize("name", [*shipped_names(), *(path.stem for path in sorted(WORLDS.glob("*.yaml")))])
def test_the_engines_agree_on_every_world_there_is(name, uncertain):
    path = WORLDS / f"{name}.yaml"
    kernel = agree(load(str(path) if path.is_file() else name).scenario, 11, range(3), uncertain)
    assert len(kernel.tables["events"]) > 0
