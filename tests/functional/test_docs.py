"""The documentation as a test: what it tells readers to type works, and what it shows them is so.

Page by page, in a folder of its own, in the order in which a reader meets them:

- a ``yaml`` block that begins with ``# file: NAME`` is written to NAME and must load, as a scenario or an experiment;
  one that begins with ``# faulty file: NAME`` must be refused;
- every ``$`` line of a ``console`` block runs in a subprocess and must end with exit code 0; in a block with the line
  ``# exits N``, with N, and the lines below a command must then be its output;
- every ``python`` block runs in a subprocess.

Relative links must lead to a file, and to a heading where they name one.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sim.experiment.load import load_experiment
from sim.scenario.faults import ScenarioFaults
from sim.scenario.library import is_experiment
from sim.scenario.load import load as load_scenario

CHECKOUT = Path(__file__).resolve().parents[2]
PAGES = sorted(page for pages in ("*.md", "docs/**/*.md", "*/README.md") for page in CHECKOUT.glob(pages))
RUNNABLE = [page for page in PAGES if re.search(r"^```(console|python|yaml)$", page.read_text("utf-8"), re.M)]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
FILE = re.compile(r"# (file|faulty file): (\S+)\n")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
# Installing is what the reader does before the first command. Here the package is installed already, by the way that is
# under test, and an installation in a test would need a network and minutes.
INSTALLING = ("python -m venv", "python3 -m venv", "pip ", ".venv/bin/pip", "git clone")


def name(page):
    return page.relative_to(CHECKOUT).as_posix()


# Pages that look things up take seconds; those that teach run batches.
BY_LENGTH = [page if "reference" in page.parts else pytest.param(page, marks=pytest.mark.long) for page in RUNNABLE]


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """An environment in which ``spinout`` and ``python`` are those that run this test."""
    folder = tmp_path_factory.mktemp("bin")
    for command, call in (("spinout", f'"{sys.executable}" -m sim'), ("python", f'"{sys.executable}"')):
        (folder / command).write_text(f'#!/bin/sh\nexec {call} "$@"\n')
        (folder / command).chmod(0o755)
    paths = [str(CHECKOUT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **os.environ,
        "PATH": os.pathsep.join([str(folder), os.environ["PATH"]]),
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONIOENCODING": "utf-8",
        "COLUMNS": "100",
    }


def run(command, folder, environment, **how):
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=120, check=False, **how
    )


def write_file(text, folder, monkeypatch):
    found = FILE.match(text)
    if found is None:
        return
    kind, file = found.groups()
    (folder / file).write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)
    load = load_experiment if is_experiment(file) else load_scenario
    if kind == "file":
        load(file)
    else:
        with pytest.raises(ScenarioFaults):
            load(file)


def commands(text):
    """Each command of a console block with the lines that are shown below it."""
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found and line.strip():
            found[-1][1].append(line)
    return found


def run_console(text, folder, environment):
    marked = re.search(r"^# exits (\d+)$", text, re.M)
    wanted = int(marked[1]) if marked else 0
    for command, shown in commands(text):
        if command.startswith(INSTALLING):
            continue
        done = run(command, folder, environment, shell=True)
        output = done.stdout + done.stderr
        assert done.returncode == wanted, f"$ {command}\nexits {done.returncode}:\n{output}"
        assert "Traceback" not in output, f"$ {command}\n{output}"
        if marked and shown:
            assert [line for line in output.splitlines() if line.strip()] == shown, f"$ {command}"


def run_python(text, folder, environment):
    done = run([sys.executable, "-c", text], folder, environment)
    assert done.returncode == 0, f"{text}\n{done.stderr}"


@pytest.mark.skipif(os.name == "nt", reason="the commands are written for a POSIX shell")
@pytest.mark.parametrize("page", BY_LENGTH, ids=name)
def test_what_a_page_tells_the_reader_to_do_works(page, tmp_path, environment, monkeypatch):
    for kind, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        if kind == "yaml":
            write_file(text, tmp_path, monkeypatch)
        elif kind == "console":
            run_console(text, tmp_path, environment)
        elif kind == "python":
            run_python(text, tmp_path, environment)


def anchors(page):
    """The anchors of a page's headings, as code hosts make them."""
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page):
    broken = []
    for link in LINK.findall(BLOCK.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            broken.append(link)
    assert not broken
