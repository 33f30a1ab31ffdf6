"""How one scenario is written otherwise than another."""

import pytest

from sim.report.renderers.markdown import render_table
from sim.report.stress.tables import differences_table
from sim.scenario.yaml_tree import read_text

BASE = """
clock: {end: 2012-01-01}
routes:
  official:
    - {stage: idea, work: 1 month}
    - {stage: board, closes: 2010-01-01}
effects:
  - {stage: idea, duration: 0.5}
  - {resource: fund, shut: true}
"""


@pytest.mark.parametrize(
    ("old", "new", "rows"),
    [
        ("end: 2012-01-01", "end: 2013-01-01", ["`clock.end` | 2012-01-01 | 2013-01-01"]),
        ("work: 1 month", "work: 2 months", ["`routes.official.idea.work` | 1 month | 2 months"]),
        (", closes: 2010-01-01", "", ["`routes.official.board.closes` | 2010-01-01 | not there"]),
        (
            "duration: 0.5",
            "duration: 0.7",
            [
                "`effects` | \\[{stage: idea, duration: 0.5}, {resource: fund, shut: true}\\] | "
                "\\[{stage: idea, duration: 0.7}, {resource: fund, shut: true}\\]"
            ],
        ),
        ("2012", "2012", []),
    ],
)
def test_only_what_differs_is_told_at_its_place(old, new, rows):
    base, other = (read_text(text, "a.yaml") for text in (BASE, BASE.replace(old, new)))
    lines = render_table(differences_table(base, other)).splitlines()
    assert lines[2:] == [f"| {row} |" for row in rows]
