"""One batch on a terminal: what it comes to, and whether it agrees with what was observed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.analysis.run import duration, exits, funnel, money
from sim.analysis.run.kpis import kpis
from sim.analysis.run.observed import compare_own
from sim.report.document import Summary
from sim.report.failures import describe_failures
from sim.report.format import count
from sim.report.run import tables
from sim.report.run.headline import headline
from sim.report.run.page import title_of

if TYPE_CHECKING:
    import pandas as pd

    from sim.report.table import Table
    from sim.store.results import Results

_MOST_EXITS = 15
_ERROR = "± gives the 95% interval of a mean (Monte Carlo error); a range holds 95 of 100 replications"


def summarise_run(results: Results) -> Summary:
    """Funnel, exits, time to launch, staff and value moved, cost, observed beside simulated."""
    observed = compare_own(results)
    return Summary(
        title_of(results),
        (_note(results),),
        tuple(headline(results, observed)),
        tuple(table for table in _tables(results, observed) if table.rows),
        tuple(describe_failures(results)),
    )


def summarise_kpis(results: Results) -> Summary:
    """The mean of every number that is kept of a replication, for results of which nothing else was kept."""
    numbers = tables.kpis_table(kpis(results))
    return Summary(title_of(results), (_note(results),), (), (numbers,), tuple(describe_failures(results)))


def summarise_validation(results: Results) -> Summary:
    """Every observation beside the simulated distribution, and which of them fail.

    An observation fails where it lies outside the central 95 % of the replications.
    """
    observed = compare_own(results)
    return Summary(
        f"{title_of(results)}: observed and simulated",
        (_note(results),),
        tuple(_verdict(observed)),
        (tables.observed_table(observed),),
        tuple(describe_failures(results)),
    )


def _note(results: Results) -> str:
    n = len(results.replications)
    error = _ERROR if n > 1 else "one replication shows nothing about chance: no error and no range can be given"
    return f"{count(n, 'replication', 'replications')}; {error}."


def _tables(results: Results, observed: pd.DataFrame) -> list[Table]:
    frame = funnel.funnel(results)
    shown = [
        tables.funnel_table(rows, f"Groups by stage: {rows['route_label'].iloc[0]}")
        for _, rows in frame.groupby("route", sort=False)
        if float(rows["entered_mean"].max()) > 0
    ]
    both = exits.exits_by_cause_and_stage(results)
    shown += [
        _exits(both[both["when"].eq(when)], f"Groups lost {when}, by cause and stage")
        for when in (exits.BEFORE, exits.AFTER)
    ]
    shown += [
        tables.moved_table(money.summarise_moved(results)),
        tables.launch_time_table(duration.launch_quantiles(results)),
    ]
    if money.has_costs(results):
        shown.append(tables.costs_table(money.costs_by_payer(results)))
    return [*shown, tables.observed_table(observed)]


def _exits(frame: pd.DataFrame, caption: str) -> Table:
    """The exits by cause and stage, the commonest first; how many rarer ones were left out."""
    rarer = len(frame) - _MOST_EXITS
    words = f"{caption}; {count(rarer, 'rarer combination is', 'rarer combinations are')} in the report"
    return tables.exits_table(frame.head(_MOST_EXITS), caption if rarer <= 0 else words)


def _verdict(observed: pd.DataFrame) -> list[str]:
    if len(observed) == 0:
        return ["There is nothing to compare with: the scenario lists no observations."]
    verdicts = [tables.write_inside(inside) for inside in observed["inside"]]
    outside = [str(label) for label, verdict in zip(observed["label"], verdicts, strict=True) if verdict == "no"]
    unsure = verdicts.count("cannot say")
    of = count(len(verdicts), "observation", "observations")
    sentences = [f"{verdicts.count('yes')} of {of} within the model's 95% range."]
    if outside:
        sentences.append(f"Outside: {'; '.join(outside)}.")
    if unsure:
        sentences.append(f"For {unsure} we cannot say: fewer than two replications have the measure.")
    if len(verdicts) - unsure > 1:
        # Tests at 5 % each, on measures that depend on one another: no adjustment would be exact.
        sentences.append("Each is tested separately at 5%, so one in twenty would be expected to fall outside.")
    return sentences
