"""The order of events at one instant: by phase, within a phase by the number of whom they concern, then by kind.

Both engines put events on their calendars in this order (docs/reference/model.md, section 13).
"""

from __future__ import annotations

from typing import Final

from sim.scenario.vocabulary import Phase

AT_ONCE: Final = -1
"""Before all phases: the remainder of the event in hand, and where an instant begins."""
TIMELINE: Final = int(Phase.TIMELINE)
RELEASE: Final = int(Phase.RELEASE)
SITTING: Final = int(Phase.SITTING)
REQUEST: Final = int(Phase.REQUEST)
INSTALMENT, TIMEOUT, STEP = range(3)
"""The kinds of one group's events in a phase: an instalment of a loan, the end of a wait, the next step of its life."""
