"""The word for a cluster: what is no scheduler is refused, and the guide's job script is true."""

import re

import pytest

from tests.helpers.command import CHECKOUT, WORLDS, fails
from tests.helpers.require import require_module

require_module("distributed", "needs the extra [cluster]")

RUN = ("run", WORLDS / "crowd.yaml", "-n", 100, "--keep", "events", "--engine", "simpy")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.mark.long
def test_a_cluster_that_is_not_there_is_said(home):
    for address in ("local:0", "local:two", "local:", "nonsense://x:1", "10.0.0.5", ""):
        said = fails(2, *RUN, "--cluster", address, "--out", home / "none", cwd=home)
        assert "expected a scheduler such as tcp://" in said
    assert not (home / "none").exists()
    nobody, soon = "tcp://127.0.0.1:9", {"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "3s"}
    said = fails(2, *RUN, "--cluster", nobody, "--out", home / "none", cwd=home, **soon)
    assert "no scheduler answers there" in said


def test_the_job_script_in_the_guide_is_what_dask_jobqueue_makes(monkeypatch, capsys):
    jobqueue = require_module("dask_jobqueue", "needs dask-jobqueue")
    page = (CHECKOUT / "docs" / "how-to" / "use-a-cluster.md").read_text(encoding="utf-8")
    program = page.split("<!-- slurm -->\n```py\n")[1].split("```")[0]
    shown = page.split("<!-- job script -->\n```bash\n")[1].split("```")[0]
    monkeypatch.setattr(jobqueue.SLURMCluster, "scale", lambda self, jobs: None)
    monkeypatch.setattr("builtins.input", lambda prompt: "")
    exec(program, {"__name__": "__main__"})
    made = capsys.readouterr().out
    made = re.sub(r"\S*/?python\S* -m distributed", "python -m distributed", made)
    made = re.sub(r"tcp://\S+ --name \S+", "tcp://SCHEDULER:8786 --name NAME", made)
    assert made.strip() == shown.strip()
