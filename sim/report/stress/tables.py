"""The tables of a STRESS-DES statement, read from a scenario."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sim.report.format import day, join_words
from sim.report.renderers.markdown import Markdown
from sim.report.table import Code, Linked, Row, Table, words_table
from sim.scenario.emit import compact
from sim.scenario.extend import stage_names
from sim.scenario.nodes import Mapping as Tree
from sim.scenario.nodes import Node
from sim.scenario.nodes import Sequence as Items
from sim.scenario.quantity import JUDGEMENT, Quantity
from sim.scenario.vocabulary import RESOURCE_KINDS
from sim.scenario.walk import distributions, quantities

if TYPE_CHECKING:
    from sim.scenario.distribution import Distribution
    from sim.scenario.schema import Dated, Effect, Eligibility, Mechanism, Resource, Scenario, Stage, Trait

_INNER: Final = ("parameters", "stages")
"""Steps of a path that stand in no scenario file."""
_LONGEST: Final = 80


def diagram(scenario: Scenario) -> Markdown:
    """The routes as a Mermaid flow chart. Names of a scenario are letters, digits and _, so nothing can break it."""
    lines = ["flowchart LR"]
    for name, route in scenario.routes.items():
        if route.enabled:
            lines.append(f'  subgraph route_{name}["{name}"]')
            lines.append("    " + " --> ".join(_node(stage) for stage in route.stages))
            lines.append("  end")
    return Markdown("\n".join(lines))


def _node(stage: Stage) -> str:
    # Without something before it a stage called end would end the chart.
    if stage.milestone:
        return f'stage_{stage.stage}("{stage.stage}: {stage.milestone}")'
    return f'stage_{stage.stage}["{stage.stage}"]'


def types_table(scenario: Scenario) -> Table:
    """Types of staff group: how they arrive, their size and turnover."""
    rows = [
        (
            Code(name),
            group_type.label,
            f"share {group_type.share.text}" if group_type.share is not None else "its own arrivals",
            describe(group_type.headcount),
            describe(group_type.turnover_per_head),
        )
        for name, group_type in scenario.staff_groups.types.items()
    ]
    return words_table("", ("Type", "Label", "Arrives by", "Headcount", "Turnover a head, a year"), rows)


def traits_table(scenario: Scenario) -> Table:
    """Traits by level and how they are drawn."""
    levels = {
        "region": scenario.hosts.region_traits,
        "host": scenario.hosts.traits,
        "group": scenario.staff_groups.traits,
    }
    rows = [
        (Code(name), level, trait.label, _trait(trait), _coefficients(trait.depends_on))
        for level, traits in levels.items()
        for name, trait in traits.items()
    ]
    return words_table("", ("Trait", "Of", "Label", "Drawn as", "Moved by"), rows)


def _trait(trait: Trait) -> str:
    if trait.probability is not None:
        return f"yes with probability {trait.probability.text}"
    if trait.shares is not None:
        return "one of " + ", ".join(f"{level} ({share.text})" for level, share in trait.shares.items())
    return describe(trait.number) if trait.number is not None else ""


def _coefficients(terms: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_shift(term)}" for name, term in terms.items())


def _shift(term: Any) -> str:
    return (
        term.text
        if hasattr(term, "text")
        else ", ".join(f"{level} {coefficient.text}" for level, coefficient in term.items())
    )


def activities_table(scenario: Scenario) -> Table:
    """Stages in their order."""
    rows = [
        (
            Code(name),
            Code(stage.stage),
            stage.label,
            describe(stage.work),
            join_words([_need(resource, need) for resource, need in stage.needs.items()]),
            stage.decided_by or "",
            day(stage.closes) if stage.closes else "",
            stage.milestone or "",
            "; ".join(f"{payer}: {describe(cost)}" for payer, cost in stage.costs.items()),
        )
        for name, route in scenario.routes.items()
        if route.enabled
        for stage in route.stages
    ]
    head = ("Route", "Stage", "Label", "Work", "Needs", "Decided by", "Closes after", "Milestone", "Costs")
    return words_table("", head, rows)


def _need(resource: str, need: Any) -> str:
    bounds = {
        "award": describe(need.award) if need.award is not None else "",
        "patience": describe(need.patience) if need.patience is not None else "",
        "room": "" if need.room is None else str(need.room),
    }
    details = ", ".join(f"{name} {value}" for name, value in bounds.items() if value)
    return f"{resource} ({details})" if details else resource


def barriers_table(scenario: Scenario) -> Table:
    """Every barrier and form that is switched on: where it acts and what moves it."""
    rows = []
    for name, barrier in scenario.barriers.items():
        if barrier.enabled:
            rows.append(_barrier(name, barrier))
            rows += [
                _barrier(f"{name}.{form}", mechanism) for form, mechanism in barrier.forms.items() if mechanism.enabled
            ]
    return words_table("", ("Barrier", "Label", "Gates", "Hazards", "Drag", "Moved by"), rows)


def _barrier(name: str, mechanism: Mechanism) -> Row:
    gates = ((stage, gate.probability.text, gate.retry) for stage, gate in mechanism.gates.items())
    return (
        Code(name),
        mechanism.label,
        "; ".join(f"{stage} {chance}{_again(retry)}" for stage, chance, retry in gates),
        "; ".join(f"{stage} {rate.text}" for stage, rate in mechanism.hazards.items()),
        "; ".join(f"{stage} x {factor.text}" for stage, factor in mechanism.drag.items()),
        _coefficients(mechanism.depends_on),
    )


def _again(retry: Any) -> str:
    return "" if retry is None else f", another try with {retry.probability.text} after {describe(retry.after)}"


def resources_table(scenario: Scenario) -> Table:
    """Resources, their number, and the stages that use them."""
    users: dict[str, list[str]] = {name: [] for name in scenario.resources}
    for route in scenario.routes.values():
        for stage in route.stages if route.enabled else ():
            for name in (*stage.needs, *([stage.decided_by] if stage.decided_by else ())):
                users[name].append(stage.stage)
    rows = [
        (
            Code(name),
            resource.label,
            _kind(resource),
            f"one a {resource.scope}",
            _amount(resource),
            join_words(users[name]),
        )
        for name, resource in scenario.resources.items()
    ]
    return words_table("", ("Resource", "Label", "Kind", "Scope", "How much", "Used by"), rows)


def _kind(resource: Resource) -> str:
    return next(kind for kind in RESOURCE_KINDS if getattr(resource, kind) is not None)


def _amount(resource: Resource) -> str:
    if resource.servers is not None:
        steps = "".join(f", {step.number.text} from {step.on}" for step in resource.servers.changes)
        return f"{resource.servers.number.text}{steps}"
    if resource.meeting is not None:
        staggered = ", staggered" if resource.meeting.staggered else ""
        return f"every {resource.meeting.every.text}{staggered}, {_room(resource.meeting.room)}"
    if resource.panel is not None:
        return f"{', '.join(map(str, resource.panel.dates))}; {_room(resource.panel.room)}"
    assert resource.fund is not None
    added = "".join(f", {top_up.add.text} added on {top_up.on}" for top_up in resource.fund.top_ups)
    return f"{resource.fund.budget.text}{added}"


def _room(room: Quantity | None) -> str:
    return "room without limit" if room is None else f"room for {room.text}"


def describe(distribution: Distribution) -> str:
    """A distribution in words: ``lognormal, median 2 months, p90 4 months``; nothing for the value 0."""
    if distribution.by_type:
        branches = "; ".join(f"{name}: {describe(branch)}" for name, branch in distribution.by_type.items())
        return (
            f"{branches}; otherwise: {describe(replace(distribution, by_type=None))}" if distribution.kind else branches
        )
    if distribution.kind == "fixed":
        only = distribution.parameters["value"]
        return "" if only.value == 0.0 and not only.source else only.text
    parts = [distribution.kind, *(f"{name} {part.text}" for name, part in distribution.parameters.items())]
    if distribution.values:
        parts.append("values " + " ".join(value.text for value in distribution.values))
        parts.append("weights " + " ".join(weight.text for weight in distribution.weights))
    parts += [f"at least {distribution.at_least.text}"] if distribution.at_least is not None else []
    parts += [f"at most {distribution.at_most.text}"] if distribution.at_most is not None else []
    return ", ".join(parts)


def parameters_table(scenarios: Mapping[str, Scenario]) -> Table:
    """Every number with a range or a source, of each world in which it is written so."""
    rows: dict[tuple[str, ...], list[str]] = {}
    for name, scenario in scenarios.items():
        for path, number in quantities(scenario):
            if number.source or number.uncertain:
                drawn = number.spread if number.uncertain else ""
                row = (
                    _path(path),
                    number.text,
                    number.low_text,
                    number.high_text,
                    drawn,
                    ", ".join(number.source),
                    number.note,
                )
                rows.setdefault(row, []).append(name)
    everywhere = len(scenarios)
    cells: Iterable[Row] = (
        (Code(row[0]), *row[1:], *([] if everywhere == 1 else ["all" if len(of) == everywhere else join_words(of)]))
        for row, of in rows.items()
    )
    worlds = () if everywhere == 1 else ("In world",)
    return words_table("", ("Parameter", "Value", "Low", "High", "Drawn as", "Source", "Note", *worlds), cells)


def distributions_table(scenario: Scenario) -> Table:
    """Every distribution that is drawn from; one for each type in a row of its own."""
    drawn = (
        (path, distribution) for path, distribution in distributions(scenario) if distribution.kind not in ("", "fixed")
    )
    return words_table(
        "",
        ("Where", "Distribution"),
        ((Code(_path(path)), describe(replace(distribution, by_type=None))) for path, distribution in drawn),
    )


def _path(path: Iterable[str]) -> str:
    return ".".join(step for step in path if step not in _INNER)


def sources_table(cited: Iterable[str]) -> Table:
    """The rows of the evidence that are cited; ids that this version's table lacks are left out."""
    from sim.scenario.evidence import evidence_table, normalise

    table = evidence_table()
    cited_rows = (table[normalise(id)] for id in dict.fromkeys(cited) if id != JUDGEMENT and normalise(id) in table)
    rows = (
        (row.id, row.what, row.figure, row.date, Linked(row.source), row.confidence, row.caution) for row in cited_rows
    )
    return words_table("", ("Row", "What", "Figure", "Date", "Source", "How known", "Caution"), rows)


def policies_table(policies: Mapping[str, Dated]) -> Table:
    """Policies that are switched on: when they hold, whom they reach, and what they do."""
    rows = [
        (
            Code(name),
            policy.label,
            f"{policy.from_ or 'the start'} to {policy.until or 'the end'}",
            _reach(policy),
            "; ".join(_effect(effect) for effect in policy.effects),
        )
        for name, policy in policies.items()
        if policy.enabled
    ]
    return words_table("", ("Name", "Label", "Dates", "Reaches", "Effects"), rows)


def _reach(policy: Dated) -> str:
    covers = getattr(policy, "covers", None)
    bounds = [] if policy.eligible is None else [_eligible(policy.eligible)]
    if covers is not None:
        level = "hosts" if covers.hosts is not None else "groups"
        bounds.append(f"a share {getattr(covers, level).text} of {level}")
    return "; ".join(bounds) or "all"


def _eligible(eligibility: Eligibility) -> str:
    given = eligibility.model_dump(exclude_none=True, exclude_defaults=True)
    return "; ".join(f"{key} {_values(value)}" for key, value in given.items())


def _values(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_values(item)}" for name, item in value.items())
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def _effect(effect: Effect) -> str:
    stages = ", ".join(effect.stage or ())
    target = effect.barrier or effect.resource or stages or "arrivals"
    where = f" at {stages}" if effect.barrier and stages else ""
    given = {
        name: getattr(effect, name)
        for name in type(effect).model_fields
        if name not in ("barrier", "stage", "resource")
    }
    changes = [f"{name} {_amount_of(value)}".strip() for name, value in given.items() if value is not None]
    return f"{target}{where}: {', '.join(changes)}"


def _amount_of(value: Any) -> str:
    """A number as it was written; nothing for what is only switched on."""
    return value.text if isinstance(value, Quantity) else "" if value is True else str(value)


def differences_table(base: Node, other: Node) -> Table:
    """Where one resolved scenario is written otherwise than another."""
    rows = ((Code(".".join(path)), _shorten(old), _shorten(new)) for path, old, new in _unequal(base, other, ()))
    return words_table("", ("Where", "In the base", "Here"), rows)


def _unequal(
    node: Node | None, other: Node | None, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Node | None, Node | None]]:
    if isinstance(node, Tree) and isinstance(other, Tree):
        for key in dict.fromkeys((*node.entries, *other.entries)):
            yield from _unequal(_child(node, key), _child(other, key), (*path, key))
    elif isinstance(node, Items) and isinstance(other, Items) and stage_names(node) == stage_names(other) != []:
        for name, before, after in zip(stage_names(node), node.items, other.items, strict=True):
            yield from _unequal(before, after, (*path, name))
    elif node is None or other is None or compact(node) != compact(other):
        yield path, node, other


def _shorten(node: Node | None) -> str:
    if node is None:
        return "not there"
    written = compact(node)
    return written if len(written) <= _LONGEST else f"{written[:_LONGEST]} ..."


def _child(node: Node | None, key: str) -> Node | None:
    return node.entries[key].node if isinstance(node, Tree) and key in node.entries else None
