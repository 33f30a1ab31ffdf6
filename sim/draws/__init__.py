"""Random numbers with names, and the arithmetic under them, the same to the last bit on every machine."""
