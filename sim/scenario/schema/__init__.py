"""The scenario: what an analyst wrote, checked and frozen.

Every part is a frozen pydantic model whose fields are the keys of the YAML file; the same models are published as JSON
Schema. What the parts mean is explained in ``docs/reference/model.md``.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sim.scenario.schema.base import Described, Eligibility, Part, TraitValue
from sim.scenario.schema.observation import HostCount, Median, Observation, Selection, Share
from sim.scenario.schema.pipeline import STAGES_ALONE, Barrier, Easing, Gate, Mechanism, Need, Retry, Route, Stage
from sim.scenario.schema.policy import Coverage, Dated, Effect, Exemplar, Intervention, InterventionCost, TimelineEntry
from sim.scenario.schema.population import (
    Arrivals,
    Burst,
    Clock,
    GroupType,
    Hosts,
    NamedGroup,
    Region,
    StaffGroups,
    Trait,
)
from sim.scenario.schema.resource import Fund, Meeting, Opening, Panel, Repayment, Resource, Servers, TopUp
from sim.scenario.values import Name
from sim.scenario.vocabulary import LAUNCH

__all__ = [
    "Arrivals",
    "Barrier",
    "Burst",
    "Clock",
    "Coverage",
    "Dated",
    "Described",
    "Easing",
    "Effect",
    "Eligibility",
    "Exemplar",
    "Fund",
    "Gate",
    "GroupType",
    "HostCount",
    "Hosts",
    "Intervention",
    "InterventionCost",
    "Mechanism",
    "Median",
    "Meeting",
    "NamedGroup",
    "Need",
    "Observation",
    "Opening",
    "Panel",
    "Part",
    "Region",
    "Repayment",
    "Resource",
    "Retry",
    "Route",
    "Scenario",
    "Selection",
    "Servers",
    "Share",
    "StaffGroups",
    "Stage",
    "TimelineEntry",
    "TopUp",
    "Trait",
    "TraitValue",
]


class Scenario(Part):
    """One world, as written in a file."""

    title: str
    about: str = ""
    clock: Clock
    hosts: Hosts
    staff_groups: StaffGroups
    routes: Annotated[dict[Name, Annotated[Route, STAGES_ALONE]], Field(min_length=1)]
    launch: Annotated[Name, Field(description="the milestone that counts as a launch (live unless given)")] = LAUNCH
    resources: dict[Name, Resource] = {}
    barriers: dict[Name, Barrier] = {}
    interventions: dict[Name, Intervention] = {}
    timeline: dict[Name, TimelineEntry] = {}
    exemplars: dict[Name, Exemplar] = {}
    observations: dict[Name, Observation] = {}
