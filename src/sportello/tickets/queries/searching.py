"""Full-text search over what was written and over text files: FTS5 on SQLite, tsvectors with GIN indexes on PostgreSQL.

Both are fed with the same words, made here: small letters without accents. Each word sought is found by its beginning, and each must
be found somewhere in the ticket, in what the reader sees of it: the words of a ticket stand in three documents, of what operator,
partner and customer see. Which tickets a reader sees at all is for the scope, as everywhere.

`tickets_words` keeps the words of each entry without order and without repetition, and for whom they are; `tickets_found` the documents
that follow from them; `tickets_terms` (SQLite) every word once, so that a beginning is sought as the few words that it begins.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from django.db import connection
from django.db.models import BooleanField, F, Func, QuerySet

from sportello.kernel.actor import Actor
from sportello.tickets.models import Interaction, Ticket
from sportello.tickets.states import OPERATORS_OWN
from sportello.tickets.visibility import Audience, audience_of, may_be_shown

MOST_WORDS: Final = 8
MOST_INDEXED: Final = 100_000
MOST_OF_A_TICKET: Final = 400_000
"""Signs of the words of one ticket that are found; of a longer one those of the newest entries."""
LONGEST: Final = 64
MOST_TERMS: Final = 32
TOGETHER: Final = 2_000
RARE: Final = 2_000
"""Up to so many tickets the search is asked first and the list after; with more the other way round."""
SAMPLE, RARE_OF_SAMPLE = 600, 200
"""On PostgreSQL, whose index counts nothing before it has found all: of so many newest tickets so many, for the same."""
_WORD: Final = re.compile(r"\w+")
_COLUMNS: Final = {Audience.OPERATOR: "operators", Audience.PARTNER: "partners", Audience.CUSTOMER: "customers"}
OPERATORS, PARTNERS, CUSTOMERS = 1, 2, 3
"""For whom the words of an entry are: for the operator's people alone, for the partner as well, for the customer as well."""

Row = tuple[int, str, str]
"""(for whom, words, words for everybody who sees the ticket) of an entry."""


def words_of(text: str) -> list[str]:
    """Return the words of a text as they are searched: `Caffè-Bar` is `caffe` and `bar`."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(one for one in folded if not unicodedata.combining(one))
    return [word[:LONGEST] for word in _WORD.findall(plain)]


def kept_words(*texts: str) -> str:
    """Return the words of texts as they are kept: each once, in the order of the alphabet."""
    return " ".join(sorted(set(words_of(" ".join(texts)[:MOST_INDEXED]))))


def level_of(*, kind: str, channel: str, shown: bool) -> int:
    """Return for whom the words of an entry are, by the rules of visibility."""
    if shown and may_be_shown(kind=kind, channel=channel):
        return CUSTOMERS
    return OPERATORS if kind in OPERATORS_OWN else PARTNERS


def index(entry: Interaction, *texts: str, always: str = "") -> None:
    """Make a ticket be found by the words of an entry and of `texts` (its files, answers), once, in the transaction that writes it.

    `always` is found by everybody who sees the ticket: its code and subject.
    """
    words, everybody = kept_words(entry.text, entry.cut, *texts), kept_words(always)
    if not words and not everybody:
        return
    before = _rows(entry.ticket_id)
    level = level_of(kind=entry.kind, channel=entry.channel, shown=entry.shown)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tickets_words (entry_id, ticket_id, level, words, always) VALUES (%s, %s, %s, %s, %s)",
            [entry.pk, entry.ticket_id, level, words, everybody],
        )
    _replace(entry.ticket_id, before, [(level, words, everybody), *before])


def index_shown(entry: Interaction) -> None:
    """Let the words of an entry be for whom the entry now is, after it was shown to the customer or hidden."""
    before = _rows(entry.ticket_id)
    level = level_of(kind=entry.kind, channel=entry.channel, shown=entry.shown)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tickets_words SET level = %s WHERE entry_id = %s", [level, entry.pk])
    _replace(entry.ticket_id, before, _rows(entry.ticket_id))


def write_documents(rows_of: Iterable[tuple[int, list[Row]]]) -> None:
    """Write the documents of tickets that have none yet, many at once: (ticket, its rows, the newest first)."""
    rest = iter(rows_of)
    while made := [(ticket, documents_of(rows)) for ticket, rows in islice(rest, TOGETHER)]:
        with connection.cursor() as cursor:
            cursor.executemany(_STATEMENTS[connection.vendor].add, [[ticket, *_given(found)] for ticket, found in made])
        _keep_terms({word for _ticket, found in made for word in found.operators})


@dataclass(frozen=True)
class Documents:
    """The words of a ticket as operator, partner and customer find them."""

    operators: tuple[str, ...]
    partners: tuple[str, ...]
    customers: tuple[str, ...]


def documents_of(rows: Iterable[Row]) -> Documents:
    """Return the documents that follow from the rows of a ticket, the newest first."""
    found: dict[int, dict[str, None]] = {OPERATORS: {}, PARTNERS: {}, CUSTOMERS: {}}
    room = MOST_OF_A_TICKET
    for level, words, always in rows:
        for reader, its in found.items():
            new = [word for word in (words.split() if level >= reader else ()) if word not in its] + always.split()
            if reader == OPERATORS:
                room -= sum(map(len, new)) + len(new)
            if room > 0:
                its.update(dict.fromkeys(new))
    return Documents(*(tuple(its) for its in found.values()))


def search(actor: Actor, rows: QuerySet[Ticket], text: str) -> QuerySet[Ticket]:
    """Return the tickets that hold each word of a text in what the actor sees of them."""
    words, column = list(dict.fromkeys(words_of(text)))[:MOST_WORDS], _COLUMNS.get(audience_of(actor))
    if not words:
        return rows
    if column is None:
        return rows.none()
    sought = _sought(words, column)
    return rows.filter(_Holds(sought, column, rare=_is_rare(sought, column)))


class _Holds(Func):
    """Whether the documents of a ticket hold what is sought."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, sought: str, column: str, *, rare: bool) -> None:
        super().__init__(F("pk"))
        self.sought, self.column, self.rare = sought, column, rare

    def as_sql(self, compiler: Any, connection: Any, **_options: Any) -> tuple[str, tuple[Any, ...]]:  # type: ignore[override] # takes no template
        """Return the condition; of a usual word one that the database looks at ticket by ticket, in the order of the list."""
        ticket, parameters = compiler.compile(self.source_expressions[0])
        statements = _STATEMENTS[connection.vendor]
        statement = (statements.rare if self.rare else statements.usual).format(ticket=ticket, column=self.column)
        return statement, (*parameters, self.sought)


@dataclass(frozen=True)
class _Statements:
    add: str
    some: str
    rare: str
    usual: str


_STATEMENTS: Final = {
    "sqlite": _Statements(
        add="INSERT INTO tickets_found (rowid, operators, partners, customers) VALUES (%s, %s, %s, %s)",
        some="SELECT COUNT(*) FROM (SELECT 1 FROM tickets_found WHERE tickets_found MATCH %s LIMIT %s)",
        rare="{ticket} IN (SELECT rowid FROM tickets_found WHERE tickets_found MATCH %s)",
        # The plus keeps SQLite from beginning with all that was found: it begins with the list, in its order.
        usual="+{ticket} IN (SELECT rowid FROM tickets_found WHERE tickets_found MATCH %s)",
    ),
    "postgresql": _Statements(
        add=(
            "INSERT INTO tickets_found (ticket_id, operators, partners, customers)"
            " VALUES (%s, array_to_tsvector(%s), array_to_tsvector(%s), array_to_tsvector(%s))"
        ),
        some=(
            "SELECT COUNT(*) FILTER (WHERE holds) FROM (SELECT {column} @@ %s::tsquery AS holds FROM"
            " (SELECT {column} FROM tickets_found ORDER BY ticket_id DESC LIMIT %s) AS newest) AS sample"
        ),
        rare="{ticket} IN (SELECT ticket_id FROM tickets_found WHERE {column} @@ %s::tsquery)",
        # OFFSET 0 keeps PostgreSQL from beginning with all that was found.
        usual=(
            "EXISTS (SELECT 1 FROM tickets_found AS one WHERE one.ticket_id = {ticket}"
            " AND one.{column} @@ %s::tsquery OFFSET 0)"
        ),
    ),
}
_REMOVE: Final = (
    "INSERT INTO tickets_found (tickets_found, rowid, operators, partners, customers) VALUES ('delete', %s, %s, %s, %s)"
)


def _sought(words: list[str], column: str) -> str:
    """Return what is sought in the database's own words: letters and digits alone, so that nothing of it is a sign of a query."""
    if connection.vendor == "postgresql":
        return " & ".join(f"'{word}':*" for word in words)
    begun = _terms(words)
    return " AND ".join(f"{column} : {_any_of(word, begun[word])}" for word in words)


def _any_of(word: str, terms: list[str]) -> str:
    """Return a beginning as FTS5 finds it: as the words that begin so (a whole word is found at once), unless these are many."""
    if not terms or len(terms) > MOST_TERMS:
        return f'"{word}"*'
    return "(" + " OR ".join(f'"{term}"' for term in terms) + ")"


def _terms(words: list[str]) -> dict[str, list[str]]:
    """Return which words begin like each of these, one more than is of use at most."""
    one = "SELECT * FROM (SELECT %s, word FROM tickets_terms WHERE word >= %s AND word < %s ORDER BY word LIMIT %s)"
    given = [part for word in words for part in (word, word, f"{word}\U0010ffff", MOST_TERMS + 1)]
    found: dict[str, list[str]] = {word: [] for word in words}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([one] * len(words)), given)
        for word, term in cursor.fetchall():
            found[word].append(term)
    return found


def _is_rare(sought: str, column: str) -> bool:
    looked_at, rare = (SAMPLE, RARE_OF_SAMPLE) if connection.vendor == "postgresql" else (RARE + 1, RARE)
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENTS[connection.vendor].some.format(column=column), [sought, looked_at])
        return bool(cursor.fetchone()[0] <= rare)


def _rows(ticket_id: int) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT level, words, always FROM tickets_words WHERE ticket_id = %s ORDER BY entry_id DESC", [ticket_id]
        )
        return list(cursor.fetchall())


def _replace(ticket_id: int, before: list[Row], after: list[Row]) -> None:
    """Replace the documents of a ticket. FTS5 forgets a document by being told its words again: the same rows give the same words."""
    with connection.cursor() as cursor:
        if before and connection.vendor == "sqlite":
            cursor.execute(_REMOVE, [ticket_id, *_given(documents_of(before))])
        elif before:
            cursor.execute("DELETE FROM tickets_found WHERE ticket_id = %s", [ticket_id])
        found = documents_of(after)
        cursor.execute(_STATEMENTS[connection.vendor].add, [ticket_id, *_given(found)])
    _keep_terms(set(found.operators).difference(*(row[1].split() + row[2].split() for row in before)))


def _keep_terms(words: set[str]) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.executemany("INSERT OR IGNORE INTO tickets_terms (word) VALUES (%s)", [(word,) for word in words])


def _given(found: Documents) -> Iterator[Any]:
    make: Callable[[tuple[str, ...]], Any] = list if connection.vendor == "postgresql" else " ".join
    return (make(words) for words in (found.operators, found.partners, found.customers))
