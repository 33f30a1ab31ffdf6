"""No file of the package or the benchmarks is longer than 400 lines, and no function longer than 40.

A signature counts. A documentation string does not, or the rule would be one against documentation. No linter that is
kept counts the lines of functions; ruff counts statements.
"""

import ast
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
FILES = sorted(path for folder in ("sim", "benchmarks") for path in (CHECKOUT / folder).rglob("*.py"))
MOST_OF_A_FILE, MOST_OF_A_FUNCTION = 400, 40
MAY_BE_LONGER = {
    "benchmarks/run.py::main": "the options of a script, one after the other, and the order in which it measures",
}
"""Files by path, and functions as ``path::name``, that may be longer, each with the reason."""


def lengths():
    """Every file and every function with its number of lines and the most that is allowed."""
    for path in FILES:
        text, name = path.read_text(encoding="utf-8"), path.relative_to(CHECKOUT).as_posix()
        yield name, len(text.splitlines()), MOST_OF_A_FILE
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                documented = node.body[0].end_lineno - node.body[0].lineno + 1 if ast.get_docstring(node) else 0
                yield f"{name}::{node.name}", node.end_lineno - node.lineno + 1 - documented, MOST_OF_A_FUNCTION


def test_files_and_functions_are_short():
    long = {name: length for name, length, most in lengths() if length > most}
    assert {name: length for name, length in long.items() if name not in MAY_BE_LONGER} == {}
    assert set(MAY_BE_LONGER) <= set(long), "what is short needs no exception"
