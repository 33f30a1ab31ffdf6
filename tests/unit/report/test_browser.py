"""The code that draws charts in a browser: kept for the next report, checked, made again where it cannot be kept."""

import os
import subprocess
import sys

import pytest

from sim.report import browser
from tests.helpers.synthetic import world, write

CODE = "window.vegaEmbed = 1;"


@pytest.fixture
def made(monkeypatch, tmp_path):
    """How often the code was made; the cache is a folder that is not there yet."""
    calls = []
    monkeypatch.setattr(browser, "_bundle", lambda: calls.append(1) or CODE)
    monkeypatch.setattr(browser, "user_caches", lambda: tmp_path / "cache" / "spinout")
    return calls


def kept(tmp_path):
    [path] = (tmp_path / "cache" / "spinout").iterdir()
    return path


def test_it_is_made_once(made, tmp_path):
    assert [browser.chart_library() for _ in range(3)] == [CODE] * 3
    assert len(made) == 1
    assert kept(tmp_path).suffix == ".js"


@pytest.mark.parametrize("harm", [lambda text: text[:-3], lambda text: text.replace("1;", "2;"), lambda text: ""])
def test_a_cut_or_altered_copy_is_made_again(made, tmp_path, harm):
    browser.chart_library()
    path = kept(tmp_path)
    path.write_text(harm(path.read_text(encoding="utf-8")), encoding="utf-8", newline="")
    assert browser.chart_library() == CODE
    assert browser.chart_library() == CODE
    assert len(made) == 2


def test_a_copy_that_is_no_text_is_made_again(made, tmp_path):
    browser.chart_library()
    kept(tmp_path).write_bytes(b"\xff\xfe\x00")
    assert browser.chart_library() == CODE
    assert len(made) == 2


def test_another_version_of_the_library_has_a_copy_of_its_own(made, tmp_path, monkeypatch):
    browser.chart_library()
    monkeypatch.setattr(browser, "version", lambda library: "999.0")
    browser.chart_library()
    assert len(made) == 2
    assert len(list((tmp_path / "cache" / "spinout").iterdir())) == 2


def test_a_cache_that_cannot_be_written_costs_time_and_no_more(made, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be", encoding="utf-8")
    assert browser.chart_library() == CODE
    assert browser.chart_library() == CODE
    assert len(made) == 2


def test_the_code_is_whole_and_can_stand_in_a_page():
    code = browser._bundle()
    assert "window.vegaEmbed" in code
    assert "</script" not in code
    assert "<!--" not in code
    assert len(code) > 300_000


@pytest.mark.long
def test_summary_and_report_load_no_heavy_library(tmp_path):
    folder = write(world(5, seed=1), tmp_path / "results")
    script = (
        "import sys\nfrom pathlib import Path\n"
        "from sim.store.reader import open_results\n"
        "from sim.report.run.page import write_report\nfrom sim.report.renderers.terminal import print_summary\n"
        "from sim.report.run.summary import summarise_run\n"
        f"results = open_results({str(folder)!r})\nprint_summary(summarise_run(results))\n"
        f"write_report(results, Path({str(folder)!r}) / 'report.html')\n"
        "print(*sys.modules)"
    )
    environment = {**os.environ, "SPINOUT_CACHE": str(tmp_path / "cache"), "PYTHONIOENCODING": "utf-8"}
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, env=environment, check=True, timeout=120
        )
    loaded = set(done.stdout.decode().splitlines()[-1].split())
    assert "pandas" in loaded
    assert "scipy.stats" not in loaded
    heavy = {"altair", "matplotlib"} | ({"vl_convert"} if sys.platform == "linux" else set())
    assert not heavy & loaded
