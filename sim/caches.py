"""Where this user keeps what can be made again: compiled code, and code for drawing charts."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path


def user_caches() -> Path:
    """The folder of caches: what SPINOUT_CACHE names, or the usual place of the system. It need not exist."""
    given = os.environ.get("SPINOUT_CACHE")
    return Path(given) if given else user_cache_path("spinout", appauthor=False)
