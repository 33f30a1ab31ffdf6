"""The compiled twin of the SimPy model: the same rules, with its own calendar and queues."""
