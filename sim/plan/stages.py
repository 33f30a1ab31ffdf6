"""Stages as a plan: each with its queue, work, decision, gates, hazards and drag."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from sim.draws.arithmetic import logarithm
from sim.draws.probability import log_odds
from sim.draws.uniform import name_key
from sim.plan.index import Index
from sim.plan.plan import BarrierPlan, DragPlan, GatePlan, HazardPlan, NeedPlan, RetryPlan, StagePlan
from sim.plan.policies import Policies, Scale
from sim.scenario.schema import Barrier, Gate, Mechanism, Scenario, Stage


def build_stages(scenario: Scenario, index: Index, policies: Policies) -> tuple[StagePlan, ...]:
    """The stages of the enabled routes, route by route in the order of their names."""
    mechanisms = list(_mechanisms(scenario))
    return tuple(_stage(scenario, index, policies, mechanisms, stage) for stage in index.stages)


_Acting = tuple[str, str, Mechanism]
"""A barrier, one of its forms or "", and how that acts."""


def _stage(
    scenario: Scenario, index: Index, policies: Policies, mechanisms: Sequence[_Acting], stage: Stage
) -> StagePlan:
    name = stage.stage
    acting = [(barrier, form, part) for barrier, form, part in mechanisms if _acts_at(part, name)]
    affecting = [
        (barrier, form)
        for barrier, whole in scenario.barriers.items()
        for form, part in (("", whole), *whole.forms.items())
        if _acts_at(part, name)
    ]
    resources = {*stage.needs, *([stage.decided_by] if stage.decided_by else [])}
    return StagePlan(
        name=name,
        label=stage.label or name.replace("_", " "),
        only_for=index.condition(stage.only_for),
        closes=index.day_after(stage.closes),
        need=_need(scenario, index, stage),
        work=index.plan_draw(f"work/{name}", stage.work),
        work_factors=policies.on_work(name),
        drags=_drags(index, policies, name, acting),
        decided_by=index.resources.index(stage.decided_by) if stage.decided_by else None,
        gates=tuple(
            _gate(scenario, index, policies, name, barrier, form, part)
            for barrier, form, part in acting
            if name in part.gates
        ),
        hazards=tuple(
            HazardPlan(rule=_rule(index, policies, name, barrier, form, part, "rate"), rate=part.hazards[name].value)
            for barrier, form, part in acting
            if name in part.hazards
        ),
        milestone=index.milestones.index(stage.milestone) if stage.milestone else None,
        costs=tuple(
            (payer, index.plan_draw(f"cost/{name}/{payer}", stage.costs[payer])) for payer in sorted(stage.costs)
        ),
        charged_policies=policies.charged_at(name, affecting, resources),
    )


def _drags(index: Index, policies: Policies, stage: str, acting: Sequence[_Acting]) -> tuple[DragPlan, ...]:
    """What makes the stage's work longer, in the order of names."""
    return tuple(
        DragPlan(
            barrier=barrier,
            factor=part.drag[stage].value,
            applies_to=index.condition(part.applies_to),
            removals=policies.removals(barrier, form, stage),
        )
        for barrier, form, part in sorted(acting, key=lambda barrier_and_form: barrier_and_form[:2])
        if stage in part.drag and part.drag[stage].value != 1.0
    )


def _acts_at(part: Mechanism, stage: str) -> bool:
    return stage in part.gates or stage in part.hazards or stage in part.drag


def _mechanisms(scenario: Scenario) -> Iterator[_Acting]:
    """Every switched-on way in which a barrier acts, in the order written; a barrier's own acting has no form."""
    for name, barrier in scenario.barriers.items():
        if barrier.enabled:
            yield name, "", barrier
            for form, mechanism in barrier.forms.items():
                if mechanism.enabled:
                    yield name, form, _inherit(barrier, mechanism)


def _inherit(barrier: Barrier, form: Mechanism) -> Mechanism:
    """A form concerns whom its barrier concerns and moves with what moves its barrier, unless it says otherwise."""
    return form.model_copy(
        update={
            "applies_to": form.applies_to or barrier.applies_to,
            "depends_on": {**barrier.depends_on, **form.depends_on},
            "eases_after": {**barrier.eases_after, **form.eases_after},
        }
    )


def _rule(
    index: Index, policies: Policies, stage: str, barrier: str, form: str, part: Mechanism, scale: Scale
) -> BarrierPlan:
    kind = "gate" if scale == "odds" else "hazard"
    easings = [
        (index.milestones.index(name), logarithm((ease.odds if scale == "odds" else ease.rate).value))
        for name, ease in sorted(part.eases_after.items())
    ]
    return BarrierPlan(
        key=name_key(f"{kind}/{barrier}/{form}/{stage}"),
        barrier=barrier,
        form=form,
        applies_to=index.condition(part.applies_to),
        terms=index.terms(part.depends_on),
        eases_after=tuple((number, shift) for number, shift in easings if shift != 0.0),
        periods=policies.on_barrier(barrier, form, stage, scale),
        removals=policies.removals(barrier, form, stage),
    )


def _gate(
    scenario: Scenario, index: Index, policies: Policies, stage: str, barrier: str, form: str, part: Mechanism
) -> GatePlan:
    gate = part.gates[stage]
    exemplars = tuple(
        number
        for number, exemplar in enumerate(scenario.exemplars[name] for name in sorted(scenario.exemplars))
        if exemplar.enabled and exemplar.barrier in (barrier, f"{barrier}.{form}") and exemplar.odds.value != 1.0
    )
    return GatePlan(
        rule=_rule(index, policies, stage, barrier, form, part, "odds"),
        log_odds=log_odds(gate.probability.value),
        exemplars=exemplars,
        retry=_retry(index, f"{barrier}/{form}/{stage}", gate),
    )


def _retry(index: Index, name: str, gate: Gate) -> RetryPlan | None:
    if gate.retry is None:
        return None
    delay = index.plan_draw(f"delay/{name}", gate.retry.after)
    tries = math.inf if gate.retry.tries == "unlimited" else float(gate.retry.tries)
    return RetryPlan(key=name_key(f"retry/{name}"), probability=gate.retry.probability.value, delay=delay, tries=tries)


def _need(scenario: Scenario, index: Index, stage: Stage) -> NeedPlan | None:
    for resource, need in stage.needs.items():
        fund = scenario.resources[resource].fund
        award = need.award or (fund.award if fund else None)
        return NeedPlan(
            resource=index.resources.index(resource),
            award=index.plan_draw(f"award/{stage.stage}", award) if award else None,
            patience=index.plan_draw(f"patience/{stage.stage}", need.patience) if need.patience else None,
            room=math.inf if need.room is None else float(need.room),
            continues=need.otherwise == "go_on",
        )
    return None
