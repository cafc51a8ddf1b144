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

from sportello.kernel.actor import Actor
from sportello.tickets import visibility
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
    reads_subjects = visibility.audience_of(actor) is visibility.Audience.CUSTOMER
    for word in words_of(text)[:MOST_WORDS]:
        entries = Interaction.objects.for_(actor).filter(pk__in=_holding(word))
        found = Q(pk__in=entries.order_by().values("ticket_id"))
        if reads_subjects:  # which stand with the opening's words, and that is rarely shown to a customer
            found |= Q(subject__icontains=word)
        rows = rows.filter(found)
    return rows


def _holding(word: str) -> RawSQL:
    if connection.vendor == "postgresql":
        return RawSQL("SELECT interaction_id FROM tickets_text WHERE words @@ to_tsquery('simple', %s)", [f"{word}:*"])
    return RawSQL("SELECT rowid FROM tickets_text WHERE tickets_text MATCH %s", [f'"{word}"*'])
