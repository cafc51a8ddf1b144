"""State diagrams, drawn from the tables into the apps' READMEs between two marks."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

from sportello.kernel.states import Transitions, diagram

PACKAGE = Path(__file__).resolve().parent.parent


def diagrams_of(app: str) -> list[tuple[str, str]]:
    """Return (name, Mermaid text) of every table of an app's states.py: names that end in TRANSITIONS."""
    states = import_module(f"sportello.{app}.states")
    tables: list[tuple[str, Transitions]] = [
        (name, table) for name, table in vars(states).items() if name.endswith("TRANSITIONS")
    ]
    return [
        (name, diagram({str(k): {str(v) for v in to} for k, to in table.items()}, start=str(next(iter(table)))))
        for name, table in tables
    ]


def write(app: str) -> bool:
    """Draw an app's diagrams, if it has any, into its README between the marks; return whether it changed."""
    diagrams = diagrams_of(app)
    if not diagrams:
        return False
    readme = PACKAGE / app / "README.md"
    text = readme.read_text() if readme.exists() else f"# {app}\n"
    drawn = "\n\n".join(f"```mermaid\n{body}\n```" for _name, body in diagrams)
    block = f"<!-- states -->\n{drawn}\n<!-- /states -->"
    pattern = re.compile(r"<!-- states -->.*?<!-- /states -->", re.DOTALL)
    fresh = (
        pattern.sub(lambda _match: block, text)
        if pattern.search(text)
        else f"{text.rstrip()}\n\n## States\n\n{block}\n"
    )
    if fresh == text:
        return False
    readme.write_text(fresh)
    return True
