"""Answers made up for tests of charts and pages: the frames of comparisons, attributions and the rest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np
import pandas as pd

import sim
from sim.analysis.paired.fates import Fates
from sim.experiment.methods.additionality import Additionality
from sim.experiment.methods.attribution import Attribution
from sim.experiment.methods.comparison import Comparison
from sim.experiment.methods.frontier import Frontier
from sim.experiment.study import Study
from sim.experiment.worlds import World, named_world
from tests.helpers.synthetic import world

NAN = math.nan
NASTY = (
    "</script><script>window.hurt=1</script><img src=x onerror='window.hurt=1'> \x07\x1b[31m <!-- {{ 7 * 7 }} '\\\"`"
)
"""What would run, in the page itself or as an expression of a chart, if a text of a scenario could."""
OUTCOMES = (
    ("launches", "Groups launched", "count", "more", 16.1),
    ("share_launched", "Share of groups that launched", "share", "more", 0.16),
    ("months_to_launch", "Months to launch, of those that launched", "months", "less", 24.0),
    ("staff_moved", "Staff moved", "count", "more", 6_600.0),
    ("value_moved", "Contract value moved, pounds a year", "pounds", "more", 210e6),
    ("exits", "Groups lost before launch", "count", "less", 84.0),
    ("exits_pension_worries", "Lost to: Pension worries", "count", "less", 13.0),
    ("exits_manager_resistance", "Lost to: Manager resistance", "count", "less", 30.0),
    ("exits_union_opposition", "Lost to: Union opposition", "count", "less", 4.0),
    ("trading", "Still trading at the end", "count", "more", 12.0),
    ("cost_programme", "Cost to the programme", "pounds", "less", 4.1e6),
    ("cost_total", "Cost, all payers together", "pounds", "less", 9.3e6),
    ("discounted_total", "Cost, all payers together, discounted", "pounds", "less", 8.8e6),
    ("cost_per_launch", "Cost per launch", "pounds", "less", 577e3),
)
_MOVES = {"more": 0.12, "less": -0.05, "neither": 0.03}


def differences(alternatives: Sequence[str] = ("pensions",), seed: int = 1, n: int = 300) -> pd.DataFrame:
    """As :func:`sim.analysis.paired.comparison.differences`."""
    draw = np.random.default_rng(seed)
    rows = []
    for place, alternative in enumerate(alternatives):
        for name, label, unit, better, base in OUTCOMES:
            difference = base * _MOVES[better] * (1 - 0.4 * place) * float(draw.uniform(0.6, 1.4))
            half = abs(base) * 0.02
            family = half * (1 + 0.15 * (len(alternatives) > 1))
            rows.append(
                {
                    **{"alternative": alternative, "alternative_label": alternative.replace("_", " ").capitalize()},
                    **{"outcome": name, "label": label, "unit": unit, "better": better},
                    **{"n": n, "base": base, "base_low": base * 0.97, "base_high": base * 1.03},
                    **{"alt": base + difference, "alt_low": base * 0.98 + difference},
                    **{"alt_high": base * 1.02 + difference},
                    **{"difference": difference, "low": difference - half, "high": difference + half},
                    **{"family_low": difference - family, "family_high": difference + family},
                    "relative": difference / base,
                    "relative_low": (difference - half) / base,
                    "relative_high": (difference + half) / base,
                    **{"p_better": 0.71, "p_better_low": 0.66, "p_better_high": 0.76, "p_equal": 0.12},
                    **{"correlation": 0.83, "sd": half * math.sqrt(n) / 1.968},
                    **{"variance_unpaired": (half * math.sqrt(n)) ** 2, "variance_ratio": 5.9},
                    **{"precision": base * 0.01, "needed": 4 * n, "method": "paired"},
                }
            )
    return pd.DataFrame(rows)


def hostile(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with labels as a hostile scenario may write them."""
    nasty = f"{NASTY} {'abcdefghijklmnopqrstuvwxyz' * 3}"
    labels = [column for column in frame.columns if "label" in column]
    return frame.assign(**{column: [f"{nasty} {k}" for k in range(len(frame))] for column in labels})


CAUSES = (
    "Manager resistance",
    "Pension worries",
    "Lack of business skills",
    "No working capital",
    "Union opposition",
    "Procurement and tendering requirements",
    "Staff indifference",
    "The window had closed",
    "Commissioner will not sign",
    "Legal form and tax",
    "Lack of time",
    "Lost its champion",
)


def fates_table(causes: int = 12, seed: int = 1) -> pd.DataFrame:
    """As the ``table`` of :class:`sim.analysis.paired.fates.Fates`."""
    draw = np.random.default_rng(seed)
    rows = []

    def add(by: str, label: str, both: float, neither: float, saved: float, undone: float) -> None:
        row: dict[str, object] = {"by": by, "group": label.lower().replace(" ", "_"), "label": label}
        for name, value in (("both", both), ("neither", neither), ("only_alternative", saved), ("only_base", undone)):
            row |= {name: value, f"{name}_low": 0.9 * value, f"{name}_high": 1.1 * value}
        rows.append(row)

    lost = [float(30 * 0.75**k * draw.uniform(0.8, 1.2)) for k in range(causes)]
    saved = [size * float(draw.uniform(0.0, 0.12)) for size in lost]
    add("all", "All groups", 15.6, sum(lost) - sum(saved), sum(saved), 0.4)
    for label, share in (("Clinical team", 0.45), ("Service cluster", 0.3), ("Provider arm", 0.25)):
        add("type", label, 15.6 * share, 84 * share, 3.2 * share, 0.4 * share)
    for label, share in (("London", 0.35), ("West Midlands", 0.3), ("North East", 0.35)):
        add("region", label, 15.6 * share, 84 * share, 3.2 * share, 0.4 * share)
    add("base_cause", "Launched", 15.6, 0.0, 0.0, 0.4)
    for label, size, kept in zip(CAUSES, lost, saved, strict=False):
        add("base_cause", label, 0.0, size - kept, kept, 0.0)
    return pd.DataFrame(rows)


def players(names: Sequence[str] = CAUSES[:10], seed: int = 1) -> pd.DataFrame:
    """As the ``players`` of :class:`sim.experiment.methods.attribution.Attribution`."""
    draw = np.random.default_rng(seed)
    rows = []
    for place, label in enumerate(names):
        shapley = 9 * 0.7**place * float(draw.uniform(0.6, 1.4)) if place < len(names) - 1 else 0.0
        measures = {
            "recorded": 25 * 0.8**place * float(draw.uniform(0.5, 1.5)),
            "saved": shapley * 0.8,
            "but_for": shapley * 0.7 - 0.1,
            "alone": shapley * 2.2,
            "shapley": shapley,
        }
        row: dict[str, object] = {"name": label.lower().replace(" ", "_"), "label": label, "share": shapley / 30}
        for name, value in measures.items():
            half = 0.08 * abs(value) if name == "recorded" else 0.06 * abs(value)
            row |= {name: value, f"{name}_low": value - half, f"{name}_high": value + half}
        rows.append(row)
    return pd.DataFrame(rows)


def pairs(names: Sequence[str] = CAUSES[:10], seed: int = 1) -> pd.DataFrame:
    """As the ``pairs`` of :class:`sim.experiment.methods.attribution.Attribution`."""
    draw = np.random.default_rng(seed)
    rows = []
    for k, first in enumerate(names):
        for second in names[k + 1 :]:
            value = float(draw.normal(-0.3, 0.4)) if draw.random() > 0.1 else 0.0
            half = 0.15 if value else 0.0
            low, high = value - half, value + half
            row = {"first": first, "second": second, "label_first": first, "label_second": second}
            rows.append({**row, "interaction": value, "low": low, "high": high})
    return pd.DataFrame(rows)


def curve(points: int = 9) -> pd.DataFrame:
    """As the ``curve`` of :class:`sim.experiment.methods.additionality.Additionality`."""
    rows = []
    for position in np.linspace(-1.0, 1.0, points) if points > 1 else [0.0]:
        additional, deadweight = 12.0 - 6.0 * position, 4.0 + 3.5 * position
        outside, displaced = 1.0 + position, 0.6 + 0.5 * position
        values = {
            **{
                "with_programme": additional + deadweight + outside,
                "without_programme": deadweight + outside + displaced,
            },
            **{"difference": additional - displaced, "additional": additional, "deadweight": deadweight},
            **{"outside": outside, "displaced": displaced},
            "share_additional": additional / (additional + deadweight),
            "share_deadweight": deadweight / (additional + deadweight),
            "share_would_try": 0.3 + 0.2 * position,
            "share_displaced": displaced / (deadweight + outside + displaced),
            **{"per_additional": 5e6 / additional, "per_net": 5e6 / (additional - displaced)},
        }
        label = {-1.0: "worst", 0.0: "as stated", 1.0: "best"}.get(float(position), "")
        row: dict[str, object] = {"position": float(position), "label": label}
        for name, value in values.items():
            row |= {name: value, f"{name}_low": 0.94 * value, f"{name}_high": 1.06 * value}
        rows.append(row)
    return pd.DataFrame(rows)


def tornado(parameters: int = 5) -> pd.DataFrame:
    """As the ``tornado`` of :class:`sim.experiment.methods.additionality.Additionality`."""
    rows = []
    for k in range(parameters):
        swing = 0.4 * 0.6**k * (-1) ** k
        row: dict[str, object] = {"parameter": f"barriers.number_{k}.probability", "label": f"Chance of number {k}"}
        row |= {"better": "less", "low_value": "0.1", "stated_value": "0.3", "high_value": "0.6", "swing": swing}
        row |= {"swing_low": swing - 0.02, "swing_high": swing + 0.02}
        row |= {"difference_swing": 20 * swing, "difference_swing_low": 19 * swing, "difference_swing_high": 21 * swing}
        for end, value in (("low", 0.7 - swing / 2), ("high", 0.7 + swing / 3)):
            row |= {f"share_at_{end}": value, f"share_at_{end}_low": value - 0.03, f"share_at_{end}_high": value + 0.03}
            net = 20 * value - 10
            row |= {
                f"difference_at_{end}": net,
                f"difference_at_{end}_low": net - 1,
                f"difference_at_{end}_high": net + 1,
            }
        rows.append(row)
    return pd.DataFrame(rows)


def frontier(policies: int = 7) -> pd.DataFrame:
    """As :func:`sim.analysis.paired.frontier.frontier` gives it."""
    rows = []
    for k in range(policies):
        launches, cost = 0.9 * k - 0.3 * (k % 3), 4e5 * k * (1 + (k % 3))
        dominated = ("", "strongly", "extendedly")[k % 3]
        row: dict[str, object] = {"alternative": f"policy_{k}", "label": f"Policy number {k}", "dominated": dominated}
        row |= {"cost": cost, "cost_low": cost - 2e5, "cost_high": cost + 2e5}
        row |= {"launches": launches, "launches_low": launches - 0.3, "launches_high": launches + 0.3}
        rows.append(row | {"on_frontier": not dominated, "icer": 4.4e5 if not dominated else NAN})
    return pd.DataFrame(rows)


def costs(alternatives: Sequence[str] = ("pensions",), bounded: bool = True) -> pd.DataFrame:
    """As the ``additional_costs`` of a :class:`sim.experiment.methods.comparison.Comparison`."""
    rows = []
    for name in alternatives:
        for payer, label in (("programme", "The programme"), ("host", "Hosts"), ("total", "All together")):
            row: dict[str, object] = {"alternative": name, "money": "undiscounted", "payer": payer, "label": label}
            row |= {"cost": 120_000.0, "cost_low": 100_000.0, "cost_high": 140_000.0}
            row |= {"launches": 2.0, "launches_low": 1.6 if bounded else -0.1, "launches_high": 2.4}
            ends = (45_000.0, 81_000.0) if bounded else (NAN, NAN)
            row |= {"per_launch": 60_000.0, "per_launch_low": ends[0], "per_launch_high": ends[1], "bounded": bounded}
            rows.append(row)
    return pd.DataFrame(rows)


def fates(causes: int = 12) -> Fates:
    """As :func:`sim.analysis.paired.fates.fates` gives it."""
    table = fates_table(causes)
    brought = pd.DataFrame(
        [
            {"world": world, **dict.fromkeys(("groups", "low", "high"), 0.0)}
            | dict.fromkeys(("launched", "launched_low", "launched_high"), 0.0)
            for world in ("only_alternative", "only_base")
        ]
    )
    row = {"groups": 15.6, "low": 15.0, "high": 16.2, "months": -0.4, "months_low": -0.6, "months_high": -0.2}
    for kind, share in (("sooner", 0.3), ("later", 0.1), ("same", 0.6)):
        row |= {kind: share, f"{kind}_low": share - 0.02, f"{kind}_high": share + 0.02}
    columns = ["base", "alternative", "label_base", "label_alternative", "groups", "low", "high"]
    return Fates(table, brought, pd.DataFrame([row]), pd.DataFrame(columns=columns))


def named(name: str, label: str) -> World:
    """A world that nobody runs."""
    return named_world(name, sim.load("west_midlands"), label)


def comparison(alternatives: Sequence[str] = ("pensions",), **changes: object) -> Comparison:
    """A comparison as :func:`sim.experiment.methods.compare.compare` gives it."""
    names = ["base", *alternatives]
    worlds = [named(name, name.replace("_", " ").capitalize()) for name in names]
    divergence = {"place": "interventions.pension_guarantee.enabled", "date": "2009-04-01", "checked": 3}
    rows = [{"alternative": name, **divergence, "agrees": True, "first_difference": ""} for name in alternatives]
    paid = {"mean": 9e5, "low": 8e5, "high": 1e6, "discounted": 8.5e5, "discounted_low": 8e5, "discounted_high": 9e5}
    years = [
        {"year": year, "payer": "programme", "label": "The programme", **paid, "world": name, "world_label": name}
        for year in (2009, 2010)
        for name in names
    ]
    found = Comparison(
        worlds[0],
        tuple(worlds[1:]),
        Study(300, 1),
        {},
        dict.fromkeys(names, world(6, seed=2)),
        differences(alternatives),
        costs(alternatives),
        {name: fates() for name in alternatives},
        pd.DataFrame(rows),
        pd.DataFrame(years),
    )
    return replace(found, **changes)


def bought(comparison: Comparison, frame: pd.DataFrame) -> Frontier:
    """The frontier whose options were compared so."""
    return Frontier(**{field.name: getattr(comparison, field.name) for field in fields(comparison)}, frontier=frame)


def attribution(kind: str = "barriers", names: Sequence[str] = CAUSES[:10], **changes: object) -> Attribution:
    """An attribution as :func:`sim.experiment.methods.attribution.attribute` gives it."""
    table = players(names)
    gap = table["shapley"] - table["recorded"]
    table = table.assign(gap=gap, gap_low=gap - 0.5, gap_high=gap + 0.5)
    whole = {"launches": 16.1, "launches_low": 15.8, "launches_high": 16.4, "without": 46.1, "without_low": 45.0}
    whole |= {"without_high": 47.2, "loss": 30.0, "loss_low": 29.0, "loss_high": 31.0}
    sets = [
        {"set": "a", "labels": "Pension worries", "size": 1, "groups": 3.0, "low": 2.8, "high": 3.2},
        {"set": "", "labels": "not saved by removing all", "size": 0, "groups": 40.0, "low": 39.0, "high": 41.0},
    ]
    sizes = [{"size": size, "groups": 40.0 / (1 + size), "low": 30.0, "high": 41.0} for size in (0, 1, 2)]
    run = [
        {"combination": "manager_resistance + pension_worries", "removed": 2, "launches": 21.0, "low": 20, "high": 22}
    ]
    frames = (pd.DataFrame([whole]), table, pairs(names), *(pd.DataFrame(rows) for rows in (sets, sizes, run)))
    found = Attribution(kind, "exact", 200, 0, 1 << len(names), *frames, named("west", "The west"), Study(200, 1))
    return replace(found, **changes)


def additionality(points: int = 9, **changes: object) -> Additionality:
    """An additionality as :func:`sim.experiment.methods.additionality.additionality` gives it."""
    middle = curve(points)
    [row] = middle[middle["position"].eq(0.0)].to_dict("records")
    units = {
        name: "share" if name.startswith("share") else "pounds" if name.startswith("per_") else "count" for name in row
    }
    summary = [
        {"measure": name, "label": name, "unit": units[name]}
        | {"value": row[name], "low": row[f"{name}_low"], "high": row[f"{name}_high"]}
        for name in row
        if f"{name}_low" in row
    ]
    texts = {"label": "Chance at agreement", "better": "more", "worst": "0.1", "stated": "0.3", "best": "0.6"}
    said = {"label": "Said", "source": "5.1", "caution": "Self-report."}
    reported = [
        {"measure": name, "share": share, **said} for name, share in (("additional", 0.35), ("deadweight", 0.28))
    ]
    worlds = (named("with_it", "The programme"), named("without_it", "No programme"))
    results = {one.name: world(6, seed=2) for one in worlds}
    parameters = pd.DataFrame([{"parameter": "routes.informal.share", "source": "judgement", **texts}])
    frames = (pd.DataFrame(summary), middle, tornado(), pd.DataFrame(reported), parameters)
    return replace(Additionality(*worlds, Study(200, 1), results, *frames, fates()), **changes)
