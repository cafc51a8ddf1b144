"""The second wall: on PostgreSQL a query that went through no door finds nothing, whatever the code forgot (ABUSE C13)."""

import pytest
from django.apps import apps
from django.db import connection, transaction

from sportello.inventory.models import Agreement
from sportello.kernel import row_security
from sportello.kernel.scope import ScopedModel
from sportello.kernel.testing import arrange, in_threads

OUTSIDE_THE_WALL = {"accounts.Person", "accounts.Membership"}
"""People are at home in one organisation and members of others: joined by everything, guarded by the scope alone (ADR 0009)."""

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def agreements(world):
    with arrange():
        Agreement.objects.create(organisation=world.a, code="a")
        Agreement.objects.create(organisation=world.b, code="b")


def seen() -> list[str]:
    """Look past the scope, as a forgotten filter or raw SQL would."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT code FROM inventory_agreement ORDER BY code")
        raw = [code for (code,) in cursor.fetchall()]
    assert raw == sorted(Agreement._base_manager.values_list("code", flat=True))
    return raw


def test_c13_without_a_door_there_is_no_row(agreements, ada, cy, olga, pia):
    found = {}
    with row_security.door():
        found["nobody"] = seen()
    for name, who in {"ada": ada, "cy": cy, "olga": olga, "pia": pia}.items():
        with row_security.door():
            Agreement.objects.for_(who)
            found[name] = seen()
    with row_security.door():
        Agreement.objects.for_(ada), Agreement.objects.for_(cy)
        found["widened"] = seen()
        Agreement.objects.across_tenants(reason="a test")
        found["across"] = seen()
        Agreement.objects.for_(ada)
        found["never narrowed"] = seen()
    assert found == {
        "nobody": [], "ada": ["a"], "cy": ["b"], "olga": ["a", "b"], "pia": ["a"], "widened": ["a", "b"], "across": ["a", "b"],
        "never narrowed": ["a", "b"],
    }  # fmt: skip


def test_c13_fresh_connection_sees_nothing(agreements):
    assert in_threads(1, lambda _place: seen()) == [[]]


def test_rollback_takes_the_reach_back(agreements, ada):
    with row_security.door():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            Agreement.objects.for_(ada)
            assert seen() == ["a"]
            raise ZeroDivisionError
        assert seen() == []
        assert [row.code for row in Agreement.objects.for_(ada)] == ["a"]


def test_rows_of_others_cannot_be_written_past_the_wall(agreements, world, ada):
    from django.db import ProgrammingError

    with row_security.door():
        Agreement.objects.for_(ada)
        assert Agreement._base_manager.filter(code="b").update(name="mine") == 0
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Agreement._base_manager.bulk_create([Agreement(organisation=world.b, code="c")])


def test_every_table_with_an_organisation_is_guarded():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        guarded = {name for (name,) in cursor.fetchall()}
    bare = [
        model._meta.label
        for model in apps.get_models()
        if issubclass(model, ScopedModel)
        and any(field.column == "organisation_id" for field in model._meta.concrete_fields)
        and model._meta.db_table not in guarded
    ]
    assert sorted(set(bare) - OUTSIDE_THE_WALL) == []


def test_guard_can_be_taken_back():
    step = row_security.row_security(("inventory", "Agreement"))
    with connection.schema_editor() as editor:
        step.reverse_code(apps, editor)
        assert policies("inventory_agreement") == 0
        step.code(apps, editor)
    assert policies("inventory_agreement") > 0


def policies(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_policies WHERE tablename = %s", [table])
        return int(cursor.fetchone()[0])
