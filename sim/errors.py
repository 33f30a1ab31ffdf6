"""The two ways in which a command can fail; every exception that a user may meet is one of them."""

from __future__ import annotations


class InputError(Exception):
    """What was given is wrong: a scenario, a folder, a name. The command line ends with exit code 2."""


class RunFailed(Exception):
    """What was given is right and the work could not be finished. The command line ends with exit code 1."""


class TooMuch(RunFailed):
    """A replication would need more memory or time than a machine has."""
