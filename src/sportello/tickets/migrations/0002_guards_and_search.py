from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from sportello.kernel.append_only import append_only
from sportello.kernel.row_security import row_security

WORKED_ON = (
    "state", "priority", "assignee_id", "group_id", "visible_to_customer", "tags", "sequence", "head", "last_at", "waits_since",
    "answer_due_at", "answered_at", "resolution_due_at", "ended_at", "merged_into_id",
)  # fmt: skip

POSTGRESQL = (
    # No policy on it: behind one, PostgreSQL looks nothing up by a text search's index. It holds words without order and the id of
    # their entry, and entries are read through the wall.
    "CREATE TABLE tickets_text (interaction_id bigint PRIMARY KEY, words tsvector NOT NULL)",
    "CREATE INDEX tickets_text_words ON tickets_text USING gin (words)",
)
SQLITE = ("CREATE VIRTUAL TABLE tickets_text USING fts5(words, content='', tokenize='unicode61')",)


def make(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in SQLITE if editor.connection.vendor == "sqlite" else POSTGRESQL:
        editor.execute(statement, params=None)


def drop(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    editor.execute("DROP TABLE tickets_text", params=None)


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_tickets")]

    operations = [
        append_only("tickets", "Ticket", but=WORKED_ON),
        append_only("tickets", "Interaction", but=("shown",)),
        append_only("tickets", "TicketFile"),
        append_only("tickets", "TicketForm"),
        row_security(
            ("tickets", "Ticket"),
            ("tickets", "Interaction"),
            ("tickets", "TicketFile"),
            ("tickets", "TicketLink"),
            ("tickets", "TicketRecipient"),
            ("tickets", "AccessLink"),
            ("tickets", "TicketOptions"),
        ),
        migrations.RunPython(make, drop),
    ]
