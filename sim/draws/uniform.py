"""Every random number as a pure function of who, what and which visit.

A draw is addressed by (seed, replication, name of the decision, entity, visit) and comes from the counter-based
generator Philox 4x64 with 10 rounds (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2,
3"). Nothing depends on a position in a stream or on the order of events, so a group's luck at a decision is the same in
every scenario that has that decision.

An entity is a place (region or host) and a member of it, two words of 64 bits; member 0 is the place itself.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import config
from numba.extending import intrinsic

from sim.compile.cache import inlined

_MULTIPLIER_0: Final = np.uint64(0xD2E7470EE14C6C93)
_MULTIPLIER_1: Final = np.uint64(0xCA5A826395121157)
_WEYL_0: Final = np.uint64(0x9E3779B97F4A7C15)
_WEYL_1: Final = np.uint64(0xBB67AE8584CAA73B)
_ROUNDS: Final = 10
_UNIT: Final = 2.0**-52
_UNUSED_BITS: Final = np.uint64(12)

Block = tuple[np.uint64, np.uint64, np.uint64, np.uint64]


def _product_in_python(a: np.uint64, b: np.uint64) -> tuple[np.uint64, np.uint64]:
    product = int(a) * int(b)
    return np.uint64(product >> 64), np.uint64(product & 0xFFFFFFFFFFFFFFFF)


@intrinsic
def _product_compiled(typingctx: Any, a: Any, b: Any) -> Any:
    """The upper and lower 64 bits of a product of two 64-bit words: one instruction, which numba has no name for."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word, wide = ir.IntType(64), ir.IntType(128)
        product = builder.mul(builder.zext(arguments[0], wide), builder.zext(arguments[1], wide))
        upper = builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), word)
        return context.make_tuple(builder, signature.return_type, (upper, builder.trunc(product, word)))

    return types.UniTuple(types.uint64, 2)(types.uint64, types.uint64), generate


_product = _product_in_python if config.DISABLE_JIT else _product_compiled


@inlined
def philox(c0: np.uint64, c1: np.uint64, c2: np.uint64, c3: np.uint64, k0: np.uint64, k1: np.uint64) -> Block:
    """The Philox 4x64-10 block at a counter of four words under a key of two: four words."""
    for _ in range(_ROUNDS):
        h0, l0 = _product(_MULTIPLIER_0, c0)
        h1, l1 = _product(_MULTIPLIER_1, c2)
        c0, c1, c2, c3 = h1 ^ c1 ^ k0, l1, h0 ^ c3 ^ k1, l0
        k0 += _WEYL_0
        k1 += _WEYL_1
    return c0, c1, c2, c3


class Luck(NamedTuple):
    """All the random numbers of one replication."""

    seed: np.uint64
    replication: np.uint64


def luck(seed: int, replication: int) -> Luck:
    """The random numbers of a replication of a seed."""
    return Luck(np.uint64(seed), np.uint64(replication))


@inlined
def uniform(luck: Luck, name: np.uint64, place: np.uint64, member: np.uint64, visit: int) -> float:
    """A number strictly between 0 and 1 for the decision with this `name_key`, of an entity, at a visit."""
    word = philox(name, place, member, np.uint64(visit), luck.seed, luck.replication)[0]
    # 52 bits and not 53: with one more the largest draw would round up to 1.
    return float(word >> _UNUSED_BITS) * _UNIT + 0.5 * _UNIT


@lru_cache(maxsize=65536)
def name_key(name: str) -> np.uint64:
    """A 64-bit number for a name: the first eight bytes of its BLAKE2b digest, little-endian."""
    return np.uint64(int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little"))


NATION: Final = np.uint64(0)
"""The place of draws that belong to the whole world, such as uncertain parameters."""
ITSELF: Final = np.uint64(0)
"""The member that is the place itself."""


def region_place(region: str) -> np.uint64:
    """The place of a region."""
    return name_key(f"region/{region}")


def host_place(region: str, number: int) -> np.uint64:
    """The place of host ``number`` (from 1) of a region."""
    return name_key(f"host/{region}/{number}")


def stream_tag(stream: str) -> np.uint64:
    """The upper half of the member of every group of an arrival stream; its number is the lower half."""
    return np.uint64((int(name_key(f"stream/{stream}")) & 0xFFFFFFFF) << 32)
