"""What leaves the portal as a file reads alike whatever list it comes from and whatever language its reader speaks."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.urls import get_resolver
from django.utils import translation

from sportello.kernel.ui.listing import Kind
from tests.architecture.test_events import listings
from tests.journeys.conftest import Visitor

AMOUNT = re.compile(r"|-?[0-9]+\.(?:[0-9]{2}|[0-9]{2,4}[1-9])")
"""Two decimals, more only where they say something, a point and no groups."""
LIKE_A_SCREEN = re.compile(r"-?[0-9]{1,3}(?:[.,\N{NO-BREAK SPACE}][0-9]{3})*,[0-9]+\W*(?:€|EUR)?")
READERS = frozenset({"olga.operator", "ada.administrator", "bo.employee"})
"""Who has every list of amounts between them."""


def money() -> dict[str, set[str]]:
    """Return the headings of amounts, in every language, by the list's name as its files bear it."""
    assert get_resolver().url_patterns  # reads every page, and so every list
    found: dict[str, set[str]] = {}
    for one in listings():
        labels = [column.label for column in getattr(one, "columns", ()) if column.kind is Kind.MONEY and column.exported]
        for language in ("en", "it", "es"):
            with translation.override(language):
                found.setdefault(one.name.replace(".", "-"), set()).update(map(str, labels))
    return {name: labels for name, labels in found.items() if labels}


def exports(visitor: Visitor) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Take out the lists of the page on screen: their names and rows."""
    for link in visitor.page.eval_on_selector_all("a[download][href*='export=csv']", "all => all.map(one => one.href)"):
        answer = visitor.context.request.get(link)
        assert answer.ok, link
        name = re.search(r'filename="([a-z_-]+)-[0-9-]+\.csv"', answer.headers["content-disposition"])
        assert name, answer.headers["content-disposition"]
        yield name[1], list(csv.DictReader(io.StringIO(answer.body().decode("utf-8-sig"), newline="")))


@dataclass
class Amounts:
    """The amounts of the exports that were taken out: the lists that had some, and what is written otherwise than all."""

    headings: dict[str, set[str]] = field(default_factory=money)
    seen: set[str] = field(default_factory=set)
    wrong: list[tuple[str, str, str]] = field(default_factory=list)

    def look(self, visitor: Visitor) -> None:
        """Look at the exports of the page on screen."""
        for name, rows in exports(visitor):
            for row in rows:
                cells = {heading: row[heading] for heading in self.headings.get(name, set()) & row.keys()}
                self.seen |= {name for text in cells.values() if text}
                self.wrong += [(name, *cell) for cell in cells.items() if not AMOUNT.fullmatch(cell[1])]
                self.wrong += [(name, *cell) for cell in row.items() if LIKE_A_SCREEN.fullmatch(cell[1] or "")]

    def never_seen(self) -> set[str]:
        """Return the lists that have a column of amounts, and no amount in what was taken out."""
        return set(self.headings) - self.seen
