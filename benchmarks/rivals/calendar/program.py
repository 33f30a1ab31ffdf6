"""Compile the C++ program and call it: replications in, columns of numbers out."""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np

from benchmarks.rivals.calendar.header import causes, forms, header
from sim.plan.plan import FIRST_TRAIT, Plan

HERE: Final = Path(__file__).resolve().parent
_INTEGERS: Final = ("replication", "host", "type", "route", "headcount", "state", "stage", "cause", "form", "tries")
_REALS: Final = ("turnover", "arrived", "exit_time", "award", "traits", "entered", "reached", "costs")
STATES: Final = ("inside", "completed", "exited")
_MACHINE: Final = ("-march=x86-64-v2",) if platform.machine().lower() in ("x86_64", "amd64") else ()
PAYERS: Final = ("programme", "host", "group")


class NoCompiler(Exception):
    """No C++ compiler was found, or it could not compile the program."""


class _Columns(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_void_p) for name in (*_INTEGERS, *_REALS))


class _Counts(ctypes.Structure):
    _fields_ = (("events", ctypes.c_int64), ("draws", ctypes.c_int64))


@dataclass(frozen=True, slots=True)
class Output:
    """The rows of some replications, one a group, and how many events and draws they took."""

    rows: int
    columns: Mapping[str, np.ndarray]
    events: int
    draws: int


class Program:
    """The compiled program with room for so many rows, which is used again at every call."""

    def __init__(self, library: Path, plan: Plan, configuration: str, capacity: int) -> None:
        self.configuration = configuration
        self.causes = causes(plan)
        self.forms = forms(plan)
        self._call = ctypes.CDLL(str(library)).replications
        self._call.restype = ctypes.c_int64
        self._call.argtypes = [ctypes.c_uint64, *[ctypes.c_int64] * 3, ctypes.c_void_p, ctypes.c_void_p]
        cells = {
            "traits": plan.slots - FIRST_TRAIT,
            "entered": len(plan.stages),
            "reached": len(plan.milestones),
            "costs": len(PAYERS),
        }
        self._columns: dict[str, np.ndarray] = {name: np.zeros(capacity, np.int32) for name in _INTEGERS}
        for name in _REALS:
            self._columns[name] = np.zeros((capacity, cells[name]) if name in cells else capacity)
        self._capacity = capacity
        self._pointers = _Columns(*(column.ctypes.data for column in self._columns.values()))

    def run(self, seed: int, first: int, count: int) -> Output:
        """Replications first, first + 1, ...; the columns are overwritten by the next call."""
        counts = _Counts(0, 0)
        rows = self._call(seed, first, count, self._capacity, ctypes.byref(self._pointers), ctypes.byref(counts))
        if rows < 0:
            raise MemoryError(f"more than {self._capacity} groups in {count} replications")
        columns = {name: column[:rows] for name, column in self._columns.items()}
        return Output(rows, columns, counts.events, counts.draws)


@contextmanager
def compiled(plan: Plan, capacity: int, compiler: str | None = None) -> Iterator[Program]:
    """Compile the program for a plan in a temporary folder, with room for so many rows. Raises `NoCompiler`."""
    found = _compiler(compiler)
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        (Path(folder) / "plan.hpp").write_text(header(plan), encoding="utf-8")
        library = Path(folder) / ("world.dll" if os.name == "nt" else "world.so")
        options = _compile(found, Path(folder), library)
        try:
            program = Program(library, plan, f"{_version(found)}, {' '.join(options)}", capacity)
        except OSError as error:
            raise NoCompiler(f"what {found} made could not be loaded: {error}") from error
        yield program


def _compile(compiler: str, folder: Path, library: Path) -> Sequence[str]:
    """Compile, and return the options that count. Compilers before 2021 do not know the machine by that name."""
    said = ""
    for machine in (_MACHINE, ()):
        options = ("-std=c++17", "-O3", *machine, "-ffp-contract=off")
        places = ("-shared", "-fPIC", f"-I{folder}", f"-I{HERE}", str(HERE / "world.cpp"), "-o", str(library))
        done = subprocess.run([compiler, *options, *places], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return options
        said = done.stderr.strip()[:2000]
    raise NoCompiler(f"{compiler} could not compile the program: {said}")


def _compiler(wanted: str | None) -> str:
    names: list[str] = [wanted] if wanted else [os.environ.get("CXX", ""), "g++", "clang++", "c++"]
    for name in names:
        if name and (path := shutil.which(name)):
            return path
    raise NoCompiler("no C++ compiler found (g++ or clang++, or the one that CXX names)")


def _version(compiler: str) -> str:
    said: Any = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=False)
    return said.stdout.splitlines()[0] if said.stdout else compiler
