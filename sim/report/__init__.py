"""Charts, pages and tables for people: thin over :mod:`sim.analysis`."""
