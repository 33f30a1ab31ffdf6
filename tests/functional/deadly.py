"""Work that kills whatever process begins a certain replication, except the one that made it."""

import os
import signal

from sim.batch import piece
from sim.batch.replicate import Work

compute = piece.compute


class DeadlyWork(Work):
    """Pickled as the order to lay a trap where it arrives."""

    def __reduce__(self):
        fields = (self.scenario, self.seed, self.uncertain, self.keep, self.engine)
        return trapped, (fields, DEADLY)


DEADLY = 13


def trapped(fields, number):
    def deadly(work, replications):
        if number in replications:
            os.kill(os.getpid(), signal.SIGKILL)
        return compute(work, replications)

    piece.compute = deadly
    return Work(*fields)
