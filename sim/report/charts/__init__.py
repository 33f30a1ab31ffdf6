"""Charts: each a thin function over a frame of :mod:`sim.analysis`, drawn for a given layout."""
