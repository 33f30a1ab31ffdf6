"""Numbers that were published stay what they were, unless somebody decided otherwise and wrote it down."""

import json
import re
from pathlib import Path

import pyarrow as pa
import pytest

from sim.scenario.library import shipped_names
from sim.version import EPOCH
from tests.back.numbers_of_worlds import REPLICATIONS, SEED, STORED, digests, drawn_digest, text

KEPT = json.loads(STORED.read_text(encoding="utf-8"))
CHANGELOG = Path(__file__).resolve().parents[2] / "CHANGELOG.md"
CHANGED = (
    "numbers changed: raise EPOCH in sim/version.py, write in the CHANGELOG under Numbers what moved and why, "
    "and renew the digests with python tests/back/numbers_of_worlds.py"
)


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_world_gives_the_numbers_that_are_stored(name):
    now = {**digests(name), "kpis, uncertain": drawn_digest(name)}
    moved = [table for table, digest in now.items() if KEPT["worlds"].get(name, {}).get(table) != digest]
    assert not moved, f"{name}, {', '.join(moved)}: {CHANGED}"


def test_the_stored_numbers_are_of_this_epoch_and_of_the_shipped_worlds():
    assert KEPT["epoch"] == EPOCH, f"the digests are of epoch {KEPT['epoch']}: {CHANGED}"
    assert sorted(KEPT["worlds"]) == shipped_names(), CHANGED
    assert (KEPT["seed"], KEPT["replications"]) == (SEED, REPLICATIONS)


def test_the_changelog_says_what_moved_in_every_epoch_after_the_first():
    written = {int(epoch) for epoch in re.findall(r"[Ee]poch (\d+)", CHANGELOG.read_text(encoding="utf-8"))}
    assert set(range(2, EPOCH + 1)) <= written, "the CHANGELOG does not say under Numbers what an epoch changed"


def test_a_change_in_the_last_bit_is_seen():
    one, other = (pa.table({"x": [value]}) for value in (0.1 + 0.2, 0.3))
    assert text(one) != text(other)
    assert text(pa.table({"x": ["a"]}).cast(pa.schema([("x", pa.string())]))) == text(
        pa.table({"x": pa.array(["a"]).dictionary_encode()})
    )
