"""The committed answers of the shipped experiments still come out so, on fewer replications and other luck."""

import math
from dataclasses import replace

import pandas as pd
import pytest

from sim.experiment.answer import answer
from sim.experiment.load import load_experiment
from sim.report.renderers.markdown import escape
from sim.report.short_answer import findings_tables
from sim.scenario.library import experiment_names, experiments_folder

FEW = {
    "additionality": 60,
    "blame_national": 25,
    "blame_west_midlands": 150,
    "blame_with_ample_fund": 25,
    "closing_date": 60,
    "interventions": 50,
    "no_seif_closure": 150,
    "pensions_and_champions": 150,
    "trading_survival": 100,
}
SIGNS = {
    "additionality": {
        ("summary", "difference"): 1,
        ("-1", "difference"): 1,
        ("+1", "difference"): -1,
    },
    "blame_national": {
        ("commissioner_scepticism", "shapley"): 1,
        ("manager_resistance", "shapley"): 1,
        ("unaware_host", "alone"): -1,
        ("competing_destination", "alone"): -1,
    },
    "blame_with_ample_fund": {("unaware_host", "shapley"): 1, ("competing_destination", "shapley"): 1},
    "blame_west_midlands": {("commissioner_scepticism", "shapley"): 1, ("policy_uncertainty", "shapley"): 1},
    "closing_date": {
        ("rush_all_the_same", "launches"): 1,
        ("no_turmoil", "launches"): 1,
        ("to_the_end", "launches"): 1,
    },
    "interventions": {
        ("commissioner_development", "launches"): 1,
        ("all_round", "launches"): 1,
        ("pension_guarantee", "launches"): 1,
        ("expert_developers", "cost_programme"): 1,
    },
    "no_seif_closure": {("open", "launches"): 1, ("open", "months_to_launch"): -1, ("open", "cost_programme"): 1},
    "pensions_and_champions": {("main_first", "launches"): 1, ("main_second", "launches"): 1},
    "trading_survival": {
        ("no_retender", "trading_2016-12-31"): 1,
        ("mild", "trading_2016-12-31"): 1,
        ("harsh", "trading_2016-12-31"): -1,
    },
}
"""What each answer says that must not turn round."""
NAMES = experiment_names()
LONG = ("additionality", "blame_national", "blame_with_ample_fund", "closing_date", "interventions")
"""Those that take longest; of every method one stays, or is answered in a test of its own."""
pytestmark = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.long) if name in LONG else name for name in NAMES]
)
_ANSWERS = {}


def committed(name):
    return pd.read_csv(experiments_folder() / "answers" / f"{name}.csv").set_index(["subject", "measure"])


def answered(name):
    """The answer on few replications, of another seed, so that it owes nothing to the committed one."""
    if name not in _ANSWERS:
        asked = load_experiment(name)
        if name == "additionality":
            asked = replace(asked, question=_shorter(asked.question))
        study = replace(asked.study, replications=FEW[name], seed=20260001)
        _ANSWERS[name] = answer(asked, study)
    return _ANSWERS[name]


def _shorter(question):
    part = question.additionality.model_copy(update={"points": 3})
    return question.model_copy(update={"additionality": part})


def error(row):
    return (row["high"] - row["low"]) / 2 / 1.96


def known(row):
    return math.isfinite(row["low"]) and math.isfinite(row["high"])


def test_the_committed_numbers_come_out(name):
    """Each within four standard errors of the difference.

    That of few replications is at least what the many say that it must be: what is rare may not have happened in them.
    """
    kept, found = committed(name), answered(name).findings.set_index(["subject", "measure"])
    fewer = math.sqrt(load_experiment(name).question.replications / FEW[name])
    # With few replications other numbers may matter most, and the frontier may run elsewhere.
    both = [key for key in found.index if key in kept.index and known(found.loc[key]) and known(kept.loc[key])]
    assert len(both) >= 5
    for key in both:
        one, other = found.loc[key], kept.loc[key]
        spread = math.hypot(error(other), max(error(one), fewer * error(other)))
        assert abs(one["value"] - other["value"]) <= 4 * spread, (key, one["value"], other["value"], spread)


def test_the_findings_keep_their_signs(name):
    kept, found = committed(name), answered(name).findings.set_index(["subject", "measure"])
    for key, sign in SIGNS[name].items():
        for table in (kept, found):
            assert sign * table.loc[key, "value"] > 0, (key, table.loc[key, "value"])
        assert min(sign * kept.loc[key, "low"], sign * kept.loc[key, "high"]) > 0, key


def test_what_has_no_effect_has_none_exactly(name):
    found = answered(name).findings.set_index(["subject", "measure"])
    nothing = {
        "trading_survival": [(world, "launches") for world in ("no_retender", "mild", "harsh")],
        "blame_national": [("lost_retender", "shapley"), ("trading_failure", "but_for")],
    }
    for key in nothing.get(name, []):
        assert tuple(found.loc[key, ["value", "low", "high"]]) == (0, 0, 0), key


def test_the_short_answer_says_what_it_means(name):
    asked = load_experiment(name)
    text = (experiments_folder() / "answers" / f"{name}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {asked.question.title}\n")
    assert all(f"\n\n{escape(paragraph)}\n\n" in text for paragraph in asked.question.about.strip().splitlines())
    assert len(asked.question.about.split()) > 60, "a paragraph of what it means and what it does not"
    assert f"spinout experiment {name}`: {asked.question.replications:,} replications" in text
    assert findings_tables(answered(name))
