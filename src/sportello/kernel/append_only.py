"""Append-only tables: database triggers that refuse DELETE, and UPDATE of every column that is not named, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import RunPython


def append_only(app: str, model: str, *, but: Iterable[str] = ()) -> RunPython:
    """Return the migration operation that makes a model's table append-only; columns in `but` may still change."""
    changeable = frozenset(but)

    def install(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        table = apps.get_model(app, model)._meta  # noqa: SLF001 - the documented way to a historical table's name
        columns = [field.column for field in table.concrete_fields if field.column not in changeable]
        for statement in _install(editor.connection.vendor, table.db_table, columns):
            editor.execute(statement, params=None)

    def remove(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        table = apps.get_model(app, model)._meta.db_table  # noqa: SLF001
        for statement in _remove(editor.connection.vendor, table):
            editor.execute(statement, params=None)

    return RunPython(_typed(install), _typed(remove))


def _typed(function: Callable[[Any, BaseDatabaseSchemaEditor], None]) -> Callable[[Any, Any], None]:
    return function


def _install(vendor: str, table: str, columns: list[str]) -> list[str]:
    listed = ", ".join(f'"{column}"' for column in columns)
    if vendor == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        return [
            f'CREATE TRIGGER "{table}_no_delete" BEFORE DELETE ON "{table}" {refuse}',
            f'CREATE TRIGGER "{table}_no_update" BEFORE UPDATE OF {listed} ON "{table}" {refuse}',
        ]
    return [
        f'CREATE FUNCTION "{table}_refuse"() RETURNS trigger LANGUAGE plpgsql AS '
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        f'CREATE TRIGGER "{table}_no_delete" BEFORE DELETE ON "{table}" '
        f'FOR EACH ROW EXECUTE FUNCTION "{table}_refuse"()',
        f'CREATE TRIGGER "{table}_no_update" BEFORE UPDATE OF {listed} ON "{table}" '
        f'FOR EACH ROW EXECUTE FUNCTION "{table}_refuse"()',
    ]


def _remove(vendor: str, table: str) -> list[str]:
    on = "" if vendor == "sqlite" else f' ON "{table}"'
    statements = [f'DROP TRIGGER IF EXISTS "{table}_{what}"{on}' for what in ("no_delete", "no_update")]
    return statements if vendor == "sqlite" else [*statements, f'DROP FUNCTION IF EXISTS "{table}_refuse"()']
