"""Full-text search over what was written and over text files: FTS5 on SQLite, a tsvector with its GIN index on PostgreSQL.

Both are fed with the same words, made here: small letters without accents. Each word sought is found by its beginning, and each must
be found somewhere in the ticket, in an entry that the reader sees.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from sportello.kernel.actor import Actor
from sportello.tickets.models import Interaction, Ticket

MOST_WORDS: Final = 8
MOST_INDEXED: Final = 100_000
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
    for word in words_of(text)[:MOST_WORDS]:
        found = Interaction.objects.for_(actor).filter(pk__in=_holding(word))
        rows = rows.filter(pk__in=found.order_by().values("ticket_id"))
    return rows


def _holding(word: str) -> RawSQL:
    if connection.vendor == "postgresql":
        return RawSQL("SELECT interaction_id FROM tickets_text WHERE words @@ to_tsquery('simple', %s)", [f"{word}:*"])
    return RawSQL("SELECT rowid FROM tickets_text WHERE tickets_text MATCH %s", [f'"{word}"*'])
