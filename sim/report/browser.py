"""The code that draws the charts of a report in its reader's browser: Vega, Vega-Lite and Vega-Embed in one piece.

The library that draws pictures carries that code and takes more than a second to put it together, so the result is
kept in the user's cache folder, one file for each version of that library.
"""

from __future__ import annotations

from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from sim.caches import keep, user_caches

_LIBRARY = "vl-convert-python"


def chart_library() -> str:
    """JavaScript for one ``script`` element; it defines ``vegaEmbed`` and needs no network.

    A copy in the cache that is cut or altered is made again. A cache that cannot be written costs time, no more.
    """
    kept = user_caches() / f"drawing-{version(_LIBRARY)}.js"
    code = _read(kept)
    if code is None:
        code = _bundle()
        keep(kept, f"{_digest(code)}\n{code}")
    return code


def _bundle() -> str:
    import vl_convert

    code: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    # Neither may stand in a script element; both can only come from text in the code, where this means the same.
    return code.replace("</script", r"<\/script").replace("<!--", r"<\!--")


def _read(path: Path) -> str | None:
    """The code in a file that begins with the hash of what follows; None where there is none, or not all of it."""
    try:
        digest, _, code = path.read_text(encoding="utf-8").partition("\n")
    except (OSError, UnicodeDecodeError):
        return None
    return code if digest == _digest(code) else None


def _digest(code: str) -> str:
    return sha256(code.encode()).hexdigest()
