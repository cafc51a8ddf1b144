"""No binary fraction anywhere near an amount (ABUSE G09)."""

import ast
from pathlib import Path

import sportello.usage

PACKAGE = Path(sportello.usage.__file__).parent
SOURCES = [path for path in PACKAGE.rglob("*.py") if not {"tests", "migrations"} & set(path.parts)]
WORDS = ("DOUBLE", "REAL", "FLOAT")


def inexact(tree: ast.AST) -> list[tuple[int, str]]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            found.append((node.lineno, repr(node.value)))
        if isinstance(node, ast.Name | ast.Attribute) and "float" in ast.unparse(node).lower():
            found.append((node.lineno, ast.unparse(node)))
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and any(f"::{word}" in node.value for word in WORDS)
        ):
            found.append((node.lineno, node.value))
    return sorted(found)


def test_g09_no_float_in_the_code_of_usage() -> None:
    assert {str(path): found for path in SOURCES if (found := inexact(ast.parse(path.read_text())))} == {}


def test_g09_the_rule_finds_a_float() -> None:
    assert inexact(ast.parse("a = 1.5\nb = float(a)\nc = 'x::DOUBLE'\nd = FloatField()")) == [
        (1, "1.5"), (2, "float"), (3, "x::DOUBLE"), (4, "FloatField"),
    ]  # fmt: skip
