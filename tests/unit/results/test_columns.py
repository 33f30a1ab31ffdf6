"""Columns out of records."""

import math

import numpy as np

from sim.plan.rows import NONE
from sim.results.columns import fill, fill_ledger, fill_times, number_names
from sim.results.record import ENTRY

FIRSTS, ENDS = np.array([0, 4]), np.array([2, 5])
"""Rows 2 and 3 belong to a replication that failed."""


def test_each_column_has_its_field_of_the_rows_of_whole_replications():
    records = np.array(
        [(10 * row, row / 2, -row) for row in range(6)], np.dtype((np.record, [("a", "i8"), ("b", "f8"), ("c", "i8")]))
    )
    floats, wholes = np.empty((1, 3)), np.empty((2, 3), np.int32)
    fill(records.view(np.float64).reshape(6, 3), FIRSTS, ENDS, np.array([1]), floats)
    fill(records.view(np.int64).reshape(6, 3), FIRSTS, ENDS, np.array([2, 0]), wholes)
    assert floats.tolist() == [[0.0, 0.5, 2.0]]
    assert wholes.tolist() == [[0, -1, -4], [0, 10, 40]]


def test_what_never_happened_has_no_time():
    times = np.array([[1.0, math.inf]] * 5)
    columns = np.empty((2, 3))
    fill_times(times, FIRSTS, ENDS, columns)
    assert columns[0].tolist() == [1.0, 1.0, 1.0]
    assert np.isnan(columns[1]).all()


def test_names_are_numbered_by_host_stream_and_number():
    host, stream, number = (np.array(part, np.int32) for part in ([1, 0, 1, 1, 0], [0, 1, 0, 1, 1], [7, 2, 3, 1, 2]))
    codes, places, numbers = number_names(host, stream, number, 2, 2)
    assert list(zip(places.tolist(), numbers.tolist(), strict=True)) == [(1, 2), (2, 3), (2, 7), (3, 1)]
    assert codes.tolist() == [2, 0, 1, 3, 0]
    nobody = np.zeros(0, np.int32)
    assert [len(part) for part in number_names(nobody, nobody, nobody, 2, 2)] == [0, 0, 0]


def test_payments_for_the_whole_world_come_before_those_of_each_replication():
    ledger = np.array([(row, float(row), row % 3, row, 100.0 * row) for row in range(6)], ENTRY)
    general = np.array([(NONE, 0.5, 1, 9, 7.0)], ENTRY)
    wholes, floats = np.empty((3, 5), np.int32), np.empty((2, 5))
    fill_ledger(ledger, FIRSTS, ENDS, general, np.array([0, -2]), wholes, floats)
    assert wholes.tolist() == [[NONE, 0, 1, NONE, 2], [1, 0, 1, 1, 1], [9, 0, 1, 9, 4]]
    assert floats.tolist() == [[0.5, 0.0, 1.0, 0.5, 4.0], [7.0, 0.0, 100.0, 7.0, 400.0]]
