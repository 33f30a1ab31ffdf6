"""What a benchmark ran on."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

import sim


def machine() -> dict[str, str | None]:
    """What ran this, as far as it shows."""

    def of(package: str) -> str | None:
        try:
            return version(package)
        except PackageNotFoundError:
            return None

    packages = ("numpy", "numba", "simpy", "ciw", "pyarrow")
    return {
        "platform": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "python": platform.python_version(),
        "spinout": sim.__version__,
        **{package: of(package) for package in packages},
    }
