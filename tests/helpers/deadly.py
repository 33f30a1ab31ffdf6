"""Work that kills whatever process begins a certain replication, except the one that made it."""

import os
import signal

from sim.batch import replicate

compute = replicate.compute


class DeadlyWork(replicate.Work):
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

    replicate.compute = deadly
    return replicate.Work(*fields)
