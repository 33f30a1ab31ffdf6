"""The register: everything that is measured, once, with its label, unit, direction, definition and formula.

All tables, cards, statements and pages take their words from here: the outcomes by which worlds are compared
(`OUTCOMES`), the numbers that are kept of every replication (`KPIS`), what a programme added (`ADDITIONALITY`), and
what barriers cost or interventions bring (`ATTRIBUTION`). The tables in ``docs/reference/outcomes.md`` are made of it.
"""

from sim.analysis.register.additionality import ADDITIONALITY
from sim.analysis.register.attribution import ATTRIBUTION
from sim.analysis.register.comparison import KPIS, OUTCOMES
from sim.analysis.register.outcome import Better, Outcome, Terms, Unit

__all__ = ["ADDITIONALITY", "ATTRIBUTION", "KPIS", "OUTCOMES", "Better", "Outcome", "Terms", "Unit"]
