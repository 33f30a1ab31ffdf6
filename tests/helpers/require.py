"""What a test needs and a machine may lack: there it is skipped, with the reason, but in CI it fails."""

import importlib
import os

import pytest


def require(present, reason):
    """Skip the running test where what it needs is not there; fail it where ``CI`` is set, for CI has all of it."""
    if present:
        return
    if os.environ.get("CI"):
        pytest.fail(f"missing in CI: {reason}")
    pytest.skip(reason)


def require_module(name, reason):
    """A module that not every installation has. Where it is missing, the test modules that ask for it are skipped."""
    return importlib.import_module(name) if os.environ.get("CI") else pytest.importorskip(name, reason=reason)
