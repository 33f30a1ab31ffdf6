"""The wheel: built, installed where nothing else of the project is, and run from an empty folder."""

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from sim.scenario.library import experiment_names, shipped_names
from sim.version import __version__

CHECKOUT = Path(__file__).resolve().parents[2]
LEFT_OUT = {".git", ".venv", "venv", "__pycache__", "build", "dist", "node_modules", ".hypothesis"}


def left_out(folder, names):
    """What lies in a checkout beside its files. Results of runs lie at its top; the package has a room of that name."""
    caches = {name for name in names if name.startswith(".") and name.endswith("_cache")}
    return caches | LEFT_OUT & set(names) | ({"results"} if Path(folder) == CHECKOUT else set())


def run(*command, cwd, **variables):
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={**kept, "PYTHONIOENCODING": "utf-8", **variables},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy of the checkout, so that nothing is left behind in it."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(CHECKOUT, folder / "source", ignore=left_out)
    isolation = ["--no-isolation"] if importlib.util.find_spec("hatchling") else []
    run(sys.executable, "-m", "build", "--wheel", *isolation, "--outdir", folder, folder / "source", cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The command of a virtual environment with the wheel, and with these libraries but not the checkout."""
    folder = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    paths = sysconfig.get_paths("venv", vars={"base": str(folder / "venv"), "platbase": str(folder / "venv")})
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(paths["purelib"])
    # A plain path line, unlike a site folder, does not run the .pth files in it, of which an editable install is one.
    libraries = dict.fromkeys(sysconfig.get_paths()[name] for name in ("purelib", "platlib"))
    (Path(paths["purelib"]) / "libraries.pth").write_text("".join(f"{path}\n" for path in libraries))
    python = Path(paths["scripts"]) / Path(sys.executable).name
    python = python if python.exists() else Path(paths["scripts"]) / ("python.exe" if os.name == "nt" else "python")
    return [str(python), "-c", "import sys; from sim.cli import main; sys.exit(main(prog_name='spinout'))"]


def test_the_wheel_holds_the_scenarios_and_no_more_than_the_package(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert wheel.name == f"spinout-{__version__}-py3-none-any.whl"
    for name in (*shipped_names(), "evidence"):
        assert f"sim/_shipped/scenarios/{name}.yaml" in names
    for name in experiment_names():
        assert f"sim/_shipped/experiments/{name}.yaml" in names
    assert {name.partition("/")[0] for name in names} == {"sim", f"spinout-{__version__}.dist-info"}
    assert not [name for name in names if "__pycache__" in name or "test" in name]
    for path in (CHECKOUT / "sim").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts and "_shipped" not in path.parts:
            assert path.relative_to(CHECKOUT).as_posix() in names


def test_the_wheel_declares_its_command_and_its_needs(wheel):
    with zipfile.ZipFile(wheel) as archive:
        info = f"spinout-{__version__}.dist-info"
        entry_points = archive.read(f"{info}/entry_points.txt").decode()
        metadata = archive.read(f"{info}/METADATA").decode()
    assert "spinout = sim.cli:main" in entry_points
    for library in ("simpy", "pydantic", "pandas", "pyarrow", "platformdirs", "click", "ruamel.yaml", "numpy"):
        assert f"Requires-Dist: {library}" in metadata.replace("ruamel-yaml", "ruamel.yaml")
    assert "Requires-Python: >=3.11" in metadata


def test_the_installed_command_runs_from_any_folder(installed, tmp_path):
    where = run(*installed[:2], "import sim; print(sim.__file__)", cwd=tmp_path).strip()
    assert not Path(where).is_relative_to(CHECKOUT)
    assert __version__ in run(*installed, "--version", cwd=tmp_path)
    assert [line.split()[0] for line in run(*installed, "scenarios", cwd=tmp_path).splitlines()] == shipped_names()
    assert "14, 8 and 18" in run(*installed, "evidence", "T8", cwd=tmp_path)
    assert run(*installed, "check", *shipped_names(), cwd=tmp_path).count("in order") == len(shipped_names())
    assert not list(tmp_path.iterdir())


def test_the_main_job_runs_from_an_empty_folder(installed, tmp_path):
    said = run(*installed, "run", "west_midlands", "-n", "2", cwd=tmp_path)
    assert "The Right to Request in the West Midlands" in said
    assert [path.name for path in tmp_path.iterdir()] == ["results"]
    (results,) = (tmp_path / "results").iterdir()
    assert "<svg" in (results / "report.html").read_text(encoding="utf-8") or "<canvas" in (
        results / "report.html"
    ).read_text(encoding="utf-8")
