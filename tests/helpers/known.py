"""Running the small worlds of the known answers, and comparing what comes out with theory."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from sim.batch.case import Case
from sim.batch.extracts.tables import extract_tables
from sim.errors import RunFailed
from sim.scenario.load import load

WORLDS = Path(__file__).parent / "worlds"
REPLICATIONS = 200


def world(name, *overrides):
    """A scenario of the folder of worlds."""
    return load(str(WORLDS / f"{name}.yaml"), overrides).scenario


def chunk(scenario, seed, replications, uncertain=False, keep_events=False, engine="kernel"):
    """The tables of several replications, none of which may fail."""
    part = extract_tables(
        Case(scenario, seed, uncertain, engine), "events" if keep_events else "groups", list(replications)
    )
    for failure in part.failures:
        raise RunFailed(failure.error)
    return {name: plain(table) for name, table in part.tables.items()}


def plain(table):
    """The table with its dictionary-encoded columns as plain strings."""
    kinds = [pa.string() if pa.types.is_dictionary(field.type) else field.type for field in table.schema]
    return table.cast(pa.schema(list(zip(table.schema.names, kinds, strict=True))))


def run(scenario, replications=1, seed=1, uncertain=False):
    """All tables as data frames, events among them."""
    made = chunk(scenario, seed, range(replications), uncertain, True)
    return {name: table.to_pandas() for name, table in made.items()}


def groups_of(scenario, replications=1, seed=1):
    """The groups table alone, which is quicker."""
    return chunk(scenario, seed, range(replications), False, False)["groups"].to_pandas()


def visits(tables, stage, horizon):
    """One row a group that asked for the stage's server.

    Times of ``asked``, ``began`` (NaN: never) and ``left_queue`` (by then it was served or had gone).
    """
    events = tables["events"]
    keys = ["replication", "entity_id"]
    here = events[events.event == stage]
    asked = here[here.event_type == "queue"].set_index(keys).time.rename("asked")
    began = here[here.event_type == "resource_use"].set_index(keys).time.rename("began")
    groups = tables["groups"].set_index(keys)
    found = pd.concat([asked, began, groups[["exit_time", "exit_cause", "state"]]], axis=1).dropna(subset="asked")
    found["left_queue"] = found.began.fillna(found.exit_time).fillna(horizon)
    done = f"reached_{groups.filter(like='reached_').columns[0].removeprefix('reached_')}"
    found["ended"] = groups[done].reindex(found.index)
    found["wait"] = found.left_queue - found.asked
    return found.reset_index()


def per_replication(values, replication, replications=REPLICATIONS):
    """The sum of ``values`` in each replication, replications without any included."""
    return np.bincount(np.asarray(replication), weights=np.asarray(values, float), minlength=replications)


def in_line(found, start, stop):
    """Group-days spent in the queue between two times."""
    return np.clip(np.minimum(found.left_queue, stop) - np.maximum(found.asked, start), 0.0, None)


def z_of(total, size, expected, controls=()):
    """z of a ratio of sums, by replication: total - expected * size has mean 0, whatever the sizes are.

    ``controls`` are numbers by replication whose mean is known to be 0, such as the arrivals more than
    expected; what they explain is taken out (control variates: Law, "Simulation Modeling and Analysis",
    chapter 11). Returns z and the standard error of the ratio.
    """
    total, size = np.asarray(total, float), np.broadcast_to(np.asarray(size, float), np.shape(total))
    residual = total - expected * size
    design = np.column_stack([np.ones(len(residual)), *controls])
    fitted, *_ = np.linalg.lstsq(design, residual, rcond=None)
    left = residual - design @ fitted
    variance = left @ left / (len(left) - design.shape[1]) * np.linalg.inv(design.T @ design)[0, 0]
    return fitted[0] / np.sqrt(variance), np.sqrt(variance) / size.mean()


def assert_agree(metrics, at_worst=0.2, controls=()):
    """Every metric within four standard errors of its answer.

    ``metrics`` maps a name to (totals, sizes, answer) by replication. The standard error must be below
    ``at_worst`` of the answer, or else the test could fail nobody.
    """
    found = {name: (*z_of(*metric, controls), metric[2]) for name, metric in metrics.items()}
    blunt = {name: error for name, (_, error, answer) in found.items() if error > at_worst * answer}
    assert not blunt, f"too few replications to tell: {blunt}"
    wrong = {name: round(z, 2) for name, (z, _, _) in found.items() if not abs(z) < 4}
    assert not wrong, f"z: {wrong}"


def luck_of(found, replications, arrivals, service):
    """What went into a queue beyond the expected: arrivals, and days of service; both have mean 0."""
    count = per_replication(np.ones(len(found)), found.replication, replications)
    work = per_replication(found.ended - found.began, found.replication, replications)
    return count - arrivals, work - service * count
