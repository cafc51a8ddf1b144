"""One of many ids, on whichever database the suite runs."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from sportello.parties.models import Organisation


def test_among_finds_what_in_finds_with_one_parameter(world, olga):
    rows = Organisation.objects.for_(olga).order_by("pk")
    ids = {world.a.pk, world.b.pk, 10**12, *range(10**6, 10**6 + 2_000)}
    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = list(rows.filter(pk__among=ids))
    assert found == list(rows.filter(pk__in=[world.a.pk, world.b.pk]))
    assert asked.captured_queries[-1]["sql"].count("IN (") + asked.captured_queries[-1]["sql"].count("ANY(") == 1


def test_among_asks_a_foreign_key_and_may_be_denied_and_empty(world, olga):
    rows = Organisation.objects.for_(olga).order_by("pk")
    partner = world.partner.pk
    assert list(rows.filter(partner_id__among=[partner])) == list(rows.filter(partner_id=partner)) != []
    assert list(rows.exclude(pk__among=[world.a.pk])) == [row for row in rows if row.pk != world.a.pk]
    assert list(rows.filter(pk__among=[])) == []


def test_among_asks_a_text(world, olga):
    rows = Organisation.objects.for_(olga).order_by("code")
    assert [row.code for row in rows.filter(code__among=("A", "B", "no 'such' code"))] == ["A", "B"]
