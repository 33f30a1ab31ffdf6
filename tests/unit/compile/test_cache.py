"""The compiled cache: never stale, never in the way, and told about once."""

import ast
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numba
import pytest
from numba.core import config

from sim.caches import user_caches
from sim.compile import cache as compiled
from sim.draws.arithmetic import triangular

PACKAGE = Path(compiled.__file__).resolve().parents[1]
RULE = """
from sim.draws.arithmetic import triangular
print(triangular(1.0, 2.0, 7.0, 0.3), sum(triangular.stats.cache_hits.values()))
"""
"""A small rule: what it gives, and whether it was found compiled."""
VALUE = triangular.py_func(1.0, 2.0, 7.0, 0.3)


def start(code, cache, package=PACKAGE.parent, **environment):
    """A process of its own that runs the code with the package in a folder, and with this cache."""
    left = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    paths = os.pathsep.join([str(package), *(path for path in sys.path if path != str(PACKAGE.parent))])
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env={**left, "SPINOUT_CACHE": str(cache), "PYTHONPATH": paths, **environment},
        cwd=package,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def told_by(process):
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert err == ""
    return out.splitlines()


def run(*how, **more):
    return told_by(start(*how, **more))


CALLED = """
from sim.compile.cache import jit
NUMBER = 3.5

@jit
def called(x):
    return x * NUMBER
"""
CALLING = """
from sim.rules.called import called
from sim.compile.cache import jit
from sim.scenario.quantity import DAYS_PER_MONTH

@jit
def calling(x):
    return called(x) + 1.0

@jit
def days(months):
    return months * DAYS_PER_MONTH
"""


@pytest.fixture
def package(tmp_path):
    """A copy of the package with two small rules more, to be edited."""
    shutil.copytree(PACKAGE, tmp_path / "copy" / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in (("called", CALLED), ("calling", CALLING)):
        (tmp_path / "copy" / "sim" / "rules" / f"{name}.py").write_text(text, encoding="utf-8")
    return tmp_path / "copy"


def edit(file, old, new):
    """Exchange a text in a file, and leave its size and time as they were."""
    before, text = file.stat(), file.read_text(encoding="utf-8")
    edited, times = re.subn(old, new, text)
    assert times == 1
    assert len(edited) == len(text)
    file.write_text(edited, encoding="utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


# Never stale


@pytest.mark.long
def test_an_edit_of_what_a_rule_calls_in_another_file_is_seen(package, tmp_path):
    """Numba alone looks at the file of the rule, and would go on with the old number."""
    code = "from sim.rules.calling import calling as c; print(c(2.0), sum(c.stats.cache_hits.values()))"
    callee = package / "sim" / "rules" / "called.py"
    assert run(code, tmp_path / "cache", package) == ["8.0 0"]
    edit(callee, "3.5", "4.5")
    assert run(code, tmp_path / "cache", package) == ["10.0 0"]
    edit(callee, "4.5", "3.5")
    assert run(code, tmp_path / "cache", package) == ["8.0 1"]


@pytest.mark.long
def test_an_edit_of_a_number_that_stands_outside_the_rules_is_seen(package, tmp_path):
    """The kernel has the length of a month from the scenario's own words."""
    code = "from sim.rules.calling import days; print(days(12.0))"
    assert run(code, tmp_path / "cache", package) == ["365.25"]
    edit(package / "sim" / "scenario" / "quantity.py", r"(?<=DAYS_PER_MONTH: Final = )365\.25", "360.00")
    assert run(code, tmp_path / "cache", package) == ["360.0"]


def jitted_files():
    """The files in which something is compiled."""
    folders = (PACKAGE / "rules", PACKAGE / "kernel")
    return [file for folder in folders for file in sorted(folder.glob("*.py")) if "@jit" in file.read_text("utf-8")]


@pytest.mark.parametrize("file", jitted_files(), ids=lambda file: f"{file.parent.name}/{file.name}")
def test_no_number_is_taken_from_a_file_that_is_not_looked_at(file):
    """A constant that compiled code reads is part of it, wherever it comes from."""
    looked_at = {source.resolve() for pattern in compiled._SOURCES for source in PACKAGE.glob(pattern)}
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sim."):
            origin = (PACKAGE.parent / f"{node.module.replace('.', '/')}.py").resolve()
            constants = [one.name for one in node.names if one.name.isupper()]
            assert not constants or origin in looked_at, (constants, node.module)


@pytest.mark.parametrize(("holder", "name"), [(numba, "__version__"), (sys, "version")])
def test_what_another_compiler_or_python_compiled_is_not_used(monkeypatch, holder, name):
    before = compiled._digest()
    assert compiled._digest() == before
    monkeypatch.setattr(holder, name, "another")
    assert compiled._digest() != before


def test_every_source_that_may_be_compiled_is_looked_at(package, monkeypatch):
    """One letter more in any of them makes another folder; so does a file more."""
    monkeypatch.setattr(compiled, "__file__", str(package / "sim" / "compile" / "cache.py"))
    told = {compiled._digest()}
    for file in ("rules/population.py", "kernel/life.py", "rules/one_more.py"):
        with (package / "sim" / file).open("a", encoding="utf-8") as source:
            source.write("\n")
        told.add(compiled._digest())
    assert len(told) == 4


# Never in the way

UNWRITABLE = {
    "a file": lambda folder: folder / "file",
    "a folder that may not be written": lambda folder: folder / "shut",
}


@pytest.mark.parametrize("where", UNWRITABLE)
@pytest.mark.long
def test_a_cache_that_cannot_be_written_does_not_stop_a_run(where, tmp_path):
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    (tmp_path / "shut").mkdir(mode=0o500)
    (tmp_path / "spare").mkdir()
    spare = {name: str(tmp_path / "spare") for name in ("TMPDIR", "TEMP", "TMP")}
    assert run(RULE, UNWRITABLE[where](tmp_path), **spare) == [f"{VALUE} 0"]
    assert (tmp_path / "file").read_text(encoding="utf-8") == "not a folder"


@pytest.mark.skipif(os.name == "nt", reason="files cannot be limited in size")
@pytest.mark.long
def test_a_disk_that_fills_up_does_not_stop_a_run(tmp_path):
    """An empty file can still be made on it, but nothing that has been compiled fits."""
    full = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))"
    assert run(f"{full}\n{RULE}", tmp_path / "cache") == [f"{VALUE} 0"]


@pytest.mark.long
def test_a_cache_that_was_cut_short_is_made_anew(tmp_path):
    """As by a loss of power, after which a file that was renamed into its place may be empty."""
    assert run(RULE, tmp_path) == [f"{VALUE} 0"]
    for left in (0, 40):
        for file in tmp_path.rglob("*.nb*"):
            file.write_bytes(file.read_bytes()[:left])
        assert run(RULE, tmp_path) == [f"{VALUE} 0"]


@pytest.mark.long
def test_processes_that_compile_at_one_time_do_not_disturb_each_other(tmp_path):
    processes = [start(RULE, tmp_path) for _ in range(3)]
    assert {told_by(process)[0].split()[0] for process in processes} == {str(VALUE)}
    assert run(RULE, tmp_path) == [f"{VALUE} 1"]


@pytest.mark.long
def test_two_installations_of_one_version_share_what_was_compiled(tmp_path):
    other = tmp_path / "elsewhere"
    shutil.copytree(PACKAGE, other / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    assert run(RULE, tmp_path / "cache") == [f"{VALUE} 0"]
    assert run(RULE, tmp_path / "cache", other) == [f"{VALUE} 1"]


OTHERS = """
import numba
before = numba.config.CACHE_DIR
from sim.draws.arithmetic import triangular
triangular(1.0, 2.0, 7.0, 0.3)
assert numba.config.CACHE_DIR == before
import foreign
foreign.double(2)
"""
FOREIGN = """
import numba

@numba.njit(cache=True)
def double(x):
    return 2 * x
"""


@pytest.mark.parametrize("given", [True, False], ids=["a folder of its own", "beside the source"])
def test_what_other_programs_compile_goes_where_it_went(given, tmp_path):
    (tmp_path / "foreign.py").write_text(FOREIGN, encoding="utf-8")
    code = f"import sys; sys.path.append({str(tmp_path)!r})\n{OTHERS}"
    run(code, tmp_path / "ours", **({"NUMBA_CACHE_DIR": str(tmp_path / "theirs")} if given else {}))
    place = tmp_path / ("theirs" if given else "__pycache__")
    assert list(place.rglob("foreign.double*.nbi"))
    assert not list((tmp_path / "ours").rglob("foreign*"))
    assert list((tmp_path / "ours").rglob("arithmetic.triangular*.nbi"))


def test_this_process_has_its_setting_still():
    assert os.environ.get("NUMBA_CACHE_DIR", "") == config.CACHE_DIR


# Told about once


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    """A cache in which nothing has been compiled."""
    folder = tmp_path / "kernel-0000000000000000"
    folder.mkdir()
    monkeypatch.setattr(compiled, "_CACHE", folder)
    monkeypatch.setattr(config, "DISABLE_JIT", 0)
    return folder


def first_time(inside=lambda: None):
    """Whether something had to be compiled, and what was told."""
    told = []
    with compiled.first_time(told.append) as needed:
        inside()
    return needed, told


def test_that_something_is_compiled_is_told_once(fresh):
    needed, told = first_time()
    assert needed
    before, after = told
    assert before.startswith("Compiling")
    assert re.fullmatch(r"Compiled in \d+ s\.", after)
    assert first_time() == first_time() == (False, [])


def test_nothing_is_told_where_nothing_is_compiled(fresh, monkeypatch):
    monkeypatch.setattr(config, "DISABLE_JIT", 1)
    assert first_time() == (False, [])
    assert not list(fresh.iterdir())


def test_a_compilation_that_was_broken_off_is_told_about_again(fresh):
    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        first_time(stop)
    needed, told = first_time()
    assert (needed, len(told)) == (True, 2)


def test_a_cache_that_vanishes_meanwhile_does_not_stop_a_run(fresh):
    needed, told = first_time(lambda: shutil.rmtree(fresh))
    assert (needed, len(told)) == (True, 2)


def test_caches_of_versions_long_gone_are_removed_and_nothing_else(fresh):
    names = ("kernel-0123456789abcdef", "kernel-fedcba9876543210", "something-else")
    for name in names:
        (fresh.parent / name).mkdir()
        (fresh.parent / name / "file").write_text("x", encoding="utf-8")
    long_ago = time.time() - 100 * 24 * 3600
    for name in (fresh.name, names[0], names[2]):
        os.utime(fresh.parent / name, (long_ago, long_ago))
    first_time()
    assert {path.name for path in fresh.parent.iterdir()} == {fresh.name, *names[1:]}


def test_the_cache_is_the_users_unless_it_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("SPINOUT_CACHE", str(tmp_path))
    assert user_caches() == tmp_path
    monkeypatch.setenv("SPINOUT_CACHE", "")
    usual = user_caches()
    monkeypatch.delenv("SPINOUT_CACHE")
    assert user_caches() == usual
    assert usual.is_absolute()
    assert "spinout" in usual.parts
