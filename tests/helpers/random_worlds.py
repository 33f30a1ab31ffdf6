"""Small random scenarios from the whole schema, for hypothesis.

A world is a plain mapping, as a file would give it. Durations lie on round numbers of days half the time, so
that events tie often. Everything is small, so that a replication takes a few milliseconds.
"""

from datetime import date, timedelta

from hypothesis import strategies as st

from sim.scenario.references import find_problems
from sim.scenario.schema import Scenario

START = date(2008, 11, 1)
TYPES = ("team", "arm", "cluster")
HORIZON = 360


def on(day):
    """The date so many days after the start."""
    return (START + timedelta(days=day)).isoformat()


def build(raw):
    """The checked scenario of a mapping."""
    scenario = Scenario.model_validate(raw)
    problems = find_problems(scenario, raw)
    assert not problems, problems
    return scenario


ROUND = st.sampled_from(["0 days", "5 days", "10 days", "20 days", "30 days", "60 days", "1 month"])
CONTINUOUS = st.sampled_from(
    [
        {"exponential": {"mean": "20 days"}},
        {"exponential": {"median": "2 weeks"}, "at_most": "50 days"},
        {"lognormal": {"median": "1 month", "p90": "3 months"}},
        {"lognormal": {"mean": "15 days", "sd": "10 days"}, "at_least": "5 days"},
        {"weibull": {"mean": "25 days", "sd": "12 days"}},
        {"weibull": {"scale": "30 days", "shape": 0.8}},
        {"weibull": {"median": "12 days", "p90": "40 days"}},
        {"triangular": {"low": "1 day", "mode": "10 days", "high": "30 days"}},
        {"uniform": {"low": "2 days", "high": "40 days"}},
        {"empirical": {"values": ["5 days", "10 days", "30 days"], "weights": [2, 1, 1]}},
        {
            "by_type": {"team": {"uniform": {"low": "1 day", "high": "9 days"}}},
            "otherwise": "5 days",
        },
    ]
)
DURATIONS = ROUND | CONTINUOUS
LATER = st.sampled_from(["5 days", "10 days", "30 days"]) | CONTINUOUS
CHANCES = st.sampled_from([0, 0.1, 0.3, 0.5, 0.8, 1, {"value": 0.3, "low": 0.1, "high": 0.6, "source": "judgement"}])
RATES = st.sampled_from(["0 per month", "0.3 per month", "0.01 per day", "0.03 per day", "2 per year"])
FACTORS = st.sampled_from([0.3, 0.7, 1.0, 1.3, 2.5])
SHIFTS = st.sampled_from([-0.8, -0.2, 0.0, 0.1, 0.3, 0.7])
MONEY = st.sampled_from(
    [0, 10000, "£30k", {"uniform": {"low": 5000, "high": 50000}}, {"lognormal": {"mean": 20000, "sd": 9000}}]
)
DAYS = st.integers(0, HORIZON // 10).map(lambda n: on(10 * n))
SCOPES = st.sampled_from(["nation", "region", "host"])


def maybe(strategy):
    return st.none() | strategy


def given_parts(**parts):
    """A mapping of the parts that are not None."""
    return st.fixed_dictionaries(parts).map(lambda made: {k.rstrip("_"): v for k, v in made.items() if v is not None})


def some(strategy, most=3, least=0):
    return st.lists(strategy, min_size=least, max_size=most)


@st.composite
def spans(draw, key_from="from", key_until="until"):
    """Two dates in order, either of which may be absent."""
    first, second = sorted(draw(st.tuples(DAYS, DAYS)))
    given = {key_from: first, key_until: second}
    return {key: given[key] for key in draw(st.sampled_from([(), (key_from,), (key_until,), (key_from, key_until)]))}


TRAITS = {
    "keen": {"probability": 0.5},
    "stance": {"shares": {"hostile": 0.3, "neutral": 0.5, "warm": 0.2}},
    "aware": {"probability": 0.6, "depends_on": {"keen": 0.9}},
    "size": {"number": {"lognormal": {"mean": 1, "sd": 0.4}}},
    "champion": {
        "probability": 0.4,
        "depends_on": {"log_headcount": -0.2, "type": {"team": 1}, "aware": 0.5},
    },
    "mood": {"shares": {"low": 0.4, "high": 0.6}},
}
HOST_TERMS = ("keen", "stance", "aware", "size", "region")
GROUP_TERMS = (*HOST_TERMS, "champion", "mood", "type", "log_headcount")


@st.composite
def terms(draw, names, shape):
    """A ``depends_on`` over some of the names."""
    made = {}
    for name in draw(st.lists(st.sampled_from(names), max_size=3, unique=True)):
        levels = shape.get(name)
        if levels:
            chosen = draw(st.lists(st.sampled_from(levels), min_size=1, unique=True))
            made[name] = {level: draw(SHIFTS) for level in chosen}
        else:
            made[name] = draw(SHIFTS) * (0.1 if name == "log_headcount" else 1)
    return made


@st.composite
def eligible(draw, shape, routes=True):
    """Whom something concerns."""
    made = {}
    if draw(st.booleans()):
        made["types"] = draw(st.lists(st.sampled_from(shape["type"]), min_size=1, unique=True))
    if draw(st.booleans()):
        made["regions"] = draw(st.lists(st.sampled_from(shape["region"]), min_size=1, unique=True))
    if routes and draw(st.booleans()):
        made["routes"] = draw(st.lists(st.sampled_from(shape["route"]), min_size=1, unique=True))
    traits = draw(st.sampled_from([{}, {"keen": True}, {"champion": False}, {"stance": ["warm", "neutral"]}]))
    return {**made, "traits": traits} if traits else made


@st.composite
def arrivals(draw, shape):
    kind = draw(st.sampled_from(["rate", "every", "number"]))
    made = {}
    if kind == "rate":
        made["rate"] = draw(st.sampled_from(["0.5 per month", "0.01 per day", "6 per year"]))
        made["profile"] = draw(some(spans().flatmap(lambda s: FACTORS.map(lambda f: {**s, "times": f})), 2))
        made["depends_on"] = draw(terms(HOST_TERMS, shape))
    elif kind == "every":
        made["every"] = draw(st.sampled_from(["30 days", "45 days", "2 months"]))
        made["first"] = draw(st.sampled_from(["0 days", "10 days", "1 day"]))
    else:
        made["number"] = draw(st.integers(0, 4))
    made |= draw(spans())
    made["limit"] = draw(st.integers(0, 6))
    return made


@st.composite
def resources(draw):
    """One of each kind."""
    servers = {"number": draw(st.integers(0, 3))}
    servers["changes"] = [{"on": draw(DAYS), "number": draw(st.integers(0, 3))} for _ in range(draw(st.integers(0, 2)))]
    meeting = {"every": draw(st.sampled_from(["10 days", "30 days", "1 month", "45 days"]))}
    if draw(st.booleans()):
        meeting["staggered"] = True
    elif draw(st.booleans()):
        meeting["first"] = draw(DAYS)
    if draw(st.booleans()):
        meeting["room"] = draw(st.integers(0, 3))
        meeting["changes"] = [
            {"on": draw(DAYS), "room": draw(st.integers(0, 3))} for _ in range(draw(st.integers(0, 2)))
        ]
    panel = {"dates": draw(some(DAYS, 4, 1))}
    if draw(st.booleans()):
        panel["room"] = draw(st.integers(0, 3))
    fund = {"budget": draw(st.sampled_from([0, 50000, "£200k"]))}
    fund["opens"] = draw(some(spans(), 2))
    fund["top_ups"] = [{"on": draw(DAYS), "add": 40000} for _ in range(draw(st.integers(0, 2)))]
    fund |= draw(given_parts(award=maybe(MONEY)))
    if draw(st.booleans()):
        fund["repayment"] = {
            "share": draw(CHANCES),
            "after": "1 month",
            "over": draw(st.sampled_from(["2 months", "1 day"])),
        }
    return {
        "advisers": {"scope": draw(SCOPES), "servers": servers},
        "board": {"scope": draw(SCOPES), "meeting": meeting},
        "panel": {"scope": draw(SCOPES), "panel": panel},
        "capital": {"scope": draw(SCOPES), "fund": fund},
    }


@st.composite
def stages(draw, name, shape, shared):
    made = {"stage": name, "work": draw(DURATIONS)}
    if shared:
        if draw(st.booleans()):
            resource = draw(st.sampled_from(["advisers", "capital"]))
            need = draw(given_parts(patience=maybe(DURATIONS), room=maybe(st.integers(0, 2))))
            if resource == "capital":
                need |= draw(given_parts(award=maybe(MONEY)))
            made["needs"] = {resource: need}
        made |= draw(given_parts(decided_by=maybe(st.sampled_from(["board", "panel"]))))
    made |= draw(
        given_parts(closes=st.none() | st.none() | DAYS, milestone=maybe(st.sampled_from(["submitted", "ready"])))
    )
    if draw(st.booleans()):
        payer = st.sampled_from(["programme", "host", "group"])
        made["costs"] = draw(st.dictionaries(payer, MONEY, max_size=2))
    if draw(st.integers(0, 4)) == 0:
        made["only_for"] = draw(eligible(shape))
    return made


@st.composite
def mechanisms(draw, shape, retries):
    names = st.sampled_from(shape["stages"])
    gate = CHANCES
    if retries:
        retry = st.fixed_dictionaries(
            {"probability": CHANCES, "after": LATER, "tries": st.sampled_from([2, 3, "unlimited"])}
        )
        gate = CHANCES | st.fixed_dictionaries({"probability": CHANCES, "retry": retry})
    made = {
        "gates": draw(st.dictionaries(names, gate, max_size=2)),
        "hazards": draw(st.dictionaries(names, RATES, max_size=2)),
        "drag": draw(st.dictionaries(names, FACTORS, max_size=1)),
        "depends_on": draw(terms((*GROUP_TERMS, "route"), shape)),
    }
    if draw(st.integers(0, 2)) == 0:
        made["applies_to"] = draw(eligible(shape))
    easing = FACTORS | st.fixed_dictionaries({"odds": FACTORS, "rate": FACTORS})
    made["eases_after"] = draw(st.dictionaries(st.sampled_from(shape["milestones"]), easing, max_size=1))
    made["enabled"] = draw(st.integers(0, 5)) > 0
    return made


@st.composite
def effects(draw, shape, kinds):
    kind = draw(st.sampled_from(kinds))
    if kind == "barrier":
        made = {"barrier": draw(st.sampled_from(shape["barriers"]))}
        made |= draw(
            st.sampled_from(
                [{"times": 0.4}, {"odds": 0.3}, {"rate": 2.0}, {"remove": True}, {"times": 1.5, "rate": 0.5}]
            )
        )
        return made | draw(given_parts(stage=maybe(st.sampled_from(shape["stages"]))))
    if kind == "stage":
        return {
            "stage": draw(st.lists(st.sampled_from(shape["stages"]), min_size=1, max_size=2)),
            "duration": draw(FACTORS),
        }
    if kind == "arrivals":
        return {"arrivals": draw(FACTORS)}
    fund = draw(st.sampled_from([{"money": 30000}, {"shut": True}]))
    room = {
        "resource": draw(st.sampled_from(["advisers", "board", "panel"])),
        "capacity": draw(st.integers(-2, 2)),
    }
    return draw(st.sampled_from([{"resource": "capital", **fund}, room]))


@st.composite
def policies(draw, shape, shared, cost):
    """An intervention, or without cost a timeline entry."""
    kinds = ["barrier", "stage"]
    made = draw(spans())
    if shared and draw(st.integers(0, 3)) == 0:
        # What changes a resource changes it for all.
        made["effects"] = draw(some(effects(shape, ["resource", *kinds]), 3, 1))
        cover, cost = "", False
    elif draw(st.booleans()):
        made["eligible"] = draw(eligible(shape))
        made["effects"] = draw(some(effects(shape, kinds), 3, 1))
        cover = "groups"
    else:
        made["effects"] = draw(some(effects(shape, [*kinds, "arrivals"]), 3, 1))
        cover = "hosts"
    if cost:
        if draw(st.booleans()):
            made["covers"] = {cover: draw(CHANCES)}
        made["cost"] = draw(
            st.sampled_from([{}, {"fixed": 1000}, {"per_month": 500, "per_group": 70, "payer": "host"}])
        )
    made["enabled"] = draw(st.integers(0, 5)) > 0
    return made


@st.composite
def worlds(draw, shared=True, retries=True):
    """A scenario as a mapping. Without ``shared`` no group can touch another."""
    regions = ["east", "mid", "west"][: draw(st.integers(1, 3))]
    types = list(TYPES[: draw(st.integers(1, 3))])
    routes = ["official", "informal"][: draw(st.integers(1, 2))]
    lengths = {route: draw(st.integers(1, 4)) for route in routes}
    names = [f"{route[:3]}{i}" for route in routes for i in range(lengths[route])]
    barriers = ["fear", "doubt", "delay"][: draw(st.integers(0, 3))]
    shape = {
        "type": types,
        "region": regions,
        "route": routes,
        "stance": ["hostile", "neutral", "warm"],
        "mood": ["low", "high"],
        "stages": names,
        "milestones": ["live"],
        "barriers": barriers or ["fear"],
    }
    made = {"title": "A random world", "clock": {"start": on(0), "end": on(HORIZON)}}
    made["hosts"] = {
        "regions": {
            region: {
                "hosts": draw(st.integers(1, 2)),
                **draw(given_parts(joins=st.none() | st.none() | DAYS)),
            }
            for region in regions
        },
        "region_traits": {"keen": TRAITS["keen"]},
        "traits": {name: TRAITS[name] for name in ("stance", "aware", "size")},
    }
    if draw(st.booleans()):
        made["hosts"]["regions"][regions[0]]["traits"] = {"keen": True, "stance": "warm"}
    made["staff_groups"] = draw(_staff_groups(shape))
    made["routes"] = {}
    for route in routes:
        steps = [draw(stages(f"{route[:3]}{i}", shape, shared)) for i in range(lengths[route])]
        steps[draw(st.integers(0, len(steps) - 1))]["milestone"] = "live"
        made["routes"][route] = {
            "stages": steps,
            "share": draw(FACTORS),
            "depends_on": draw(terms(GROUP_TERMS, shape)),
        }
        if route == "informal":
            made["routes"][route] |= draw(spans("opens", "closes"))
            if draw(st.booleans()):
                made["routes"][route]["only_for"] = draw(eligible(shape, routes=False))
    made["resources"] = draw(resources()) if shared else {}
    made["barriers"] = {}
    for name in barriers:
        barrier = draw(mechanisms(shape, retries))
        barrier["forms"] = draw(
            st.dictionaries(st.sampled_from(["open", "hidden"]), mechanisms(shape, retries), max_size=2)
        )
        if not any(part[act] for part in (barrier, *barrier["forms"].values()) for act in ("gates", "hazards", "drag")):
            barrier["drag"] = {names[0]: 1.5}
        made["barriers"][name] = barrier
    if barriers:
        policy = st.tuples(policies(shape, shared, True), policies(shape, shared, False))
        pairs = draw(some(policy, 2))
        made["interventions"] = {f"policy_{i}": one for i, (one, _) in enumerate(pairs)}
        made["timeline"] = {f"fact_{i}": one for i, (_, one) in enumerate(pairs)}
        if shared:
            made["exemplars"] = draw(
                st.dictionaries(
                    st.sampled_from(["wagon", "beacon"]),
                    st.fixed_dictionaries(
                        {
                            "barrier": st.sampled_from(barriers),
                            "odds": FACTORS,
                            "scope": st.sampled_from(["nation", "region"]),
                            "at_most": st.integers(1, 3),
                            "enabled": st.booleans(),
                        }
                    ),
                )
            )
    return made


@st.composite
def _staff_groups(draw, shape):
    sizes = st.sampled_from([12, {"lognormal": {"median": 12, "p90": 40}}, {"uniform": {"low": 3, "high": 90}}])
    types = shape["type"]
    shares = {1: [1.0], 2: [0.25, 0.75], 3: [0.5, 0.2, 0.3]}[len(types)]
    made = {
        "types": {
            name: {"headcount": draw(sizes), "turnover_per_head": draw(MONEY), "share": share}
            for name, share in zip(types, shares, strict=True)
        },
        "traits": {"champion": TRAITS["champion"], "mood": TRAITS["mood"]},
        "arrivals": draw(arrivals(shape)),
    }
    if draw(st.booleans()):
        made["types"]["own"] = {"headcount": 20, "arrivals": draw(arrivals(shape))}
    named = st.fixed_dictionaries(
        {
            "host": st.sampled_from([f"{region}-01" for region in shape["region"]]),
            "type": st.sampled_from(types),
            "on": DAYS,
        }
    )
    extra = given_parts(
        headcount=maybe(st.just(33)),
        turnover=maybe(st.just(1e6)),
        route=maybe(st.sampled_from(shape["route"])),
        traits=maybe(st.just({"champion": True})),
    )
    groups = draw(some(st.tuples(named, extra), 3))
    made["named"] = [{"name": f"Group {i}", **one, **more} for i, (one, more) in enumerate(groups)]
    return made
