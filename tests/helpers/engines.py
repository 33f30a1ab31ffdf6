"""The two engines, compared with each other."""

import pandas as pd

from sim.batch.case import Case
from sim.batch.extracts.tables import extract_tables
from tests.helpers.known import plain


def agree(scenario, seed, replications, uncertain=False):
    """Assert that both engines give the same tables, and fail in the same replications."""
    kernel, simpy = (
        extract_tables(Case(scenario, seed, uncertain, engine), "events", replications)
        for engine in ("kernel", "simpy")
    )
    assert [one.replication for one in kernel.failures] == [one.replication for one in simpy.failures]
    assert set(kernel.tables) == set(simpy.tables)
    for name, table in kernel.tables.items():
        one, other = (plain(part).to_pandas() for part in (table, simpy.tables[name]))
        pd.testing.assert_frame_equal(one, other, check_exact=True, obj=name)
    return kernel
