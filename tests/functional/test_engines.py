"""Both engines tell the same story: on any scenario, seed and replication, to the last bit."""

import os

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from known import WORLDS, plain
from random_worlds import build, worlds

from sim.batch.replicate import Work, compute
from sim.scenario.library import shipped_names
from sim.scenario.load import load

thoroughly = settings(
    max_examples=int(os.environ.get("SPINOUT_EXAMPLES", "300")),
    derandomize="SPINOUT_EXAMPLES" not in os.environ,
    phases=list(Phase) if "SPINOUT_EXAMPLES" in os.environ else [Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def agree(scenario, seed, replications, uncertain=False):
    """Assert that both engines give the same tables, and fail in the same replications."""
    kernel, simpy = (
        compute(Work(scenario, seed, uncertain, "events", engine), replications) for engine in ("kernel", "simpy")
    )
    assert [one.replication for one in kernel.failures] == [one.replication for one in simpy.failures]
    assert set(kernel.tables) == set(simpy.tables)
    for name, table in kernel.tables.items():
        one, other = (plain(part).to_pandas() for part in (table, simpy.tables[name]))
        pd.testing.assert_frame_equal(one, other, check_exact=True, obj=name)
    return kernel


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
