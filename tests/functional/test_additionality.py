"""Additionality on a world whose answer is known: two routes, fixed gates, nothing else."""

import math

import numpy as np
import pytest

from sim.analysis.paired.additional import curve_point, summary, swing
from sim.analysis.register import ADDITIONALITY
from sim.batch.extracts.tally import tally
from sim.errors import InputError
from sim.experiment.methods.additionality import additionality, count_points
from sim.experiment.methods.additionality_ranges import overrides, ranges
from sim.experiment.study import Study
from sim.experiment.worlds import world
from sim.store.writer import StoreError
from tests.helpers.command import WORLDS

GROUPS = 50
N = 600


@pytest.fixture(scope="module")
def worlds():
    return world(str(WORLDS / "two_ways.yaml")), world(str(WORLDS / "one_way.yaml"))


@pytest.fixture(scope="module")
def found(worlds):
    return additionality(*worlds, Study(N, seed=3), points=3)


def counted(pair, programme, study):
    """The tally of two worlds at one point."""
    return count_points({"stated": pair}, programme, study)["stated"]


def known(determined, share, blocked_officially, blocked_informally):
    """What becomes of a group, by hand: the draws of both gates and of the choice are independent."""
    official = 1 / (1 + share)
    passes, leaves = 1 - blocked_officially, 1 - blocked_informally
    tries = determined * official
    return {
        "additional": (1 - determined + tries) * passes - tries * passes * leaves,
        "deadweight": tries * passes * leaves,
        "outside": determined * (1 - official) * leaves,
        "displaced": tries * (1 - passes) * leaves,
        "with_programme": (1 - determined + tries) * passes + determined * (1 - official) * leaves,
        "without_programme": determined * leaves,
        "share_additional": 1 - tries * leaves / (1 - determined + tries),
        "share_would_try": tries / (1 - determined + tries),
    }


def assert_near(row, measure, expected):
    value, half = row[measure], (row[f"{measure}_high"] - row[f"{measure}_low"]) / 2 / 1.96
    assert abs(value - expected) < 4 * half, (measure, value, expected, half)


def columns(table):
    return {
        name: value
        for row in table.to_dict("records")
        for name, value in (
            (row["measure"], row["value"]),
            (f"{row['measure']}_low", row["low"]),
            (f"{row['measure']}_high", row["high"]),
        )
    }


def test_at_the_stated_values(found):
    told = columns(found.summary)
    for measure, chance in known(0.5, 0.5, 0.6, 0.4).items():
        assert_near(told, measure, chance if measure.startswith("share") else GROUPS * chance)
    assert told["months"] == pytest.approx(4 * told["deadweight"] / (told["deadweight"] + told["outside"]))
    assert told["sooner"] == 0
    assert told["later"] == told["deadweight"]
    assert told["same"] == told["outside"]
    entered = GROUPS * (0.5 + 0.5 / 1.5)
    assert_near(told, "per_additional", 1000 * entered / (GROUPS * known(0.5, 0.5, 0.6, 0.4)["additional"]))


def test_what_must_add_up_adds_up_exactly(found):
    for told in (columns(found.summary), *found.curve.to_dict("records")):
        assert told["with_programme"] == pytest.approx(told["additional"] + told["deadweight"] + told["outside"])
        assert told["without_programme"] == pytest.approx(told["displaced"] + told["deadweight"] + told["outside"])
        assert told["difference"] == pytest.approx(told["with_programme"] - told["without_programme"])
        assert told["share_additional"] + told["share_deadweight"] == pytest.approx(1)


def test_the_ends_of_the_curve(found):
    worst, stated, best = found.curve.to_dict("records")
    assert [row["label"] for row in (worst, stated, best)] == ["worst", "as stated", "best"]
    assert [row["position"] for row in (worst, stated, best)] == [-1, 0, 1]
    for row, chances in ((worst, (0.3, 0.25, 0.6, 0.6)), (stated, (0.5, 0.5, 0.6, 0.4)), (best, (0.8, 1, 0.6, 0.2))):
        for measure, chance in known(*chances).items():
            assert_near(row, measure, chance if measure.startswith("share") else GROUPS * chance)


def test_the_middle_of_the_curve_is_the_summary_exactly(found):
    told, middle = columns(found.summary), found.curve.iloc[1]
    for measure in ("additional", "displaced", "share_additional", "share_additional_low", "difference_high"):
        assert middle[measure] == told[measure]


def test_no_cost_is_told_of_launches_that_are_not_gained(found):
    best = found.curve.iloc[2]
    assert best["difference"] < 0
    assert math.isnan(best["per_net"])
    assert not math.isnan(found.curve.iloc[0]["per_net"])


def test_the_tornado_moves_one_number_at_a_time(found):
    rows = found.tornado.set_index("parameter")
    gate = "barriers.board.gates.agreement"
    assert set(rows.index) == {
        "staff_groups.traits.determined.probability",
        "routes.informal.share",
        "routes.informal.stages.agreement.work",
        gate,
    }
    assert abs(rows["swing"]).is_monotonic_decreasing
    assert_near(rows.loc[gate], "share_at_low", known(0.5, 0.5, 0.6, 0.2)["share_additional"])
    assert_near(rows.loc[gate], "share_at_high", known(0.5, 0.5, 0.6, 0.6)["share_additional"])
    assert rows.loc[gate, "swing"] == pytest.approx(rows.loc[gate, "share_at_high"] - rows.loc[gate, "share_at_low"])
    assert rows.loc[gate, "swing_low"] > 0


def test_a_number_without_effect_has_a_swing_of_exactly_nothing(found):
    work = found.tornado.set_index("parameter").loc["routes.informal.stages.agreement.work"]
    for name in ("swing", "difference_swing"):
        assert (work[name], work[f"{name}_low"], work[f"{name}_high"]) == (0, 0, 0)


def test_each_number_says_which_way_leaving_gets_easier(found):
    told = found.parameters.set_index("parameter")
    assert told["better"].to_dict() == {
        "staff_groups.traits.determined.probability": "more",
        "routes.informal.share": "more",
        "routes.informal.stages.agreement.work": "less",
        "barriers.board.gates.agreement": "less",
    }
    assert tuple(told.loc["routes.informal.stages.agreement.work", ["worst", "stated", "best"]]) == (
        "3 months",
        "2 months",
        "1 month",
    )


def test_it_agrees_with_the_fates_of_the_groups(found):
    told, fates = columns(found.summary), found.fates.table.iloc[0]
    assert fates["only_alternative"] == pytest.approx(told["additional"])
    assert fates["only_base"] == pytest.approx(told["displaced"])
    assert fates["both"] == pytest.approx(told["deadweight"] + told["outside"])
    assert fates["both_low"] < fates["both"] < fates["both_high"]
    assert found.fates.timing.iloc[0]["months"] == pytest.approx(told["months"])


def test_what_recipients_reported_is_beside_it(found):
    assert found.reported.set_index("measure")["share"].to_dict() == {
        "additional": 0.35,
        "in_part": 0.37,
        "deadweight": 0.28,
    }
    assert found.reported["caution"].str.contains("paid").all()


def test_in_between_numbers_move_in_a_line(worlds):
    moved = {one.path: one for one in ranges(*worlds)}
    assert moved["routes.informal.share"].at(0.5) == "0.75"
    assert moved["routes.informal.share"].at(-0.5) == "0.375"
    assert moved["routes.informal.stages.agreement.work"].at(0) == "2 months"
    assert moved["routes.informal.stages.agreement.work"].at(-0.5) == f"{2.5 * 365.25 / 12:.12g} days"


def test_a_world_without_a_range_is_left_as_it_is(worlds):
    with_, without = worlds
    moved = {one.path: one.low for one in ranges(*worlds)}
    assert len(overrides(with_, moved)) == 4
    assert not [one for one in overrides(without, moved) if one.startswith("routes.informal.share")]


@pytest.mark.long
def test_intervals_cover_at_their_level(worlds):
    """Of the share, a ratio: 200 small studies, of which some 95 in 100 hold the true value."""
    right = known(0.5, 0.5, 0.6, 0.4)["share_additional"]
    whole = counted(worlds, {"official"}, Study(40 * 200, seed=11))
    held = 0
    for study in range(200):
        low, high = next(
            (row["low"], row["high"])
            for row in summary(whole.iloc[40 * study : 40 * study + 40]).to_dict("records")
            if row["measure"] == "share_additional"
        )
        held += low <= right <= high
    assert abs(held - 190) < 4 * math.sqrt(200 * 0.95 * 0.05)


def test_a_programme_that_changes_nothing_adds_nothing(worlds):
    """Both worlds are those without it; routes of the programme that nobody takes."""
    _, without = worlds
    told = columns(summary(counted((without, without), {"official"}, Study(50))))
    for measure in ("additional", "displaced", "deadweight", "difference"):
        assert (told[measure], told[f"{measure}_low"], told[f"{measure}_high"]) == (0, 0, 0)
    assert math.isnan(told["share_additional"])
    assert told["outside"] == told["with_programme"]


def test_what_is_no_programme_and_its_absence_is_refused(worlds):
    with_, without = worlds
    with pytest.raises(InputError, match="no programme and its absence"):
        additionality(without, with_, Study(10))
    with pytest.raises(InputError, match="odd number"):
        additionality(with_, without, Study(10), points=4)


def test_points_are_kept_and_resumed(worlds, tmp_path):
    kept = Study(60, seed=5, folder=tmp_path)
    first = counted(worlds, {"official"}, kept)
    (file,) = (tmp_path / "points" / "stated" / "tally").glob("*.parquet")
    written = file.stat().st_mtime_ns
    assert counted(worlds, {"official"}, kept).equals(first)
    assert file.stat().st_mtime_ns == written
    more = counted(worlds, {"official"}, Study(130, seed=5, folder=tmp_path))
    assert more.equals(counted(worlds, {"official"}, Study(130, seed=5)))
    assert more[:60].equals(first)
    with pytest.raises(StoreError, match="replications is 130 there and 60 here"):
        counted(worlds, {"official"}, kept)


@pytest.mark.parametrize("spoil", [lambda data: data[:-40], lambda data: b"nonsense"])
def test_a_point_that_was_spoilt_is_computed_again(worlds, tmp_path, spoil):
    study = Study(60, seed=5, folder=tmp_path)
    right = counted(worlds, {"official"}, study)
    (file,) = (tmp_path / "points" / "stated" / "tally").glob("*.parquet")
    whole = file.read_bytes()
    file.write_bytes(spoil(whole))
    assert counted(worlds, {"official"}, study).equals(right)
    assert file.read_bytes() == whole


def test_a_point_of_anything_else_is_refused_naming_it(worlds, tmp_path):
    counted(worlds, {"official"}, Study(60, seed=5, folder=tmp_path))
    with_, without = worlds
    for field, pair, routes, study in (
        ("seed", worlds, {"official"}, Study(60, seed=6, folder=tmp_path)),
        ("uncertain", worlds, {"official"}, Study(60, 5, uncertain=True, folder=tmp_path)),
        ("keep", worlds, {"informal"}, Study(60, seed=5, folder=tmp_path)),
        ("digest", (without, without), {"official"}, Study(60, seed=5, folder=tmp_path)),
        ("other_digests", (with_, with_), {"official"}, Study(60, seed=5, folder=tmp_path)),
    ):
        with pytest.raises(StoreError, match=f"holds another batch: {field} is"):
            counted(pair, routes, study)


def test_threads_and_pieces_do_not_matter(worlds):
    one = counted(worlds, {"official"}, Study(130, seed=5, jobs=1))
    assert one.equals(counted(worlds, {"official"}, Study(130, seed=5, jobs=3)))


def test_a_tally_by_hand():
    import pandas as pd

    def told(rows, cost):
        groups = pd.DataFrame(rows, columns=["replication", "entity_id", "route", "reached_live"])
        kpis = pd.DataFrame({"replication": [0, 1], "cost_programme": cost, "cost_total": cost})
        return {"groups": groups, "kpis": kpis}

    never = math.nan
    with_ = told(
        [
            (0, "a", "official", 300.0),
            (0, "b", "official", 300.0),
            (0, "c", "informal", 60.0),
            (0, "d", "official", never),
        ],
        [10.0, 2.0],
    )
    without = told(
        [(0, "a", "", never), (0, "b", "informal", 100.0), (0, "c", "informal", 60.0), (0, "d", "informal", 50.0)],
        [0.0, 0.0],
    )
    first, second = tally(with_, without, {"official"}, "reached_live").to_dict("records")
    assert {name: first[name] for name in ("additional", "deadweight", "outside", "displaced", "would_try")} == {
        "additional": 1,
        "deadweight": 1,
        "outside": 1,
        "displaced": 1,
        "would_try": 1,
    }
    assert first["months"] == pytest.approx(200 / (365.25 / 12))
    assert (first["sooner"], first["same"], first["later"]) == (0, 1, 1)
    assert (first["programme_with"], second["programme_with"]) == (10, 2)
    assert not any(second[name] for name in ("additional", "deadweight", "outside", "displaced", "months"))


def test_the_swing_of_a_tally_with_itself_is_nothing(worlds):
    one = counted(worlds, {"official"}, Study(50))
    assert set(swing(one, one).values()) == {0.0}
    assert {name for name in curve_point(one) if not name.endswith(("_low", "_high"))} <= set(ADDITIONALITY)
    assert np.isfinite(list(curve_point(one).values())[:9]).all()
