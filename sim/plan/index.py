"""Where names stand: every name of a scenario as a number, every date as a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sim.draws.uniform import name_key
from sim.plan.distributions import build_distribution
from sim.plan.plan import FIRST_TRAIT, LOG_HEADCOUNT, NEVER, REGION, ROUTE, TYPE, Condition, DrawPlan, Term
from sim.scenario.distribution import Distribution
from sim.scenario.quantity import Quantity
from sim.scenario.schema import Eligibility, Scenario, TraitValue


class Index:
    """Where names stand: the numbers of types, regions, routes, stages, traits and milestones, and day zero.

    Everything is numbered in the order of its name, so that reordering keys in a file changes no number.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.start = scenario.clock.start
        self.horizon = float((scenario.clock.end - scenario.clock.start).days)
        self.types = sorted(scenario.staff_groups.types)
        self.regions = sorted(scenario.hosts.regions)
        self.routes = sorted(name for name, route in scenario.routes.items() if route.enabled)
        self.all_routes = sorted(scenario.routes)
        self.stages = [stage for name in self.routes for stage in scenario.routes[name].stages]
        self.milestones = sorted({s.milestone for r in scenario.routes.values() for s in r.stages if s.milestone})
        self.resources = sorted(scenario.resources)
        traits = {
            **{name: scenario.hosts.region_traits[name] for name in sorted(scenario.hosts.region_traits)},
            **{name: scenario.hosts.traits[name] for name in sorted(scenario.hosts.traits)},
            **{name: scenario.staff_groups.traits[name] for name in sorted(scenario.staff_groups.traits)},
        }
        self.slots = {name: FIRST_TRAIT + i for i, name in enumerate(traits)}
        self.levels = {name: sorted(trait.shares or ()) for name, trait in traits.items()}

    def day(self, when: date | None, otherwise: float) -> float:
        """Days from the start to the beginning of a date."""
        return otherwise if when is None else float((when - self.start).days)

    def day_after(self, when: date | None) -> float:
        """Days from the start to the end of a date, which belongs to what it bounds."""
        return NEVER if when is None else float((when - self.start).days + 1)

    def value(self, trait: str, raw: TraitValue) -> float:
        """A trait's value as a number: 1 and 0 for yes and no, a category's place among the names."""
        return float(self.levels[trait].index(raw)) if isinstance(raw, str) else float(raw)

    def terms(self, coefficients: Mapping[str, Quantity]) -> tuple[Term, ...]:
        """``depends_on`` with its names resolved; a term without effect is left out."""
        shifts = {name: coefficients[name].value for name in sorted(coefficients)}
        return tuple(self._term(name, shift) for name, shift in shifts.items() if shift != 0.0)

    def _term(self, name: str, shift: float) -> Term:
        name, _, level = name.partition("=")
        match name:
            case "type":
                return Term(TYPE, float(self.types.index(level)), shift)
            case "region":
                return Term(REGION, float(self.regions.index(level)), shift)
            case "route":
                return Term(ROUTE, float(self.all_routes.index(level)), shift)
            case "log_headcount":
                return Term(LOG_HEADCOUNT, None, shift)
            case _:
                return Term(self.slots[name], float(self.levels[name].index(level)) if level else None, shift)

    def condition(self, eligible: Eligibility | None) -> Condition | None:
        """Whom something concerns; None is everybody."""
        if eligible is None:
            return None
        tests: list[tuple[int, frozenset[float]]] = []
        named = ((TYPE, eligible.types, self.types), (REGION, eligible.regions, self.regions))
        for slot, wanted, names in (*named, (ROUTE, eligible.routes, self.all_routes)):
            if wanted is not None:
                tests.append((slot, frozenset(float(names.index(name)) for name in wanted)))
        for trait, value in eligible.traits.items():
            values = value if isinstance(value, tuple) else (value,)
            tests.append((self.slots[trait], frozenset(self.value(trait, raw) for raw in values)))
        return Condition(tuple(tests)) if tests else None

    def plan_draw(self, name: str, distribution: Distribution) -> DrawPlan:
        """A draw of this name, with the distribution of each type of group."""
        return DrawPlan(
            name_key(name), tuple(build_distribution(distribution, group_type) for group_type in self.types)
        )

    def fixed_traits(self, traits: Mapping[str, TraitValue]) -> tuple[tuple[int, float], ...]:
        """Traits that are given instead of drawn."""
        return tuple((self.slots[name], self.value(name, raw)) for name, raw in traits.items())
