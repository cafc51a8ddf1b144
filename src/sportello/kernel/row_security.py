"""The second wall, on PostgreSQL: row-level security. A query that went through no door of `scope.py` finds no row (ABUSE C13).

Each connection carries the reach that its doors opened (`sportello.reach`: `all`, or the ids of organisations); the policies of the tables
compare with it. A door in front of a request or a job (`door`) starts from nothing and puts back what was there before; `for_(actor)`,
`across_tenants(reason=…)` and operations widen it, never narrow it, so that a lazy query evaluated later finds what it named.
Superusers pass every policy: an installation connects as an ordinary role. SQLite has no such wall; there the first one stands alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db import connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.signals import connection_created
from django.db.migrations.operations import RunPython

from sportello.kernel.access import Reach
from sportello.kernel.actor import Actor

ALL: Final = "all"
_STATE = "_sportello_reach"


@contextmanager
def door() -> Iterator[None]:
    """Open a request or a job: nothing is in reach until a door of the scope opens it; afterwards all is as before."""
    if connection.vendor != "postgresql":
        yield
        return
    # A connection that is not open yet reaches nothing: a page that reads nothing, or a database that is away, costs no query.
    before = frozenset() if connection.connection is None else _reach()
    if before:
        _set(frozenset())
    try:
        yield
    finally:
        if connection.connection is not None and not connection.needs_rollback and _reach() != before:
            _set(before)


def widen(actor: Actor | None) -> None:
    """Add what `actor` reaches to what this connection may touch; None = everything."""
    if connection.vendor != "postgresql":
        return
    now = _reach()
    if now == ALL:
        return
    wanted = _organisations(actor)
    if wanted == ALL:
        _set(ALL)
    elif not wanted <= now:
        _set(now | wanted)


def row_security(*models: tuple[str, str]) -> RunPython:
    """Return the migration operation that guards the tables of `models` (app, model), each with a column `organisation_id`."""

    def install(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        for app, model in models if editor.connection.vendor == "postgresql" else ():
            for statement in _guard(apps.get_model(app, model)._meta.db_table):  # noqa: SLF001 - its documented name
                editor.execute(statement, params=None)

    def remove(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        for app, model in models if editor.connection.vendor == "postgresql" else ():
            table = apps.get_model(app, model)._meta.db_table  # noqa: SLF001
            editor.execute(f'DROP POLICY "reach" ON "{table}"', params=None)
            editor.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY', params=None)
            editor.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY', params=None)

    return RunPython(install, remove)


def _guard(table: str) -> list[str]:
    # The sub-selects are evaluated once per query, not once per row.
    reach = "(SELECT current_setting('sportello.reach', true))"
    ids = (
        "COALESCE((SELECT CASE WHEN current_setting('sportello.reach', true) = 'all' THEN NULL "
        "ELSE string_to_array(nullif(current_setting('sportello.reach', true), ''), ',')::bigint[] END), '{}')"
    )
    return [
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
        # CASE, not OR: the planner takes an OR of two unknowns for one row in a hundred, and then sorts whole tables for a page of a list.
        f'CREATE POLICY "reach" ON "{table}" USING (CASE WHEN {reach} = \'all\' THEN true ELSE organisation_id = ANY ({ids}) END)',
    ]


def _organisations(actor: Actor | None) -> Any:
    if actor is None or actor.reach is Reach.ALL:
        return ALL
    if actor.reach is Reach.PARTNER:
        from sportello.kernel.scope import organisations_of_partner

        return frozenset(organisations_of_partner(actor))
    return frozenset({actor.organisation_id}) if actor.organisation_id else frozenset()


def _reach() -> Any:
    """Return what this connection may touch: kept beside it, but asked of it inside a transaction, whose rollback takes it back."""
    kept = getattr(connection, _STATE, None)
    if kept is not None and not connection.in_atomic_block:
        return kept
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('sportello.reach', true)")
        (text,) = cursor.fetchone()
    return ALL if text == ALL else frozenset(int(one) for one in (text or "").split(",") if one)


def _set(reach: Any) -> None:
    text = ALL if reach == ALL else ",".join(str(one) for one in sorted(reach))
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('sportello.reach', %s, false)", [text])
    setattr(connection, _STATE, None if connection.in_atomic_block else reach)


def _forget(connection: Any, **_signal: Any) -> None:
    setattr(connection, _STATE, None)


connection_created.connect(_forget, dispatch_uid="sportello.row_security")
