"""A small batch of every extract."""

from sim.batch.batch import Batch
from sim.batch.extracts.launches.designs import design
from sim.batch.extracts.launches.extract import Launches
from sim.batch.extracts.launches.toggles import Players
from sim.batch.extracts.tables import Tables
from sim.batch.extracts.tally import Tally
from sim.scenario.load import load
from tests.helpers.command import WORLDS

EXTRACTS = ("tables", "launches", "permutations", "tally")
TWO_WAYS, ONE_WAY = (str(WORLDS / f"{name}.yaml") for name in ("two_ways", "one_way"))


def batch_of(extract, replications=60, seed=5, uncertain=False):
    """A batch of which this is kept: full tables, launches under combinations, or the tally of two worlds."""
    if extract == "tally":
        return Batch((load(TWO_WAYS), load(ONE_WAY)), Tally(("official",)), replications, seed, uncertain)
    if extract == "tables":
        return Batch((load(TWO_WAYS),), Tables("events"), replications, seed, uncertain)
    loaded = load("west_midlands")
    names = ("manager_resistance", "unaware_host", "lack_of_time")
    kept = Launches(
        Players("barriers", names), design("exact" if extract == "launches" else "permutations", names, seed)
    )
    return Batch((loaded,), kept, replications, seed, uncertain)
