"""Progress of long work: a bar with rate and time left on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

_QUIET_SECONDS = 5.0
"""A log gets a line at most this often."""


@contextmanager
def progress(total: int, what: str) -> Iterator[Bar | Lines]:
    """Gives somebody to be told how many of ``total`` replications are there and have just been finished."""
    if sys.stderr.isatty():
        with _bar() as drawn:
            yield Bar(drawn, total, what)
    else:
        yield Lines(total, what)


@contextmanager
def _bar() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        """Replications a second."""

        def render(self, task: Task) -> Text:
            """The text of the column; empty while the rate is unknown."""
            return Text(f"{task.speed:.0f} a second" if task.speed else "")

    what = TextColumn("{task.description}", markup=False)
    columns = (what, BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield bar


class Bar:
    """A bar on a terminal."""

    def __init__(self, drawn: Progress, total: int, what: str) -> None:
        self._drawn = drawn
        self._task = drawn.add_task(what, total=total)

    def begin(self, replications: int) -> None:
        """So many replications are there from before."""
        self._drawn.reset(self._task, completed=replications)

    def advance(self, replications: int) -> None:
        """So many replications more have just been finished."""
        self._drawn.advance(self._task, replications)

    def say(self, line: str) -> None:
        """Show a line above the bar."""
        self._drawn.console.print(line, markup=False, highlight=False, soft_wrap=True)


class Lines:
    """Plain lines for a log: now and then, and at the end."""

    def __init__(self, total: int, what: str) -> None:
        self._total, self._what, self._done, self._before = total, what, 0, 0
        self._began = self._shown = time.monotonic()

    def begin(self, replications: int) -> None:
        """So many replications are there from before."""
        self._before = self._done = replications
        self._began = time.monotonic()
        if replications:
            self.say(f"{self._what}: {replications} of {self._total} replications were already done")

    def advance(self, replications: int) -> None:
        """So many replications more have just been finished."""
        self._done += replications
        now = time.monotonic()
        if self._done < self._total and now - self._shown < _QUIET_SECONDS:
            return
        self._shown = now
        rate = (self._done - self._before) / max(now - self._began, 1e-9)
        left = (self._total - self._done) / rate
        self.say(f"{self._what}: {self._done} of {self._total} replications, {rate:.0f} a second, {left:.0f} s left")

    def say(self, line: str) -> None:
        """Show a line."""
        print(line, file=sys.stderr, flush=True)
