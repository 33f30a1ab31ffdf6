"""The tables of the register in the reference page: ``python -m tests.helpers.register_tables`` writes them."""

import re
from pathlib import Path

from sim.analysis.register import ADDITIONALITY, ATTRIBUTION, KPIS, OUTCOMES

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "outcomes.md"
REGISTERS = {
    "OUTCOMES": OUTCOMES,
    "KPIS": KPIS,
    "ATTRIBUTION of barriers": ATTRIBUTION["barriers"],
    "ATTRIBUTION of interventions": ATTRIBUTION["interventions"],
    "ADDITIONALITY": ADDITIONALITY,
}
_PLACE = re.compile(r"(<!-- register: ([^>]*) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(entries):
    """A register as a Markdown table."""
    has_formulas = any(entry.formula for entry in entries.values())
    lines = ["| name | label | unit | better | is |", "|---|---|---|---|---|"]
    if has_formulas:
        lines = ["| name | label | unit | better | is | formula |", "|---|---|---|---|---|---|"]
    for entry in entries.values():
        cells = [f"`{entry.name}`", entry.label.format("..."), entry.unit, entry.better, entry.definition]
        cells += [f"`{entry.formula}`"] if has_formulas else []
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def written(page):
    """The text of the page with its tables as the register has them."""
    return _PLACE.sub(lambda place: f"{place[1]}\n{table(REGISTERS[place[2]])}\n\n{place[3]}", page)


def places(page):
    """The registers that the page has a table of."""
    return [place[2] for place in _PLACE.finditer(page)]


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
