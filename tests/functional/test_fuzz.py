"""Mutated scenario files: each loads or is answered with located faults, soon; what loads runs or fails in words.

The shipped files are broken in two ways: as text (lines taken out, doubled, exchanged; values made hostile; keys
spliced) and as trees (any node replaced by any other). Most mutants of a tree are one mistake deep inside a sound file,
which is what an analyst makes.
"""

# ruff: noqa: E501 - the tables of hostile values have a row a case
import copy
import re
import signal
from contextlib import contextmanager
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.errors import RunFailed
from sim.scenario.emit import as_yaml
from sim.scenario.faults import Mark, ScenarioFaults
from sim.scenario.library import find_scenario, shipped_names
from sim.scenario.load import load
from sim.scenario.nodes import Entry, Mapping, Scalar, Sequence, as_plain
from sim.scenario.quantity import plain_quantity
from sim.scenario.yaml_tree import read_text
from tests.helpers.known import WORLDS, chunk

MOST_SECONDS = 5
EVERYTHING = WORLDS / "everything.yaml"
BASES = [*(find_scenario(name) for name in shipped_names() if not name.startswith("clearance")), EVERYTHING]
BASE = st.sampled_from(BASES)
PLACE = st.integers(0, 10**6)
HERE = Mark("mutant", 1, 1)

NUMBERS = [0, 1, -1, 2, 0.5, 1.2, 1e-12, 1e-300, 5e-324, 1e9, 1e15, 1e299, -1e299, 10**18, -(10**18), 1.7e308]
DATES = ["0001-01-01", "9999-12-31", "2008-11-01", "2010-09-30", "2010-02-30", "2010-9-30", "2400-01-01", "1600-01-01"]
SPANS = [
    "0 days",
    "1e-9 days",
    "1e-300 days",
    "0.1 minutes",
    "1 minute",
    "9999999 days",
    "30000 years",
    "-1 month",
    "3 month",
]
RATES = ["0 per month", "1e-300 per day", "1000 per minute", "999999 per day", "1 per year", "0.1 a week", "1 / day"]
MONEY = ["£0", "£1e14", "£30k", "5 bn", "-£1", "£-1", "30 euros", "£2k per month"]
WORDS = [
    "", " ", "null", "unlimited", "go_on", "nation", "region", "host", "judgement", "type", "route", "log_headcount", "value",
    "stage", "otherwise", "by_type", "live", "a.b", "a=b", ".", "=", "é", "x" * 300, "{", "'", "\\", "%s", "{x}", "__class__",
    "official", "west_midlands", "west_midlands-01", "window_closed", "no_route", "2.10", "C8", "uniform", "sitting",
]  # fmt: skip
SCALARS = st.sampled_from([None, True, False, *NUMBERS, *DATES, *SPANS, *RATES, *MONEY, *WORDS])
TREES = st.sampled_from(
    [
        {}, [], [[]], [{}], {"": 1}, {"a": 1}, {"value": 1}, {"value": None}, [1, 2], ["a"], [None],
        {"value": 0.5, "low": 0, "high": 1}, {"value": "1 month", "low": "0 days", "high": "1 year", "source": ["judgement"]},
        {"value": 1, "low": 2, "high": 3, "source": [1.1, "x"]}, {"value": 1, "source": {"a": 1}}, {"value": {"value": 1}},
        {"lognormal": {"median": 1e-300, "p90": 1e299}}, {"lognormal": {"mean": "1e-9 days", "sd": "9999999 days"}},
        {"weibull": {"mean": 1, "sd": 1e9}}, {"weibull": {"mean": "1 month", "sd": "1e-9 days"}}, {"weibull": {"scale": 1, "shape": 1e-3}},
        {"weibull": {"scale": "1 day", "shape": 1e-300}}, {"weibull": {"median": "1 day", "p90": "1.000001 days"}},
        {"uniform": {"low": 0, "high": 1}}, {"uniform": {"low": "0 days", "high": "0 days"}}, {"exponential": {"mean": "1e-300 days"}},
        {"empirical": {"values": []}}, {"empirical": {"values": ["1 day"], "weights": [0]}}, {"empirical": {"values": [1, "a", None]}},
        {"fixed": {"fixed": 1}}, {"fixed": {"value": {"value": "1 day"}}}, {"by_type": {}}, {"by_type": {"by_type": {"by_type": 1}}},
        {"by_type": {"otherwise": "1 day"}, "otherwise": "2 days"}, {"fixed": 1, "at_least": 5, "at_most": 1}, {"at_least": 1},
        {"probability": 1, "retry": {"probability": 1, "after": "1e-9 days", "tries": "unlimited"}},
        {"probability": 1, "retry": {"after": {"exponential": {"mean": "1e-300 days"}}, "tries": "unlimited"}},
        {"probability": 0.5, "retry": {"after": {"fixed": "1e-300 days"}, "tries": 10**9}},
        {"traits": {"aware": [True, False]}}, {"traits": {"nobody": 1}}, {"traits": {"aware": "maybe"}}, {"types": ["provider_arm"]},
        {"number": {"uniform": {"low": -1e299, "high": 1e299}}}, {"shares": {"a": 0.5, "b": 0.5}}, {"shares": {"a": 1e-320, "b": 1}},
        {"number": 3, "changes": [{"on": "0001-01-01", "number": 0}, {"on": "9999-12-31", "number": 10**6}]},
        {"meeting": {"every": "1 minute"}}, {"meeting": {"every": "1e-300 days", "staggered": True}}, {"panel": {"dates": ["2010-09-30"] * 3}},
        {"fund": {"budget": 0, "repayment": {"over": "0 days"}}}, {"fund": {"budget": 1e14, "repayment": {"over": "9999999 days"}}},
        {"fund": {"budget": 1, "award": 0, "opens": [{"from": "9999-12-31"}, {"until": "0001-01-01"}]}}, {"servers": 0}, {"servers": {"number": 10**6}},
        {"rate": "100 per month", "profile": [{"times": 0}]}, {"rate": "1 per day", "profile": [{"times": 1e9, "from": "9999-12-31"}]},
        {"every": "1e-9 days", "limit": 3}, {"number": 10, "until": "0001-01-01"}, {"number": 10, "first": "9999999 days"},
        {"of": {}, "that": {"also": {"also": {"also": {}}}}}, {"barrier": "working_capital", "remove": True}, {"arrivals": 1e9},
        {"resource": "pct_board", "capacity": -(10**18)}, {"resource": "seif", "money": 1e14}, {"stage": ["idea"], "duration": 1e-300},
        {"barrier": "working_capital", "times": 5e-324, "rate": 1e299}, {"stage": "idea", "work": "1e-300 days"},
    ]
)  # fmt: skip


def node(raw):
    """Plain values as a tree."""
    if isinstance(raw, dict):
        return Mapping({key: Entry(HERE, node(value)) for key, value in raw.items()}, HERE)
    if isinstance(raw, list):
        return Sequence(tuple(node(item) for item in raw), HERE)
    return Scalar(raw, str(raw), HERE)


@cache
def text_of(path):
    return path.read_text(encoding="utf-8")


@cache
def tree_of(path):
    return as_plain(read_text(text_of(path), path.name))


def places(raw):
    """Every (holder, key) of a tree."""
    parts = list(raw.items()) if isinstance(raw, dict) else list(enumerate(raw)) if isinstance(raw, list) else []
    for key, part in parts:
        yield raw, key
        yield from places(part)


def at(found, place):
    return found[place % len(found)]


def mutate(raw, mutation):
    """One change of a tree, in place."""
    kind, place, other, value = mutation
    found = list(places(raw))
    if not found:
        return
    holder, key = at(found, place)
    giver, given_key = at(found, other)
    if kind == "replace":
        holder[key] = copy.deepcopy(value)
    elif kind == "copy":
        holder[key] = copy.deepcopy(giver[given_key])
    elif kind == "exchange":
        one, two = copy.deepcopy(holder[key]), copy.deepcopy(giver[given_key])
        holder[key] = two
        if giver is not holder or given_key in giver:
            giver[given_key] = one
    elif kind == "delete":
        del holder[key]
    elif kind == "insert" and isinstance(holder, dict) and isinstance(given_key, str):
        holder[given_key] = copy.deepcopy(value)
    elif kind == "rename" and isinstance(holder, dict) and isinstance(given_key, str):
        holder[given_key] = holder.pop(key)
    elif kind == "number":
        numbers = [one for one in found if isinstance(one[0][one[1]], int | float)]
        if numbers:
            holder, key = at(numbers, place)
            holder[key] = at(NUMBERS, other)
    elif kind == "unit":
        units = [(one, at(kin, other)) for one in found for kin in (_kin(one[0][one[1]]),) if kin]
        if units:
            (holder, key), new = at(units, place)
            holder[key] = new


def _kin(value):
    """Hostile values of the same kind as a text."""
    if not isinstance(value, str):
        return ()
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return DATES
    if re.search(r" per | a | / ", value):
        return RATES
    if re.fullmatch(r"[-\d.e]+ (day|week|month|year)s?", value):
        return SPANS
    return MONEY if value.startswith("£") else ()


KINDS = ("replace", "copy", "exchange", "delete", "insert", "rename", "number", "number", "unit", "unit")
MUTATION = st.tuples(st.sampled_from(KINDS), PLACE, PLACE, SCALARS | TREES)


def reworded(text, mutation):
    """One change of a text by lines and words."""
    kind, place, other, value = mutation
    lines = text.splitlines() or [""]
    i, j = place % len(lines), other % len(lines)
    if kind == "delete":
        del lines[i]
    elif kind == "double":
        lines.insert(j, lines[i])
    elif kind == "exchange":
        lines[i], lines[j] = lines[j], lines[i]
    elif kind == "indent":
        lines[i] = "  " + lines[i]
    elif kind == "dedent":
        lines[i] = lines[i].removeprefix("  ")
    elif kind == "value":
        words = list(re.finditer(r"(?<=[:,\[] )[^,\]}{]+", lines[i]))
        if words:
            word = at(words, other)
            lines[i] = lines[i][: word.start()] + str(value) + lines[i][word.end() :]
    elif kind == "splice":
        mine, theirs = lines[i].partition(":"), lines[j].partition(":")
        lines[i] = mine[0] + theirs[1] + theirs[2]
    elif kind == "cut":
        lines = lines[: i + 1]
    return "\n".join(lines) + "\n"


LINES = ("delete", "double", "exchange", "indent", "dedent", "value", "value", "value", "splice", "cut")
REWORDING = st.tuples(st.sampled_from(LINES), PLACE, PLACE, SCALARS)


@contextmanager
def in_time(seconds):
    """Stop what takes longer, where signals allow it."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def late(*_):
        pytest.fail(f"took more than {seconds} seconds")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def small(scenario):
    """The scenario with few hosts and few groups, so that a replication is short whatever the mutation did."""
    groups, regions = scenario.staff_groups, scenario.hosts.regions
    if not groups.named:
        regions = {name: one.model_copy(update={"hosts": min(one.hosts, 2)}) for name, one in regions.items()}
    types = {name: one.model_copy(update={"arrivals": _few(one.arrivals)}) for name, one in groups.types.items()}
    few = groups.model_copy(update={"arrivals": _few(groups.arrivals), "types": types, "named": groups.named[:5]})
    return scenario.model_copy(
        update={"hosts": scenario.hosts.model_copy(update={"regions": regions}), "staff_groups": few}
    )


def _few(arrivals):
    if arrivals is None:
        return None
    number = plain_quantity(min(arrivals.number.value, 5.0)) if arrivals.number else None
    limit = 5 if arrivals.limit is None else min(arrivals.limit, 5)
    return arrivals.model_copy(update={"number": number, "limit": limit})


def answer(kind, function, *arguments):
    """What a function returns, or raises of a kind that is an answer."""
    try:
        return function(*arguments)
    except kind as found:
        return found


def holds(folder, text):
    """Load a text as a scenario, and run it where it loads; anything but an answer in words is an error."""
    path = folder / "mutant.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with in_time(MOST_SECONDS):
        loaded = answer(ScenarioFaults, load, str(path))
    if isinstance(loaded, ScenarioFaults):
        assert loaded.faults
        for fault in loaded.faults:
            assert fault.what
            assert fault.mark.line >= 1
            assert fault.mark.column >= 1
            assert "\n" not in str(fault)
            assert len(str(fault)) < 4000
        return
    for uncertain in (False, True):
        with in_time(MOST_SECONDS):
            made = answer(RunFailed, chunk, small(loaded.scenario), 1, [0], uncertain, True)
        assert str(made) if isinstance(made, RunFailed) else made["kpis"].num_rows == 1


MINIMAL = """\
title: A world to overload
clock: {start: 2008-11-01, end: 2012-04-01}
hosts: {regions: {here: {hosts: 1}}}
resources: {board: {meeting: {every: 1 month}}, loans: {fund: {budget: £1m, award: 5, repayment: {over: 1 year}}}}
staff_groups:
  types: {team: {share: 1, headcount: 12}}
  traits: {bold: {probability: 1}}
  arrivals: {every: 1 day, limit: 3}
routes:
  out: [{stage: first, work: 0 days}, {stage: second, decided_by: board}, {stage: third, needs: loans, milestone: live}]
barriers:
  fear: {gates: {first: 0.1}, hazards: {second: 1 per year}, depends_on: {bold: 0.5}}
"""
RETRY = "first: {{probability: 1, retry: {}}}"
OVERLOADED = {
    "tries without end, at once": ("first: 0.1", RETRY.format("{tries: unlimited}")),
    "tries without end, each after next to nothing": ("first: 0.1", RETRY.format("{after: 1e-300 days, tries: unlimited}")),
    "tries without end, each after a minute": ("first: 0.1", RETRY.format("{after: 1 minute, tries: unlimited}")),
    "tries without end, drawn short": ("first: 0.1", RETRY.format("{after: {exponential: {mean: 1e-9 days}}, tries: unlimited}")),
    "tries without end, clipped": ("first: 0.1", RETRY.format("{after: {exponential: {mean: 9 days}, at_most: 0 days}, tries: unlimited}")),
    "tries without end, uniform over nothing": ("first: 0.1", RETRY.format("{after: {uniform: {low: 0 days, high: 0 days}}, tries: unlimited}")),
    "tries without end, one of nothing": ("first: 0.1", RETRY.format("{after: {empirical: {values: [0 days]}}, tries: unlimited}")),
    "tries without end, of a type": ("first: 0.1", RETRY.format("{after: {by_type: {team: 0 days}, otherwise: 9 days}, tries: unlimited}")),
    "a thousand million tries": ("first: 0.1", RETRY.format("{tries: 1000000000}")),
    "a board without pause": ("every: 1 month", "every: 1e-300 days"),
    "a board each minute without room": ("every: 1 month", "every: 1 minute, room: 0"),
    "a board each day without room": ("every: 1 month", "every: 1 day, room: 0"),
    "a loan over the ages": ("over: 1 year", "over: 27000 years"),
    "a clock of ages": ("end: 2012-04-01", "end: 9999-12-31"),
    "a shift beyond reach": ("bold: 0.5", "bold: 1e299"),
    "many shifts beyond reach": ("bold: 0.5", "bold: 50, log_headcount: 50, type: {team: 50}, region: {here: 50}, route: {out: 50}"),
    "a group larger than a number": ("headcount: 12", "headcount: 1e12"),
    "a group without bounds": ("headcount: 12", "headcount: {lognormal: {median: 12, p90: 1e299}}"),
    "a group below nothing": ("headcount: 12", "headcount: {uniform: {low: -1e299, high: 1e299}}"),
    "a weibull without shape": ("work: 0 days", "work: {weibull: {scale: 1 day, shape: 1e-300}}"),
    "a weibull from nothing": ("work: 0 days", "work: {weibull: {median: 1e-320 days, p90: 9999999 days}}"),
    "a weibull at a point": ("work: 0 days", "work: {weibull: {mean: 40 days, sd: 1e-9 days}}"),
    "a rate beyond reach": ("second: 1 per year", "second: 999999 per day"),
    "weights next to nothing": ("work: 0 days", "work: {empirical: {values: [1 day, 2 days], weights: [5e-324, 5e-324]}}"),
    "a chain of traits": (
        "{bold: {probability: 1}}",
        "{bold: {probability: 1}, " + ", ".join(f"t{i}: {{probability: 0.1, depends_on: {{t{i + 1}: 1}}}}" for i in range(1400)) + ", t1400: {probability: 1}}",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OVERLOADED)
def test_a_sound_looking_file_that_asks_too_much_is_answered_in_words(name, folder):
    old, new = OVERLOADED[name]
    assert MINIMAL.count(old) == 1
    holds(folder, MINIMAL.replace(old, new))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("mutants")


SETTINGS = {"suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]}


REWORDED = given(base=BASE, mutations=st.lists(REWORDING, min_size=1, max_size=4))
MUTATED = given(base=BASE, mutations=st.lists(MUTATION, min_size=1, max_size=3))


def holds_reworded(folder, base, mutations):
    text = text_of(base)
    for mutation in mutations:
        text = reworded(text, mutation)
    holds(folder, text)


def holds_mutated(folder, base, mutations):
    raw = copy.deepcopy(tree_of(base))
    for mutation in mutations:
        mutate(raw, mutation)
    holds(folder, as_yaml(node(raw)))


@settings(max_examples=20, **SETTINGS)
@REWORDED
def test_a_mutated_text_loads_or_is_answered_with_faults(folder, base, mutations):
    holds_reworded(folder, base, mutations)


@settings(max_examples=20, **SETTINGS)
@MUTATED
def test_a_mutated_tree_loads_or_is_answered_with_faults(folder, base, mutations):
    holds_mutated(folder, base, mutations)


@pytest.mark.long
@settings(max_examples=100, **SETTINGS)
@REWORDED
def test_many_mutated_texts_load_or_are_answered_with_faults(folder, base, mutations):
    holds_reworded(folder, base, mutations)


@pytest.mark.long
@settings(max_examples=100, **SETTINGS)
@MUTATED
def test_many_mutated_trees_load_or_are_answered_with_faults(folder, base, mutations):
    holds_mutated(folder, base, mutations)
