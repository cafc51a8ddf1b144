"""Full-text search over what was written and over text files: FTS5 on SQLite, a tsvector with its GIN index on PostgreSQL.

Both are fed with the same words, made here: small letters without accents. Each word sought is found by its beginning, and each must
be found somewhere in the ticket, in an entry that the reader sees.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from sportello.kernel.access import Reach
from sportello.kernel.actor import Actor
from sportello.tickets import visibility
from sportello.tickets.models import Interaction, Ticket

MOST_WORDS: Final = 8
MOST_INDEXED: Final = 100_000
MOST_FOUND: Final = 20_000
"""Entries that one word finds for the operator, the newest: a usual word stands in more than anybody reads. Others' search is whole."""
_WORD: Final = re.compile(r"\w+")


def words_of(text: str) -> list[str]:
    """Return the words of a text as they are searched: `Caffè-Bar` is `caffe` and `bar`."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(one for one in folded if not unicodedata.combining(one)))


def index(entry: Interaction, *texts: str) -> None:
    """Make an entry be found by its words and those of `texts` (its files, its ticket); once, in the transaction that writes it."""
    words = " ".join(words_of(" ".join((entry.text, entry.cut, *texts))))[:MOST_INDEXED]
    if connection.vendor == "postgresql":
        statement = "INSERT INTO tickets_text (interaction_id, words) VALUES (%s, to_tsvector('simple', %s))"
    else:
        statement = "INSERT INTO tickets_text (rowid, words) VALUES (%s, %s)"
    with connection.cursor() as cursor:
        cursor.execute(statement, [entry.pk, words])


def search(actor: Actor, rows: QuerySet[Ticket], text: str) -> QuerySet[Ticket]:
    """Return the tickets that hold each word of a text in what the actor sees of them."""
    reads_subjects = visibility.audience_of(actor) is visibility.Audience.CUSTOMER
    for word in words_of(text)[:MOST_WORDS]:
        entries = Interaction.objects.for_(actor).filter(
            pk__in=_holding(word, all_of_them=actor.reach is not Reach.ALL)
        )
        found = Q(pk__in=entries.order_by().values("ticket_id"))
        if reads_subjects:  # which stand with the opening's words, and that is rarely shown to a customer
            found |= Q(subject__icontains=word)
        rows = rows.filter(found)
    return rows


def _holding(word: str, *, all_of_them: bool) -> RawSQL:
    newest = "" if all_of_them else f" ORDER BY {{}} DESC LIMIT {MOST_FOUND}"
    if connection.vendor == "postgresql":
        found = "SELECT interaction_id FROM tickets_text WHERE words @@ to_tsquery('simple', %s)"
        return RawSQL(found + newest.format("interaction_id"), [f"{word}:*"])  # noqa: S611 - the words are parameters
    found = "SELECT rowid FROM tickets_text WHERE tickets_text MATCH %s"
    return RawSQL(found + newest.format("rowid"), [f'"{word}"*'])  # noqa: S611 - the words are parameters
