"""Means and intervals gathered block by block are those of all replications at once."""

import numpy as np
import pytest

from sim.analysis.intervals import mean_interval
from sim.analysis.moments import Moments

VALUES = np.random.default_rng(1).normal(1e6, 3.0, size=(3, 50))


def gathered(values, *cuts):
    found = Moments(len(values))
    for block in np.split(values, cuts, axis=1):
        found.add(block)
    return found


@pytest.mark.parametrize("cuts", [(), (25,), (1, 2, 3, 49), (0, 10)])
def test_any_blocks_give_students_interval(cuts):
    columns = gathered(VALUES, *cuts).columns("x")
    assert columns["x"] == pytest.approx(VALUES.mean(axis=1), rel=1e-15)
    for row, values in enumerate(VALUES):
        low, high = mean_interval(values)
        assert columns["x_low"][row] == pytest.approx(low, rel=1e-12)
        assert columns["x_high"][row] == pytest.approx(high, rel=1e-12)


def test_a_constant_has_an_interval_of_no_width():
    found = gathered(np.full((1, 30), 0.1 + 0.2), 7, 8)
    assert found.means == [0.1 + 0.2]
    assert found.half() == [0.0]


def test_what_is_not_known_does_not_count():
    values = VALUES.copy()
    values[0, ::2] = np.nan
    values[1] = np.nan
    found = gathered(values, 1, 20)
    low, high = mean_interval(values[0, 1::2])
    assert found.n.tolist() == [25, 0, 50]
    assert found.means[0] - found.half()[0] == pytest.approx(low)
    assert np.isnan([found.means[1], found.half()[1]]).all()
    assert found.means[0] + found.half()[0] == pytest.approx(high)


def test_one_replication_has_no_interval():
    found = gathered(VALUES[:, :1])
    assert found.means == pytest.approx(VALUES[:, 0])
    assert np.isnan(found.half()).all()
