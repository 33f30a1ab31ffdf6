"""The Python API, behind the names that ``import sim`` gives: what runs a world, and what answers a question."""
