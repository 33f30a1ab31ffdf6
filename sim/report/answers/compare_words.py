"""What a comparison comes to, in sentences that claim no more than the intervals do."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.analysis.frame_rows import rows_of
from sim.report.answers.compare_tables import write_cost_per_launch, write_ratio, write_relative
from sim.report.answers.notes import explain_intervals, quote
from sim.report.document import Card
from sim.report.format import amount, change, change_with_interval, day, estimate, in_every, money, number, span

if TYPE_CHECKING:
    from sim.experiment.methods.comparison import Comparison

_MOST = 5
_CARDS = ("launches", "share_launched", "staff_moved", "cost_programme")
_Row = dict[str, Any]


@dataclass(frozen=True)
class Divergence:
    """What to say of when the worlds first differ; ``warnings`` where they differ too early."""

    sentences: tuple[str, ...]
    warnings: tuple[str, ...]


def headline(comparison: Comparison) -> tuple[str, ...]:
    """The sentences, the alternative with the greatest effect on launches first."""
    rows = _launches(comparison)
    sentences: list[str] = []
    for row in rows[:_MOST]:
        sentences.append(launches_sentence(row, len(rows) > 1))
        if len(rows) <= 2:
            sentences += [
                *_saved_sentences(comparison, str(row["alternative"])),
                *_price(comparison, str(row["alternative"])),
            ]
    if len(rows) > _MOST:
        sentences.append(f"The other {len(rows) - _MOST} alternatives are in the figures and tables below.")
    if not rows:
        return tuple(outcome_sentence(row, len(comparison.alternatives) > 1) for row in _first_outcome(comparison))
    return tuple(sentences)


def launches_sentence(row: _Row, several: bool) -> str:
    """What an alternative does to the number of launches, as far as its interval allows.

    With ``several`` alternatives the simultaneous interval decides.
    """
    label, n = quote(row["alternative_label"]), int(row["n"])
    low, high = (row["family_low"], row["family_high"]) if several else (row["low"], row["high"])
    kind = "simultaneous 95% interval" if several else "95% interval"
    if math.isnan(row["difference"]):
        return f"The effect of {label} on the number of launches is not defined in these histories."
    if row["difference"] == low == high == 0:
        return f"With {label} exactly as many groups launch as without it, in every one of {n:,} histories."
    if math.isnan(low):
        return f"One history cannot show the effect of {label} on the number of launches."
    if low <= 0 <= high:
        return (
            f"We cannot say whether {label} changes the number of launches: the difference over {n:,} histories is "
            f"{change(row['difference'], 'count')}, and its {kind} "
            f"({span(change(low, 'count'), change(high, 'count'))}) includes zero."
        )
    more = row["difference"] > 0
    size, ends = abs(row["difference"]), (low, high) if more else (-high, -low)
    interval = f"{kind} {span(*(amount(end, 'count') for end in ends))}"
    groups = "more groups" if more else "fewer groups"
    if size < 0.95:
        how_many, histories = in_every(size)
        effect = f"about {how_many} {groups if how_many != 'one' else groups[:-1]} would launch in every {histories}"
        effect = f"{effect} histories ({amount(size, 'count')} a history; {interval})"
    else:
        effect = f"{amount(size, 'count')} {groups} would launch in each history on average ({interval})"
    relative = "" if math.isnan(row["relative"]) else f", {write_relative(row['relative'])}"
    return f"With {label} {effect}: {amount(row['alt'], 'count')} instead of {amount(row['base'], 'count')}{relative}."


def outcome_sentence(row: _Row, several: bool) -> str:
    """What an alternative does to any outcome, as far as its interval allows; where launches were not compared."""
    unit, label = str(row["unit"]), f"{quote(row['alternative_label'])}: {row['label'][:1].lower()}{row['label'][1:]}"
    low, high = (row["family_low"], row["family_high"]) if several else (row["low"], row["high"])
    words = change_with_interval(row["difference"], low, high, unit)
    if row["difference"] == low == high == 0:
        return f"{label} exactly as in the base, in every history."
    if low > 0 or high < 0:
        return f"{label} {words}, {amount(row['alt'], unit)} instead of {amount(row['base'], unit)}."
    return f"{label} {words}: no clear difference."


def cards(comparison: Comparison) -> tuple[Card, ...]:
    """A few figures of the alternative with the greatest effect."""
    rows = _launches(comparison)
    if not rows:
        return ()
    name = rows[0]["alternative"]
    by_outcome = {row["outcome"]: row for row in rows_of(comparison.differences) if row["alternative"] == name}
    return tuple(
        Card(
            str(by_outcome[outcome]["label"]),
            change(by_outcome[outcome]["difference"], str(by_outcome[outcome]["unit"])),
            f"{rows[0]['alternative_label']}; {_interval(by_outcome[outcome])}",
        )
        for outcome in _CARDS
        if outcome in by_outcome
    )


def reading(comparison: Comparison) -> tuple[str, ...]:
    """How to read the numbers: errors, pairing, several alternatives at once, stopping."""
    several = len(comparison.alternatives) > 1
    sentences = [*explain_intervals(comparison.study), _pairing(comparison)]
    if several:
        sentences.append(
            f"{len(comparison.alternatives)} alternatives are compared at once. The simultaneous interval is wider, so "
            "that in 95 of 100 such studies all the differences in an outcome lie within theirs together. The words "
            "and colours on this page follow it."
        )
    if comparison.precision:
        sentences.append(
            "Replications were added until the stated precision was reached (Stein's two-stage procedure, 1945). The "
            "first stage alone decides how many, so the interval is not biased by looking at the result."
        )
    sentences.append(
        "If an interval includes zero, we cannot say there is a difference. That is not evidence that there is none."
    )
    return tuple(sentences)


def describe_divergence(comparison: Comparison) -> Divergence:
    """Whether every alternative is the same as the base until the date on which they first differ."""
    from sim.analysis.dates import as_date

    sentences, warnings = [], []
    for row in rows_of(comparison.divergence):
        label = quote(comparison.labels.get(row["alternative"], str(row["alternative"])))
        when = day(as_date(row["date"])) if row["date"] else ""
        if not row["agrees"]:
            place = f" ({when}, {row['place']})" if when else ""
            warnings.append(
                f"{label} is not the same as the base until the date on which they first differ{place}: "
                f"{row['first_difference']}. Nothing here should be relied on until that is explained."
            )
        elif not when:
            sentences.append(f"{label} differs from the base in nothing that affects an event.")
        else:
            sentences.append(
                f"{label} first differs from the base on {when}, in {row['place']}. Until then both worlds are the "
                f"same, event for event (checked in {int(row['checked'])} histories)."
            )
    return Divergence((*sentences, *warnings), tuple(warnings))


def _launches(comparison: Comparison) -> list[_Row]:
    """The rows of launches, the greatest difference first."""
    rows = [row for row in rows_of(comparison.differences) if row["outcome"] == "launches"]
    return sorted(rows, key=lambda row: -row["difference"] if math.isfinite(row["difference"]) else math.inf)


def _first_outcome(comparison: Comparison) -> list[_Row]:
    rows = rows_of(comparison.differences)
    return [row for row in rows if row["outcome"] == rows[0]["outcome"]][:_MOST]


def _saved_sentences(comparison: Comparison, name: str) -> list[str]:
    """How many of 100 groups fare otherwise, and what most of those saved were lost to."""
    fates = comparison.fates.get(name)
    if fates is None:
        return []
    [whole] = rows_of(fates.table[fates.table["by"].eq("all")])
    lost, launched = whole["neither"] + whole["only_alternative"], whole["both"] + whole["only_base"]
    if not whole["only_alternative"] and not whole["only_base"]:
        return ["No group fares differently: the same groups launch in both worlds."]
    parts = []
    if lost > 0:
        saved = _in_100(whole["only_alternative"], lost)
        parts.append(f"of 100 groups that do not launch in the base, {saved} launch here")
    if launched > 0:
        undone = _in_100(whole["only_base"], launched)
        still = f"of 100 that launch in the base, {undone} no longer do"
        parts.append(still if whole["only_base"] else "all that launch in the base still do")
    sentence = f"{', and '.join(parts)}."
    sentence = sentence[:1].upper() + sentence[1:]
    causes = [row for row in rows_of(fates.table[fates.table["by"].eq("base_cause")]) if row["only_alternative"] > 0]
    if causes:
        most = max(causes, key=lambda row: row["only_alternative"])
        part = f"{number(most['only_alternative'])} of {number(whole['only_alternative'])}"
        sentence += f" Most of those saved ({part} a history) had ended as {quote(most['label'])}."
    return [sentence]


def _price(comparison: Comparison, name: str) -> list[str]:
    """What the programme pays more or less, and for each additional launch."""
    frame = comparison.additional_costs
    rows = rows_of(
        frame[frame["alternative"].eq(name) & frame["payer"].eq("programme") & frame["money"].eq("undiscounted")]
    )
    if not rows or not (rows[0]["cost"] or rows[0]["cost_low"]) or math.isnan(rows[0]["cost_low"]):
        return []
    row = rows[0]
    cost = (row["cost"], row["cost_low"], row["cost_high"])
    if row["cost_low"] <= 0 <= row["cost_high"]:
        return [f"We cannot say whether it costs the programme more or less: {change_with_interval(*cost, 'pounds')}."]
    if row["cost"] < 0:
        saving = estimate(-row["cost"], -row["cost_high"], -row["cost_low"], money)
        return [f"It saves the programme {saving} in each history on average."]
    sentence = f"It costs the programme {estimate(*cost, money)} more in each history on average"
    if not row["bounded"]:
        return [
            f"{sentence}. A cost for each additional launch cannot be given, because there is no clear difference in "
            "launches."
        ]
    if row["launches"] < 0:
        return [f"{sentence}, and fewer groups launch."]
    return [f"{sentence}: {write_cost_per_launch(row)} for each additional launch."]


def _in_100(part: float, whole: float) -> str:
    return amount(100 * part / whole, "count") if part else "none"


def _pairing(comparison: Comparison) -> str:
    pairing = (
        "The same groups have the same luck in every world (common random numbers), so differences are taken history "
        "by history, and are estimated more precisely than levels"
    )
    rows = [row for row in _launches(comparison) if math.isfinite(row["variance_ratio"])]
    if not rows:
        return f"{pairing}."
    ratio = write_ratio(rows[0]["variance_ratio"])
    return (
        f"{pairing}. Without this, the difference in launches under {quote(rows[0]['alternative_label'])} would need "
        f"{ratio} times as many histories for the same precision."
    )


def _interval(row: _Row) -> str:
    if row["low"] == row["high"]:
        return "the same in every history"
    words = change_with_interval(row["difference"], row["low"], row["high"], str(row["unit"]))
    interval = words.partition("(")[2].replace(")", "")
    return f"95% interval {interval}" if interval else "no interval"
