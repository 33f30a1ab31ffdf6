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

from typing import TYPE_CHECKING, Any

from sim.version import __version__

if TYPE_CHECKING:
    from sim.api import (
        additionality,
        answer,
        attribute,
        compare,
        frontier,
        load,
        open_answer,
        open_results,
        run,
    )

__all__ = [
    "__version__",
    "additionality",
    "answer",
    "attribute",
    "compare",
    "frontier",
    "load",
    "open_answer",
    "open_results",
    "run",
]


def __getattr__(name: str) -> Any:
    """The functions of the API, read when the first of them is used: they need libraries that take long to import."""
    if name not in __all__:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    from sim import api

    return getattr(api, name)
