"""The charts of answers: on all that frames may hold, in both layouts, and as large as the layout says."""

import json
import math
import re

import pandas as pd
import pytest

from sim.report import format as words
from sim.report.charts import additionality, blame, fates, forest, frontier, interaction, tornado
from sim.report.charts.style import NARROW, WIDE
from sim.report.pictures import chart_svg
from tests.helpers import synthetic_answers as made

NAN = math.nan
WAYS = {"but_for": "Removed alone", "shapley": "On average", "alone": "Left alone"}
REPORTED = {"Reported: 28% would have gone on": 0.72, "Reported: 35% would have given up": 0.35}
SIXTEEN = [f"policy_{k}" for k in range(16)]


def forests(frame):
    return {
        "forest": lambda layout: forest.forest_chart(frame, layout),
        "outcomes": lambda layout: forest.outcomes_chart(frame[frame["unit"].eq("count")], layout),
    }


def flows(frame):
    return {
        "flow": lambda layout: fates.flow_chart(frame, layout),
        "saved": lambda layout: fates.saved_chart(frame, layout),
        "shares": lambda layout: fates.shares_chart(frame[frame["by"].eq("type")], layout),
    }


def blames(players):
    return {
        "blame": lambda layout: blame.blame_chart(players, layout),
        "ways": lambda layout: blame.ways_chart(players, WAYS, layout),
    }


def curves(curve):
    return {
        "net": lambda layout: additionality.net_chart(curve, layout),
        "additionality": lambda layout: additionality.additionality_chart(curve, REPORTED, layout),
        "launches": lambda layout: additionality.launches_chart(curve, layout),
        "cost": lambda layout: additionality.cost_chart(curve, layout),
    }


def tornadoes(frame):
    return {"tornado": lambda layout: tornado.tornado_chart(frame, "share", "share", 0.7, "Share", layout)}


def without_numbers(frame, *kept):
    """All numbers of a frame unknown, but for those of some columns."""
    numbers = [name for name in frame.select_dtypes("number") if name not in kept]
    return frame.assign(**dict.fromkeys(numbers, NAN))


def widthless(frame, centre):
    """Every number of the frame 0, as of what has no effect."""
    return frame.assign(**dict.fromkeys([name for name in frame if name.startswith(centre)], 0.0))


CHARTS = {
    **{f"one {name}": draw for name, draw in forests(made.differences()).items()},
    **{f"sixteen {name}": draw for name, draw in forests(made.differences(SIXTEEN)).items()},
    **{f"hostile {name}": draw for name, draw in forests(made.hostile(made.differences(SIXTEEN[:2]))).items()},
    **{f"unknown {name}": draw for name, draw in forests(without_numbers(made.differences())).items()},
    **{
        f"nothing {name}": draw
        for name, draw in forests(widthless(made.differences(), ("difference", "low", "high", "family"))).items()
    },
    **{f"twelve {name}": draw for name, draw in flows(made.fates_table()).items()},
    **{f"one {name}": draw for name, draw in flows(made.fates_table(1)).items()},
    **{f"hostile {name}": draw for name, draw in flows(made.hostile(made.fates_table())).items()},
    **{
        f"nobody {name}": draw
        for name, draw in flows(widthless(made.fates_table(), ("both", "neither", "only"))).items()
    },
    **{f"ten {name}": draw for name, draw in blames(made.players()).items()},
    **{f"one {name}": draw for name, draw in blames(made.players(["A barrier"])).items()},
    **{f"hostile {name}": draw for name, draw in blames(made.hostile(made.players())).items()},
    **{f"unknown {name}": draw for name, draw in blames(without_numbers(made.players())).items()},
    "ten pairs": lambda layout: interaction.interaction_chart(made.pairs(), layout),
    "one pair": lambda layout: interaction.interaction_chart(made.pairs(["A", "B"]), layout),
    "sixteen, all pairs": lambda layout: interaction.interaction_chart(made.pairs(SIXTEEN), layout),
    "hostile pairs": lambda layout: interaction.interaction_chart(made.hostile(made.pairs()), layout),
    "unknown pairs": lambda layout: interaction.interaction_chart(without_numbers(made.pairs()), layout),
    **{f"nine {name}": draw for name, draw in curves(made.curve()).items()},
    **{f"one {name}": draw for name, draw in curves(made.curve(1)).items()},
    **{f"unknown {name}": draw for name, draw in curves(without_numbers(made.curve(), "position")).items()},
    **tornadoes(made.tornado()),
    **{f"sixteen {name}": draw for name, draw in tornadoes(made.tornado(16)).items()},
    **{f"hostile {name}": draw for name, draw in tornadoes(made.hostile(made.tornado())).items()},
    **{f"unknown {name}": draw for name, draw in tornadoes(without_numbers(made.tornado())).items()},
    "seven policies": lambda layout: frontier.frontier_chart(made.frontier(), layout),
    "sixteen policies": lambda layout: frontier.frontier_chart(made.frontier(16), layout),
    "one policy": lambda layout: frontier.frontier_chart(made.frontier(1), layout),
    "hostile policies": lambda layout: frontier.frontier_chart(made.hostile(made.frontier()), layout),
}


@pytest.mark.parametrize("layout", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_is_drawn_and_fits(name, layout):
    chart = CHARTS[name](layout)
    json.dumps(chart, allow_nan=False)
    svg = chart_svg(chart)
    width = float(re.search(r'width="([0-9.]+)"', svg)[1])
    assert width <= layout.width + 12
    assert "NaN" not in svg
    assert "undefined" not in svg
    assert "<script" not in svg


def frame_of(**columns):
    row = made.differences().iloc[0].to_dict()
    return pd.DataFrame([row | columns])


@pytest.mark.parametrize(
    ("low", "high", "better", "verdict"),
    [
        (0.1, 2.0, "more", "Better"),
        (-2.0, -0.1, "more", "Worse"),
        (0.1, 2.0, "less", "Worse"),
        (-2.0, -0.1, "less", "Better"),
        (0.1, 2.0, "neither", "Different"),
        (-0.1, 2.0, "more", "No clear difference"),
        (0.0, 0.0, "more", "No clear difference"),
        (NAN, NAN, "more", "No clear difference"),
    ],
)
def test_the_simultaneous_interval_decides_the_verdict(low, high, better, verdict):
    # The interval of one difference alone would tell it from nought each time.
    row = {"family_low": low, "family_high": high, "better": better, "low": 0.5, "high": 0.6}
    assert forest.verdict(row) == verdict


def test_panels_share_a_legend_that_knows_every_verdict():
    """Where panels disagreed, the renderer would paint the verdicts of one panel with the colours of another."""
    better = frame_of(outcome="a", family_low=1.0, family_high=2.0)
    untold = frame_of(outcome="b", family_low=-1.0, family_high=2.0)
    views = forest.forest_chart(pd.concat([better, untold]), WIDE)["vconcat"]
    scales = [
        layer["encoding"]["fill"]["scale"] for view in views for layer in view["layer"] if "fill" in layer["encoding"]
    ]
    assert len(scales) == 2
    assert scales[0] == scales[1]
    assert dict(zip(scales[0]["domain"], scales[0]["range"], strict=True))["No clear difference"] == "white"


def test_forest_rows_go_from_the_greatest_difference_down():
    frame = made.differences(SIXTEEN)
    rows = forest.forest_chart(frame[frame["outcome"].eq("launches")], WIDE)["vconcat"][0]["layer"][-1]["data"][
        "values"
    ]
    numbers = [float(row["words"].split()[0]) for row in sorted(rows, key=lambda row: row["middle"])]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == 16


def test_ribbons_hold_every_group():
    table = made.fates_table()
    chart = fates.flow_chart(table, WIDE)
    rows = chart["layer"][0]["data"]["values"]
    left = {row["ribbon"]: row for row in rows if row["x"] == 0}
    right = {row["ribbon"]: row for row in rows if row["x"] == 1}
    assert set(left) == set(right)
    whole = table[table["by"].eq("all")].iloc[0]
    groups = sum(float(whole[fate]) for fate in fates.FATES)
    assert sum(row["y2"] - row["y"] for row in left.values()) == pytest.approx(330, rel=0.02)
    ends = {row["words"]: row["number"] for row in chart["layer"][1]["data"]["values"]}
    assert float(ends["Launched"]) + float(ends["Not launched"]) == pytest.approx(groups, abs=0.6)


def test_causes_from_which_most_are_saved_are_never_hidden_among_the_others():
    table = made.fates_table()
    rare = table.index[table["label"].eq("Lost its champion")]
    table.loc[rare, ["neither", "only_alternative"]] = [0.01, 3.0]
    rows = fates.flow_chart(table, WIDE)["layer"][0]["data"]["values"]
    assert any(row["description"].startswith("Lost its champion: 3 groups") for row in rows)


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (3.14, "count", "+3.1"),
        (-0.0042, "count", "-0.0042"),
        (0.0, "count", "0"),
        (0.00999999, "count", "+0.010"),
        (1234.4, "count", "+1,234"),
        (0.0123, "share", "+1.2 points"),
        (-120_000.0, "pounds", "-£120,000"),
        (-0.26, "months", "-0.26"),
        (NAN, "count", "–"),
        (math.inf, "pounds", "without limit"),
    ],
)
def test_changes_keep_their_sign(value, unit, written):
    assert words.change(value, unit) == written


def test_intervals_in_words():
    assert words.change_with_interval(0.0123, 0.008, 0.0166, "share") == "+1.2 (+0.80 to +1.7) points"
    assert words.change_with_interval(0.4, -0.001, 0.8, "count") == "+0.40 (-0.0010 to +0.80)"
    assert words.change_with_interval(0.0, 0.0, 0.0, "count") == "0"
    assert words.change_with_interval(1.0, NAN, NAN, "pounds") == "+£1.00"
    assert words.shorten("+£1.23 million") == "+£1.23m"
