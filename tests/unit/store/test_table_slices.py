"""Analyses by slices: the same answers wherever the cuts lie, in memory that does not grow with the replications."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from sim.analysis.run import duration, exits, funnel, hosts, incidence, kpis, money, observed, occupancy
from sim.analysis.run.competing import collect_first_events
from sim.store.reader import open_results
from sim.store.table_slice import Categories, combine
from tests.helpers.synthetic import results_of, world, write
from tests.helpers.synthetic_words import OBSERVATIONS

REPLICATIONS = 23
ANALYSES = {
    "funnel": funnel.funnel,
    "exits by cause": exits.exits_by_cause,
    "exits by cause and stage": exits.exits_by_cause_and_stage,
    "exits by cause and form": exits.exits_by_cause_and_form,
    "exits by stage": exits.exits_by_stage,
    "incidence": incidence.incidence,
    "occupancy": occupancy.occupancy,
    "launch quantiles": duration.launch_quantiles,
    "share launched": duration.share_launched,
    "hosts": hosts.host_outcomes,
    "regions": hosts.region_outcomes,
    "costs by payer": money.costs_by_payer,
    "costs by item": money.costs_by_item,
    "moved": money.summarise_moved,
    "kpis": kpis.kpis,
    "observed": observed.compare_own,
}
MORE = [
    {"name": "in a stage", "value": 3, "count": {"in_stages": ["idea", "pct_board"], "on": "2010-01-01"}},
    {"name": "slow", "value": 3, "median_months": {"of": {"routes": ["official"]}, "from": "submitted", "to": "live"}},
    {"name": "not yet", "value": 3, "count": {"before_milestone": "approved", "on": "2010-01-01"}},
    {"name": "aware", "value": 3, "hosts": {"trait": "aware", "regions": ["north"]}},
]


@pytest.fixture(scope="module")
def whole():
    regions = {"north": 5, "south": 4}
    return world(REPLICATIONS, seed=6, regions=regions, observations=[*OBSERVATIONS, *MORE])


@pytest.fixture(scope="module", params=[1, 2, 7, REPLICATIONS])
def cut(request, whole, tmp_path_factory):
    return open_results(write(whole, tmp_path_factory.mktemp("parts") / "results", parts=request.param))


@pytest.mark.parametrize("analysis", ANALYSES)
def test_pieces_of_any_size_give_the_same(analysis, cut, whole):
    expected = ANALYSES[analysis](whole)
    assert len(expected)
    pd.testing.assert_frame_equal(ANALYSES[analysis](cut), expected, rtol=1e-12, atol=1e-12)


def test_many_groups_are_counted_as_exactly_as_few_are_listed():
    # Groups set out and end at times of their own, so censored and ended ones are mixed in every step.
    draw = np.random.default_rng(8)
    people = [
        {
            "replication": k % 40,
            "arrived": arrived,
            "state": "exited" if length < 1000 else "inside",
            "exit_time": arrived + length if length < 1000 else float("nan"),
            "exit_cause": str(draw.choice(["union_opposition", "pension_worries"])) if length < 1000 else "",
        }
        for k in range(30_000)
        for arrived, length in [(draw.uniform(0, 900), draw.exponential(400))]
        if length >= 1000 or arrived + length < 1247
    ]
    results = results_of(people, range(40))
    months = np.arange(0.0, 41.0)
    few, many = collect_first_events(results), collect_first_events(results, few=100)
    assert few.fine is None
    assert many.times is None
    assert many.causes == few.causes
    assert many.longest == few.longest
    at = months * 365.25 / 12
    assert many.still(at).tolist() == few.still(at).tolist()
    listed = incidence.incidence(results, months)
    counted = results_of(people, range(40))
    counted.once("watched", lambda: many)
    found = incidence.incidence(counted, months)
    assert found["share"].to_numpy() == pytest.approx(listed["share"].to_numpy(), abs=1e-6)
    assert found["high"].to_numpy() == pytest.approx(listed["high"].to_numpy(), abs=2e-4)


def test_words_are_combined_in_the_order_in_which_they_come_up():
    first = Categories(np.array([1, 0, 1, 0, 1]), ("a", "b"))
    second = Categories(np.array([0, 0, 0, 2, 2]), ("x", "y", "z"))
    kinds, names = combine([first, second])
    assert names == [("b", "x"), ("a", "x"), ("a", "z"), ("b", "z")]
    assert kinds.tolist() == [0, 1, 0, 2, 3]
    kinds, names = combine([first, second], np.array([False, False, False, True, True]))
    assert names == [("a", "z"), ("b", "z")]
    assert kinds.tolist() == [-1, -1, -1, 0, 1]
    assert combine([first, second], np.zeros(5, dtype=bool))[1] == []


MEASURED = """
import resource, sys
from pathlib import Path
from rich.console import Console
from sim.store.reader import open_results
from sim.report.run.page import write_report
from sim.report.renderers.terminal import print_summary
from sim.report.run.summary import summarise_run
results = open_results(sys.argv[1])
print_summary(summarise_run(results), Console(quiet=True))
write_report(results, Path(sys.argv[1]) / "report.html")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def repeated(folder: Path, times: int, target: Path) -> Path:
    """The one part of a folder several times over, with the next numbers of replications."""
    receipt = json.loads((folder / "parts" / "000000.json").read_text(encoding="utf-8"))
    shutil.copytree(folder, target)
    for k in range(1, times):
        for name, kept in receipt["tables"].items():
            table = pq.read_table(folder / name / "part-000000.parquet")
            at = table.column_names.index("replication")
            numbers = pc.add(table["replication"].cast(pa.int32()), pa.scalar(k * receipt["replications"], pa.int32()))
            path = target / name / f"part-{k:06d}.parquet"
            pq.write_table(table.set_column(at, "replication", numbers), path)
            kept["bytes"] = path.stat().st_size
        own = {**receipt, "part": k, "first": k * receipt["replications"]}
        (target / "parts" / f"{k:06d}.json").write_text(json.dumps(own), encoding="utf-8")
    return target


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is reported in other units or not at all")
def test_memory_does_not_grow_with_the_replications(tmp_path):
    """A million groups are summed up in the memory that fifty thousand take, and a little."""
    part = write(world(150, seed=1, rate=3.9), tmp_path / "part", parts=1)
    rows = len(open_results(part).groups)
    peaks = []
    for times in (5, 100):
        folder = repeated(part, times, tmp_path / f"times{times}")
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, str(folder)], capture_output=True, text=True, timeout=280, check=True
        )
        peaks.append(int(done.stdout.split()[-1]) / 1024)
    print(f"{5 * rows:,} groups: {peaks[0]:.0f} MB; {100 * rows:,} groups: {peaks[1]:.0f} MB")
    assert 100 * rows > 1_000_000
    assert peaks[1] - peaks[0] < 100
