"""Draws: Philox as NumPy has it, keys that never change, uniforms that are uniform and independent."""

import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

from sim.rules import draws
from sim.rules.draws import NATION, Entity, Luck, group_entity, host_entity, name_key, philox, region_entity

TOP = 2**64 - 1
WORDS = st.integers(0, TOP)


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
    assert philox(counter, key) == numpys_block(counter, key)


def test_philox_gives_the_published_block():
    """Known answer of Random123 (kat_vectors) for Philox 4x64-10 at zero."""
    assert philox((0, 0, 0, 0), (0, 0)) == (
        0x16554D9ECA36314C,
        0xDB20FE9D672D0FDC,
        0xD7E772CEE186176B,
        0x7E68B68AEC7BA23B,
    )


@given(st.tuples(WORDS, WORDS, WORDS, WORDS), st.tuples(WORDS, WORDS), st.integers(-3, 3))
def test_words_beyond_64_bits_wrap(counter, key, turns):
    wrapped = philox(tuple(word + turns * 2**64 for word in counter), tuple(word + turns * 2**64 for word in key))
    assert wrapped == philox(counter, key)


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


def test_a_draw_never_changes():
    luck, host = Luck(20081101, 731), host_entity("west_midlands", 3)
    assert luck.uniform(name_key("arrival"), group_entity(host, "", 2)) == 0.1952959348409048
    assert luck.uniform(name_key("work/idea"), group_entity(host, "team", 2), 4) == 0.8791359398666768


def test_draws_do_not_depend_on_the_hash_seed():
    code = "from sim.rules.draws import *; print(Luck(1, 2).uniform(name_key('x'), host_entity('north', 1)))"
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert told == {f"{Luck(1, 2).uniform(name_key('x'), host_entity('north', 1))}\n"}


@pytest.mark.parametrize("word", [0, 1, 2**11 - 1, 2**11, 2**63, TOP - 2**11, TOP])
def test_a_uniform_lies_strictly_between_0_and_1(monkeypatch, word):
    """Both ends are infinite to a logarithm or a normal quantile."""
    monkeypatch.setattr(draws, "philox", lambda counter, key: (word, 0, 0, 0))
    assert 0.0 < Luck(0, 0).uniform(1, NATION) < 1.0


def sample(vary):
    """10 000 draws in which one part of the address varies."""
    key, host = name_key("gate/a//b"), host_entity("north", 1)
    pick = {
        "member": lambda i: Luck(1, 0).uniform(key, group_entity(host, "", i)),
        "visit": lambda i: Luck(1, 0).uniform(key, group_entity(host, "", 1), i),
        "replication": lambda i: Luck(1, i).uniform(key, host),
        "seed": lambda i: Luck(i, 0).uniform(key, host),
        "name": lambda i: Luck(1, 0).uniform(name_key(f"gate/{i}"), host),
        "host": lambda i: Luck(1, 0).uniform(key, host_entity("north", i)),
        "region": lambda i: Luck(1, 0).uniform(key, region_entity(f"r{i}")),
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
    hosts = [host_entity(region, i) for region in ("a", "b", "a/1") for i in (1, 2, 11)]
    groups = [group_entity(host, stream, i) for host in hosts for stream in ("", "team") for i in (1, 2)]
    regions = [region_entity(name) for name in ("a", "b", "a/1")]
    assert len({*hosts, *groups, *regions, NATION}) == len(hosts) + len(groups) + len(regions) + 1
    assert Entity(5).member == 0
