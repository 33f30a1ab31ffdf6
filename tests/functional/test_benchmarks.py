"""The benchmark runs and says what it measured; how fast anything is, is not a matter of tests."""

import json
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def test_the_command_prints_ratios_and_writes_them(tmp_path):
    out = tmp_path / "results.json"
    command = [sys.executable, "benchmarks/run.py", "--share", "0.02", "--rounds", "1", "--out", str(out)]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, encoding="utf-8", timeout=400, check=False)
    assert done.returncode == 0, done.stderr
    assert "SimPy engine" in done.stdout
    assert json.loads(out.read_text(encoding="utf-8"))
