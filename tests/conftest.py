"""Compile both engines once before the tests start, so that no test waits for that and no two do it at once.

No test is a matter of speed: an example may take as long as a loaded machine and a first import make it.
"""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_sessionstart(session):
    if hasattr(session.config, "workerinput"):
        return
    from sim.batch.case import Case
    from sim.batch.extracts.tables import prepare
    from sim.scenario.load import load

    prepare(Case(load("west_midlands").scenario, 1), print)
