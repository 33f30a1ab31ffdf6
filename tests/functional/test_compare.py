"""Comparing worlds from the command line and from Python: what a user asks, mistypes, interrupts and reads."""

import json

import pandas as pd
import pytest

import sim
from sim.analysis.reading import Reading
from sim.errors import RunFailed
from sim.experiment.record import resumable
from tests.helpers.command import EVERYTHING, contents, fails, started, succeeds

GUARANTEE = "guarantee: interventions.pension_guarantee.enabled=true"
NO_WORRIES = "no_worries: barriers.pension_worries.enabled=false"
N = 60
ASKED = ["west_midlands", "--alt", GUARANTEE, "--alt", NO_WORRIES, "-n", N]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("compare")


@pytest.fixture(scope="module")
def answered(home):
    """A comparison with two alternatives: what was said, and the answer folder."""
    said = succeeds("compare", *ASKED, "--out", "a", cwd=home)
    return said, home / "a"


def test_a_comparison_is_told_written_and_drawn(answered):
    said, folder = answered
    assert "Pension guarantee" in said
    assert "No worries" in said
    frame = pd.read_csv(folder / "tables" / "differences.csv")
    assert set(frame["alternative"]) == {"guarantee", "no_worries"}
    assert {"launches", "share_launched", "months_to_launch", "cost_per_launch", "trading"} <= set(frame["outcome"])
    assert (frame["n"] == N).all()
    assert "Pension guarantee" in (folder / "report.html").read_text(encoding="utf-8")


def test_asking_again_computes_nothing_and_changes_nothing(answered, home):
    said, folder = answered
    before = contents(folder / "worlds")
    tables = contents(folder / "tables")
    again = succeeds("compare", *ASKED, "--out", "a", cwd=home)
    assert again == said
    assert contents(folder / "tables") == tables
    kept = {name: text for name, text in before.items() if not str(name).endswith("manifest.json")}
    assert {name: text for name, text in contents(folder / "worlds").items() if name in kept} == kept


@pytest.mark.long
def test_a_killed_comparison_goes_on_and_ends_the_same(answered, home):
    arguments = [*ASKED, "--out", "killed"]
    with started("compare", *arguments, cwd=home) as running:
        folder = home / "killed" / "worlds" / "guarantee"
        while running.poll() is None and not folder.exists():
            pass
        running.kill()
    succeeds("compare", *arguments, cwd=home)
    assert contents(home / "killed" / "tables") == contents(answered[1] / "tables")


def test_scenario_files_and_variations_are_compared_together(home):
    said = succeeds(
        "compare", "right_to_request", "no_programme", "--alt", GUARANTEE, "-n", 8, "--outcome", "launches",
        "--outcome", "cost_per_launch", "--out", "b", cwd=home,
    )  # fmt: skip
    assert "No programme" in said
    frame = pd.read_csv(home / "b" / "tables" / "differences.csv")
    assert sorted(frame["outcome"].unique()) == ["cost_per_launch", "launches"]
    fewer = frame[(frame["alternative"] == "no_programme") & (frame["outcome"] == "launches")]
    assert float(fewer["high"].iloc[0]) < 0.0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["west_midlands"], "nothing to compare with"),
        (["west_midlands", "--alt", "barriers.x=1"], "expected NAME: PATH=VALUE"),
        (["west_midlands", "--alt", "p: barriers.pension_worry.enabled=false"], "did you mean 'pension_worries'"),
        (["west_midlands", "west_midland"], "did you mean 'west_midlands'"),
        (["west_midlands", "west_midlands"], "two worlds are called west_midlands"),
        (["west_midlands", "--alt", GUARANTEE, "--outcome", "launch"], "did you mean 'launches'"),
        (["west_midlands", "--alt", GUARANTEE, "--precision", "launches"], "expected OUTCOME=HALF"),
        (["west_midlands", "--alt", GUARANTEE, "--precision", "launches=0"], "expected a half-width above 0"),
        (["west_midlands", "--alt", GUARANTEE, "--precision", "launches=nan"], "expected a half-width above 0"),
        (["west_midlands", "--alt", GUARANTEE, "--precision", "lunches=1", "-n", 100], "did you mean 'launches'"),
        (["west_midlands", "--alt", GUARANTEE, "--precision", "launches=1", "-n", 20], "too few to say"),
        (
            ["west_midlands", "--alt", GUARANTEE, "--trading-on", "2030-01-01"],
            "expected a date from 2008-11-01 to before",
        ),
        (["west_midlands", "--alt", GUARANTEE, "--group", "west_midlands-03/99"], "no staff group"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(arguments, told, home):
    assert told in fails(2, "compare", *arguments, cwd=home)


def test_a_precision_beyond_what_is_allowed_says_how_many_it_needs(home):
    asked = ["west_midlands", "--alt", GUARANTEE, "-n", 100, "--precision", "launches=0.0001"]
    said = fails(1, "compare", *asked, "--out", "c", cwd=home)
    assert "needs about" in said
    assert "--at-most" in said


def test_two_lives_are_told_side_by_side(home):
    arguments = ["west_midlands", "--alt", NO_WORRIES, "--group", "west_midlands-08/3", "-r", 1]
    said = succeeds("compare", *arguments, cwd=home)
    shared, _, apart = said.partition("From here they differ")
    assert "arrives" in shared
    assert "Pension worries" in apart.replace("\n", " ").replace("  ", " ") or "Pension" in apart
    assert "LEAVES" in apart


def worlds(*changes):
    return sim.load(EVERYTHING), {f"w{place}": sim.load(EVERYTHING, change) for place, change in enumerate(changes)}


def test_an_alternative_that_changes_nothing_differs_by_exactly_nothing():
    base, others = worlds((), ("title=Another",))
    found = sim.compare(base, others, replications=30, seed=4)
    known = found.differences[found.differences["difference"].notna()]
    assert len(known) > 20
    for column in ("difference", "low", "high", "family_low", "family_high"):
        assert (known[column] == 0.0).all(), column
    assert found.parting["agrees"].all()
    assert (found.fates["w0"].table[["only_alternative", "only_base"]] == 0.0).all().all()


def test_a_precision_is_reached_and_is_that_of_every_alternative():
    base = sim.load("west_midlands")
    others = {
        "guarantee": sim.load("west_midlands", ["interventions.pension_guarantee.enabled=true"]),
        "champions": sim.load("west_midlands", ["interventions.independent_champion.enabled=true"]),
    }
    found = sim.compare(base, others, replications=100, outcomes=["launches"], precision={"launches": 0.05})
    half = (found.differences["family_high"] - found.differences["family_low"]) / 2
    assert (half <= 0.05 + 1e-12).all()
    assert found.study.replications > 100
    assert (found.differences["n"] == found.study.replications).all()
    assert found.differences["method"].str.startswith("Stein").all()


def test_a_precision_is_the_same_in_memory_and_after_a_second_command(tmp_path):
    base = sim.load("west_midlands")
    others = {"champions": sim.load("west_midlands", ["interventions.independent_champion.enabled=true"])}
    frames = [
        sim.compare(base, others, 100, outcomes=["launches"], precision={"launches": 0.05}, out=out).differences
        for out in (None, tmp_path, tmp_path)
    ]
    pd.testing.assert_frame_equal(frames[0], frames[1])
    pd.testing.assert_frame_equal(frames[1], frames[2])


def test_money_is_discounted_as_asked():
    base, others = worlds(())
    plain = sim.compare(base, others, 10, reading=Reading(rate=0.0)).differences.set_index("outcome")
    less = sim.compare(base, others, 10, reading=Reading(rate=0.5)).differences.set_index("outcome")
    assert plain.loc["discounted_total", "base"] == pytest.approx(plain.loc["cost_total", "base"])
    assert less.loc["discounted_total", "base"] < 0.95 * plain.loc["cost_total", "base"]


def test_pairing_is_by_number_and_by_group():
    """The difference of each replication alone is what the comparison averages."""
    base, others = worlds(["barriers.resistance.enabled=false"])
    found = sim.compare(base, others, 40, seed=2)
    launches = found.differences.set_index("outcome").loc["launches"]
    one, other = (found.results[name].kpis.set_index("replication")["launched"] for name in ("everything", "w0"))
    paired = (other - one).to_numpy(dtype=float)
    assert launches["difference"] == pytest.approx(paired.mean())
    assert launches["sd"] == pytest.approx(paired.std(ddof=1))
    assert launches["variance_unpaired"] == pytest.approx(one.var() + other.var())
    whole = found.fates["w0"].table.query("by == 'all'").iloc[0]
    assert whole["only_alternative"] - whole["only_base"] == pytest.approx(launches["difference"])
    assert whole["both"] + whole["only_base"] == pytest.approx(launches["base"])


def test_callers_worlds_are_not_changed():
    base, others = worlds(["barriers.resistance.enabled=false"])
    before = base.text, base.digest, base.scenario.model_copy(deep=True)
    sim.compare(base, others, 5)
    assert (base.text, base.digest, base.scenario) == before


def test_a_rare_difference_that_the_first_stage_did_not_see_gets_more_replications(monkeypatch):
    """Where the first stage says that nothing varies, the second stage finds out and goes on."""
    from sim.analysis.paired import comparison

    base = sim.load("west_midlands")
    others = {"champions": sim.load("west_midlands", ["interventions.independent_champion.enabled=true"])}
    monkeypatch.setattr(comparison, "replications_needed", lambda *_: 101)
    found = sim.compare(base, others, replications=100, outcomes=["launches"], precision={"launches": 0.05})
    row = found.differences.iloc[0]
    assert (row["family_high"] - row["family_low"]) / 2 <= 0.05 + 1e-9
    assert row["n"] > 101


def test_what_was_asked_is_kept_as_a_question_that_can_be_asked_again(answered, home):
    _, folder = answered
    kept = json.loads((folder / "experiment.json").read_text(encoding="utf-8"))
    assert kept["replications"] == N
    assert kept["finished"]
    (home / "again.yaml").write_text(kept["asked"], encoding="utf-8")
    succeeds("experiment", "again.yaml", "--out", "again", cwd=home)
    pd.testing.assert_frame_equal(
        *(pd.read_csv(place / "tables" / "differences.csv") for place in (folder, home / "again"))
    )


def test_a_folder_with_another_answer_is_refused(answered, home):
    said = fails(2, "compare", "west_midlands", "--alt", NO_WORRIES, "-n", N, "--out", "a", cwd=home)
    assert "holds another answer" in said
    (home / "full").mkdir()
    (home / "full" / "letter.txt").write_text("mine")
    assert "holds something else" in fails(2, "compare", *ASKED, "--out", "full", cwd=home)


def test_yearly_costs_of_all_worlds_are_discounted_to_one_year():
    """A world whose clock starts later has another first year; money must be comparable all the same."""
    base = sim.load("west_midlands")
    later = sim.load("west_midlands", ["clock.start=2009-02-01"])
    costs = sim.compare(base, {"later": later}, 5, outcomes=["launches"]).costs
    ratios = (costs["discounted"] / costs["mean"]).groupby(costs["year"])
    assert (ratios.max() - ratios.min() < 0.05).all()
    assert (costs.loc[costs["year"] > 2009, "discounted"] < costs.loc[costs["year"] > 2009, "mean"]).all()
    first = costs[(costs["world"] == "later") & (costs["year"] == 2009)]
    assert (first["discounted"] / first["mean"] < 1 / 1.035).all()


def test_who_interrupts_an_answer_is_told_how_to_go_on(tmp_path):
    with pytest.raises(RunFailed, match="run the same command again"), resumable(tmp_path):
        raise KeyboardInterrupt
