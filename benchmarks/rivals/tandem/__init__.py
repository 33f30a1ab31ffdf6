"""Two queues in tandem whose customers lose patience, for the package and for Ciw."""
