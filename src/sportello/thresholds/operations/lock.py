"""The lock of evaluations: one transaction at a time decides what a counter, a limit and a bar make of each other."""

from __future__ import annotations

from typing import Final

from django.db import connection, models

LOCK: Final = 0x7468_7265_7368  # "thresh"


def hold_evaluations() -> None:
    """Wait until no other transaction evaluates, and keep others waiting until this one ends (SQLite writes one at a time anyway)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def hold_as_it_stands(row: models.Model, *fields: str) -> None:
    """Take the lock and bring the fields of a row that was read before it up to date: somebody may have changed them meanwhile."""
    hold_evaluations()
    row.refresh_from_db(fields=fields)
