"""A scenario as numbers: a plan, and its tables of records that compiled code reads."""
