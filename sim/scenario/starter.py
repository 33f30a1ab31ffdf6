"""A commented starter scenario for an analyst's own world."""

from __future__ import annotations

from pathlib import Path

from sim.errors import InputError, RunFailed
from sim.scenario.values import NAME

_TEXT = """\
# A scenario of your own. Check it with `spinout check {name}.yaml`, run it with `spinout run {name}.yaml`.
# It extends a shipped world: what you write here is merged over that file, and a key set to null is removed.
# See everything that it inherits, and from where, with `spinout show {name}.yaml`.
# Your editor completes and checks as you type after: spinout schema > spinout.schema.json
# yaml-language-server: $schema=spinout.schema.json
extends: west_midlands.yaml
title: {title}
about: What this world is, and what it is not.

# Another period:
# clock: {{start: 2008-11-01, end: 2013-04-01}}

barriers:
  # A barrier is a switch: what if nobody worried about pensions?
  pension_worries: {{enabled: true}}
  # Or change one number. Write where it comes from: an id of `spinout evidence`, or judgement with a range.
  # working_capital:
  #   gates:
  #     working_capital: {{probability: {{value: 0.1, low: 0.05, high: 0.2, source: judgement}}}}

interventions:
  # The shipped interventions are off. Switch one on, or several:
  pension_guarantee: {{enabled: true}}
  independent_champion: {{enabled: false}}
  # Or write your own:
  # drop_in_centre:
  #   label: Drop-in centre
  #   from: 2009-06-01
  #   until: 2010-09-30
  #   covers: {{hosts: 0.5}}
  #   cost: {{per_month: £4k}}
  #   effects:
  #     - {{barrier: business_skill_gap, times: 0.7}}
  #     - {{stage: business_plan, duration: 0.9}}

# A stage of an inherited route is changed by its name (and removed with null, with whatever acts on it):
# routes:
#   official:
#     stages:
#       transfer: {{work: {{triangular: {{low: 1 month, mode: 2 months, high: 4 months}}}}}}
"""


def write_starter(name: str) -> Path:
    """Write ``name``.yaml in the present folder and return its path.

    Raises `InputError` rather than overwrite, `RunFailed` where it cannot be written.
    """
    stem = name.removesuffix(".yaml")
    if not NAME.match(stem):
        raise InputError(f"{name!r} is not a name, expected letters, digits and _ beginning with a letter")
    path = Path(f"{stem}.yaml")
    text = _TEXT.format(name=stem, title=stem.replace("_", " ").capitalize())
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise InputError(f"{path} is there already; choose another name") from None
    except OSError as error:
        raise RunFailed(f"{path.absolute()} cannot be written: {error.strerror}") from error
    return path
