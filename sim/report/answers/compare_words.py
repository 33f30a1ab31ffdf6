"""What a comparison comes to, in sentences that claim no more than the intervals do."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.report.answers.compare_tables import figures, per_launch, share
from sim.report.answers.page import error_and_ignorance
from sim.report.format import amount, change, changed, day, estimate, money, number, span
from sim.report.frames import records

if TYPE_CHECKING:
    from sim.experiment.methods.comparison import Comparison

_MOST = 5
_Row = dict[str, Any]


@dataclass(frozen=True)
class Parted:
    """What to say of where worlds part; ``warnings`` where they differ before."""

    told: tuple[str, ...]
    warnings: tuple[str, ...]


def headline(comparison: Comparison) -> tuple[str, ...]:
    """The sentences, the alternative with the greatest effect on launches first."""
    rows = _launches(comparison)
    sentences: list[str] = []
    for row in rows[:_MOST]:
        sentences.append(launches_words(row, len(rows) > 1))
        if len(rows) <= 2:
            sentences += [*_saved(comparison, str(row["alternative"])), *_price(comparison, str(row["alternative"]))]
    if len(rows) > _MOST:
        sentences.append(f"The other {len(rows) - _MOST} alternatives stand in the figures and tables below.")
    if not rows:
        return tuple(outcome_words(row, len(comparison.alternatives) > 1) for row in _first_outcome(comparison))
    return tuple(sentences)


def launches_words(row: _Row, several: bool) -> str:
    """What an alternative does to the number of launches, as far as its interval tells.

    With ``several`` alternatives the simultaneous interval judges.
    """
    label, n = row["alternative_label"], int(row["n"])
    low, high = (row["family_low"], row["family_high"]) if several else (row["low"], row["high"])
    kind = "simultaneous 95% interval" if several else "95% interval"
    if math.isnan(row["difference"]):
        return f"What {_quoted(label)} does to the number of launches is not defined in these histories."
    if row["difference"] == low == high == 0:
        return f"With {_quoted(label)} exactly as many groups launch as without it, in every one of {n:,} histories."
    if math.isnan(low):
        return f"One history cannot tell what {_quoted(label)} does to the number of launches."
    if low <= 0 <= high:
        return (
            f"Whether {_quoted(label)} changes the number of launches cannot be told from {n:,} histories: the "
            f"difference is {change(row['difference'], 'count')}, its {kind} "
            f"({span(change(low, 'count'), change(high, 'count'))}) holds no difference at all."
        )
    more = row["difference"] > 0
    ends = (low, high) if more else (-high, -low)
    instead = f"{amount(row['alt'], 'count')} instead of {amount(row['base'], 'count')}"
    relative = "" if math.isnan(row["relative"]) else f", {share(row['relative'])}"
    how_many = f"{amount(abs(row['difference']), 'count')} {'more' if more else 'fewer'}"
    return (
        f"With {_quoted(label)} {how_many} groups launch in one history on average "
        f"({kind} {span(*(amount(end, 'count') for end in ends))}): {instead}{relative}."
    )


def outcome_words(row: _Row, several: bool) -> str:
    """What an alternative does to any outcome, as far as its interval tells; where launches were not compared."""
    unit, label = str(row["unit"]), f"{_quoted(row['alternative_label'])}: {row['label'][:1].lower()}{row['label'][1:]}"
    low, high = (row["family_low"], row["family_high"]) if several else (row["low"], row["high"])
    words = changed(row["difference"], low, high, unit)
    if row["difference"] == low == high == 0:
        return f"{label} exactly as in the base, in every history."
    if low > 0 or high < 0:
        return f"{label} {words}, {amount(row['alt'], unit)} instead of {amount(row['base'], unit)}."
    return f"{label} {words}, which is not told from no difference."


def cards(comparison: Comparison) -> tuple[tuple[str, str, str], ...]:
    """A few figures of the alternative with the greatest effect."""
    rows = _launches(comparison)
    if not rows:
        return ()
    name = rows[0]["alternative"]
    found = {row["outcome"]: row for row in records(comparison.differences) if row["alternative"] == name}
    wanted = {"launches": "Groups launched", "share_launched": "Share that launched", "staff_moved": "Staff moved"}
    wanted["cost_programme"] = "Cost to the programme"
    return tuple(
        (
            label,
            change(found[outcome]["difference"], str(found[outcome]["unit"])),
            f"{rows[0]['alternative_label']}; {_interval(found[outcome])}",
        )
        for outcome, label in wanted.items()
        if outcome in found
    )


def reading(comparison: Comparison) -> tuple[str, ...]:
    """How to read the numbers: errors, pairing, several alternatives at once, stopping, ratios."""
    several = len(comparison.alternatives) > 1
    sentences = [*error_and_ignorance(comparison.study), _pairing(comparison)]
    if several:
        sentences.append(
            f"{len(comparison.alternatives)} alternatives are judged at once. The simultaneous interval of an outcome "
            "is wider, so that all of its differences lie in theirs together in 95 of 100 such studies; words and "
            "colours here go by it."
        )
    if comparison.precision:
        sentences.append(
            "Replications were added until the differences asked for were known as well as asked (Stein's two-stage "
            "procedure, 1945): the first stage alone decides how many, so that looking does not bend the interval."
        )
    sentences.append(
        "A difference whose interval holds nought is not told from none. That is no finding that there is none."
    )
    return tuple(sentences)


def parting_words(comparison: Comparison) -> Parted:
    """Whether every alternative is the same as the base until the date on which they first differ."""
    from sim.analysis.dates import as_date

    told, warnings = [], []
    for row in records(comparison.parting):
        label = comparison.labels.get(row["alternative"], str(row["alternative"]))
        when = day(as_date(row["date"])) if row["date"] else ""
        if not row["agrees"]:
            place = f" ({when}, {row['place']})" if when else ""
            warnings.append(
                f"{_quoted(label)} is not the same as the base until the date on which they first differ{place}: "
                f"{row['first_difference']}. Nothing here should be relied on until that is explained."
            )
        elif not when:
            told.append(f"{_quoted(label)} differs from the base in nothing that an event depends on.")
        else:
            told.append(
                f"{_quoted(label)} first differs from the base on {when}, in {row['place']}. Until then both worlds "
                f"are the same, event for event (checked on {int(row['checked'])} histories)."
            )
    return Parted((*told, *warnings), tuple(warnings))


def _launches(comparison: Comparison) -> list[_Row]:
    """The rows of launches, the greatest difference first."""
    rows = [row for row in records(comparison.differences) if row["outcome"] == "launches"]
    return sorted(rows, key=lambda row: -row["difference"] if math.isfinite(row["difference"]) else math.inf)


def _first_outcome(comparison: Comparison) -> list[_Row]:
    rows = records(comparison.differences)
    return [row for row in rows if row["outcome"] == rows[0]["outcome"]][:_MOST]


def _saved(comparison: Comparison, name: str) -> list[str]:
    """Of 100 groups lost, and of 100 launched in the base, how many fare otherwise; and from what most were saved."""
    fates = comparison.fates.get(name)
    if fates is None:
        return []
    [whole] = records(fates.table[fates.table["by"].eq("all")])
    lost, launched = whole["neither"] + whole["only_alternative"], whole["both"] + whole["only_base"]
    if not whole["only_alternative"] and not whole["only_base"]:
        return ["No group fares otherwise: whoever launches in the base launches here too, and nobody else does."]
    parts = []
    if lost > 0:
        saved = _in_100(whole["only_alternative"], lost)
        parts.append(f"of 100 groups that do not launch in the base, {saved} do here")
    if launched > 0:
        undone = _in_100(whole["only_base"], launched)
        still = f"of 100 that launch in the base, {undone} no longer do"
        parts.append(still if whole["only_base"] else "all that launch in the base still do")
    sentence = f"{', and '.join(parts)}."
    sentences = [sentence[:1].upper() + sentence[1:]]
    causes = [row for row in records(fates.table[fates.table["by"].eq("base_cause")]) if row["only_alternative"] > 0]
    if causes:
        most = max(causes, key=lambda row: row["only_alternative"])
        part = f"{number(most['only_alternative'])} of {number(whole['only_alternative'])}"
        sentences[0] += f" The largest part of those saved ({part}) had ended as “{most['label']}”."
    return sentences


def _price(comparison: Comparison, name: str) -> list[str]:
    """What the programme pays more, and for each launch more."""
    frame = comparison.additional_costs
    rows = records(
        frame[frame["alternative"].eq(name) & frame["payer"].eq("programme") & frame["money"].eq("undiscounted")]
    )
    if not rows or not (rows[0]["cost"] or rows[0]["cost_low"]):
        return []
    row = rows[0]
    if math.isnan(row["cost_low"]):
        return []
    ends = estimate(row["cost"], row["cost_low"], row["cost_high"], money)
    if row["cost_low"] <= 0 <= row["cost_high"]:
        return [f"Whether it costs the programme more or less cannot be told: {changed(*_cost(row), 'pounds')}."]
    if row["cost"] < 0:
        return [f"It costs the programme less: {changed(*_cost(row), 'pounds')} in one history on average."]
    sentence = f"It costs the programme {ends} more in one history on average"
    if not row["bounded"]:
        return [f"{sentence}. What that is for each launch more cannot be told: the launches are not told apart."]
    if row["launches"] < 0:
        return [f"{sentence}, and fewer groups launch."]
    return [f"{sentence}: {per_launch(row)} for each launch more."]


def _in_100(part: float, whole: float) -> str:
    return amount(100 * part / whole, "count") if part else "none"


def _cost(row: _Row) -> tuple[float, float, float]:
    return row["cost"], row["cost_low"], row["cost_high"]


def _pairing(comparison: Comparison) -> str:
    said = (
        "The same groups meet the same luck in every world, so differences are compared history by history (pairing by "
        "common random numbers)"
    )
    rows = [row for row in _launches(comparison) if math.isfinite(row["variance_ratio"])]
    if not rows:
        return f"{said}."
    ratio = rows[0]["variance_ratio"]
    return (
        f"{said}. For launches under {_quoted(rows[0]['alternative_label'])} that was worth a factor of "
        f"{figures(ratio)}: without it the variance of the difference would be {figures(ratio)} times what it is, and "
        "as many times more histories would be needed."
    )


def _interval(row: _Row) -> str:
    if row["low"] == row["high"]:
        return "the same in every history"
    known = changed(row["difference"], row["low"], row["high"], str(row["unit"])).partition("(")[2].replace(")", "")
    return f"95% interval {known}" if known else "no interval"


def _quoted(label: str) -> str:
    return f"“{label}”"
