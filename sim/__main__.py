"""``python -m sim`` is ``spinout``."""

from sim.cli import main

main(prog_name="spinout")
