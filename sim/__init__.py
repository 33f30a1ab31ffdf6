"""spinout: why staff groups that try to leave the state rarely get there, and what would change that.

The Python API::

    import sim

    world = sim.load("west_midlands")
    result = sim.run(world, replications=500, seed=1)
    result.groups, result.kpis  # data frames
    result.page("report.html")

    guarantee = sim.load("west_midlands", ["interventions.pension_guarantee.enabled=true"])
    found = sim.compare(world, {"guarantee": guarantee}, replications=500, seed=1)
    found.differences, found.fates["guarantee"].table
    found.page("guarantee.html")

    sim.attribute(world, replications=200).players  # which barriers cost the launches
    sim.answer("additionality", replications=100).result.curve  # a question kept in a file
    sim.open_answer("results/additionality-0123456789ab")  # an answer from before
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from sim.version import __version__ as __version__

if TYPE_CHECKING:
    from sim.api.answers import *  # noqa: F403 - the lists of their names are kept in one place
    from sim.api.runs import *  # noqa: F403
else:

    def __getattr__(name):
        """A function of the API; what it needs is imported when it is first asked for, as that may take a second."""
        modules = () if name.startswith("_") else ("sim.api.runs", "sim.api.answers")
        for module in map(import_module, modules):
            if name in module.__all__:
                return getattr(module, name)
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
