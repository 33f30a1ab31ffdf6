"""An extract that kills whatever process begins a certain replication, except the one that made it."""

import os
import signal
from dataclasses import dataclass, field

from sim.batch.extracts.tables import Tables

DEADLY = 13


@dataclass(frozen=True)
class DeadlyTables(Tables):
    """The usual tables, with a trap in every other process."""

    maker: int = field(default_factory=os.getpid)

    def lay_out(self, cases):
        compute = super().lay_out(cases)

        def deadly(replications):
            if DEADLY in replications and os.getpid() != self.maker:
                os.kill(os.getpid(), signal.SIGKILL)
            return compute(replications)

        return deadly
