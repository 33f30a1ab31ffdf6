"""Worlds in which parts are switched: barriers off or interventions on, in every combination.

A part that is switched is called a *player*, and a combination is a whole number in whose binary digits each player
has a place: 1 where it is switched, which is off for a barrier and on for an intervention. So combination 0 has all
the barriers and none of the interventions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, Literal

import numpy as np

from sim.kernel.run import Kernel
from sim.plan.build import build_plan
from sim.plan.plan import Plan
from sim.plan.rows import Tables
from sim.plan.tables import build_tables
from sim.scenario.schema import Scenario, Stage

Kind = Literal["barriers", "interventions"]
_MOST_KEPT: Final = 4096
"""As many worlds with interventions are kept laid out, some tens of kilobytes each."""


@dataclass(frozen=True, slots=True)
class Players:
    """The parts of a scenario that are switched, by name; what else it has stays as it is."""

    kind: Kind
    names: tuple[str, ...]

    def world(self, scenario: Scenario, combination: int) -> Scenario:
        """The scenario of a combination."""
        switched = {name: bool(combination >> place & 1) for place, name in enumerate(self.names)}
        wanted = {name: is_toggled != (self.kind == "barriers") for name, is_toggled in switched.items()}
        return _set_enabled(scenario, self.kind, wanted)


def _set_enabled(scenario: Scenario, kind: Kind, wanted: Mapping[str, bool]) -> Scenario:
    parts: Mapping[str, Any] = getattr(scenario, kind)
    changed = {name: parts[name].model_copy(update={"enabled": is_enabled}) for name, is_enabled in wanted.items()}
    return scenario.model_copy(update={kind: {**parts, **changed}})


def until_launch(scenario: Scenario) -> Scenario:
    """The scenario without the stages after a launch, where nothing that happens in them can touch another group.

    Then every group launches as it does in the whole scenario, or does not, at the same time. The scenario as it is
    where a later stage needs something that groups share, a loan comes back (from those only who still trade), or a
    later milestone moves a barrier.
    """
    cut = {name: _until_launch(route.stages, scenario.launch) for name, route in scenario.routes.items()}
    later = [stage for name, route in scenario.routes.items() for stage in route.stages[len(cut[name]) :]]
    launches = [stages[-1] for stages in cut.values() if stages[-1].milestone == scenario.launch]
    mechanisms = [part for one in scenario.barriers.values() for part in (one, *one.forms.values())]
    followed = {name for part in mechanisms for name in part.eases_after}
    followed |= {one.milestone or scenario.launch for one in scenario.exemplars.values()}
    if (
        any(stage.needs or stage.decided_by or stage.milestone in followed for stage in later)
        or any(stage.only_for is not None for stage in launches)
        or any(one.fund is not None and one.fund.repayment is not None for one in scenario.resources.values())
    ):
        return scenario
    routes = {name: route.model_copy(update={"stages": cut[name]}) for name, route in scenario.routes.items()}
    return scenario.model_copy(update={"routes": routes})


def _until_launch(stages: Sequence[Stage], launch: str) -> tuple[Stage, ...]:
    last = next((place for place, stage in enumerate(stages) if stage.milestone == launch), len(stages))
    return tuple(stages[: last + 1])


def can_launch(scenario: Scenario) -> bool:
    """Whether a group can launch at all."""
    routes = (route for route in scenario.routes.values() if route.enabled)
    return any(stage.milestone == scenario.launch for route in routes for stage in route.stages)


def find_effective(scenario: Scenario, players: Players) -> tuple[str, ...]:
    """The players that change anything in the plan of a scenario besides what it costs.

    What one part changes in a plan does not depend on which others are there, so those that are left out change
    nothing in any combination. A barrier that acts only on stages that the scenario has no more is such a one.
    """
    none = dict.fromkeys(getattr(scenario, players.kind), False)
    bare = _set_enabled(scenario.model_copy(update={"timeline": {}}), players.kind, none)
    without = _without_costs(build_plan(bare))
    return tuple(
        name
        for name in players.names
        if _without_costs(build_plan(_set_enabled(bare, players.kind, {name: True}))) != without
    )


def _without_costs(plan: Plan) -> Plan:
    stages = tuple(replace(stage, charged_policies=()) for stage in plan.stages)
    return replace(plan, stages=stages, policies=(), charged_on_arrival=())


World = Callable[[int], tuple[Plan, Kernel]]
"""The plan of a combination and a kernel that plays it. The kernel is not to be used once the next is asked for."""


def toggle(scenario: Scenario, players: Players) -> Callable[[], World]:
    """The worlds of all combinations; what is returned gives every thread that asks a `World` of its own."""
    if players.kind == "barriers":
        plan = build_plan(players.world(scenario, 0))
        laid_out = build_tables(plan)
        rows = _rows_of(players, plan, laid_out)
        return lambda: _BarriersOff(plan, laid_out, rows)

    @lru_cache(maxsize=_MOST_KEPT)
    def laid_out_with(combination: int) -> tuple[Plan, Tables]:
        plan = build_plan(players.world(scenario, combination))
        return plan, build_tables(plan)

    def with_interventions(combination: int) -> tuple[Plan, Kernel]:
        plan, laid_out = laid_out_with(combination)
        return plan, Kernel(laid_out, False)

    return lambda: with_interventions


_ACTING: Final = ("gates", "hazards", "drags")


class _BarriersOff:
    """A kernel whose barriers can be switched off between two calls, so that nothing need be laid out again.

    A part that concerns nobody is one that is not there: no draw is made for it and no time is taken. So a barrier is
    switched off by giving its gates, hazards and drags a condition that nobody meets.
    """

    def __init__(self, plan: Plan, laid_out: Tables, rows: Sequence[Mapping[str, Sequence[int]]]) -> None:
        self._plan, self._rows = plan, rows
        # A test against no value at all, which nothing passes.
        nobody = np.zeros(1, laid_out["tests"].dtype)
        self._never = len(laid_out["tests"])
        self._on = laid_out
        self._now = {name: laid_out[name].copy() for name in _ACTING}
        self._kernel = Kernel({**laid_out, **self._now, "tests": np.concatenate([laid_out["tests"], nobody])}, False)

    def __call__(self, combination: int) -> tuple[Plan, Kernel]:
        for name, now in self._now.items():
            now[:] = self._on[name]
            off = [row for place, rows in enumerate(self._rows) if combination >> place & 1 for row in rows[name]]
            now["first_test"][off], now["end_tests"][off] = self._never, self._never + 1
        return self._plan, self._kernel


def _rows_of(players: Players, plan: Plan, laid_out: Tables) -> list[dict[str, list[int]]]:
    """Where the gates, hazards and drags of each player stand in the tables of a plan."""
    rows: list[dict[str, list[int]]] = [{name: [] for name in _ACTING} for _ in players.names]
    places = {name: place for place, name in enumerate(players.names)}
    for stage, record in zip(plan.stages, laid_out["stages"], strict=True):
        acting = {
            "gates": (record.first_gate, [gate.rule.barrier for gate in stage.gates]),
            "hazards": (record.first_hazard, [hazard.rule.barrier for hazard in stage.hazards]),
            "drags": (record.first_drag, [drag.barrier for drag in stage.drags]),
        }
        assert len(acting["drags"][1]) == len(stage.drags), stage.name
        for table, (first, barriers) in acting.items():
            for number, barrier in enumerate(barriers):
                if barrier in places:
                    rows[places[barrier]][table].append(first + number)
    return rows
