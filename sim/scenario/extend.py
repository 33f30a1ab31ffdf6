"""One tree out of a scenario file, the files that it extends and the overrides of the command line."""

from __future__ import annotations

from collections.abc import Sequence as Several
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from sim.scenario.emit import compact
from sim.scenario.faults import Fault, Mark, ScenarioFaults, quote, suggest
from sim.scenario.library import shipped_folder
from sim.scenario.nodes import Entry, Mapping, Node, Scalar, Sequence
from sim.scenario.quantity import UNCERTAIN_KEYS
from sim.scenario.size_limits import SizeBudget
from sim.scenario.vocabulary import DISTRIBUTIONS
from sim.scenario.yaml_tree import read_file, read_value

MAX_CHAIN = 10

_DISTRIBUTIONS = frozenset(DISTRIBUTIONS)


@dataclass(frozen=True, slots=True)
class Override:
    """One `--set`: its path, and the value before and after as compact YAML text ("" when there was none)."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Change:
    """One value to be changed, as another file asks for it: its path, the new value, and the place of the request."""

    path: str
    value: Node
    mark: Mark


@dataclass(frozen=True, slots=True)
class Resolved:
    """The tree that a run uses, the files that it came from (the main one first) and what was overridden."""

    root: Mapping
    files: tuple[Path, ...]
    overrides: tuple[Override, ...]


def resolve(path: Path, overrides: Several[str | Change] = ()) -> Resolved:
    """Read the scenario at `path`, merge it over what it extends, then apply `a.b.c=value` overrides.

    Every node keeps the mark of the file (or override) that it came from. Raises ScenarioFaults.
    """
    budget = SizeBudget()
    files, trees = _chain(path, budget)
    faults: list[Fault] = []
    root = trees[-1]
    for tree in reversed(trees[:-1]):
        root = _merge_mappings(root, tree, faults)
    if faults:
        raise ScenarioFaults(faults)
    root, recorded = apply_overrides(root, overrides, budget)
    return Resolved(root, tuple(files), recorded)


def apply_overrides(
    root: Mapping, overrides: Several[str | Change], budget: SizeBudget | None = None
) -> tuple[Mapping, tuple[Override, ...]]:
    """Return the tree with overrides applied, one after the other, and the record of them. Raises ScenarioFaults."""
    budget = budget or SizeBudget()
    faults: list[Fault] = []
    recorded: list[Override] = []
    for override_text in overrides:
        try:
            change = _change(override_text, budget) if isinstance(override_text, str) else override_text
            root, override = _override(root, change)
            recorded.append(override)
        except ScenarioFaults as error:
            faults.extend(error.faults)
    if faults:
        raise ScenarioFaults(faults)
    return root, tuple(recorded)


def _chain(path: Path, budget: SizeBudget) -> tuple[list[Path], list[Mapping]]:
    """Read a file and those that it extends, nearest first; their trees no longer hold `extends`."""
    files: list[Path] = []
    trees: list[Mapping] = []
    current, label = path, _label(path, path)
    while True:
        tree = read_file(current, label, budget)
        files.append(current.resolve())
        extends = tree.entries.get("extends")
        rest = {key: entry for key, entry in tree.entries.items() if key != "extends"}
        trees.append(Mapping(rest, tree.mark))
        if extends is None:
            return files, trees
        current = find_neighbour(extends.node, current, path)
        label = _label(current, path)
        _refuse_endless(extends.node.mark, files, current.resolve())


def _label(file: Path, main: Path) -> str:
    """Return what marks call a file: a neighbour of a file given by its path as that was given, else a shipped one
    by its name.
    """
    folder, shipped, resolved = main.resolve().parent, shipped_folder().resolve(), file.resolve()
    if resolved.is_relative_to(folder) and not (main.is_absolute() and folder == shipped):
        return str(main.parent / resolved.relative_to(folder))
    return resolved.name if resolved.parent == shipped else str(file)


def _refuse_endless(mark: Mark, files: list[Path], following: Path) -> None:
    if following in files:
        chain = " extends ".join(file.name for file in [*files, following])
        raise ScenarioFaults([Fault(mark, f"files extend each other in a circle: {chain}", "a chain that ends")])
    if len(files) == MAX_CHAIN:
        raise ScenarioFaults([Fault(mark, "too many files that extend one another", f"at most {MAX_CHAIN}")])


def find_neighbour(node: Node, asking: Path, main: Path, key: str = "extends", kind: str = "scenario") -> Path:
    """Return the scenario file that `key` names: beside the file that asks, else shipped, and nowhere else.

    `main` is the file, of some `kind`, that somebody pointed at. Raises ScenarioFaults when what is named is neither
    below its folder nor shipped.
    """
    roots = (main.resolve().parent, shipped_folder().resolve())
    if not isinstance(node, Scalar) or not isinstance(node.value, str) or not node.value:
        raise ScenarioFaults([Fault(node.mark, f"{key} does not name a file", "a name such as right_to_request.yaml")])
    name, windows = node.value, PureWindowsPath(node.value)
    if windows.drive or windows.root:
        raise ScenarioFaults([Fault(node.mark, f"{key} names the absolute path {quote(name)}", "a relative path")])
    folders = (asking.resolve().parent, shipped_folder())
    if not _is_inside(folders[0] / name, roots):
        what = f"{key} {quote(name)} leaves the folder of the {kind}"
        raise ScenarioFaults([Fault(node.mark, what, "a file in that folder or below it, or a shipped scenario")])
    for folder in folders:
        if _is_inside(folder / name, roots) and (folder / name).is_file():
            return folder / name
    names = sorted({path.name for folder in folders for path in folder.glob("*.yaml")})
    what = f"{key} {quote(name)}, and there is no such file{suggest(name, names)}"
    raise ScenarioFaults([Fault(node.mark, what, "a file beside this one, or a shipped scenario")])


def _is_inside(path: Path, roots: tuple[Path, ...]) -> bool:
    try:
        # Looks at the file as well, so that a name that no file can have is refused here.
        path.is_file()
        return any(path.resolve().is_relative_to(root) for root in roots)
    except (OSError, ValueError, RuntimeError):
        return False


def _merge(parent: Node | None, child: Node, faults: list[Fault]) -> Node:
    """Return what a child's node makes of its parent's: mappings merge, anything else is replaced."""
    if not isinstance(child, Mapping):
        return child
    if isinstance(parent, Sequence) and stage_names(parent):
        return _edit_stages(parent, child, faults)
    if not isinstance(parent, Mapping):
        return child if "value" in child.entries else _merge_mappings(Mapping({}, child.mark), child, faults)
    return child if _replaces(parent, child) else _merge_mappings(parent, child, faults)


def _replaces(parent: Mapping, child: Mapping) -> bool:
    """Whether the child stands instead of the parent (another number or distribution), not on top of it."""
    if _is_number(parent) or (_is_number(child) and "value" not in parent.entries):
        return True
    before, after = _DISTRIBUTIONS & parent.entries.keys(), _DISTRIBUTIONS & child.entries.keys()
    return len(before) == len(after) == 1 and before != after


def _is_number(node: Mapping) -> bool:
    """Whether a mapping is an uncertain number; an observation has a value too, and more."""
    return "value" in node.entries and node.entries.keys() <= UNCERTAIN_KEYS


def _merge_mappings(parent: Mapping, child: Mapping, faults: list[Fault]) -> Mapping:
    entries = dict(parent.entries)
    for key, entry in child.entries.items():
        if _is_null(entry.node):
            entries.pop(key, None)
        else:
            before = parent.entries[key].node if key in parent.entries else None
            entries[key] = Entry(entry.key_mark, _merge(before, entry.node, faults))
    return Mapping(entries, child.mark)


def _edit_stages(parent: Sequence, child: Mapping, faults: list[Fault]) -> Sequence:
    """Return the stages of a route with the child's changes, which it gives by stage name."""
    items: list[Node | None] = list(parent.items)
    names = stage_names(parent)
    for name, entry in child.entries.items():
        if name not in names:
            what = f"the route has no stage {quote(name)}{suggest(name, names)}"
            faults.append(Fault(entry.key_mark, what, f"one of {', '.join(names)}"))
            continue
        place = names.index(name)
        before = parent.items[place]
        if _is_null(entry.node):
            items[place] = None
        elif isinstance(entry.node, Mapping) and isinstance(before, Mapping):
            items[place] = _merge_mappings(before, entry.node, faults)
        else:
            faults.append(Fault(entry.node.mark, f"no change to stage {quote(name)}", "a mapping, or null"))
    return Sequence(tuple(item for item in items if item is not None), parent.mark)


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def stage_names(node: Node) -> list[str]:
    """Return the stage names of a list of mappings that all have `stage`; of any other node nothing."""
    if not isinstance(node, Sequence):
        return []
    stages = [
        item.entries["stage"].node for item in node.items if isinstance(item, Mapping) and "stage" in item.entries
    ]
    names = [stage.text for stage in stages if isinstance(stage, Scalar)]
    return names if len(names) == len(node.items) else []


def _change(text: str, budget: SizeBudget) -> Change:
    """Return what an override of the command line asks for; raises ScenarioFaults."""
    label = f"--set {quote(text)[1:-1]}"
    path, equals, written = text.partition("=")
    if not equals or not written.strip():
        raise ScenarioFaults([_no_override(Mark(label, 1, 1))])
    return Change(path.strip(), read_value(written, label, budget), Mark(label, 1, 1))


def _no_override(mark: Mark) -> Fault:
    return Fault(mark, "this is not an override", "path.to.key=value (null as value removes it)")


def _override(root: Mapping, change: Change) -> tuple[Mapping, Override]:
    """Return the tree with one change done, and the record of it; raises ScenarioFaults."""
    steps = change.path.split(".")
    if not all(steps):
        raise ScenarioFaults([_no_override(change.mark)])
    old, changed = _in_mapping(root, steps, 0, change.value, change.mark)
    return changed, Override(change.path, "" if old is None else compact(old), compact(change.value))


def _in_mapping(node: Mapping, steps: list[str], at: int, new: Node, start: Mark) -> tuple[Node | None, Mapping]:
    """Return what `steps[at:]` led to (nothing if the last key is new) and the changed mapping."""
    entries, key = dict(node.entries), steps[at]
    last, entry = at + 1 == len(steps), entries.get(key)
    if entry is None and not last:
        what = f"{_said(steps[:at])} has no {quote(key)}{suggest(key, entries)}"
        raise ScenarioFaults([Fault(start, what, "a key that is there")])
    old, value = _step(None if entry is None else entry.node, steps, at, new, start)
    if value is None:
        entries.pop(key, None)
    else:
        entries[key] = Entry(start if entry is None or last else entry.key_mark, value)
    return old, Mapping(entries, node.mark)


def _in_sequence(node: Sequence, steps: list[str], at: int, new: Node, start: Mark) -> tuple[Node | None, Sequence]:
    place = _place(node, steps, at, start)
    old, item = _step(node.items[place], steps, at, new, start)
    kept = () if item is None else (item,)
    return old, Sequence((*node.items[:place], *kept, *node.items[place + 1 :]), node.mark)


def _step(node: Node | None, steps: list[str], at: int, new: Node, start: Mark) -> tuple[Node | None, Node | None]:
    """Return the old value and what stands at `steps[at]` afterwards (nothing when it is removed)."""
    if at + 1 == len(steps):
        return node, None if _is_null(new) else new
    if isinstance(node, Mapping):
        return _in_mapping(node, steps, at + 1, new, start)
    if isinstance(node, Sequence):
        return _in_sequence(node, steps, at + 1, new, start)
    what = f"{_said(steps[: at + 1])} is a single value, so it has no {quote(steps[at + 1])}"
    raise ScenarioFaults([Fault(start, what, "the path of a mapping or a list")])


def _place(node: Sequence, steps: list[str], at: int, start: Mark) -> int:
    """Return the index of the item that `steps[at]` names, by number from 0 or by stage."""
    name, names = steps[at], stage_names(node)
    if name in names:
        return names.index(name)
    if name.isdecimal() and len(name) < 9 and int(name) < len(node.items):
        return int(name)
    what = f"{_said(steps[:at])} has no item {quote(name)}{suggest(name, names)}"
    expected = f"one of {', '.join(names)}" if names else f"a number from 0 to {len(node.items) - 1}"
    raise ScenarioFaults([Fault(start, what, expected if node.items else "a list with items")])


def _said(steps: list[str]) -> str:
    return quote(".".join(steps)) if steps else "the scenario"
