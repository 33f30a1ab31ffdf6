"""Commands in processes of their own, each forked from one that has all libraries loaded.

Most of what a short command takes is loading, and the tests start hundreds. Only on Linux; elsewhere, and where
``SPINOUT_COLD`` is set, every command starts from nothing, as it also does where a test sets variables of its own.
"""

import gc
import importlib
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from select import select

AVAILABLE = sys.platform == "linux" and "SPINOUT_COLD" not in os.environ
LIBRARIES = ("numba", "pandas", "pyarrow.parquet", "pydantic", "rich.table", "ruamel.yaml", "scipy.stats", "simpy")


def run_warm(arguments, cwd, environment, seconds):
    """Run ``spinout`` with these arguments to its end, as `subprocess.run` would."""
    server = _server(tuple(sorted(environment.items())))
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        print(json.dumps([arguments, str(cwd), str(out), str(err)]), file=server.stdin, flush=True)
        if not select([server.stdout], [], [], seconds)[0]:
            server.kill()
            raise subprocess.TimeoutExpired(arguments, seconds)
        code = int(server.stdout.readline())
        said, errors = (path.read_text(encoding="utf-8", errors="replace") for path in (out, err))
    return subprocess.CompletedProcess(arguments, code, said, errors)


@cache
def _server(environment):
    """The process that is forked. It ends when its standard input is closed, so with this process."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.helpers.warm"],
        cwd=Path(__file__).resolve().parents[2],
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )


def _load_everything():
    import sim

    modules = [module.name for module in pkgutil.walk_packages(sim.__path__, "sim.")]
    for name in (*modules, *LIBRARIES):
        if name != "sim.__main__":
            importlib.import_module(name)
    # Else the collector touches, and so copies, in every child what it shares with this process.
    gc.freeze()


def _serve():
    """Fork for every request and answer with the child's exit code. Returns in the children alone."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    for request in sys.stdin:
        arguments, cwd, out, err = json.loads(request)
        child = os.fork()
        if child:
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            print(code, file=answers, flush=True)
            continue
        answers.close()
        os.chdir(cwd)
        for number, path in ((0, os.devnull), (1, out), (2, err)):
            os.dup2(os.open(path, os.O_RDWR | os.O_CREAT), number)
        sys.argv = ["spinout", *arguments]
        return
    sys.exit()


if __name__ == "__main__":
    _load_everything()
    _serve()
    importlib.import_module("sim.__main__")
