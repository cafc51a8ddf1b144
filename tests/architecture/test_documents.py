"""Documents that the portal draws fetch nothing, whatever the texts in them say (ABUSE F15)."""

from __future__ import annotations

import ast
import io
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Paragraph, SimpleDocTemplate

from sportello.usage.exports.pdf import write_pdf

SOURCE = Path(__file__).parents[2] / "src" / "sportello"
OWN_WORDS = {"_", "gettext", "pgettext"}


@dataclass
class Place:
    """A place in the network that writes down who came, and a picture on this machine."""

    server: HTTPServer
    picture: Path
    asked: list[str]

    @property
    def markup(self) -> str:
        address = f"http://127.0.0.1:{self.server.server_port}/seen"
        return f'<img src="{self.picture}" width="9" height="9"/><img src="{address}"/> ' + "x" * 200


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    Image.new("RGB", (9, 9), "red").save(tmp_path / "secret.png")
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield Place(server, tmp_path / "secret.png", asked)
        server.shutdown()
        thread.join()


def test_f15_a_text_in_a_document_is_text_and_nothing_is_fetched(place):
    out = io.BytesIO()
    above = (place.markup, [place.markup], [place.markup, "n"])
    assert write_pdf(out, above, [[place.markup, 1]], zone=UTC) == 1
    assert (out.getvalue()[:5], b"/Image" in drawn(out), place.asked) == (b"%PDF-", False, [])


def test_f15_control_the_same_text_as_markup_draws_the_file(place):
    out = io.BytesIO()
    naive = place.markup.partition('<img src="http')[0]
    SimpleDocTemplate(out).build([Paragraph(naive, ParagraphStyle("x"))])
    assert b"/Image" in drawn(out)


def drawn(document: io.BytesIO) -> bytes:
    """Return the objects of a document that say what is drawn, without the names of what might be."""
    return re.sub(rb"/ProcSet\s*\[[^\]]*\]", b"", document.getvalue())


def paragraphs() -> Iterator[tuple[str, ast.expr]]:
    for path in SOURCE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "reportlab" in text and "tests" not in path.parts:
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Paragraph":
                    yield f"{path.relative_to(SOURCE)}:{node.lineno}", node.args[0]


def test_f15_every_paragraph_of_a_document_is_escaped_or_the_portals_own_words():
    called = {
        where: text.func.id
        for where, text in paragraphs()
        if isinstance(text, ast.Call) and isinstance(text.func, ast.Name)
    }
    assert {where for where, _text in paragraphs()} == set(called)
    assert set(called.values()) <= {"escape"} | OWN_WORDS
    assert len(called) > 5
