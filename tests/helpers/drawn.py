"""How many random worlds a test draws, and which."""

import os

from hypothesis import HealthCheck, Phase, settings


def drawn(examples):
    """Settings for so many examples, the same in every run.

    ``SPINOUT_EXAMPLES`` asks for another number of them, then new ones in every run and with shrinking, which takes
    minutes for a world.
    """
    wanted = os.environ.get("SPINOUT_EXAMPLES")
    return settings(
        max_examples=int(wanted or examples),
        derandomize=wanted is None,
        phases=list(Phase) if wanted else [Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
