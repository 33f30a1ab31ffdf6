"""What can be made again is kept among this user's caches: compiled code, code for drawing charts, parsed files."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path


def user_caches() -> Path:
    """The folder of caches: what SPINOUT_CACHE names, or the usual place of the system. It need not exist."""
    given = os.environ.get("SPINOUT_CACHE")
    return Path(given) if given else user_cache_path("spinout", appauthor=False)


def keep(path: Path, text: str) -> None:
    """Write a file of a cache whole, or not at all. A cache that cannot be written costs time and no more."""
    growing = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        growing.write_text(text, encoding="utf-8", newline="")
        growing.replace(path)
    except OSError:
        return
