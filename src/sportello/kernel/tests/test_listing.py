import pytest
from django.test import RequestFactory

from sportello.kernel.testing import arrange
from sportello.kernel.ui.filters import Choice, Search
from sportello.kernel.ui.listing import Column, Listing
from sportello.parties.models import Organisation


class Organisations(Listing[Organisation]):
    name = "test.organisations"
    columns = (
        Column("code", "Code", sort="code"),
        Column("legal_name", "Name", sort="legal_name"),
        Column("partner", "Partner", sort="partner__legal_name"),
        Column("province", "Province", sort="province"),
    )
    filters = (Search(("legal_name__icontains", "code__startswith")), Choice("province", "Province", [("MI", "MI"), ("RM", "RM")]))
    default_sort = "legal_name"


@pytest.fixture
def many(world, olga):
    with arrange():
        for number in range(130):
            Organisation.objects.create(
                kind="customer",
                code=f"N{number:03}",
                legal_name=f"Nome {number % 40:02}",
                partner=world.partner if number % 3 else None,
                province="MI" if number % 2 else "RM",
            )
    return olga


def walk(actor, query):
    """Follow Next from the first page to the last, then Previous back; return both lists of codes."""
    forth, back, page = [], [], None
    while True:
        request = RequestFactory().get(f"/{query}")
        request.actor = actor
        page = Organisations(request, Organisation.objects.for_(actor).select_related("partner")).page()
        forth += [row.code for row in page.rows]
        if not page.next_url:
            break
        query = page.next_url
    last = [row.code for row in page.rows]
    while page.previous_url:
        request = RequestFactory().get(f"/{page.previous_url}")
        request.actor = actor
        page = Organisations(request, Organisation.objects.for_(actor).select_related("partner")).page()
        back = [row.code for row in page.rows] + back
    return forth, back + last


@pytest.mark.parametrize("sort", ["code", "-code", "legal_name", "-legal_name", "partner__legal_name", "-partner__legal_name", "-province"])
def test_every_row_is_on_exactly_one_page_in_order(many, sort):
    forth, back = walk(many, f"?sort={sort}&size=25")
    assert len(forth) == len(set(forth)) == 134
    assert back == forth


def test_unknown_sort_filter_and_key_do_no_harm(many):
    assert len(walk(many, "?sort=password")[0]) == 134
    assert walk(many, "?province=XX")[0] == []
    assert walk(many, "?q=N00&province=MI")[0] == ["N001", "N003", "N005", "N007", "N009"]


class ThenByName(Organisations):
    name = "test.then_by_name"
    columns = (Column("province", "Province", sort="province", then="legal_name"),)


@pytest.mark.parametrize("sort", ["province", "-province"])
def test_equal_values_are_sorted_by_the_second_field_on_every_page(many, sort):
    found, query = [], f"?sort={sort}&size=25"
    while query:
        request = RequestFactory().get(f"/{query}")
        request.actor = many
        page = ThenByName(request, Organisation.objects.for_(many)).page()
        found += [(row.province, row.legal_name, row.pk) for row in page.rows]
        query = page.next_url
    assert found == sorted(found, reverse=sort.startswith("-"))
    assert len(found) == 134
