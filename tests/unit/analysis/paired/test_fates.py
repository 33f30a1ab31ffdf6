"""What became of the same groups in two worlds: by hand, and the same wherever the tables are cut."""

import math

import pandas as pd
import pytest

from sim.analysis.dates import DAYS_A_MONTH
from sim.analysis.intervals import mean_interval
from sim.analysis.paired.fates import FATES, fates
from sim.errors import InputError
from sim.store.reader import open_results
from sim.store.results import Results
from tests.helpers.synthetic import manifest, results_of, world, write

STAGES = [
    {"name": "board", "label": "Board", "route": "official", "milestone": "live"},
    {"name": "trading", "label": "Trading", "route": "official", "milestone": None},
]
REGIONS = {"north": {"label": "The North", "hosts": 1}, "south": {"label": "The South", "hosts": 1}}
WORLD = manifest(
    start="2009-01-01",
    end="2011-01-01",
    horizon=730.0,
    stages=STAGES,
    barriers={"managers": "Managers resist", "pensions": "Pension worries", "failure": "Failed"},
    types={"team": "Team", "arm": "Provider arm"},
    regions=REGIONS,
)


def group(replication, number, region="north", kind="team", **life):
    who = {"replication": replication, "entity_id": f"{region}-01/{number}", "region": region, "type": kind}
    return {**who, **life}


def live(months, **more):
    return {"reached_live": months * DAYS_A_MONTH, **more}


def lost(cause):
    return {"state": "exited", "exit_time": 50.0, "exit_cause": cause}


BASE = [
    group(0, 1, **lost("pensions")),
    group(0, 2, **live(4)),
    group(0, 3, kind="arm", **live(6, **lost("failure") | {"exit_time": 600.0})),
    group(0, 1, "south"),
    group(1, 1, **lost("managers")),
    group(1, 2, **live(8)),
    # In a replication that failed in the other world.
    group(2, 1, **live(1)),
]
ALTERNATIVE = [
    # Other rows in another order: one group more in the south, one less in the north.
    group(1, 1, **lost("managers")),
    group(0, 7, "south", **live(9)),
    group(0, 1, "south", state="completed", exit_time=90.0),
    group(0, 3, kind="arm", **live(5)),
    group(0, 2, **live(4)),
    group(0, 1, **live(3)),
]
EACH = [*FATES]


@pytest.fixture(scope="module")
def found():
    return fates(results_of(BASE, [0, 1, 2], WORLD), results_of(ALTERNATIVE, [0, 1], WORLD))


def test_fates_by_hand(found):
    table = found.table.set_index(["by", "group"])
    # In replication 0: two live in both, one in neither, two only in the alternative; in 1: none, one, none, one.
    assert table.loc[("all", ""), EACH].tolist() == [1.0, 1.0, 1.0, 0.5]
    assert table.loc[("type", "arm"), EACH].tolist() == [0.5, 0.0, 0.0, 0.0]
    assert table.loc[("region", "south"), EACH].tolist() == [0.0, 0.5, 0.5, 0.0]
    assert table.loc[("base_cause", "pensions"), EACH].tolist() == [0.0, 0.0, 0.5, 0.0]
    assert table.loc[("base_cause", "managers"), EACH].tolist() == [0.0, 0.5, 0.0, 0.0]
    assert table.loc[("base_cause", "(launched)"), EACH].tolist() == [1.0, 0.0, 0.0, 0.5]
    assert table.loc[("base_cause", "(still inside)"), EACH].tolist() == [0.0, 0.5, 0.0, 0.0]
    assert table.loc[("base_cause", "(not there)"), EACH].tolist() == [0.0, 0.0, 0.5, 0.0]
    assert "failure" not in table.index.get_level_values("group")
    assert table.loc[("all", ""), ["both_low", "both_high"]].tolist() == list(mean_interval(pd.Series([2.0, 0.0])))
    labels = {"team": "Team", "north": "The North", "managers": "Managers resist", "": "All groups"}
    assert all(table.xs(name, level="group")["label"].tolist() == [label] for name, label in labels.items())


def test_groups_that_only_one_world_has(found):
    brought = found.brought.set_index("world")
    assert brought.loc["only_alternative", ["groups", "launched"]].tolist() == [0.5, 0.5]
    assert brought.loc["only_base", ["groups", "launched"]].tolist() == [0.5, 0.5]


def test_timing_of_those_launched_in_both(found):
    (row,) = found.timing.itertuples()
    # Both in replication 0: one at the same time, the other a month sooner.
    assert (row.groups, row.sooner, row.later, row.same) == (1.0, 0.5, 0.0, 0.5)
    assert row.months == pytest.approx(-0.5)


def test_the_flow_is_from_end_to_end(found):
    flow = found.flow.set_index(["base", "alternative"])
    expected = {
        ("(launched)", "(launched)"): 1.0,
        ("(launched)", "(not there)"): 0.5,
        ("pensions", "(launched)"): 0.5,
        ("managers", "managers"): 0.5,
        ("(still inside)", "(completed)"): 0.5,
        ("(not there)", "(launched)"): 0.5,
    }
    assert flow["groups"].to_dict() == expected
    assert flow.loc[("pensions", "(launched)"), ["label_base", "label_alternative"]].tolist() == [
        "Pension worries",
        "Launched",
    ]
    assert flow.index[0] == ("(launched)", "(launched)")


def test_worlds_of_different_seeds_hold_different_groups():
    one, other = (results_of(BASE, [0, 1, 2], {**WORLD, "seed": seed}) for seed in (1, 2))
    with pytest.raises(InputError, match="different seeds"):
        fates(one, other)


@pytest.fixture(scope="module")
def two():
    """Made-up worlds with some groups, milestones and replications taken out of the second."""
    base = world(23, seed=6, regions={"north": 5, "south": 4})
    groups = base.groups[base.groups.index % 11 != 0].copy()
    groups.loc[groups.index % 3 == 0, "reached_live"] = math.nan
    groups.loc[groups.index % 7 == 0, "reached_live"] -= 3.0
    kept = [number for number in base.replications if number not in (4, 20)]
    frames = {"groups": groups[groups["replication"].isin(kept)].sample(frac=1.0, random_state=1)}
    kpis = base.kpis[base.kpis["replication"].isin(kept)]
    rest = {name: getattr(base, name)[lambda t: t["replication"].isin(kept)] for name in ("hosts", "costs")}
    whole = {**frames, **rest, "kpis": kpis, "resources": base.resources}
    return base, Results.from_frames(base.manifest, whole)


def test_a_group_launched_in_both_or_in_one_of_the_worlds(two):
    base, other = two
    table = fates(base, other).table.set_index("by").loc["all"]
    keys = ["replication", "entity_id"]
    both = base.groups[base.groups["replication"].isin(other.replications)]
    both = both.merge(other.groups, how="left", on=keys, suffixes=("", "_then"))
    now, then = both["reached_live"].notna(), both["reached_live_then"].notna()
    n = len(other.replications)
    expected = [(now & then).sum(), (~now & ~then).sum(), (~now & then).sum(), (now & ~then).sum()]
    assert table[EACH].tolist() == pytest.approx([number / n for number in expected])
    assert expected[0] > 10 < expected[3]


@pytest.mark.parametrize(("parts", "others"), [(1, 3), (7, 2), (23, 5), (4, 8)])
def test_tables_may_be_cut_differently(two, tmp_path, parts, others):
    expected = fates(*two)
    cut = fates(*(open_results(write(one, tmp_path / str(n), n)) for one, n in zip(two, (parts, others), strict=True)))
    for name in ("table", "brought", "timing", "flow"):
        pd.testing.assert_frame_equal(getattr(cut, name), getattr(expected, name), rtol=1e-9)


def test_a_world_beside_itself_changes_nothing(two):
    base, _ = two
    found = fates(base, base)
    assert (found.table[["only_alternative", "only_base"]] == 0).all(axis=None)
    assert found.timing.loc[0, ["sooner", "later", "same", "months"]].tolist() == [0, 0, 1, 0]
    assert (found.brought["groups"] == 0).all()
    assert (found.flow["base"] == found.flow["alternative"]).all()
    by = found.table.groupby("by")[EACH].sum().sum(axis=1)
    assert by.to_numpy() == pytest.approx(len(base.groups) / 23)


def test_worlds_without_a_group():
    nobody = results_of([], [0, 1], WORLD)
    found = fates(nobody, nobody)
    assert found.table[EACH].to_numpy().tolist() == [[0, 0, 0, 0]]
    assert found.flow.empty
    assert math.isnan(found.timing.loc[0, "same"])
