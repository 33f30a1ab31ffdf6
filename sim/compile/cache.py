"""How rules are compiled: by numba, once, into a cache that no edit and no upgrade can make stale.

Numba notices a change in the file of a function, but not in the files of what that function calls. The cache therefore
lies in a folder named after a digest of every source that may be compiled: another text, another folder.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar, cast

import llvmlite
import numba
import numpy as np
from numba.core import config
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator

from sim.caches import user_caches

P = ParamSpec("P")
R = TypeVar("R")
_SOURCES: Final = (
    *(f"{room}/*.py" for room in ("compile", "draws", "plan", "results", "rules", "kernel")),
    "scenario/quantity.py",
    "scenario/vocabulary.py",
)
"""Every file whose functions or constants end up in compiled code."""
_OLD: Final = 30 * 24 * 3600
_READY: Final = "compiled"


def _digest() -> str:
    """Of all sources that may be compiled, and of what compiles them."""
    package = Path(__file__).resolve().parent.parent
    versions = (numba.__version__, llvmlite.__version__, np.__version__, sys.version)
    digest = sha256(repr((*versions, config.BOUNDSCHECK, config.OPT, config.DEBUGINFO_DEFAULT)).encode())
    for pattern in _SOURCES:
        for source in sorted(package.glob(pattern)):
            digest.update(f"{source.relative_to(package).as_posix()}\0".encode() + source.read_bytes())
    return digest.hexdigest()[:16]


def _folder() -> Path:
    """The folder of this version's cache; a new temporary one where the user's cannot be written."""
    try:
        folder = user_caches() / f"kernel-{_digest()}"
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (OSError, RuntimeError):
        return Path(tempfile.mkdtemp(prefix="spinout-kernel-"))
    return folder


_CACHE: Final = _folder()


class _Place(_CacheLocator):  # type: ignore[misc]
    """Where a function's compiled code lies: by the digest of all sources, whatever folder they are in, so that two
    installations of the same version share it.
    """

    def __init__(self, function: Any) -> None:
        self._name = f"{function.__module__.replace('.', '-')}-{function.__code__.co_firstlineno}"

    @classmethod
    def from_function(cls, function: Any, _file: str) -> _Place:
        """The place of a function."""
        return cls(function)

    def get_cache_path(self) -> str:
        """The folder of this version."""
        return str(_CACHE)

    def get_source_stamp(self) -> str:
        """What changes with the sources."""
        return _CACHE.name

    def get_disambiguator(self) -> str:
        """What tells functions of one name apart."""
        return self._name


class _Kept(CompileResultCacheImpl):  # type: ignore[misc]
    """How compiled code is kept: as numba does, in a place of ours."""

    _locator_classes = (_Place,)


class _Cache(FunctionCache):  # type: ignore[misc]
    """Numba's cache of a function, which never stops a run: what cannot be read is compiled again, and what cannot be
    written, as on a full disk, is not kept.
    """

    _impl_class = _Kept

    @contextmanager
    def _guard_against_spurious_io_errors(self) -> Iterator[None]:
        try:
            yield
        except Exception:
            with suppress(Exception):
                self.flush()


def jit(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function when it is first called, or take it from the cache. It runs without Python's lock.

    Division by zero gives infinity or NaN, as in NumPy. No arithmetic is reordered, so results are the same with and
    without compilation and on every machine.
    """
    return _compiled(function, inline=False)


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a small function as `jit` does, and put it into those that call it instead of calling it."""
    return _compiled(function, inline=True)


def _compiled(function: Callable[P, R], inline: bool) -> Callable[P, R]:
    compiled: Any = numba.njit(nogil=True, error_model="numpy", forceinline=inline)(function)
    if not config.DISABLE_JIT:
        compiled._cache = _Cache(function)
    return cast("Callable[P, R]", compiled)


@contextmanager
def first_time(tell: Callable[[str], None]) -> Iterator[bool]:
    """Whether something has yet to be compiled on this machine; if so, tells that, and how long it took."""
    ready = _CACHE / _READY
    if ready.exists() or config.DISABLE_JIT:
        yield False
        return
    tell("Compiling the kernel; this happens once for each version of the program ...")
    started = time.perf_counter()
    yield True
    with suppress(OSError):
        ready.touch()
        _forget_old()
    tell(f"Compiled in {time.perf_counter() - started:.0f} s.")


def _forget_old() -> None:
    """Remove the caches of versions that were last compiled long ago."""
    for other in _CACHE.parent.glob("kernel-*"):
        if other != _CACHE and time.time() - other.stat().st_mtime > _OLD:
            shutil.rmtree(other, ignore_errors=True)
