"""Draws: Philox as NumPy has it, keys that never change, uniforms that are uniform and independent."""

import math
import os
import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

from sim.draws.uniform import ITSELF, NATION, host_place, luck, name_key, philox, region_place, stream_tag, uniform

"""Compiled rules are loaded within the first example."""

TOP = 2**64 - 1
WORDS = st.integers(0, TOP)


def words(numbers):
    return tuple(np.uint64(number) for number in numbers)


def block(counter, key):
    return tuple(int(word) for word in philox(*words(counter), *words(key)))


def member(stream, number):
    """The member that is group ``number`` of an arrival stream."""
    return stream_tag(stream) | np.uint64(number)


def numpys_block(counter, key):
    """The block at ``counter``; NumPy adds one to the 256-bit counter before it makes its first block."""
    before = (sum(word << 64 * i for i, word in enumerate(counter)) - 1) % 2**256
    state = np.array([before >> 64 * i & TOP for i in range(4)], dtype=np.uint64)
    made = np.random.Philox(key=np.array(key, dtype=np.uint64), counter=state).random_raw(4)
    return tuple(int(word) for word in made)


@given(st.tuples(WORDS, WORDS, WORDS, WORDS), st.tuples(WORDS, WORDS))
@example((0, 0, 0, 0), (0, 0))
@example((TOP, TOP, TOP, TOP), (TOP, TOP))
@example((0, 0, 0, 1), (0, TOP))
def test_philox_is_numpys(counter, key):
    assert block(counter, key) == numpys_block(counter, key)


def test_philox_gives_the_published_block():
    """Known answer of Random123 (kat_vectors) for Philox 4x64-10 at zero."""
    assert block((0, 0, 0, 0), (0, 0)) == (
        0x16554D9ECA36314C,
        0xDB20FE9D672D0FDC,
        0xD7E772CEE186176B,
        0x7E68B68AEC7BA23B,
    )


KEYS = {
    "": 0xB4B2797457A0A6E4,
    "arrival": 0x6E942E9965BA238F,
    "gate/manager_resistance//request": 0x1210C911D9BFE5E9,
    "größe": 0xE99A32C955E1F8F4,
}


@pytest.mark.parametrize("name", KEYS)
def test_name_keys_never_change(name):
    """A change here changes every stored result."""
    assert name_key(name) == KEYS[name]
    assert isinstance(name_key(name), np.uint64)


def test_a_draw_never_changes():
    fate, host = luck(20081101, 731), host_place("west_midlands", 3)
    assert uniform(fate, name_key("arrival"), host, member("", 2), 0) == 0.1952959348409048
    assert uniform(fate, name_key("work/idea"), host, member("team", 2), 4) == 0.8791359398666768


def test_draws_do_not_depend_on_the_hash_seed():
    code = (
        "from sim.draws.uniform import *;print(uniform(luck(1, 2), name_key('x'), host_place('north', 1), ITSELF, 0))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert told == {f"{uniform(luck(1, 2), name_key('x'), host_place('north', 1), ITSELF, 0)}\n"}


@pytest.mark.parametrize("seed", [2**63 - 1, 2**63, TOP])
@pytest.mark.parametrize("replication", [0, 2**31 - 1])
def test_seeds_of_64_bits_are_as_good_as_any(seed, replication):
    (word, *_) = numpys_block((int(name_key("x")), int(NATION), int(ITSELF), 0), (seed, replication))
    drawn = uniform(luck(seed, replication), name_key("x"), NATION, ITSELF, 0)
    assert drawn == (word >> 12) * 2.0**-52 + 2.0**-53


ROUND = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)
MULTIPLIERS = (0xD2E7470EE14C6C93, 0xCA5A826395121157)


def counter_of(word):
    """The counter whose block begins with ``word``, by Philox run backwards under the key (0, 0)."""
    c = [word, 0, 0, 0]
    for turn in reversed(range(10)):
        k0, k1 = (turn * step % 2**64 for step in ROUND)
        c0, c2 = (low * pow(factor, -1, 2**64) % 2**64 for low, factor in zip((c[3], c[1]), MULTIPLIERS, strict=True))
        high0, high1 = (a * b >> 64 for a, b in zip((c0, c2), MULTIPLIERS, strict=True))
        c = [c0, c[0] ^ high1 ^ k0, c2, c[2] ^ high0 ^ k1]
    return words(c)


@pytest.mark.parametrize("word", [0, 1, 2**11 - 1, 2**11, 2**12 - 1, 2**12, 2**63, TOP - 2**12, TOP - 2**11, TOP])
def test_a_uniform_lies_strictly_between_0_and_1(word):
    """Both ends are infinite to a logarithm or a normal quantile; and 1 - u must be exact, for the laws read it."""
    name, place, who, visit = counter_of(word)
    assert philox(name, place, who, visit, *words((0, 0)))[0] == word
    drawn = uniform(luck(0, 0), name, place, who, visit)
    assert drawn == (word >> 12) * 2.0**-52 + 2.0**-53
    assert 0.0 < drawn < 1.0
    assert math.fsum((1.0, -drawn, -(1.0 - drawn))) == 0.0


def sample(vary):
    """10 000 draws in which one part of the address varies."""
    key, host, one = name_key("gate/a//b"), host_place("north", 1), luck(1, 0)
    pick = {
        "member": lambda i: uniform(one, key, host, member("", i), 0),
        "visit": lambda i: uniform(one, key, host, member("", 1), i),
        "replication": lambda i: uniform(luck(1, i), key, host, ITSELF, 0),
        "seed": lambda i: uniform(luck(i, 0), key, host, ITSELF, 0),
        "name": lambda i: uniform(one, name_key(f"gate/{i}"), host, ITSELF, 0),
        "host": lambda i: uniform(one, key, host_place("north", i), ITSELF, 0),
        "region": lambda i: uniform(one, key, region_place(f"r{i}"), ITSELF, 0),
    }[vary]
    return np.array([pick(i) for i in range(10_000)])


PARTS = ("member", "visit", "replication", "seed", "name", "host", "region")


@pytest.mark.parametrize("vary", PARTS)
def test_draws_are_uniform_whatever_varies(vary):
    drawn = sample(vary)
    assert stats.kstest(drawn, "uniform").pvalue > 1e-4
    assert len(set(drawn)) == len(drawn)
    shift = np.corrcoef(drawn[:-1], drawn[1:])[0, 1]
    assert abs(shift) * np.sqrt(len(drawn)) < 4


def test_draws_of_several_decisions_are_not_correlated():
    series = [sample(vary) for vary in PARTS]
    for one, other in combinations(series, 2):
        assert abs(np.corrcoef(one[1:], other[1:])[0, 1]) * 100 < 4


def test_entities_of_places_and_members_differ():
    hosts = [(host_place(region, i), ITSELF) for region in ("a", "b", "a/1") for i in (1, 2, 11)]
    groups = [(host, member(stream, i)) for host, _ in hosts for stream in ("", "team") for i in (1, 2)]
    named = [(host, stream_tag("named/Ann")) for host, _ in hosts]
    regions = [(region_place(name), ITSELF) for name in ("a", "b", "a/1")]
    everybody = [*hosts, *groups, *named, *regions, (NATION, ITSELF)]
    assert len({tuple(map(int, who)) for who in everybody}) == len(everybody)


def test_a_member_holds_the_stream_in_its_upper_half_and_the_number_in_its_lower():
    assert int(stream_tag("team")) == (int(name_key("stream/team")) % 2**32) * 2**32
    assert int(member("team", 7)) == int(stream_tag("team")) + 7
