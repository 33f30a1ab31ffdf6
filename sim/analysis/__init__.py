"""Numbers in, data frames out: what a folder of results says, with intervals.

Every function takes :class:`sim.store.results.Results` and returns a tidy data frame that anyone can plot
or print. It reads the tables slice by slice and is made once for the same results (:mod:`sim.store.table_slice`), so
frames are not to be changed. Two kinds of uncertainty are kept apart throughout, and the columns say which is which:

``*_low``, ``*_high``
    Monte Carlo error: the 95 % interval of a mean over replications. It shrinks as replications are added.
``*_range_low``, ``*_range_high``
    The central 95 % of single histories: what one run of events may look like. It does not shrink.
"""
