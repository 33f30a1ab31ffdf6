"""Both engines tell the same story: on any scenario, seed and replication, to the last bit."""

import os

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sim.scenario.library import shipped_names
from sim.scenario.load import load
from tests.helpers.engines import agree
from tests.helpers.known import WORLDS
from tests.helpers.random_worlds import build, worlds

thoroughly = settings(
    max_examples=int(os.environ.get("SPINOUT_EXAMPLES", "300")),
    derandomize="SPINOUT_EXAMPLES" not in os.environ,
    phases=list(Phase) if "SPINOUT_EXAMPLES" in os.environ else [Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@thoroughly
@given(worlds(), st.integers(0, 2**64 - 1), st.integers(0, 2**31 - 2), st.booleans())
def test_the_engines_agree_on_any_world(raw, seed, first, uncertain):
    agree(build(raw), seed, [first, first + 1], uncertain)


@pytest.mark.parametrize("uncertain", [False, True])
@pytest.mark.parametrize("name", [*shipped_names(), *(path.stem for path in sorted(WORLDS.glob("*.yaml")))])
def test_the_engines_agree_on_every_world_there_is(name, uncertain):
    path = WORLDS / f"{name}.yaml"
    kernel = agree(load(str(path) if path.is_file() else name).scenario, 11, range(3), uncertain)
    assert len(kernel.tables["events"]) > 0
