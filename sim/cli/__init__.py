"""The command line: parse, call, print. One file for each kind of command.

Exit codes: 0 done, 1 the run failed, 2 the input was wrong. Heavy libraries are imported by the commands that
need them.
"""

from __future__ import annotations

import gc
import io
import sys
from typing import Any

import click

from sim.cli.attribute import attribute
from sim.cli.batches import resume, run, validate, verify
from sim.cli.compare import compare
from sim.cli.experiment import experiment, experiments
from sim.cli.stories import replay, report, trace
from sim.cli.stress import stress
from sim.cli.worlds import check, evidence, new, scenarios, schema, show
from sim.errors import InputError, RunFailed
from sim.version import __version__

RUN_FAILED, INPUT_WRONG = 1, 2


class _Commands(click.Group):
    """Commands that end in a message and an exit code, never in a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Call the command, and end in words where it cannot be done."""
        try:
            return super().invoke(ctx)
        except InputError as error:
            _stop(str(error), INPUT_WRONG)
        except RunFailed as error:
            _stop(f"spinout: {error}", RUN_FAILED)
        except BrokenPipeError:
            raise
        except OSError as error:
            _stop(f"spinout: {error}", RUN_FAILED)
        except MemoryError:
            _stop("spinout: out of memory", RUN_FAILED)
        except KeyboardInterrupt:
            _stop("spinout: stopped", RUN_FAILED)


def _stop(message: str, code: int) -> None:
    click.echo(message, err=True)
    sys.exit(code)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="spinout")
def main() -> None:
    """Why staff groups that try to leave the state rarely get there, and what would change that."""
    # What a command reads and imports it keeps: to look for rubbish among it is a fifth of a short command's time.
    gc.disable()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal or pipe without these letters gets a mark in their place, and no error.
            stream.reconfigure(errors="replace")


for _command in (
    run,
    compare,
    attribute,
    experiment,
    resume,
    replay,
    report,
    stress,
    validate,
    verify,
    trace,
    check,
    schema,
    show,
    evidence,
    scenarios,
    experiments,
    new,
):
    main.add_command(_command)
