"""Pages that answer a question asked of several worlds: comparisons, blame, additionality, frontiers."""
