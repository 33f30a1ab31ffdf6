"""A small scenario with something of everything, and plans of it with parts changed."""

import copy

from sim.plan.build import build_plan
from sim.scenario.references import find_problems
from sim.scenario.schema import Scenario

BASE = {
    "title": "Laid out",
    "clock": {"start": "2009-01-01", "end": "2011-01-01"},
    "hosts": {
        "regions": {"south": {"hosts": 2}, "north": {"hosts": 1, "joins": "2009-01-11", "traits": {"keen": True}}},
        "region_traits": {"keen": {"probability": 0.5}},
        "traits": {"stance": {"shares": {"hostile": 1, "friendly": 0}}},
    },
    "staff_groups": {
        "types": {"team": {"share": 1, "headcount": 10}, "arm": {"arrivals": {"number": 1}, "headcount": 500}},
        "traits": {"champion": {"probability": 0.25}},
        "arrivals": {"rate": "1 per month"},
    },
    "resources": {
        "board": {"scope": "host", "meeting": {"every": "30 days"}},
        "advisers": {"servers": 3},
        "money": {"fund": {"budget": "£100k", "award": 1000}},
    },
    "routes": {
        "official": [
            {"stage": "idea", "work": "10 days", "needs": "advisers"},
            {"stage": "board", "decided_by": "board", "milestone": "approved"},
            {"stage": "finance", "needs": "money", "milestone": "live"},
        ],
        "back_door": [{"stage": "alone", "work": "5 days"}],
    },
    "barriers": {
        "worry": {"gates": {"board": 0.5}, "hazards": {"idea": "1 per year"}, "drag": {"idea": 2}},
        "doubt": {"forms": {"soft": {"gates": {"board": 0.25}}, "hard": {"gates": {"board": 0.75, "finance": 0.1}}}},
    },
}


def scenario_of(**parts):
    """The base with parts put in by their path, steps joined by two underscores."""
    raw = copy.deepcopy(BASE)
    for path, value in parts.items():
        *holders, key = path.split("__")
        holder = raw
        for step in holders:
            holder = holder.setdefault(step, {})
        holder[key] = value
    scenario = Scenario.model_validate(raw)
    assert find_problems(scenario, raw) == []
    return scenario


def plan_of(**parts):
    return build_plan(scenario_of(**parts))


def policy(effects, name="policy", **more):
    return {f"interventions__{name}": {"effects": effects, **more}}
