"""Chunks: the same bytes whoever made them, and however they were cut and joined."""

import io
import itertools
import math
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim.batch.extract import Computation, Extraction
from sim.batch.extracts.tables import Tables
from sim.batch.verify import Side, difference
from sim.results.failures import Failure
from sim.store.chunk import Chunk, EncodedTable, canonicalise, decode, encode, join

WORDS = pa.dictionary(pa.int32(), pa.string())


def rows(number):
    """Some rows a replication, in words that come in another order in each."""
    if number == 5:
        return []
    return [(number, f"group {(number * k) % 4}", math.nan if k == 2 else number / (k + 1)) for k in range(number % 4)]


def table(replications, encode):
    found = [row for number in replications for row in rows(number)]
    words = [row[1] for row in found]
    if encode:
        levels = ["never", *sorted({f"group {k}" for k in range(4)}, reverse=replications[0] % 2 == 0)]
        names = pa.DictionaryArray.from_arrays(pa.array([levels.index(word) for word in words], pa.int32()), levels)
    else:
        names = pa.array(words, pa.string())
    numbers = pa.array([row[0] for row in found], pa.int32())
    values = pa.array([row[2] for row in found], pa.float64(), from_pandas=False)
    return pa.table({"replication": numbers, "name": names, "value": values})


@dataclass(frozen=True)
class Words(Tables):
    """An extract that gives words plain or as codes; replication 5 fails."""

    codes: bool = False

    def lay_out(self, cases):
        def compute(replications):
            failures = tuple(Failure(number, "no", "where") for number in replications if number == 5)
            return Extraction({"groups": table(replications, self.codes)}, failures)

        return compute


@pytest.fixture(params=[False, True], ids=["words", "codes"])
def made(request):
    return Computation((), Words(codes=request.param)).chunk


def cut(made, *places):
    return join([made(range(a, b)) for a, b in itertools.pairwise(places)], encode)


@pytest.mark.parametrize("places", [(0, 9), (0, 1, 9), (0, 4, 5, 9), (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (0, 5, 6, 9)])
def test_the_bytes_do_not_depend_on_where_a_part_was_cut(made, places):
    whole = made(range(9))
    again = cut(made, *places)
    assert again.tables == whole.tables
    assert again.replications == whole.replications
    assert [one.replication for one in again.failures] == [5]


def test_the_bytes_do_not_depend_on_how_words_were_encoded():
    plain, codes = (encode(table(range(9), coded)) for coded in (False, True))
    assert plain == codes
    assert plain.rows == sum(len(rows(number)) for number in range(9))


def test_what_is_read_is_what_was_made(made):
    found = decode([cut(made, 0, 3, 9)])["groups"]
    assert found.schema.field("name").type == WORDS
    assert found["name"].to_pylist() == [row[1] for number in range(9) for row in rows(number)]
    values = [row[2] for number in range(9) for row in rows(number)]
    assert [math.isnan(value) for value in found["value"].to_pylist()] == [math.isnan(value) for value in values]
    assert found["value"].null_count == 0


def test_a_chunk_whose_worker_died_has_no_tables_and_spoils_none(made):
    lost = Chunk(range(3, 6), {}, tuple(Failure(number, "killed", "") for number in range(3, 6)))
    whole = join([made(range(3)), lost, made(range(6, 9))], encode)
    assert [one.replication for one in whole.failures] == [3, 4, 5]
    read = pq.read_table(io.BytesIO(whole.tables["groups"].data))
    assert set(read["replication"].to_pylist()) == {1, 2, 6, 7}
    assert join([lost, Chunk(range(6, 7), {})], encode).tables == {}


def test_missing_numbers_have_one_bit_pattern():
    import numpy as np

    odd = np.array([1.0, np.nan, -0.0])
    odd.view(np.uint64)[1] |= np.uint64(1 << 63)
    assert odd.tobytes() != np.array([1.0, np.nan, -0.0]).tobytes()
    found = canonicalise(pa.table({"x": odd}))["x"].to_numpy()
    assert found.tobytes() == np.array([1.0, np.nan, -0.0]).tobytes()


def test_a_chunk_of_one_is_itself():
    one = Chunk(range(2), {"kpis": EncodedTable(0, b"")})
    assert join([one], encode) is one


# Differences

GROUPS = {"replication": [0, 0, 1], "entity_id": ["a", "b", "a"], "value": [1.0, math.nan, 3.0], "n": [1, 2, 3]}


def side(name, failures=(), **changed):
    return Side(name, {"groups": pa.table({**GROUPS, **changed})}, dict(failures))


def test_equal_sides_have_no_difference():
    codes = pa.array(GROUPS["entity_id"]).dictionary_encode()
    assert difference(side("one"), side("other", entity_id=codes)) is None


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"value": [1.0, math.nan, math.nextafter(3.0, 4.0)]}, "groups, replication 1, group a: value is 3.0 by one"),
        ({"value": [-1.0, math.nan, 4.0]}, "replication 0, group a: value is 1.0 by one and -1.0 by other"),
        ({"value": [1.0, 0.0, 3.0]}, "replication 0, group b: value is nan by one and 0.0 by other"),
        ({"n": [1, 2, 4]}, "replication 1, group a: n is 3 by one and 4 by other"),
        ({"entity_id": ["a", "c", "a"]}, "replication 0, group b: entity_id is 'b' by one and 'c' by other"),
    ],
)
def test_the_first_difference_is_named(changed, words):
    assert words in difference(side("one"), side("other", **changed))


def test_zeros_of_different_signs_differ():
    assert "value is 0.0 by one and -0.0" in difference(side("one", value=[0.0] * 3), side("other", value=[-0.0] * 3))


def test_a_row_too_many_is_named():
    longer = {name: [*column, column[-1]] for name, column in GROUPS.items()}
    assert "replication 1, group a: a row by other and none by one" in difference(side("one"), side("other", **longer))


def test_failing_on_one_side_is_a_difference_and_the_lowest_replication_is_named():
    failing = side("other", failures={0: "too much"}, n=[1, 2, 4])
    assert "replication 0 fails with 'nothing' by one and 'too much' by other" in difference(side("one"), failing)


def test_other_columns_and_missing_tables_are_named():
    assert "columns" in difference(side("one"), side("other", more=[1, 2, 3]))
    assert "other has none" in difference(side("one"), Side("other", {}, {}))
