"""`filter(line_id__among=ids)`: one of many ids, codes or numbers, handed to the database as one parameter.

`__in` writes a parameter for each of them into each query, and a database takes so many and no more. Where thousands are asked for in
a dozen queries, as a load of usage does, that takes longer than the queries themselves.
"""

from __future__ import annotations

import json
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import AutoField, BigAutoField, CharField, ForeignKey, Lookup
from django.db.models.sql.compiler import SQLCompiler

LISTS: Final = {"postgresql": "{} = ANY(%s)", "sqlite": "{} IN (SELECT value FROM json_each(%s))"}


@ForeignKey.register_lookup
@CharField.register_lookup
@AutoField.register_lookup
@BigAutoField.register_lookup
class Among(Lookup[Any]):
    """True where a key is one of a collection of whole numbers, or a text one of a collection of texts."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:  # type: ignore[override]  # the stubs know tuples alone
        left, given = self.process_lhs(compiler, connection)
        wanted = sorted(self.rhs)
        listed = wanted if connection.vendor == "postgresql" else json.dumps(wanted)
        return LISTS[connection.vendor].format(left), [*given, listed]
