"""One word for one thing: no text that a user reads contains a retired word.

The words that stand instead are in ``docs/reference/glossary.md``. Code blocks, inline code, links, titles in lists of
references, and old entries of the changelog are left out.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]

# Retired word: what to write instead.
RETIRED = {
    r"\bnought\b": "zero",
    r"\banew\b": "again",
    r"\b(tell|tells|telling|told)\b": "report, show, describe, say",
    r"\blaunch(es)? more\b": "additional launch",
    r"\b(go|goes|going) on\b": "resume, continue",
    r"\blaws?\b": "distribution",
    r"\bdoors?\b": "Python API",
    r"\bepochs?\b": "results version",
    r"\b(milliard|thousand million)\b": "billion",
    r"\b(sets?|setting) out\b": "arrive",
    r"\b(spells?|stretch|stretches|stretched)\b": "period; longer",
    r"\b(clocks?|hazards?) (that )?(rings?|rang)\b": "event time",
    r"\bwhat else might be\b": "other possible values",
    r"\b(hides?|hidden) behind\b": "masks",
    r"\breally (observed|seen)\b": "observed, published",
    r"\b(holds?|hold) (no difference|0|zero)\b": "includes zero",
    r"\bshared? out\b": "divide, average over every order",
    r"\bknown (much )?better\b": "estimated more precisely",
    r"(?<!simulated )\bhistor(y|ies)\b": "replication",
}
PATTERNS = {re.compile(pattern): instead for pattern, instead in RETIRED.items()}

# A page for a minister says what a simulated history is, once, and may then use the word.
DEFINES_HISTORY = re.compile(r"\*simulated history\*")
HISTORY = re.compile(r"\bhistor(y|ies)\b")

PAGES = ("README.md", "CONTRIBUTING.md", "docs/**/*.md", "benchmarks/*.md", "experiments/**/*.md", "experiments/*.yaml")

# What a minister reads: these say what a simulated history is, once, and may then use the word.
OF_PAGES = ("sim/report/answers/", "sim/report/charts/", "sim/report/run/", "sim/report/templates/page.html")

BLOCK = re.compile(r"^```.*?^```$", re.M | re.S)
MARKUP = re.compile(r"`[^`\n]*`|\]\([^)\s]+\)|<!--.*?-->", re.S)
REFERENCES = re.compile(r"^#+ (\d+\. )?References$.*", re.M | re.S)
GLOSSARY = re.compile(r"^## Retired words$.*|\bNot: [^.\n]+\.|Not: [^.]*\.", re.M | re.S)
TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.S)


def blank(pattern: re.Pattern[str], text: str) -> str:
    """The text with every match replaced by empty lines, so that line numbers stay."""
    return pattern.sub(lambda match: "\n" * match[0].count("\n"), text)


def retired(text: str, line: int = 1) -> list[str]:
    """Each retired word of a text: its line, the word, and what to write instead."""
    return [
        f"{line + text.count(chr(10), 0, match.start())}: {match[0]!r}, write: {instead}"
        for pattern, instead in PATTERNS.items()
        for match in pattern.finditer(re.sub(r"\n", " ", text))
    ]


def prose(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        for pattern in (BLOCK, MARKUP, REFERENCES):
            text = blank(pattern, text)
    if path.name == "glossary.md":
        text = blank(GLOSSARY, text)
    return HISTORY.sub("", text) if DEFINES_HISTORY.search(path.read_text(encoding="utf-8")) else text


def texts(module: Path) -> Iterator[tuple[int, str]]:
    """The texts of a module that may reach a user: strings with a space in them, and the help of commands."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    helps = {id(node.body[0]) for node in ast.walk(tree) if is_command(node)}
    remarks = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and id(node) not in helps}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in remarks and " " in str(node.value).strip():
            yield node.lineno, str(node.value)


def is_command(node: ast.AST) -> bool:
    return any("command" in ast.unparse(decorator) for decorator in getattr(node, "decorator_list", ()))


def name(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()


def files(*patterns: str) -> list[Path]:
    return sorted({path for pattern in patterns for path in CHECKOUT.glob(pattern) if path.is_file()})


def covered() -> list[Path]:
    return [path for path in files("sim/**/*") if path.suffix != ".pyc" and name(path) != "sim/version.py"]


@pytest.mark.parametrize("page", files(*PAGES), ids=name)
def test_a_page_has_no_retired_word(page):
    assert not retired(prose(page))


@pytest.mark.parametrize("path", covered(), ids=name)
def test_the_program_says_no_retired_word(path):
    written = path.read_text(encoding="utf-8")
    pieces = texts(path) if path.suffix == ".py" else [(1, blank(TEMPLATE, written))]
    if name(path).startswith(OF_PAGES):
        pieces = ((line, HISTORY.sub("", text)) for line, text in pieces)
    assert not [fault for line, text in pieces for fault in retired(text, line)]


@pytest.mark.parametrize("module", ["sim/report/answers/notes.py", "sim/report/run/headline.py"])
def test_a_page_says_what_a_simulated_history_is(module):
    assert "simulated history (a replication)" in (CHECKOUT / module).read_text(encoding="utf-8")


def test_a_retired_word_is_found_where_a_line_ends_in_it():
    assert retired("nothing\ngoes\non here") == ["2: 'goes on', write: resume, continue"]
    assert not retired("A distribution, and a lawful one; the groups went further.")


def test_strings_and_help_are_read_and_docstrings_are_not(tmp_path):
    module = tmp_path / "module.py"
    module.write_text(
        '"""A law."""\nimport click\nX = "the law"\n@click.command()\ndef go():\n    """Tell it."""\n    y = "law"\n'
    )
    assert [text for _, text in texts(module)] == ["the law", "Tell it."]
