from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.db import connection, migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from sportello.kernel import row_security
from sportello.tickets.queries.searching import kept_words, level_of, write_documents

CHUNK = 2_000
# No policies on these: behind one, PostgreSQL looks nothing up by a text search's index. They hold words without order and the ids of
# their tickets, and tickets are read through the wall.
POSTGRESQL = (
    "CREATE TABLE tickets_words (entry_id bigint PRIMARY KEY, ticket_id bigint NOT NULL, level smallint NOT NULL, words text NOT NULL,"
    " always text NOT NULL)",
    "CREATE TABLE tickets_found (ticket_id bigint PRIMARY KEY, operators tsvector NOT NULL, partners tsvector NOT NULL,"
    " customers tsvector NOT NULL)",
    "CREATE INDEX tickets_found_operators ON tickets_found USING gin (operators)",
    "CREATE INDEX tickets_found_partners ON tickets_found USING gin (partners)",
    "CREATE INDEX tickets_found_customers ON tickets_found USING gin (customers)",
)
SQLITE = (
    "CREATE TABLE tickets_terms (word text PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE tickets_words (entry_id integer PRIMARY KEY, ticket_id integer NOT NULL, level integer NOT NULL, words text NOT NULL,"
    " always text NOT NULL)",
    "CREATE VIRTUAL TABLE tickets_found USING fts5(operators, partners, customers, content='', columnsize=0, detail=column, prefix='1 2 3',"
    " tokenize=\"unicode61 remove_diacritics 0 tokenchars '_'\")",
)
OLD = {
    "postgresql": "SELECT interaction_id, array_to_string(tsvector_to_array(words), ' ') FROM tickets_text",
    "sqlite": "SELECT doc, group_concat(DISTINCT term) FROM tickets_old_words GROUP BY doc",
}


def make(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    is_sqlite = editor.connection.vendor == "sqlite"
    for statement in SQLITE if is_sqlite else POSTGRESQL:
        editor.execute(statement, params=None)
    row_security.widen(None)
    if is_sqlite:
        editor.execute(
            "CREATE VIRTUAL TABLE temp.tickets_old_words USING fts5vocab('main', 'tickets_text', 'instance')",
            params=None,
        )
    _take_words(editor.connection.vendor)
    if is_sqlite:
        editor.execute("DROP TABLE temp.tickets_old_words", params=None)
    editor.execute("CREATE INDEX tickets_words_ticket ON tickets_words (ticket_id, entry_id)", params=None)
    write_documents(_documents())
    editor.execute("DROP TABLE tickets_text", params=None)


def _take_words(vendor: str) -> None:
    """Take the words of entries (of their files too) out of the index that was there, and for whom they are out of the entries."""
    facts = "SELECT e.ticket_id, e.kind, e.channel, e.shown, t.code, t.subject FROM tickets_interaction e JOIN tickets_ticket t"
    with connection.cursor() as old, connection.cursor() as cursor:
        old.execute(OLD[vendor])
        while rows := old.fetchmany(CHUNK):
            made = []
            for entry, words in rows:
                cursor.execute(f"{facts} ON t.id = e.ticket_id WHERE e.id = %s", [entry])
                ticket, kind, channel, shown, code, subject = cursor.fetchone()
                always = kept_words(code, subject) if kind == "opening" else ""
                level = level_of(kind=kind, channel=channel, shown=bool(shown))
                made.append([entry, ticket, level, " ".join(sorted((words or "").replace(",", " ").split())), always])
            cursor.executemany(
                "INSERT INTO tickets_words (entry_id, ticket_id, level, words, always) VALUES (%s, %s, %s, %s, %s)",
                made,
            )


def _documents() -> Iterator[tuple[int, list[tuple[int, str, str]]]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT ticket_id, level, words, always FROM tickets_words ORDER BY ticket_id, entry_id DESC")
        rows = (row for chunk in iter(lambda: cursor.fetchmany(CHUNK), []) for row in chunk)
        for ticket, found in groupby(rows, key=lambda row: row[0]):
            yield ticket, [(level, words, always) for _ticket, level, words, always in found]


class Migration(migrations.Migration):
    dependencies = [("tickets", "0008_old_bases")]

    operations = [migrations.RunPython(make)]
