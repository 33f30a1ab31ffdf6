"""Where two worlds diverge: the first date on which they differ, and whether they are the same until then.

Two worlds with the same seed are identical, event for event, until the first date on which they differ, since every
draw is a pure function of what it decides. Here that is checked on the worlds of every comparison.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from sim.errors import InputError
from sim.experiment.study import Study
from sim.experiment.worlds import World
from sim.scenario.distribution import Distribution
from sim.scenario.quantity import Quantity
from sim.scenario.schema import Dated, Scenario
from sim.store.answer_folder import AnswerFolder

if TYPE_CHECKING:
    import pandas as pd

Path = tuple[str, ...]
_NO_EVENTS = ("title", "about", "label", "observations", "costs", "cost")
"""What changes no event: words, what was observed, and money that only stands in the ledger."""
_DATED_LISTS = ("changes", "opens", "top_ups", "dates", "profile", "named")
"""Lists whose items act on dates of their own."""
_EARLIER_NAME = "parting"
"""What the table was called before."""
_FROM_THEN_ON = ("closes", "opens", "joins", "end", "from_", "until", "on")
"""Dates: what they change, they change from the earlier of the two on."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A place in which two scenarios differ, and the first date on which that can be felt."""

    place: str
    on: date


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where two worlds diverge. ``place`` and ``on`` are None where nothing differs that an event depends on.

    ``earlier`` is the first event in which the ``checked`` replications differ before that date; "" for none.
    """

    place: str | None
    on: date | None
    checked: int
    earlier: str


def find_divergence(
    base: Scenario, alternative: Scenario, seed: int, uncertain: bool, replications: int = 3
) -> Divergence:
    """Find the first date on which two worlds differ, and compare their event logs until then."""
    first = min(differences(base, alternative), key=lambda difference: difference.on, default=None)
    until = min(base.clock.end, alternative.clock.end) if first is None else first.on
    days, earlier = float((until - base.clock.start).days), ""
    if days > 0.0 and base.clock.start == alternative.clock.start:
        before, after = (_events(world, seed, uncertain, replications, days) for world in (base, alternative))
        earlier = _first_difference(before, after, base.clock.start)
    if first is None:
        return Divergence(None, None, replications, earlier)
    return Divergence(first.place, first.on, replications, earlier)


def differences(base: Scenario, alternative: Scenario) -> Iterator[Difference]:
    """Every place in which two scenarios differ so that events may, with the first date on which they may.

    What has no date of its own counts from the earlier start of the two clocks.
    """
    start = min(base.clock.start, alternative.clock.start)
    for path, before, after in _unequal(base, alternative, ()):
        on = _begins(path, before, after, base, alternative)
        if on is not None:
            yield Difference(".".join(step.rstrip("_") for step in path), max(on, start))


def _unequal(before: Any, after: Any, path: Path) -> Iterator[tuple[Path, Any, Any]]:
    """The smallest parts in which two parts of scenarios differ; a missing part is None."""
    if path and path[-1] in _NO_EVENTS:
        return
    if isinstance(before, BaseModel) and type(before) is type(after):
        for name in type(before).model_fields:
            yield from _unequal(getattr(before, name), getattr(after, name), (*path, name))
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys((*before, *after)):
            yield from _unequal(before.get(name), after.get(name), (*path, str(name)))
    elif _has_stages(before) and _has_stages(after) and [s.stage for s in before] == [s.stage for s in after]:
        for stage, changed in zip(before, after, strict=True):
            yield from _unequal(stage, changed, (*path, stage.stage))
    elif _bare(before) != _bare(after):
        yield path, before, after


def _has_stages(part: Any) -> bool:
    return isinstance(part, tuple) and bool(part) and all(hasattr(item, "stage") for item in part)


def _bare(part: Any) -> Any:
    """A part without what changes no draw: how a number was written, and where it comes from."""
    if isinstance(part, Quantity):
        return part.value, part.low, part.high, part.spread
    if isinstance(part, Distribution):
        return tuple(_bare(getattr(part, name)) for name in Distribution.__slots__)
    if isinstance(part, BaseModel):
        return {name: _bare(getattr(part, name)) for name in type(part).model_fields if name not in _NO_EVENTS}
    if isinstance(part, Mapping):
        return {name: _bare(item) for name, item in part.items()}
    return tuple(_bare(item) for item in part) if isinstance(part, tuple) else part


def _begins(path: Path, before: Any, after: Any, base: Scenario, alternative: Scenario) -> date | None:
    """From when on a difference at a place can be felt; None for never, the first date there is for always."""
    if path[0] in ("interventions", "timeline"):
        return _policy_begins(path, base, alternative)
    last = path[-1]
    if last in _DATED_LISTS and isinstance(before, tuple) and isinstance(after, tuple):
        return _first_item(before, after)
    if last in _FROM_THEN_ON and (isinstance(before, date) or isinstance(after, date)):
        # Without a date an opening holds always, and a closing never.
        if last in ("opens", "from_") and None in (before, after):
            return date.min
        return min(when + timedelta(days=last == "until") for when in (before, after) if isinstance(when, date))
    return date.min


def _policy_begins(path: Path, base: Scenario, alternative: Scenario) -> date | None:
    """When the first of two forms of a policy that is switched on begins; both end alike unless ``until`` differs."""
    kept: list[Dated] = []
    for scenario in (base, alternative):
        policies: Mapping[str, Dated] = getattr(scenario, path[0])
        if path[1] in policies and policies[path[1]].enabled:
            kept.append(policies[path[1]])
    if not kept:
        return None
    if path[2:] == ("until",) and len(kept) == 2:
        return min(policy.until + timedelta(days=1) for policy in kept if policy.until is not None)
    return min(policy.from_ or date.min for policy in kept)


def _first_item(before: tuple[Any, ...], after: tuple[Any, ...]) -> date:
    """The first date of an item of two lists that only one of them has.

    A panel's last sitting is the last chance of those who wait, so lists of sittings also differ when one of them ends.
    """
    bare_before, bare_after = [_bare(item) for item in before], [_bare(item) for item in after]
    only = [item for item in before if _bare(item) not in bare_after] + [
        item for item in after if _bare(item) not in bare_before
    ]
    ends = [max(dates) for dates in (before, after) if dates and all(isinstance(item, date) for item in dates)]
    return min((_item_date(item) for item in (*only, *ends)), default=date.min)


def _item_date(item: Any) -> date:
    if isinstance(item, date):
        return item
    start = getattr(item, "on", None) or getattr(item, "from_", None)
    return start if isinstance(start, date) else date.min


def _events(scenario: Scenario, seed: int, uncertain: bool, replications: int, before: float) -> pd.DataFrame:
    """The event log of the first replications until a time."""
    from sim.batch.case import Case
    from sim.batch.extracts.tables import extract_tables

    tables = extract_tables(Case(scenario, seed, uncertain), "events", range(replications)).tables
    log: pd.DataFrame = tables["events"].unify_dictionaries().to_pandas()
    log = log[log["time"] < before]
    return log.astype({"entity_id": str, "event_type": str, "event": str})


_SAME = ["replication", "time", "entity_id", "event_type", "event"]


def _first_difference(before: pd.DataFrame, after: pd.DataFrame, start: date) -> str:
    """The first event that stands in only one of two logs, in words; "" where both are the same."""
    import pandas as pd

    left, right = (log[_SAME].assign(again=log.groupby(_SAME).cumcount()) for log in (before, after))
    merged = pd.merge(left, right, how="outer", indicator="where")
    only = merged[merged["where"] != "both"].sort_values(_SAME)
    if only.empty:
        return ""
    row = only.iloc[0]
    where = {"left_only": "the base", "right_only": "the alternative"}[str(row["where"])]
    when = start + timedelta(days=int(row["time"]))
    event = str(row["event_type"]).replace("_", " ")
    return f"replication {row['replication']}, {when}: {row['entity_id']} has {event} {row['event']!r} only in {where}"


def divergence_table(base: World, alternatives: Sequence[World], study: Study) -> pd.DataFrame:
    """Where each alternative diverges from the base, a row each: ``alternative place date checked agrees
    first_difference``.

    A study that is opened runs nothing: then it is what was found when the study was run.
    """
    if study.opened:
        return _read(study)
    scenario, seed, uncertain = base.loaded.scenario, study.seed, study.uncertain
    scenarios = {world.name: world.loaded.scenario for world in alternatives}
    return as_table({name: find_divergence(scenario, other, seed, uncertain) for name, other in scenarios.items()})


def as_table(divergences: Mapping[str, Divergence]) -> pd.DataFrame:
    """Where alternatives diverge, by their names, as the columns of `divergence_table`."""
    import pandas as pd

    rows = [
        {
            "alternative": name,
            "place": divergence.place or "",
            "date": "" if divergence.on is None else divergence.on.isoformat(),
            "checked": divergence.checked,
            "agrees": not divergence.earlier,
            "first_difference": divergence.earlier,
        }
        for name, divergence in divergences.items()
    ]
    return pd.DataFrame(rows)


def _read(study: Study) -> pd.DataFrame:
    """The table as it was written beside the page. Raises `InputError` where it is not there."""
    import pandas as pd

    assert study.folder is not None
    file, earlier = (AnswerFolder(study.folder).table(name) for name in ("divergence", _EARLIER_NAME))
    file = file if file.is_file() else earlier
    try:
        return pd.read_csv(file, keep_default_na=False, dtype={"date": str, "place": str, "first_difference": str})
    except (OSError, ValueError) as error:
        raise InputError(f"{file} cannot be read ({error}): run the question again, and it is written again") from error
