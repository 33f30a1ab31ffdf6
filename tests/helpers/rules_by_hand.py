"""Worlds for rules under test: the arrays that compiled rules read, filled by hand and empty otherwise."""

import math

import numpy as np

from sim.plan.rows import FIELDS
from sim.results.world import allocate_world
from sim.rules.distributions import quantile
from sim.rules.hazards import event_time
from sim.scenario.vocabulary import DISTRIBUTIONS


def a_world(groups=0, policies=0, **rows):
    """A setting with these rows in its tables; ``general`` says nothing, and there are no hosts."""
    tables = {name: np.array(rows.get(name, []), dtype=kind) for name, kind in FIELDS.items()}
    tables["general"] = np.zeros(1, FIELDS["general"])
    tables["policies"] = np.zeros(policies, FIELDS["policies"])
    return allocate_world(tables, 0, 1, groups)


def with_laws(*distributions):
    """A setting with these laws, numbered from 0."""
    points, rows = [], []
    for distribution in distributions:
        first = len(points)
        points += zip(distribution.values, distribution.cumulative, strict=True)
        kind = DISTRIBUTIONS.index(distribution.kind)
        rows.append(
            (
                kind,
                distribution.a,
                distribution.b,
                distribution.c,
                distribution.at_least,
                distribution.at_most,
                first,
                len(points),
            )
        )
    return a_world(distributions=rows, points=points)


def quantiles(distribution, shares):
    """The values of a law at several shares."""
    world = with_laws(distribution)
    return [quantile(world, 0, float(u)) for u in shares]


def segments_of(periods):
    """The product of the factors of (start, stop, factor) from every date on which it may change."""
    edges = sorted({-math.inf, *(edge for period in periods for edge in period[:2] if edge < math.inf)})
    return [(edge, math.prod(factor for start, stop, factor in periods if start <= edge < stop)) for edge in edges]


def ring(start, unit, rate, common, narrower=(), reached=None):
    """`event_time` where ``common`` are the spells that everybody meets, and those of ``narrower`` a policy's each.

    Spells are (start, stop, factor). ``reached`` says which of the narrower policies reach whom the clock is of.
    """
    segments = segments_of(common)
    periods = [(begin, end, policy, factor) for policy, (begin, end, factor) in enumerate(narrower)]
    world = a_world(segments=segments, periods=periods)
    reach = np.array([[True] * len(narrower) if reached is None else reached], np.int8).reshape(1, -1)
    return event_time(world, start, unit, rate, (0, len(segments)), (0, len(periods)), reach, 0)
