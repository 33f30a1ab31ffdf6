"""Logarithm, exponential and normal quantile: right to the last place, and the same bits however they are run."""

import math
import os
import random
import struct
import subprocess
import sys
from decimal import Decimal, localcontext
from itertools import pairwise
from statistics import NormalDist

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from sim.draws.arithmetic import exponential, logarithm, normal_quantile

often = settings(max_examples=500)
TINY, LARGE, LEAST = sys.float_info.min, sys.float_info.max, 5e-324
POSITIVE = st.floats(0.0, exclude_min=True, allow_nan=False, allow_infinity=False)
SHARES = st.floats(0.0, 1.0, exclude_min=True, exclude_max=True)


def place(x):
    """The place of a number among all floating-point numbers, so that neighbours differ by one."""
    (bits,) = struct.unpack("<q", struct.pack("<d", x))
    return bits if bits >= 0 else -(bits & 2**63 - 1)


def ulps(one, other):
    return abs(place(one) - place(other))


def floats_of_all_sizes(count):
    """Positive numbers with random bits: as many between 1 and 2 as between 2**-1000 and 2**-999."""
    dice = random.Random(1)
    return [struct.unpack("<d", struct.pack("<q", dice.randrange(1, place(LARGE) + 1)))[0] for _ in range(count)]


def shares(count):
    """Numbers between 0 and 1 as draws are, and some that are far in the tails."""
    dice = random.Random(2)
    draws = [(dice.getrandbits(52) + 0.5) * 2.0**-52 for _ in range(count)]
    return [*draws, *(10.0**-power for power in range(1, 320, 3)), 2**-53, 1 - 2**-53, 0.5, 0.075, 0.925, 1e-16]


# Where the steps of the methods change: the reduction of the logarithm at the root of 2, that of the exponential at odd
# halves of ln 2, the regions of the normal quantile at 0.425 and 5.
TURNS = [
    turned
    for x in (math.sqrt(0.5), 1.0, math.sqrt(2.0), 2.0, 4.0, TINY, 0.5, 0.075, 0.925, math.exp(-25.0))
    for turned in (math.nextafter(x, 0.0), x, math.nextafter(x, math.inf))
]


@often
@given(POSITIVE)
@example(LEAST)
@example(LARGE)
def test_the_logarithm_is_that_of_the_library_within_the_last_place(x):
    assert ulps(logarithm(x), math.log(x)) <= 1


@pytest.mark.parametrize("x", [TINY / 3, LEAST, 7 * LEAST, TINY, LARGE, math.e, *TURNS])
def test_the_logarithm_at_its_turns(x):
    assert ulps(logarithm(x), math.log(x)) <= 1


def test_the_logarithm_over_all_sizes():
    assert max(ulps(logarithm(x), math.log(x)) for x in floats_of_all_sizes(20_000)) <= 1
    near_one = [1.0 + sign * 2.0**-power * 1.37 for power in range(1, 52) for sign in (-1, 1)]
    assert max(ulps(logarithm(x), math.log(x)) for x in near_one) <= 1
    assert all(logarithm(2.0**k) == math.log(2.0**k) for k in range(-1022, 1024, 31))


def error(value, exact):
    """How far a value is from the exact one, in units of its last place."""
    return abs(Decimal(value) - exact) / Decimal(math.ulp(value))


def test_the_logarithm_is_within_one_unit_of_the_truth():
    with localcontext(prec=40):
        assert max(error(logarithm(x), Decimal(x).ln()) for x in floats_of_all_sizes(400)) < 1


def test_the_logarithm_of_what_has_none():
    assert logarithm(0.0) == logarithm(-0.0) == -math.inf
    assert logarithm(1.0) == 0.0
    assert logarithm(math.inf) == math.inf
    assert all(math.isnan(logarithm(x)) for x in (-1.0, -LEAST, -math.inf, math.nan))


@often
@given(st.floats(-745.2, 709.8))
@example(709.782712893384)
@example(math.nextafter(709.782712893384, math.inf))
@example(-745.1332191019411)
@example(-745.1332191019412)
@example(-708.3964185322641)
def test_the_exponential_is_that_of_the_library_within_the_last_place(x):
    try:
        wanted = math.exp(x)
    except OverflowError:
        wanted = math.inf
    assert ulps(exponential(x), wanted) <= 1


def test_the_exponential_over_all_sizes():
    dice = random.Random(3)
    powers = [dice.uniform(-745.0, 709.7) for _ in range(10_000)]
    powers += [sign * x for x in floats_of_all_sizes(4_000) for sign in (-1, 1) if x < 700.0]
    halves = [(k + 0.5) * math.log(2.0) for k in range(-1070, 1020)]
    assert max(ulps(exponential(x), math.exp(x)) for x in (*powers, *halves)) <= 1


def test_the_exponential_is_within_one_unit_of_the_truth():
    dice = random.Random(4)
    with localcontext(prec=40):
        powers = [dice.uniform(-700.0, 709.0) for _ in range(200)] + [dice.uniform(-1.0, 1.0) for _ in range(200)]
        assert max(error(exponential(x), Decimal(x).exp()) for x in powers) < 1


def test_the_exponential_of_what_is_beyond_floating_point():
    assert exponential(0.0) == exponential(-0.0) == exponential(LEAST) == exponential(-LEAST) == 1.0
    assert exponential(math.inf) == exponential(709.79) == exponential(LARGE) == math.inf
    assert exponential(-math.inf) == exponential(-746.0) == exponential(-LARGE) == 0.0
    assert exponential(-745.0) == LEAST
    assert math.isnan(exponential(math.nan))


@often
@given(st.floats(-300, 300), st.floats(-300, 300))
def test_more_is_never_less(one, other):
    low, high = sorted((one, other))
    assert exponential(low) <= exponential(high) * (1 + 2**-52)
    small, large = exponential(low), exponential(high)
    assert logarithm(small) <= logarithm(large) + abs(logarithm(large)) * 2**-52


@pytest.mark.parametrize("quantile", [ndtri, NormalDist().inv_cdf], ids=["scipy", "python"])
def test_the_normal_quantile_is_that_of_others(quantile):
    told = [normal_quantile(u) for u in shares(5_000)]
    assert told == pytest.approx([float(quantile(u)) for u in shares(5_000)], rel=1e-14, abs=1e-300)


@often
@given(SHARES)
def test_the_normal_quantile_is_scipys_everywhere(u):
    assert normal_quantile(u) == pytest.approx(float(ndtri(u)), rel=1e-14, abs=1e-300)


@often
@given(st.integers(0, 2**52 - 1))
def test_the_normal_quantile_is_odd(word):
    """To the last bit, as 1 - u is exact for a draw."""
    u = (word + 0.5) * 2.0**-52
    assert normal_quantile(1.0 - u) == -normal_quantile(u)


@often
@given(SHARES, SHARES)
def test_the_normal_quantile_never_falls(one, other):
    """Neighbours in floating point, far closer than draws, may change places in the last bit."""
    low, high = (normal_quantile(u) for u in sorted((one, other)))
    assert low <= high + 4 * math.ulp(high)


@pytest.mark.parametrize("turn", [0.075, 0.925, math.exp(-25.0), 1.0 - math.exp(-25.0), 0.25, 0.5, 1e-5])
def test_neighbouring_draws_are_in_order(turn):
    """Where the regions of the method meet as elsewhere. Numbers that are closer than draws may change places."""
    first = max(0, math.floor(turn * 2**52) - 1000)
    drawn = [normal_quantile((word + 0.5) * 2.0**-52) for word in range(first, first + 2000)]
    assert all(one <= other for one, other in pairwise(drawn))


def test_the_middle_is_nought():
    assert normal_quantile(0.5) == 0.0


def told():
    """Some hundred arguments in all the regions of the three functions, with what comes out, to the last bit."""
    sizes = [*floats_of_all_sizes(150), *TURNS, LEAST, LARGE, 0.0, -1.0, math.inf, math.nan]
    powers = [
        *(x / 7.0 for x in range(-5300, 5100, 37)),
        *(k * math.log(2.0) / 2 for k in range(-40, 40)),
        -745.1,
        709.78,
    ]
    powers += [0.0, LEAST, math.inf, -math.inf, math.nan, 800.0, -800.0]
    lines = [f"log {x.hex()} {logarithm(x).hex()}" for x in sizes]
    lines += [f"exp {x.hex()} {exponential(x).hex()}" for x in powers]
    return [*lines, *(f"normal {u.hex()} {normal_quantile(u).hex()}" for u in shares(150))]


def test_the_bits_are_the_same_without_compilation():
    done = subprocess.run(
        [sys.executable, __file__],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == told()


if __name__ == "__main__":
    assert not hasattr(logarithm, "signatures"), "this is meant to be run without compilation"
    print("\n".join(told()))
