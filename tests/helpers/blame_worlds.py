"""Small worlds for attributions, written as a test needs them, and how to run them."""

from sim.experiment.methods.attribution import attribute
from sim.experiment.study import Study
from sim.experiment.worlds import world

FORTY = "arrivals: {every: 0 days, limit: 40}"
STAGES = ("one", "two", "three", "four", "five")


def row(
    folder, barriers, stages=STAGES[:3], groups=FORTY, hosts=1, types="", after="", traits="", end="2001-01-01", more=""
):
    """A world in which all groups set out at once and pass the stages one after the other; the last is the launch.

    ``barriers`` maps names to YAML. A stage is a name, which may be followed by more keys; ``after`` are stages that
    come after the launch, ``types`` more types of groups, ``traits`` those of the region.
    """
    told = [f"{{stage: {stage}, work: 1 day}}" for stage in stages]
    told[-1] = f"{told[-1][:-1]}, milestone: live}}"
    lines = [
        "title: A row of stages",
        f"clock: {{start: 2000-01-01, end: {end}}}",
        f"hosts: {{regions: {{here: {{hosts: {hosts}}}}}, region_traits: {{{traits}}}}}",
        "staff_groups:",
        f"  types: {{team: {{share: 1, headcount: 10}}{types}}}",
        f"  {groups}",
        f"routes: {{through: [{', '.join([*told, after] if after else told)}]}}",
        "barriers:",
        *(f"  {name}: {text}" for name, text in barriers.items()),
        more,
    ]
    folder.mkdir(exist_ok=True, parents=True)
    path = folder / "row.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return world(str(path))


def gates(chances):
    """One gate a stage, with these chances of blocking by name of the barrier."""
    placed = zip(chances.items(), STAGES, strict=False)
    return {name: f"{{gates: {{{stage}: {chance}}}}}" for (name, chance), stage in placed}


def shared(one, replications=400, seed=1, *, uncertain=False, folder=None, jobs=1, most_failures=0.01, **asked):
    """The attribution of a world."""
    study = Study(replications, seed, uncertain, folder, jobs, most_failures=most_failures)
    return attribute(one, study, **asked)
