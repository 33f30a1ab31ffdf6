"""Every kind of mistake in a scenario file: said at its place, in words, with the nearest name, and all at once.

In the texts below `§` stands where a fault must be reported; it is taken out before the file is written.
"""

# ruff: noqa: E501 - the tables of cases have a row a case
import time

import pytest

from sim.scenario.faults import ScenarioFaults
from sim.scenario.load import load
from tests.helpers.marked import places_of

SOUND = """\
title: A world to break
clock: {start: 2008-11-01, end: 2012-04-01}
hosts:
  regions:
    north: {hosts: 3}
    south: {hosts: 2, joins: 2009-01-01}
  region_traits:
    active: {probability: 0.5}
  traits:
    aware: {probability: 0.6, depends_on: {active: 1.1}}
    stance: {shares: {hostile: 0.3, neutral: 0.5, keen: 0.2}}
staff_groups:
  types:
    team: {share: 0.7, headcount: 12}
    cluster: {share: 0.3, headcount: {triangular: {low: 20, mode: 60, high: 200}}}
    arm: {arrivals: {number: 1}, headcount: {uniform: {low: 300, high: 900}}}
  traits:
    champion: {probability: 0.4, depends_on: {type: {arm: -1}, aware: 0.7}}
    resolve: {number: {lognormal: {mean: 1, sd: 0.4}}}
  arrivals:
    rate: 0.4 per month
    until: 2011-12-31
    profile: [{from: 2010-07-12, until: 2010-09-30, times: 3}]
  named:
    - {name: Pioneers, host: north-01, type: team, on: 2009-01-06, route: official}
resources:
  advisers: {servers: {number: 2, changes: [{on: 2009-10-27, number: 1}]}}
  board: {scope: host, meeting: {every: 1 month, room: 1}}
  panel: {panel: {dates: [2009-11-19, 2010-08-04], room: 4}}
  seif: {fund: {budget: 200000, award: 20000, opens: [{from: 2009-01-01, until: 2010-09-30}], repayment: {over: 6 months}}}
routes:
  official:
    opens: 2008-11-01
    closes: 2011-09-30
    only_for: {traits: {stance: [neutral, keen]}}
    stages:
      - {stage: idea, needs: advisers, work: 2 months}
      - {stage: request, decided_by: board, milestone: submitted, closes: 2010-09-30}
      - {stage: approval, decided_by: panel, milestone: approved, costs: {host: 5000}}
      - {stage: finance, needs: {seif: {award: 5000, patience: 1 month}}, work: 1 month, milestone: live}
  informal:
    share: 0.5
    stages:
      - {stage: alone, work: {by_type: {team: 1 month}, otherwise: 2 months}}
barriers:
  resistance:
    gates: {request: {probability: 0.4, retry: {after: 20 days, tries: 3}}, approval: {value: 0.2, low: 0.1, high: 0.4, source: [2.5]}}
    hazards: {idea: 0.02 per month}
    drag: {idea: 1.2}
    depends_on: {champion: -0.8, stance: {hostile: 0.6}}
    eases_after: {submitted: 0.5}
  pensions:
    applies_to: {types: [team, cluster]}
    forms:
      worry: {hazards: {finance: 0.05 per month}}
interventions:
  guarantee:
    from: 2009-06-29
    until: 2011-12-31
    covers: {groups: 0.7}
    cost: {fixed: 10000, per_month: £2k, per_group: 500}
    eligible: {types: team, regions: north, routes: official, traits: {champion: true}}
    effects: [{barrier: pensions.worry, times: 0.3}, {stage: idea, duration: 0.8}]
  more_advisers: {from: 2010-01-01, cost: {per_month: 3000}, effects: [{resource: advisers, capacity: 1}]}
timeline:
  freeze: {from: 2010-05-12, until: 2010-11-11, effects: [{resource: seif, shut: true}]}
exemplars:
  bandwagon: {milestone: live, barrier: resistance, odds: 0.8}
observations:
  approvals: {value: 20, low: 15, high: 25, source: [1.1], count: {reached: approved, by: 2009-12-31}}
  speed: {value: 20, median_months: {from: submitted, to: live, of: {regions: north}}}
  half: {value: 0.5, share: {of: {routes: official}, that: {causes: [resistance, window_closed], types: arm}}}
  known: {value: 3, hosts: {trait: aware, regions: [north]}}
  waiting: {value: 2, count: {in_stages: [idea, request], on: 2010-07-12}}
"""


def faults_of(path, text, *overrides):
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioFaults) as caught:
        load(str(path), overrides)
    return caught.value.faults


def changed(*changes):
    text = SOUND
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def assert_faults(path, marked, *expected):
    """The faults of a marked text are exactly these, in their places and in this order."""
    text, places = places_of(marked)
    found = faults_of(path, text)
    said = [str(fault).removeprefix(f"{path}:") for fault in found]
    wanted = [f"{line}:{column}: {words}" for (line, column), words in zip(places, expected, strict=True)]
    assert len(said) == len(wanted), said
    for one, other in zip(said, wanted, strict=True):
        assert one.startswith(other), (one, other)


CASES = {
    # Keys
    "an unknown key": ("title: A", "§titel: x\ntitle: A", "unknown key 'titel' (did you mean 'title'?), expected one of about, barriers,"),
    "an unknown key far inside": (
        "{stage: idea, needs: advisers,",
        "{stage: idea, §need: advisers,",
        "unknown key 'need' (did you mean 'needs'?), expected one of about, closes, costs,",
    ),
    "an unknown key of a barrier": ("drag: {idea: 1.2}", "§drags: {idea: 1.2}", "unknown key 'drags' (did you mean 'drag'?)"),
    "an unknown key of a form": (
        "worry: {hazards:", "worry: {§hazard: {}, hazards:", "unknown key 'hazard' (did you mean 'hazards'?)",
    ),
    "an unknown key of a retry": ("tries: 3}", "tries: 3, §trys: 2}", "unknown key 'trys' (did you mean 'tries'?)"),
    "an unknown key like a Python name": ("from: 2009-06-29", "§from_: 2009-06-29", "unknown key 'from_' (did you mean 'from'?)"),
    "an unknown key of an uncertain number": (
        "value: 0.2, low: 0.1", "value: 0.2, §lwo: 0.1, low: 0.1", "unknown key 'lwo' in an uncertain number, expected value, low, high,",
    ),
    "a duplicate key": ("    share: 0.5\n", "    share: 0.5\n    §share: 0.6\n", "the key 'share' is written again, expected each key once (it is at line 42, column 5)"),
    "a name that is none": ("    share: 0.5\n", "    share: 0.5\n    §2 fast: 1\n", "unknown key '2 fast'"),
    "a barrier with a bad name": ("  pensions:\n", "  §pension-worries: {hazards: {idea: 1 per year}}\n  pensions:\n", "'pension-worries' is not a name, expected letters, digits and _"),
    # Values
    "a probability of 1.2": ("champion: {probability: 0.4", "champion: {probability: §1.2", "'1.2' is not a probability, expected a number from 0 to 1"),
    "a negative probability": ("request: {probability: 0.4", "request: {probability: §-0.1", "'-0.1' is not a probability"),
    "a probability that is a word": ("request: {probability: 0.4", "request: {probability: §often", "'often' is not a number, expected a probability from 0 to 1"),
    "a probability that is nothing": ("request: {probability: 0.4", "request: {§probability: ", "nothing is not a number"),
    "a gate of 1.2 in short": ("approval: {value: 0.2, low: 0.1, high: 0.4, source: [2.5]}", "approval: §1.2", "'1.2' is not a probability"),
    "a date that is not one": ("end: 2012-04-01", "end: §2012-02-30", "'2012-02-30' is not a date, expected a calendar date such as 2010-09-30"),
    "a date in another order": ("closes: 2011-09-30", "closes: §30/09/2011", "'30/09/2011' is not a date"),
    "a date that is a number": ("closes: 2011-09-30", "closes: §2011", "'2011' is not a date"),
    "a duration without unit": ("patience: 1 month", "patience: §1", "'1' is not a duration, expected a duration with its unit"),
    "a duration in a wrong unit": ("patience: 1 month", "patience: §1 fortnight", "'1 fortnight' is not a duration"),
    "a negative duration": ("patience: 1 month", "patience: §-1 month", "'-1 month' is not a possible duration"),
    "a rate without unit": ("rate: 0.4 per month", "rate: §0.4", "'0.4' is not a rate, expected a rate with its unit"),
    "a rate of a duration": ("idea: 0.02 per month", "idea: §2 months", "'2 months' is not a rate"),
    "a cost in a wrong unit": ("costs: {host: 5000}", "costs: {host: §5000 euros}", "'5000 euros' is not an amount of money, expected an amount in pounds"),
    "a cost in months": ("per_group: 500", "per_group: §5 months", "'5 months' is not an amount of money"),
    "a cost of less than nothing": ("fixed: 10000", "fixed: §-10000", "'-10000' is not a possible amount"),
    "a payer that nobody knows": ("costs: {host: 5000}", "costs: {§hots: 5000}", "'hots' is not possible here, expected programme, host or group"),
    "a factor of nothing": ("drag: {idea: 1.2}", "drag: {idea: §0}", "'0' is not a factor, expected a number above 0"),
    "hosts that are no number": ("north: {hosts: 3}", "north: {hosts: §some}", "hosts: 'some' is not a whole number"),
    "hosts in half": ("north: {hosts: 3}", "north: {hosts: §2.5}", "hosts: '2.5' is not a whole number"),
    "no hosts": ("north: {hosts: 3}", "north: {hosts: §0}", "hosts: '0' is not possible here, expected greater than or equal to 1"),
    "a count in half": ("servers: {number: 2,", "servers: {number: §2.5,", "'2.5' is not a count"),
    "a switch that is none": ("  pensions:\n", "  pensions:\n    enabled: §maybe\n", "enabled: 'maybe' is not a switch, expected true or false"),
    "a switch that is a number": ("  pensions:\n", "  pensions:\n    enabled: §2\n", "enabled: '2' is not a switch, expected true or false"),
    "a list where keys belong": ("drag: {idea: 1.2}", "§drag: [idea]", "'drag' is not a mapping, expected keys with values"),
    "keys where a list belongs": ("opens: [{from: 2009-01-01, until: 2010-09-30}]", "§opens: {from: 2009-01-01}", "'opens' is not a list, expected a list"),
    "a scope that nobody knows": ("scope: host", "scope: §hots", "scope: 'hots' is not possible here, expected nation, region or host"),
    "tries that are too few": ("tries: 3", "tries: §1", "'1' is not a number of tries, expected a whole number from 2 to 1000, or unlimited"),
    # Uncertain numbers and distributions
    "a judgement without a range": ("probability: 0.5}", "probability: {value: 0.5, source: §judgement}}", "a judgement without a range, expected low: and high: beside the value"),
    "a source that does not exist": ("source: [2.5]", "§source: [2.55]", "source '2.55' is not in the evidence (did you mean '2.5'?), expected an id of the evidence, or judgement"),
    "a source that may not be cited": ("source: [2.5]", "§source: [7.6]", "source '7.6' may not be cited (unverified)"),
    "a source of an observation": ("source: [1.1], count", "§source: [1.111], count", "source '1.111' is not in the evidence"),
    "a bound that is no probability": ("high: 0.4, source", "high: §1.4, source", "'1.4' is not a probability"),
    "a spread that nobody knows": ("high: 0.4, source", "high: 0.4, spread: §normal, source", "unknown spread 'normal', expected triangular or uniform"),
    "an unknown distribution": ("{lognormal: {mean: 1, sd: 0.4}}", "{§lognorm: {mean: 1, sd: 0.4}}", "unknown distribution 'lognorm'"),
    "a distribution of other parameters": ("lognormal: {mean: 1, sd: 0.4}", "§lognormal: {mean: 1, p90: 4}", "lognormal cannot be made from mean, p90, expected {median, p90} or {mean, sd}"),
    "a distribution upside down": ("uniform: {low: 300, high: 900}", "uniform: {low: 300, high: §200}", "high is not above low, expected low < high"),
    "a lognormal below nothing": ("lognormal: {mean: 1, sd: 0.4}", "lognormal: {mean: §-1, sd: 0.4}", "mean must be above 0"),
    "by_type without types": ("by_type: {team: 1 month}", "§by_type: {}", "by_type without types"),
    "by_type with a wrong duration": ("by_type: {team: 1 month}", "by_type: {team: §1 moon}", "'1 moon' is not a duration"),
    "by_type with something beside": ("otherwise: 2 months", "§else: 2 months", "unknown key 'else' beside by_type"),
    # Names that must exist
    "a gate at a stage that no route has": ("approval: {value: 0.2, low", "§aproval: {value: 0.2, low", "no stage is called 'aproval' (did you mean 'approval'?), expected one of alone, approval, finance, idea, request"),
    "a hazard at a stage that no route has": ("hazards: {idea: 0.02", "hazards: {ideal: §0.02", "no stage is called 'ideal' (did you mean 'idea'?)"),
    "drag at a stage that no route has": ("drag: {idea: 1.2}", "drag: {idae: §1.2}", "no stage is called 'idae' (did you mean 'idea'?)"),
    "an intervention on a barrier that does not exist": ("barrier: pensions.worry", "barrier: §pension", "no barrier is called 'pension' (did you mean 'pensions'?)"),
    "an intervention on a form that does not exist": ("barrier: pensions.worry", "barrier: §pensions.worries", "no barrier is called 'pensions.worries' (did you mean 'pensions.worry'?)"),
    "an effect on a stage that does not exist": ("{stage: idea, duration: 0.8}", "{stage: §ideas, duration: 0.8}", "no stage is called 'ideas' (did you mean 'idea'?)"),
    "an effect on a resource that does not exist": ("{resource: advisers, capacity: 1}", "{resource: §adviser, capacity: 1}", "no resource is called 'adviser' (did you mean 'advisers'?)"),
    "a cost due at a stage that does not exist": ("per_group: 500}", "per_group: 500, at: §ideas}", "no stage is called 'ideas' (did you mean 'idea'?)"),
    "a need of a resource that does not exist": ("needs: advisers", "needs: §adviser", "no resource is called 'adviser' (did you mean 'advisers'?)"),
    "a board that does not exist": ("decided_by: board", "decided_by: §bord", "no resource is called 'bord' (did you mean 'board'?)"),
    "an exemplar of a milestone that does not exist": ("bandwagon: {milestone: live", "bandwagon: {milestone: §life", "no milestone is called 'life' (did you mean 'live'?)"),
    "a launch that is no milestone": ("title: A world to break\n", "title: A world to break\nlaunch: §aproved\n", "no milestone is called 'aproved' (did you mean 'approved'?), expected one of approved, live, submitted"),
    "a milestone by a name of the program's own": ("work: 1 month, milestone: live}", "work: 1 month, milestone: live}\n      - {stage: done, milestone: §arrived}", "'arrived' is the moment at which a group arrives"),
    "an exemplar on a barrier that does not exist": ("barrier: resistance, odds", "barrier: §resistence, odds", "no barrier is called 'resistence' (did you mean 'resistance'?)"),
    "an easing after a milestone that does not exist": ("eases_after: {submitted: 0.5}", "eases_after: {submited: §0.5}", "no milestone is called 'submited' (did you mean 'submitted'?)"),
    "a trait that does not exist": ("depends_on: {champion: -0.8,", "depends_on: {champoin: §-0.8,", "no trait is called 'champoin' (did you mean 'champion'?)"),
    "a trait of hosts that depends on one of groups": ("depends_on: {active: 1.1}", "depends_on: {champion: §1.1}", "no trait is called 'champion', expected one of active, aware, region, stance"),
    "a trait of regions that depends on one of hosts": ("active: {probability: 0.5}", "active: {probability: 0.5, depends_on: {aware: §1}}", "no trait is called 'aware'"),
    "a level that does not exist": ("stance: {hostile: 0.6}", "stance: {hostil: §0.6}", "no level of stance is called 'hostil' (did you mean 'hostile'?)"),
    "levels left out": ("stance: {hostile: 0.6}", "stance: §0.6", "'stance' without its levels, expected a shift for each of ['hostile', 'keen', 'neutral']"),
    "levels of what has none": ("aware: 0.7}", "aware: {high: §0.7}}", "'aware' has no levels, expected a single shift"),
    "a type in a condition": ("applies_to: {types: [team, cluster]}", "applies_to: {types: [team, §clusters]}", "no type is called 'clusters' (did you mean 'cluster'?)"),
    "a region in a condition": ("regions: north, routes", "regions: §noth, routes", "no region is called 'noth' (did you mean 'north'?)"),
    "a route in a condition": ("routes: official, traits: {champion", "routes: §offical, traits: {champion", "no route is called 'offical' (did you mean 'official'?)"),
    "a trait in a condition": ("traits: {champion: true}", "traits: {champions: §true}", "no trait is called 'champions' (did you mean 'champion'?)"),
    "a level in a condition": ("stance: [neutral, keen]", "stance: [neutral, §keane]", "no level of stance is called 'keane' (did you mean 'keen'?)"),
    "a word for yes or no": ("traits: {champion: true}", "traits: {champion: §sure}", "'sure' is not a value of 'champion', expected true or false"),
    "a type of a named group": ("type: team, on", "type: §tame, on", "no type is called 'tame' (did you mean 'team'?)"),
    "a host of a named group": ("host: north-01", "host: §north-04", "no host is called 'north-04' (did you mean 'north-03'?)"),
    "a route of a named group": ("2009-01-06, route: official", "2009-01-06, route: §officious", "no route is called 'officious'"),
    "a law by type for some": ("by_type: {team: 1 month}, otherwise: 2 months", "§by_type: {team: 1 month, arm: 1 month}", "nothing for the type 'cluster'"),
    "a type in by_type": ("by_type: {team: 1 month}", "by_type: {taem: §1 month}", "no type is called 'taem' (did you mean 'team'?)"),
    "a trait of an observation": ("hosts: {trait: aware", "hosts: {trait: §awake", "no trait is called 'awake' (did you mean 'aware'?)"),
    "a region of an observation": ("trait: aware, regions: [north]", "trait: aware, regions: [§nort]", "no region is called 'nort' (did you mean 'north'?)"),
    "a milestone of an observation": ("count: {reached: approved", "count: {reached: §aproved", "no milestone is called 'aproved' (did you mean 'approved'?)"),
    "a moment of a median": ("from: submitted, to", "from: §submited, to", "no milestone is called 'submited' (did you mean 'submitted'?)"),
    "a cause of an observation": ("causes: [resistance, window", "causes: [§resistanse, window", "no cause is called 'resistanse' (did you mean 'resistance'?)"),
    "a stage of an observation": ("in_stages: [idea, request]", "in_stages: [idea, §requests]", "no stage is called 'requests' (did you mean 'request'?)"),
    "a selection within a selection": ("by: 2009-12-31}}", "by: 2009-12-31, also: {types: §arms}}}", "no type is called 'arms' (did you mean 'arm'?)"),
    # Dates, shares and parts that must agree
    "a panel before the start": ("dates: [2009-11-19,", "dates: [§2008-10-31,", "2008-10-31 comes before the clock starts, expected a date from 2008-11-01 on"),
    "a named group before the start": ("on: 2009-01-06", "on: §2008-01-06", "2008-01-06 comes before the clock starts"),
    "a region that joins before the start": ("joins: 2009-01-01", "joins: §2008-01-01", "joins before the clock starts"),
    "a first meeting before the start": ("every: 1 month, room", "every: 1 month, first: §2008-10-01, room", "2008-10-01 comes before the clock starts"),
    "shares of a trait that do not add to one": ("stance: {shares: {hostile: 0.3", "stance: {§shares: {hostile: 0.4", "shares add up to 1.1, expected shares that add up to 1"),
    "until before from": ("from: 2009-06-29\n    until: 2011-12-31", "from: 2009-06-29\n    until: §2009-01-31", "until 2009-01-31 comes before from 2009-06-29"),
    "a burst that ends before it begins": ("until: 2010-09-30, times: 3}", "until: §2010-01-30, times: 3}", "until 2010-01-30 comes before from 2010-07-12"),
    "an opening that ends before it begins": ("{from: 2009-01-01, until: 2010-09-30}", "{from: 2009-01-01, until: §2008-12-31}", "until 2008-12-31 comes before from 2009-01-01"),
    "a route that closes before it opens": ("closes: 2011-09-30", "closes: §2008-10-30", "closes 2008-10-30 comes before opens 2008-11-01"),
    "a board that is needed": ("needs: advisers", "needs: §board", "'board' is neither servers nor a fund, expected decided_by for it"),
    "advisers that decide": ("decided_by: board", "decided_by: §advisers", "'advisers' is neither a meeting nor a panel, expected needs: for a queue"),
    "an award from a resource that is not a fund": ("needs: advisers", "needs: {advisers: {award: §5}}", "an award from a resource that is not a fund"),
    "a meeting without an interval": ("every: 1 month, room", "every: §0 days, room", "a meeting more than once a day, expected a duration of a day or more"),
    "a meeting every minute": ("every: 1 month, room", "every: §1 minute, room", "a meeting more than once a day"),
    "a clock for the ages": ("end: 2012-04-01", "end: §9999-12-31", "a clock of more than 200 years, expected an earlier end"),
    "a shift beyond reason": ("depends_on: {champion: -0.8,", "depends_on: {champion: §1e3,", "'1000.0' is not a possible shift, expected a number from -50 to 50"),
    "clips the wrong way round": ("{lognormal: {mean: 1, sd: 0.4}}", "{lognormal: {mean: 1, sd: 0.4}, at_least: 3, at_most: §2}", "at_most lies below at_least"),
    "by_type within by_type": ("by_type: {team: 1 month}", "by_type: {team: {§by_type: {team: 1 month}}}", "by_type within by_type, expected one distribution for each type"),
    "a first date beside staggered": ("every: 1 month, room", "every: 1 month, staggered: true, first: §2009-01-01, room", "a first date beside staggered"),
    "money for what is no fund": ("{resource: advisers, capacity: 1}", "§{resource: advisers, money: 1000}", "'advisers' is not a fund"),
    "a shut door of what is no fund": ("{resource: seif, shut: true}", "§{resource: board, shut: true}", "'board' is not a fund"),
    "servers for a fund": ("{resource: seif, shut: true}", "§{resource: seif, capacity: 1}", "'seif' is a fund, expected money instead of capacity"),
    "an effect that its target cannot have": ("{stage: idea, duration: 0.8}", "§{stage: idea, capacity: 3}", "an effect on stage cannot do capacity, expected one or more of duration"),
    "an effect that does nothing": ("{stage: idea, duration: 0.8}", "§{stage: idea}", "an effect on stage cannot do nothing"),
    "two kinds of resource": ("advisers: {servers:", "§advisers: {panel: {dates: [2010-01-01]}, servers:", "servers and panel given, expected exactly one of servers, meeting, panel, fund"),
    "no kind of trait": ("active: {probability: 0.5}", "§active: {label: Active}", "none of them given, expected exactly one of probability, shares, number"),
    "no kind of observation": ("speed: {value: 20, median_months: {from: submitted, to: live, of: {regions: north}}}", "§speed: {value: 20}", "none of them given, expected exactly one of count, share, median_months, hosts"),
    "a type with two origins": ("arm: {arrivals: {number: 1},", "§arm: {share: 0, arrivals: {number: 1},", "share and arrivals given, expected exactly one of share, arrivals"),
    "a profile without a rate": ("arm: {arrivals: {number: 1}", "arm: {§arrivals: {number: 1, profile: [{times: 2}]}", "profile or depends_on without a rate"),
    "coverage twice": ("covers: {groups: 0.7}", "§covers: {groups: 0.7, hosts: 1}", "hosts and groups given, expected exactly one of hosts, groups"),
    "unlimited tries without a delay": ("retry: {after: 20 days, tries: 3}", "§retry: {tries: unlimited}", "unlimited tries without a delay, expected after: a day or more"),
    "tries without end and hardly a delay": ("retry: {after: 20 days, tries: 3}", "§retry: {after: {exponential: {mean: 1 minute}}, tries: unlimited}", "unlimited tries without a delay"),
    "tries beyond count": ("tries: 3", "tries: §1000000000", "'1000000000' is not a number of tries"),
    "an observation outside its range": ("approvals: {value: 20,", "approvals: {value: §30,", "the value lies outside low and high"),
    "stages without a date": ("waiting: {value: 2, count: {in_stages: [idea, request], on: 2010-07-12}}", "waiting: {value: 2, §count: {in_stages: [idea, request]}}", "in_stages or not_reached without a date, expected on: a date"),
    "a trait that depends on itself": ("depends_on: {active: 1.1}", "§depends_on: {aware: 1.1}", "'aware' depends on itself, expected no circle among aware"),
    "a barrier that does nothing": ("  pensions:\n", "  §nothing: {label: Nothing}\n  pensions:\n", "barrier 'nothing' does nothing, expected gates, hazards or drag"),
    "a barrier with the name of an exit": ("  pensions:\n", "  §window_closed: {hazards: {idea: 1 per year}}\n  pensions:\n", "'window_closed' is a name that the model itself uses for an exit"),
    "a trait of hosts named like one of regions": ("    aware: {prob", "    §active: {probability: 0.1}\n    aware: {prob", "'active' is a region trait already"),
    "a trait of groups named like one of hosts": ("    resolve: {", "    §stance: {probability: 0.5}\n    resolve: {", "'stance' is a trait of hosts already"),
    "a stage twice": ("{stage: alone,", "{stage: §idea,", "stage 'idea' is in route official already, expected a new name"),
    "a group twice": ("resources:\n", "    - {name: §Pioneers, host: south-02, type: arm, on: 2010-01-06}\nresources:\n", "two groups are called 'Pioneers'"),
    "groups at one instant": ("arm: {arrivals: {number: 1}", "arm: {arrivals: {every: §0 days}", "unlimited groups at one instant"),
}  # fmt: skip

# What one replacement cannot show: the whole list of changes, and the faults.
LARGER = {
    "a missing key": ([("until: 2010-09-30, times: 3}", "until: 2010-09-30}"), ("profile: [{from", "profile: [§{from")], ["'times' is missing, expected the key times"]),
    "an end before the start": ([("clock: {start: 2008-11-01, end: 2012-04-01}", "clock: {start: 2018-11-01, end: §2012-04-01}")], ["end 2012-04-01 is not after start 2018-11-01"]),
    "a range with one end": ([("approval: {value: 0.2, low: 0.1, high: 0.4,", "§approval: {value: 0.2, low: 0.1,")], ["a range with one end, expected both low: and high:"]),
    "a value outside its range": ([("approval: {value: 0.2, low: 0.1,", "§approval: {value: 0.2, low: 0.3,")], ["the value lies outside its range, expected low <= value <= high"]),
    "shares of types that do not add to one": ([("  types:\n", "  §types:\n"), ("share: 0.7", "share: 0.6")], ["shares add up to 0.9, expected shares that add up to 1"]),
    "an intervention without effects": ([("timeline:\n", "  §empty: {from: 2010-01-01}\ntimeline:\n")], ["intervention 'empty' has no effects, expected effects: a list"]),
    "arrivals covered by group": (
        [("eligible: {types: team, regions: north, routes: official, traits: {champion: true}}", "eligible: {}"), ("{stage: idea, duration: 0.8}", "§{arrivals: 2}")],
        ["arrivals covered by group, expected covers: {hosts: ...}"],
    ),
    "arrivals for some types": (
        [("covers: {groups: 0.7}", "covers: {hosts: 0.7}"), ("{stage: idea, duration: 0.8}", "§{arrivals: 2}")],
        ["arrivals changed for some types, routes or group traits, expected regions or traits of hosts"],
    ),
    "no route": (
        [("routes:\n  official", "§routes:\n  official"), ("    opens: 2008", "    enabled: false\n    opens: 2008"), ("    share: 0.5\n", "    enabled: false\n")],
        ["no route is enabled, expected at least one route with enabled: true"],
    ),
    "groups without end": ([("  arrivals:\n", "  §arrivals:\n"), ("rate: 0.4 per month", "rate: 600 per minute")], ["some 16161120000 groups in one replication, expected at most 1000000"]),
    "more hosts than can be": (
        [("  regions:\n", "  §regions:\n    east: {hosts: 99999}\n"), ("  arrivals:\n", "  §arrivals:\n")],
        ["100004 hosts, expected at most 100000", "some 4916501 groups in one replication"],
    ),
    "shares without arrivals": (
        [("team: {share: 0.7", "team: {share: §0.7"), ("  arrivals:\n    rate: 0.4 per month\n    until: 2011-12-31\n    profile: [{from: 2010-07-12, until: 2010-09-30, times: 3}]\n  named:\n    - {name: Pioneers, host: north-01, type: team, on: 2009-01-06, route: official}\n", "")],
        ["a share without common arrivals, expected staff_groups.arrivals"],
    ),
    "arrivals without shares": (
        [("  arrivals:\n", "  §arrivals:\n"), ("team: {share: 0.7,", "team: {arrivals: {number: 1},"), ("cluster: {share: 0.3,", "cluster: {arrivals: {number: 1},")],
        ["common arrivals without a share, expected a share on one type or more"],
    ),
    "traits in a circle": (
        [("aware: {probability: 0.6, depends_on: {active: 1.1}}", "aware: {probability: 0.6, §depends_on: {bold: 1.1}}\n    bold: {probability: 0.6, §depends_on: {aware: 1.1}}")],
        ["'aware' depends on itself, expected no circle among aware, bold", "'bold' depends on itself"],
    ),
}  # fmt: skip


def test_the_sound_world_is_sound(tmp_path):
    path = tmp_path / "sound.yaml"
    path.write_text(SOUND)
    assert load(str(path)).scenario.title == "A world to break"


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_is_said_at_its_place(name, tmp_path):
    old, new, words = CASES[name]
    assert_faults(tmp_path / "world.yaml", changed((old, new)), words)


@pytest.mark.parametrize("name", LARGER)
def test_a_mistake_of_several_parts_is_said_at_its_place(name, tmp_path):
    changes, words = LARGER[name]
    assert_faults(tmp_path / "world.yaml", changed(*changes), *words)


MANY = [
    ("title: A", "§titel: B\ntitle: A"),
    ("{hosts: 2, joins: 2009-01-01}", "{hosts: 2, joins: §1 Jan 2009}"),
    ("aware: {probability: 0.6", "aware: {probability: §1.2"),
    ("rate: 0.4 per month", "rate: §0.4"),
    ("dates: [2009-11-19,", "dates: [§2008-10-31,"),
    ("decided_by: board", "decided_by: §bord"),
    ("costs: {host: 5000}", "costs: {host: §5000 euros}"),
    ("approval: {value: 0.2, low", "§aproval: {value: 0.2, low"),
    ("source: [2.5]", "§source: [2.55]"),
    ("barrier: pensions.worry", "barrier: §pension"),
    ("bandwagon: {milestone: live", "bandwagon: {milestone: §life"),
]
MANY_SAID = [
    "unknown key 'titel'",
    "'1 Jan 2009' is not a date",
    "'1.2' is not a probability",
    "'0.4' is not a rate",
    "2008-10-31 comes before the clock starts",
    "no resource is called 'bord' (did you mean 'board'?)",
    "'5000 euros' is not an amount of money",
    "no stage is called 'aproval' (did you mean 'approval'?)",
    "source '2.55' is not in the evidence (did you mean '2.5'?)",
    "no barrier is called 'pension' (did you mean 'pensions'?)",
    "no milestone is called 'life' (did you mean 'live'?)",
]


def test_all_mistakes_are_said_at_once(tmp_path):
    assert_faults(tmp_path / "world.yaml", changed(*MANY), *MANY_SAID)


# A mistake of every kind of value, each in another part of the file.
INSIDE = [
    "titel: x\n",
    "clock: {start: 2008-11-01, end: tomorrow}\n",
    "clock: 5\n",
    "hosts: 5\n",
    "hosts: {regions: {north: {hosts: many}}}\n",
    "staff_groups: []\n",
    "staff_groups: {types: {team: {share: most}}}\n",
    "routes: 1\n",
    "routes: {official: {share: much}}\n",
    "routes: {official: {stages: {idea: {work: long}}}}\n",
    "routes: {informal: {stages: {alone: {work: long}}}}\n",
    "resources: {board: {meeting: {every: often}}}\n",
    "resources: {board: 5}\n",
    "barriers: {pensions: {forms: {worry: {hazards: {finance: high}}}}}\n",
    "barriers: {resistance: 1}\n",
    "interventions: {guarantee: {cost: {fixed: dear}}}\n",
    "interventions: 1\n",
    "timeline: {freeze: {from: soon}}\n",
    "exemplars: {bandwagon: {odds: good}}\n",
    "observations: {known: {value: some}}\n",
    "observations: {waiting: {count: {on: soon}}}\n",
    "barriers: {resistance: {gates: {request: {retry: {after: later, tries: unlimited}}}}}\n",
    "interventions: {guarantee: {effects: [{barrier: pensions, tims: 2}]}}\n",
    "staff_groups: {arrivals: {rate: often}}\n",
    "staff_groups: {traits: {champion: {probability: high}}}\n",
    "hosts: {traits: {stance: {shares: {keen: most}}}}\n",
    "hosts: {traits: {aware: 3}}\n",
]
UNREADABLE = ("hosts: 5\n", "staff_groups: []\n", "routes: 1\n")
ELSEWHERE = [
    ("routes", "barriers: {resistance: {gates: {aproval: 0.1}}}", "no stage is called 'aproval' (did you mean 'approval'?)"),
    ("barriers", "interventions: {other: {effects: [{barrier: pensionz, times: 2}]}}", "no barrier is called 'pensionz' (did you mean 'pensions'?)"),
    ("resources", "timeline: {other: {effects: [{resource: seiv, shut: true}]}}", "no resource is called 'seiv' (did you mean 'seif'?)"),
    ("routes", "exemplars: {other: {milestone: lice, barrier: resistance, odds: 0.5}}", "no milestone is called 'lice' (did you mean 'live'?)"),
    ("staff_groups", "observations: {other: {value: 1, count: {types: teams}}}", "no type is called 'teams' (did you mean 'team'?)"),
    ("hosts", "observations: {other: {value: 1, count: {regions: nord}}}", "no region is called 'nord' (did you mean 'north'?)"),
    ("evidence", "observations: {other: {value: 1, source: [1.999], count: {}}}", "source '1.999' is not in the evidence"),
]  # fmt: skip


@pytest.mark.parametrize("inside", INSIDE)
def test_a_mistake_inside_a_part_hides_none_elsewhere_and_makes_none_up(inside, tmp_path):
    (tmp_path / "sound.yaml").write_text(SOUND)
    top = inside.partition(":")[0]
    alone = faults_of(tmp_path / "alone.yaml", f"extends: sound.yaml\n{inside}")
    assert len(alone) == 1, [str(fault) for fault in alone]
    assert alone[0].mark.file.endswith("alone.yaml")
    assert alone[0].mark.line == 2
    for section, other, words in ELSEWHERE:
        # What a part declares cannot be known when the whole part cannot be read.
        if other.startswith(f"{top}:") or (section == top and inside in UNREADABLE):
            continue
        found = faults_of(tmp_path / "both.yaml", f"extends: sound.yaml\n{inside}{other}\n")
        assert len(found) == 2, [str(fault) for fault in found]
        assert str(found[1]).partition("both.yaml:3:")[2].partition(": ")[2].startswith(words), str(found[1])


def test_a_mistake_in_a_parent_is_said_in_the_parents_file(tmp_path):
    marked = changed(("rate: 0.4 per month", "rate: §0.4"), ("barrier: pensions.worry", "barrier: §pension"))
    text, places = places_of(marked)
    (tmp_path / "parent.yaml").write_text(text)
    child = "extends: parent.yaml\ntitle: A child\nbarriers: {resistance: {drag: {idae: 1.2}}}\n"
    said = [str(fault) for fault in faults_of(tmp_path / "child.yaml", child)]
    parent, mine = tmp_path / "parent.yaml", tmp_path / "child.yaml"
    assert len(said) == 3
    assert said[0].startswith(f"{mine}:3:38: no stage is called 'idae'")
    assert said[1].startswith(f"{parent}:{places[0][0]}:{places[0][1]}: '0.4' is not a rate")
    assert said[2].startswith(f"{parent}:{places[1][0]}:{places[1][1]}: no barrier is called 'pension'")


def test_a_parent_that_lost_what_it_refers_to_is_said_where_it_refers(tmp_path):
    """A child takes a stage away that the parent's barriers act on: the place is the barrier's, in the parent."""
    (tmp_path / "parent.yaml").write_text(SOUND)
    found = faults_of(tmp_path / "child.yaml", "extends: parent.yaml\nroutes: {official: {stages: {approval: null}}}\n")
    line = next(i for i, one in enumerate(SOUND.splitlines(), 1) if "approval: {value" in one)
    assert any(str(one).startswith(f"{tmp_path / 'parent.yaml'}:{line}:") for one in found)
    assert all("approv" in one.what for one in found)


def test_a_circle_of_files_is_refused(tmp_path):
    (tmp_path / "one.yaml").write_text("title: One\nextends: two.yaml\n")
    (found,) = faults_of(tmp_path / "two.yaml", "extends: one.yaml\n")
    assert str(found).startswith(f"{tmp_path / 'one.yaml'}:2:10: files extend each other in a circle")


SETS = {
    "barriers.pensionz.enabled=false": "'barriers' has no 'pensionz' (did you mean 'pensions'?)",
    "barriers.pensions.enbled=false": "unknown key 'enbled' (did you mean 'enabled'?)",
    "barriers.pensions.enabled=maybe": "enabled: 'maybe' is not a switch",
    "barriers.resistance.gates.request.probability=1.2": "'1.2' is not a probability",
    "barriers.resistance.gates.aproval=0.2": "no stage is called 'aproval' (did you mean 'approval'?)",
    "clock.end=2008-01-01": "end 2008-01-01 is not after start 2008-11-01",
    "routes.official.stages.ideal.work=1 month": "'routes.official.stages' has no item 'ideal' (did you mean 'idea'?)",
    "title": "this is not an override, expected path.to.key=value",
    "=3": "this is not an override",
    "title.more=3": "'title' is a single value, so it has no 'more'",
    "barriers.resistance.drag.idea=[1": "",
    "barriers.resistance.drag.idea=!!python/object:x": "a tag",
}


@pytest.mark.parametrize("override", SETS)
def test_a_mistake_of_an_override_is_said_as_one(override, tmp_path):
    found = faults_of(tmp_path / "world.yaml", SOUND, override)
    assert len(found) == 1, [str(one) for one in found]
    assert found[0].mark.file == f"--set {override}"
    assert found[0].what.startswith(SETS[override].partition(", expected ")[0])


def test_all_mistakes_of_overrides_and_of_the_file_are_said_at_once(tmp_path):
    overrides = ("clock.end=never", "barriers.resistance.drag.idea=0", "barriers.resistance.hazards.idea=2")
    found = faults_of(tmp_path / "world.yaml", changed(("patience: 1 month", "patience: 1 moon")), *overrides)
    assert sorted(one.mark.file for one in found) == sorted(
        [str(tmp_path / "world.yaml"), *(f"--set {one}" for one in overrides)]
    )


def test_overrides_that_go_nowhere_are_said_all_at_once(tmp_path):
    found = faults_of(tmp_path / "world.yaml", SOUND, "a.b=1", "barriers.x.enabled=true", "title=")
    assert len(found) == 3


def test_a_name_that_is_no_scenario_is_answered_with_the_nearest(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScenarioFaults, match=r"there is no scenario 'west_midland' \(did you mean 'west_midlands'\?\)"):
        load("west_midland")


def test_every_fault_is_one_line(tmp_path):
    nasty = SOUND.replace("title: A", '"ti\\ntle": x\ntitle: A').replace(
        "pensions:\n", '"pen\\nsions": {hazards: {}}\n  pensions:\n', 1
    )
    nasty = nasty.replace("rate: 0.4 per month", 'rate: "0.4\\nper month"').replace(
        "type: team, on", 'type: "te\\nam", on'
    )
    for fault in faults_of(tmp_path / "world.yaml", nasty):
        assert "\n" not in str(fault)


def listed(row, count):
    """A row for each number, `#` standing for the number."""
    return ", ".join(row.replace("#", str(i)) for i in range(count))


CIRCLE = ", ".join(f"trait_{i}: {{probability: 0.1, depends_on: {{trait_{(i + 1) % 1400}: 1}}}}" for i in range(1400))
FAR = listed("{name: n#x, host: fra-#, type: team, on: 2009-06-01}", 100)
MANY_NAMES = {
    "hosts": f"hosts: {{regions: {{far: {{hosts: 99000}}}}}}\nstaff_groups: {{named: [{FAR}]}}\n",
    "barriers": f"barriers: {{{listed('barrier_number_#: {gates: {idea: 0.1}}', 700)}}}\n"
    f"interventions: {{{listed('i#: {effects: [{barrier: barrier_nomber_#, times: 2}]}', 700)}}}\n",
    "traits": f"staff_groups: {{traits: {{{listed('trait_number_#: {probability: 0.1}', 1500)}}}}}\n"
    f"barriers: {{resistance: {{depends_on: {{{listed('trait_nomber_#: 1', 1500)}}}}}}}\n",
    "keys": f"barriers: {{resistance: {{{listed('gatez#: 1', 4000)}}}}}\n",
    "a circle": f"staff_groups: {{traits: {{{CIRCLE}}}}}\n",
}


@pytest.mark.parametrize("name", MANY_NAMES)
def test_many_mistakes_among_many_names_are_answered_soon(name, tmp_path):
    (tmp_path / "sound.yaml").write_text(SOUND)
    begun = time.process_time()
    assert faults_of(tmp_path / "many.yaml", f"extends: sound.yaml\n{MANY_NAMES[name]}")
    assert time.process_time() - begun < 3
