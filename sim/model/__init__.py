"""The reference engine: SimPy processes that read like the story."""
