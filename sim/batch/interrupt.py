"""Being asked to stop: the first Ctrl-C, or a cluster's notice, lets a batch finish what is in hand."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def listen_for_stop(say: Callable[[str], None]) -> Iterator[Callable[[], bool]]:
    """Gives a function that tells whether somebody asked the program to stop. The second time it stops at once."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        # Only the main thread may listen to signals; elsewhere the caller has other means.
        yield stop.is_set
        return

    def listen(number: int, frame: Any) -> None:
        """Note that somebody asked, and let the next time have its usual effect."""
        for signum, handler in before.items():
            signal.signal(signum, handler)
        stop.set()
        say("finishing what is in hand; Ctrl-C again stops at once")

    before = {signum: signal.signal(signum, listen) for signum in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop.is_set
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
