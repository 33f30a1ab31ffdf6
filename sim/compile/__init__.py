"""How functions are compiled: plumbing around numba, and nothing about the model."""
