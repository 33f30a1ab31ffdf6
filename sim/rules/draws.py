"""Every random number as a pure function of who, what and which visit.

A draw is addressed by (seed, replication, name of the decision, entity, visit) and comes from the counter-based
generator Philox 4x64 with 10 rounds (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2,
3"). Nothing depends on a position in a stream or on the order of events, so a group's luck at a decision is the same in
every scenario that has that decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Final

_WORD: Final = 0xFFFFFFFFFFFFFFFF
_MULTIPLIER_0: Final = 0xD2E7470EE14C6C93
_MULTIPLIER_1: Final = 0xCA5A826395121157
_WEYL_0: Final = 0x9E3779B97F4A7C15
_WEYL_1: Final = 0xBB67AE8584CAA73B
_ROUNDS: Final = 10
_UNIT: Final = 2.0**-52


def philox(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, int, int, int]:
    """The Philox 4x64-10 block at a counter: four 64-bit words. Counter and key words are taken modulo 2**64."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(_ROUNDS):
        p0 = _MULTIPLIER_0 * (c0 & _WORD)
        p1 = _MULTIPLIER_1 * (c2 & _WORD)
        c0, c1, c2, c3 = (p1 >> 64) ^ c1 ^ k0, p1 & _WORD, (p0 >> 64) ^ c3 ^ k1, p0 & _WORD
        k0 = (k0 + _WEYL_0) & _WORD
        k1 = (k1 + _WEYL_1) & _WORD
    return c0, c1, c2, c3


@lru_cache(maxsize=65536)
def name_key(name: str) -> int:
    """A 64-bit number for a name: the first eight bytes of its BLAKE2b digest, little-endian."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")


@dataclass(frozen=True, slots=True)
class Entity:
    """Whom a draw belongs to: a place (region or host) and a member of it (0 is the place itself)."""

    place: int
    member: int = 0


NATION: Final = Entity(0)
"""The entity of draws that belong to the whole world, such as uncertain parameters."""


def region_entity(region: str) -> Entity:
    """The entity of a region."""
    return Entity(name_key(f"region/{region}"))


def host_entity(region: str, number: int) -> Entity:
    """The entity of host ``number`` (from 1) of a region."""
    return Entity(name_key(f"host/{region}/{number}"))


def group_entity(host: Entity, stream: str, number: int) -> Entity:
    """The entity of potential group ``number`` (from 1) of an arrival stream at a host."""
    return Entity(host.place, (name_key(f"stream/{stream}") & 0xFFFFFFFF) << 32 | number)


@dataclass(frozen=True, slots=True)
class Luck:
    """All the random numbers of one replication."""

    seed: int
    replication: int

    def uniform(self, name: int, entity: Entity, visit: int = 0) -> float:
        """A number strictly between 0 and 1 for the decision with this `name_key`."""
        word = philox((name, entity.place, entity.member, visit), (self.seed, self.replication))[0]
        # 52 bits and not 53: with one more the largest draw would round up to 1.
        return (word >> 12) * _UNIT + _UNIT / 2
