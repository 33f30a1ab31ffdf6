"""The real command line in processes of its own."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from sim.store.receipts import receipts, results_digest
from tests.helpers import warm
from tests.helpers.require import require

CHECKOUT = Path(__file__).resolve().parents[2]
WORLDS = Path(__file__).parent / "worlds"
EVERYTHING = str(WORLDS / "everything.yaml")
COMMAND = [sys.executable, "-m", "sim"]
PATIENCE = 180
UNWANTED = ("PYTHONPATH", "COLUMNS", "FORCE_COLOR", "PYTEST_CURRENT_TEST")


def environment(**more):
    """The tests' own environment; the checkout is on the path only where the package is not installed."""
    kept = {name: value for name, value in os.environ.items() if name not in UNWANTED}
    try:
        distribution("spinout")
    except PackageNotFoundError:
        kept["PYTHONPATH"] = str(CHECKOUT)
    return {**kept, "PYTHONIOENCODING": "utf-8", **more}


def spinout(*arguments, cwd, command=COMMAND, **variables):
    """Run a command to its end. Whatever it was, it must not end in a traceback."""
    arguments = list(map(str, arguments))
    if warm.AVAILABLE and command is COMMAND and not variables:
        done = warm.run_warm(arguments, cwd, environment(), PATIENCE)
    else:
        done = subprocess.run(
            [*command, *arguments],
            cwd=cwd,
            env=environment(**variables),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=PATIENCE,
            check=False,
        )
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    assert "Exception ignored" not in done.stderr, done.stderr
    return done


def ruled():
    """The command as a user for whom permissions hold, which for root they do only without its right to ignore them."""
    if os.geteuid():
        return list(COMMAND)
    require(shutil.which("setpriv"), "root may write anywhere, and setpriv of util-linux is not there")
    return ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", *COMMAND]


def succeeds(*arguments, cwd, **variables):
    """Run a command that must be done; return its standard output."""
    done = spinout(*arguments, cwd=cwd, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout


def fails(code, *arguments, cwd, **variables):
    """Run a command that must fail with this exit code; return its standard error."""
    done = spinout(*arguments, cwd=cwd, **variables)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert done.stderr.strip()
    return done.stderr


@contextmanager
def started(*arguments, cwd):
    """A command on its way, in a process group of its own, as a terminal has it; killed in the end if need be."""
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        cwd=cwd,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def until(condition, process, seconds=60):
    """Wait until something holds; returns it. Fails when the process ends before, or time is up."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        assert process.poll() is None, "it ended too soon"
        time.sleep(0.01)
    raise AssertionError("waited in vain")


def workers_of(process):
    """The worker processes of a run with the seconds of processor time that each has used, where the system tells."""
    found = {}
    ticks = os.sysconf("SC_CLK_TCK")
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == process.pid and b"spawn_main" in command:
            found[int(folder.name)] = (int(fields[11]) + int(fields[12])) / ticks
    return found


def workers_below(pid):
    """The processes that were spawned below a process, the trackers of resources left out."""
    parents, spawned = {}, set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if b"spawn_main" in (folder / "cmdline").read_bytes():
                spawned.add(int(folder.name))
        except OSError:
            continue

    def is_below(one):
        while one in parents:
            one = parents[one]
            if one == pid:
                return True
        return False

    return sorted(one for one in spawned if is_below(one))


def parts(folder, table="kpis"):
    """The parts of a table in a results folder."""
    return sorted((Path(folder) / table).glob("part-*.parquet"))


def contents(folder):
    """Every Parquet part of a results folder: relative path and bytes."""
    folder = Path(folder)
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.parquet"))}


def digest(folder):
    """The digest of the results in a folder, computed from what lies there."""
    return results_digest(receipts(Path(folder)))
