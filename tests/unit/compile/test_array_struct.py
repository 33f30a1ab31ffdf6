"""Array structs: arrays that compiled code reads and writes through one pointer, and Python as attributes."""

import gc
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

import numpy as np
import pytest
from numba.core.errors import TypingError

from sim.compile.array_struct import ArrayStruct
from sim.compile.cache import jit


def a_record(**fields):
    return np.dtype((np.record, list(fields.items())))


PERSON = a_record(age="i8", key="u8", height="f8")
LARGE = 2**62
LAST = np.uint64(2**10 - 1)


class Shelf(ArrayStruct):
    """One array of every kind that there is."""

    fields: ClassVar = {
        "lengths": (np.dtype("f8"), 1),
        "sheet": (np.dtype("f8"), 2),
        "flags": (np.dtype("i1"), 2),
        "counts": (np.dtype("i8"), 1),
        "people": (PERSON, 1),
    }


class Drawer(ArrayStruct):
    """Another array struct, with a name that the first has too, in another place and of another kind."""

    fields: ClassVar = {"flags": (np.dtype("i8"), 1), "lengths": (np.dtype("f8"), 1)}


def arrays(people=4, rows=3, columns=5):
    return {
        "lengths": np.arange(6.0) / 8,
        "sheet": np.arange(float(rows * columns)).reshape(rows, columns),
        "flags": (np.arange(rows * 2).reshape(rows, 2) % 3 - 1).astype(np.int8),
        "counts": np.arange(7) + LARGE,
        "people": np.array([(i, 2**64 - 1 - i, i / 4) for i in range(people)], PERSON),
    }


@jit
def told(shelf):
    """A number in which every element of every array has a weight of its own."""
    total, weight = 0.0, 1.0
    for i in range(len(shelf.lengths)):
        total += weight * shelf.lengths[i]
        weight += 1.0
    for i in range(shelf.sheet.shape[0]):
        for j in range(shelf.sheet.shape[1]):
            total += weight * shelf.sheet[i, j]
            weight += 1.0
    for i in range(shelf.flags.shape[0]):
        for j in range(shelf.flags.shape[1]):
            total += weight * shelf.flags[i, j]
            weight += 1.0
    for i in range(len(shelf.counts)):
        total += weight * (shelf.counts[i] - LARGE)
        weight += 1.0
    for i in range(len(shelf.people)):
        person = shelf.people[i]
        total += weight * (person.age + 3.0 * person.height + 7.0 * float(np.uint64(person.key & LAST)))
        weight += 1.0
    return total


@jit
def fill(shelf):
    """Write into every array."""
    shelf.lengths[len(shelf.lengths) - 1] = -0.5
    shelf.sheet[2, 4] = 1e300
    shelf.sheet[1] = 9.0
    shelf.flags[2, 1] = -128
    shelf.counts[0] += 5
    shelf.people[3].height = 1.75
    one = shelf.people[1]
    one.age, one.key = 41, np.uint64(2**63 + 1)
    shelf.people[0] = shelf.people[1]


@jit
def of_several(shelf):
    """Rows, stretches and columns."""
    return shelf.sheet[1].sum() + 10.0 * shelf.lengths[1:3].sum() + 100.0 * shelf.sheet[1:, 2].sum()


@jit
def both(shelf, drawer):
    return shelf.lengths[1] + drawer.lengths[1] + drawer.flags[1]


@jit
def handed_on(shelf, times):
    """Through several calls, and in a loop."""
    total = 0.0
    for _ in range(times):
        total += told(shelf)
    return total


@pytest.fixture(params=["compiled", "python"])
def way(request):
    """How a function is run: compiled, or as it is written."""
    return lambda function: function if request.param == "compiled" else getattr(function, "py_func", function)


def test_every_element_is_read(way):
    made = arrays()
    expected = told.py_func(Shelf(**made))
    assert way(told)(Shelf(**made)) == expected
    for name, array in made.items():
        for field in array.dtype.names or ("",):
            changed = array.copy()
            (changed[field] if field else changed).flat[-1] += 1
            assert way(told)(Shelf(**{**made, name: changed})) != expected, (name, field)


def test_parts_of_an_array_are_arrays(way):
    assert way(of_several)(Shelf(**arrays())) == sum(range(5, 10)) + 10.0 * 0.375 + 100.0 * (7 + 12)


def test_what_is_written_stands_in_the_arrays_that_were_given(way):
    made = arrays()
    way(fill)(Shelf(**made))
    assert list(made["lengths"]) == [0.0, 0.125, 0.25, 0.375, 0.5, -0.5]
    assert made["sheet"].tolist() == [[0, 1, 2, 3, 4], [9] * 5, [10, 11, 12, 13, 1e300]]
    assert made["flags"].tolist() == [[-1, 0], [1, -1], [0, -128]]
    assert made["counts"][0] == 5 + LARGE
    assert made["people"].tolist()[:2] == [(41, 2**63 + 1, 0.25)] * 2
    assert made["people"][3].height == 1.75


def test_attributes_are_the_arrays_themselves():
    made = arrays()
    shelf = Shelf(**made)
    assert all(getattr(shelf, name) is array for name, array in made.items())
    assert shelf.people[2].age == 2


@pytest.mark.parametrize("sizes", [{"people": 0}, {"rows": 0}, {"columns": 0}, {"people": 0, "rows": 0, "columns": 0}])
def test_arrays_may_be_empty(way, sizes):
    made = arrays(**sizes)
    assert way(told)(Shelf(**made)) == told.py_func(Shelf(**made))


def test_array_structs_of_two_kinds_do_not_get_mixed_up(way):
    drawer = Drawer(flags=np.array([7, 100]), lengths=np.array([7.0, 20.0]))
    assert way(both)(Shelf(**arrays()), drawer) == 120.125
    assert way(both)(Shelf(**arrays()), Drawer(flags=np.array([7, 5]), lengths=np.array([7.0, 20.0]))) == 25.125


def test_an_array_struct_is_handed_on(way):
    shelf = Shelf(**arrays())
    assert way(handed_on)(shelf, 3) == pytest.approx(3 * told.py_func(shelf), rel=1e-15)


def test_an_array_struct_keeps_its_arrays_alive():
    shelves = [Shelf(**{name: array.copy() for name, array in arrays().items()}) for _ in range(50)]
    expected = told.py_func(Shelf(**arrays()))
    gc.collect()
    rubbish = [np.full(10_000, -1.0) for _ in range(50)]
    assert [told(shelf) for shelf in shelves] == [expected] * 50
    assert len(rubbish) == 50


def test_no_reference_is_lost_or_kept():
    shelf = Shelf(**arrays())
    told(shelf)
    before = [sys.getrefcount(part) for part in vars(shelf).values()]
    for _ in range(100):
        told(shelf)
    assert [sys.getrefcount(part) for part in vars(shelf).values()] == before


def test_threads_each_have_their_own():
    shelves = [Shelf(**{**arrays(), "lengths": np.full(6, float(i))}) for i in range(40)]
    expected = [told.py_func(shelf) for shelf in shelves]
    with ThreadPoolExecutor(7) as threads:
        assert list(threads.map(told, shelves)) == expected


# What is refused

WRONG = {
    "another kind of number": ("lengths", np.zeros(6, np.float32)),
    "whole numbers for others": ("lengths", np.zeros(6, np.int64)),
    "an unsigned number": ("counts", np.zeros(7, np.uint64)),
    "a foreign byte order": ("lengths", np.zeros(6, np.dtype("f8").newbyteorder())),
    "too few dimensions": ("sheet", np.zeros(15)),
    "too many dimensions": ("lengths", np.zeros((2, 3))),
    "every other element": ("lengths", np.zeros(12)[::2]),
    "backwards": ("lengths", np.zeros(6)[::-1]),
    "columns one after the other": ("sheet", np.zeros((5, 3)).T),
    "a part of the columns": ("sheet", np.zeros((3, 9))[:, :5]),
    "records with other fields": ("people", np.zeros(4, a_record(age="i8", key="u8", weight="f8"))),
    "records with a field of another kind": ("people", np.zeros(4, a_record(age="i8", key="i8", height="f8"))),
    "records with more fields": ("people", np.zeros(4, a_record(age="i8", key="u8", height="f8", weight="f8"))),
}


@pytest.mark.parametrize("what", WRONG)
def test_an_array_that_is_not_what_its_field_says_is_refused(what):
    name, array = WRONG[what]
    with pytest.raises(TypeError, match=name):
        Shelf(**{**arrays(), name: array})


def test_a_missing_array_is_refused():
    made = arrays()
    del made["counts"]
    with pytest.raises(TypeError, match="counts"):
        Shelf(**made)


def test_an_array_without_a_field_is_refused():
    with pytest.raises(TypeError, match="leaflets"):
        Shelf(**arrays(), leaflets=np.zeros(3))


def test_an_array_cannot_be_exchanged():
    """Compiled code would go on reading the one before."""
    shelf = Shelf(**arrays())
    with pytest.raises(AttributeError):
        shelf.lengths = np.zeros(6)


def test_an_unknown_name_is_refused_in_python():
    with pytest.raises(AttributeError, match="no array lenghts, expected one of lengths, sheet"):
        Shelf(**arrays()).lenghts  # noqa: B018


def test_an_unknown_name_is_refused_by_the_compiler():
    @jit
    def misspelt(shelf):
        return shelf.lenghts[0]

    with pytest.raises((TypingError, AttributeError), match="lenghts"):
        misspelt(Shelf(**arrays()))


# The cache

SCRIPT = """
import numpy as np
from sim.compile.array_struct import ArrayStruct
from sim.compile.cache import jit

class Box(ArrayStruct):
    fields = {"others": (np.dtype("i1"), 2), "numbers": (np.dtype("f8"), 1)}

@jit
def last(box):
    return box.numbers[len(box.numbers) - 1]

told = last(Box(numbers=np.arange(5.0), others=np.zeros((3, 2), np.int8)))
print(told, sum(last.stats.cache_hits.values()), sum(last.stats.cache_misses.values()))
"""


def run(script, cache):
    environment = {**os.environ, "SPINOUT_CACHE": str(cache), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, str(script)], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_what_reads_an_array_struct_is_compiled_once_for_all_processes(tmp_path):
    script = tmp_path / "reader.py"
    script.write_text(SCRIPT, encoding="utf-8")
    assert run(script, tmp_path / "cache") == ["4.0", "0", "1"]
    assert run(script, tmp_path / "cache") == ["4.0", "1", "0"]
