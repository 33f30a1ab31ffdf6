"""Write the plan of a scenario as tables of C++ constants.

Only what the shipped Right to Request has switched on is known to the C++ program. A scenario with anything else
(loans, patience, room in a queue, coverage, costs of interventions, named groups, other distributions) is refused.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import SupportsInt

from sim.draws.uniform import name_key
from sim.plan.distributions import DistributionPlan
from sim.plan.plan import (
    BarrierPlan,
    Condition,
    DrawPlan,
    FundPlan,
    GatePlan,
    Period,
    Plan,
    ResourcePlan,
    ServersPlan,
    StagePlan,
    StreamPlan,
    Term,
    TraitPlan,
)

_KINDS = {
    "fixed": "FIXED",
    "lognormal": "LOGNORMAL",
    "uniform": "UNIFORM",
    "triangular": "TRIANGULAR",
    "empirical": "EMPIRICAL",
}
_SCOPES = {"nation": "NATION", "region": "PER_REGION", "host": "PER_HOST"}
_NO_DRAW = "{0, 0}"


def causes(plan: Plan) -> tuple[str, ...]:
    """The causes of exit by their number in the C++ program; 0 is none."""
    return ("", "window_closed", "no_route", *sorted({rule.barrier for rule in _rules(plan)}))


def forms(plan: Plan) -> tuple[str, ...]:
    """The forms of barriers by their number in the C++ program; 0 is the barrier's own."""
    return ("", *sorted({rule.form for rule in _rules(plan)} - {""}))


def _rules(plan: Plan) -> Iterator[BarrierPlan]:
    for stage in plan.stages:
        yield from (gate.rule for gate in stage.gates)
        yield from (hazard.rule for hazard in stage.hazards)


def header(plan: Plan) -> str:
    """The text of plan.hpp. Raises ValueError where the plan has what the C++ program does not know."""
    return _Writer(plan).text()


def _number(value: float) -> str:
    if math.isinf(value):
        return "NEVER" if value > 0 else "-NEVER"
    return float(value).hex()


def _key(value: SupportsInt) -> str:
    return f"{int(value)}ull"


def _row(*cells: object) -> str:
    return "{" + ", ".join(str(cell) for cell in cells) + "}"


class _Writer:
    """Collects the rows of each table: a part of the plan is a row, and its lists are ranges of other tables."""

    def __init__(self, plan: Plan) -> None:
        _refuse(plan)
        self._plan = plan
        self._causes = {name: number for number, name in enumerate(causes(plan))}
        self._forms = {name: number for number, name in enumerate(forms(plan))}
        self._tables: dict[str, list[str]] = {
            name: []
            for name in (
                "Term terms",
                "Test tests",
                "Period periods",
                "Ease eases",
                "Step steps",
                "Given given",
                "Distribution distributions",
                "double values",
                "double shares",
                "double factors",
                "double dates",
                "int numbers",
                "Cost costs",
                "Gate gates",
                "Hazard hazards",
            )
        }

    def text(self) -> str:
        """Everything, in an order that C++ takes."""
        # What is on top names rows of the other tables, which are there once it is made.
        tops = self._tops()
        tables = [_table(name, rows) for name, rows in (*self._tables.items(), *tops.items())]
        return "\n".join([*self._constants(), *tables, "}", ""])

    def _constants(self) -> list[str]:
        plan = self._plan
        keys = {name: name_key(name) for name in ("arrival", "type", "headcount", "turnover", "route")}
        return [
            "// Written by header.py; do not edit.",
            "#pragma once",
            '#include "tables.hpp"',
            "namespace plan {",
            f"constexpr double HORIZON = {_number(plan.horizon)};",
            f"constexpr int SLOTS = {plan.slots}, MILESTONES = {len(plan.milestones)};",
            f"constexpr int WINDOW_CLOSED = {self._causes['window_closed']};",
            f"constexpr int NO_ROUTE = {self._causes['no_route']};",
            *(f"constexpr std::uint64_t KEY_{name.upper()} = {_key(key)};" for name, key in keys.items()),
        ]

    def _tops(self) -> dict[str, list[str]]:
        """The tables that no other table names."""
        plan = self._plan
        return {
            "Trait region_traits": [self._trait(one) for one in plan.region_traits],
            "Trait host_traits": [self._trait(one) for one in plan.host_traits],
            "Trait group_traits": [self._trait(one) for one in plan.group_traits],
            "Region regions": [
                _row(_key(name_key(f"region/{one.name}")), one.hosts, _number(one.joins), self._given(one.fixed))
                for one in plan.regions
            ],
            "Type types": [
                _row(_number(one.share), self._distribution(one.headcount), self._distribution(one.turnover_per_head))
                for one in plan.types
            ],
            "Stream streams": [self._stream(one) for one in plan.streams],
            "Route routes": [
                _row(
                    *(_number(value) for value in (one.code, one.weight, one.opens, one.closes)),
                    self._terms(one.terms),
                    self._tests(one.only_for),
                    self._range("int numbers", [str(number) for number in one.stages]),
                )
                for one in plan.routes
            ],
            "Stage stages": [self._stage(one) for one in plan.stages],
            "Resource resources": [self._resource(one) for one in plan.resources],
            "Exemplar exemplars": [
                _row(one.milestone, str(one.regional).lower(), _number(one.log_odds), one.at_most)
                for one in plan.exemplars
            ],
            "std::uint64_t host_places": [
                _key(name_key(f"host/{region.name}/{number}"))
                for region in plan.regions
                for number in range(1, region.hosts + 1)
            ],
        }

    def _range(self, table: str, rows: Iterable[str]) -> str:
        first = len(self._tables[table])
        self._tables[table].extend(rows)
        return _row(first, len(self._tables[table]))

    def _terms(self, terms: Sequence[Term]) -> str:
        return self._range(
            "Term terms",
            [_row(one.slot, -1 if one.level is None else int(one.level), _number(one.shift)) for one in terms],
        )

    def _tests(self, condition: Condition | None) -> str:
        tests = () if condition is None else condition.tests
        return self._range("Test tests", [_row(slot, sum(1 << int(v) for v in values)) for slot, values in tests])

    def _periods(self, periods: Sequence[Period], *, logarithms: bool = False) -> str:
        return self._range(
            "Period periods",
            [
                _row(_number(one.start), _number(one.stop), _number(math.exp(one.change) if logarithms else one.change))
                for one in periods
            ],
        )

    def _steps(self, steps: Sequence[tuple[float, float]]) -> str:
        return self._range("Step steps", [_row(_number(time), _number(level)) for time, level in steps])

    def _given(self, fixed: Sequence[tuple[int, float]]) -> str:
        return self._range("Given given", [_row(slot, _number(value)) for slot, value in fixed])

    def _distribution(self, distribution: DistributionPlan) -> int:
        place = len(self._tables["Distribution distributions"])
        values = self._range("double values", [_number(one) for one in distribution.values])
        self._range("double shares", [_number(one) for one in distribution.cumulative])
        if distribution.kind not in _KINDS:
            raise ValueError(f"the C++ program does not know the {distribution.kind} distribution")
        cells = (
            _number(one)
            for one in (distribution.a, distribution.b, distribution.c, distribution.at_least, distribution.at_most)
        )
        self._tables["Distribution distributions"].append(_row(_KINDS[distribution.kind], *cells, values))
        return place

    def _drawn(self, drawn: DrawPlan | None) -> str:
        if drawn is None:
            return _NO_DRAW
        first, *_ = [self._distribution(distribution) for distribution in drawn.distributions]
        return _row(_key(drawn.key), first)

    def _trait(self, trait: TraitPlan) -> str:
        assert trait.log_odds is not None
        return _row(_key(trait.key), trait.slot, _number(trait.log_odds), self._terms(trait.terms))

    def _stream(self, one: StreamPlan) -> str:
        member = (int(name_key(f"stream/{one.name}")) & 0xFFFFFFFF) << 32
        return _row(
            _key(member),
            -1 if one.type is None else one.type,
            *(_number(value) for value in (one.rate, one.start, one.stop, one.limit)),
            self._terms(one.terms),
            self._periods(one.periods),
        )

    def _rule(self, rule: BarrierPlan, *, logarithms: bool) -> str:
        return _row(
            _key(rule.key),
            self._causes[rule.barrier],
            self._forms[rule.form],
            self._tests(rule.applies_to),
            self._terms(rule.terms),
            self._range("Ease eases", [_row(milestone, _number(shift)) for milestone, shift in rule.eases_after]),
            self._periods(rule.periods, logarithms=logarithms),
        )

    def _gate(self, gate: GatePlan) -> str:
        retry = _row("0", "0", "0", _NO_DRAW)
        if gate.retry is not None:
            one = gate.retry
            retry = _row(_key(one.key), _number(one.probability), _number(one.tries), self._drawn(one.delay))
        return _row(
            self._rule(gate.rule, logarithms=False),
            _number(gate.log_odds),
            self._range("int numbers", [str(number) for number in gate.exemplars]),
            str(gate.retry is not None).lower(),
            retry,
        )

    def _stage(self, stage: StagePlan) -> str:
        need, resource, award = "NOTHING", -1, _NO_DRAW
        if stage.need is not None:
            resource, award = stage.need.resource, self._drawn(stage.need.award)
            need = "FUND" if isinstance(self._plan.resources[resource].kind, FundPlan) else "SERVERS"
        return _row(
            _number(stage.closes),
            need,
            resource,
            award,
            self._drawn(stage.work),
            self._periods(stage.work_factors),
            self._range("double factors", [_number(one.factor) for one in stage.drags]),
            -1 if stage.decided_by is None else stage.decided_by,
            self._range("Gate gates", [self._gate(one) for one in stage.gates]),
            self._range(
                "Hazard hazards",
                [_row(self._rule(one.rule, logarithms=True), _number(one.rate)) for one in stage.hazards],
            ),
            self._range("Cost costs", [_row(payer.upper(), self._drawn(amount)) for payer, amount in stage.costs]),
            -1 if stage.milestone is None else stage.milestone,
        )

    def _resource(self, resource: ResourcePlan) -> str:
        kind = resource.kind
        steps = dates = deposits = openings = "{0, 0}"
        every, first, staggered = 0.0, 0.0, False
        if isinstance(kind, FundPlan):
            deposits, openings = self._steps(kind.deposits), self._steps(kind.openings)
        elif isinstance(kind, ServersPlan):
            steps = self._steps(kind.steps)
        else:
            steps = self._steps(kind.steps)
            dates = self._range("double dates", [_number(date) for date in kind.dates])
            every, first, staggered = kind.every, kind.first, kind.staggered
        return _row(
            _key(resource.key),
            _SCOPES[resource.scope],
            steps,
            dates,
            _number(every),
            _number(first),
            str(staggered).lower(),
            deposits,
            openings,
        )


def _table(name: str, rows: Sequence[str]) -> str:
    inside = ",\n    ".join(rows) if rows else "{}"
    return f"constexpr {name}[] = {{\n    {inside}\n}};"


def _refuse(plan: Plan) -> None:
    """Raise ValueError where the plan has what the C++ program does not know."""
    needs = [stage.need for stage in plan.stages if stage.need is not None]
    funds = [one.kind for one in plan.resources if isinstance(one.kind, FundPlan)]
    traits = (*plan.region_traits, *plan.host_traits, *plan.group_traits)
    unknown = {
        "named groups": bool(plan.named),
        "traits that are no yes or no": any(one.log_odds is None for one in traits),
        "streams without a rate": any(one.rate <= 0.0 for one in plan.streams),
        "arrivals changed by policies": any(s.policy >= 0 for one in plan.streams for s in one.periods),
        "stages that do not concern every group": any(stage.only_for is not None for stage in plan.stages),
        "patience or room": any(n.patience is not None or n.room < math.inf or n.continues for n in needs),
        "removals": any(rule.removals for rule in _rules(plan)),
        "drag that is not for all": any(d.applies_to or d.removals for s in plan.stages for d in s.drags),
        "policies that do not reach everybody": any(
            p.covered_hosts is not None or p.covered_groups is not None or p.condition for p in plan.policies
        ),
        "policies with a cost": any(p.fixed or p.per_month or p.per_group for p in plan.policies),
        "loans": any(fund.returned_share > 0.0 for fund in funds),
    }
    found = [name for name, there in unknown.items() if there]
    if found:
        raise ValueError(f"the C++ program does not know {', '.join(found)}")
