"""How large a scenario may be, so that reading one takes no longer than a person waits."""

from __future__ import annotations

from dataclasses import dataclass

from sim.scenario.faults import Fault, Mark, ScenarioFaults

# Together these keep the slowest file that is within them, on one core of a modest machine, under a second:
# the parser takes about 4 microseconds for the dearest characters and 40 for the dearest nodes.
MAX_BYTES = 192 * 1024
MAX_NODES = 12_000
MAX_DEPTH = 24
MAX_KEY = 200


@dataclass
class SizeBudget:
    """What may still be read for one scenario; its files share one, so that a chain of them stays bounded."""

    characters: int = MAX_BYTES
    nodes: int = MAX_NODES

    def spend(self, characters: int, nodes: int, mark: Mark) -> None:
        """Take characters and nodes off; raises ScenarioFaults at `mark` when there are not so many left."""
        self.characters -= characters
        self.nodes -= nodes
        if self.characters < 0:
            limit = f"at most {MAX_BYTES // 1024} KiB in all its files together, repeated aliases counted"
            raise ScenarioFaults([Fault(mark, "the scenario is too large", limit)])
        if self.nodes < 0:
            limit = f"at most {MAX_NODES} keys and values in all its files together, repeated aliases counted"
            raise ScenarioFaults([Fault(mark, "the scenario has too many keys and values", limit)])
