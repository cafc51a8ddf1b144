"""Anchors, sizes and ids of lists that no page wrote (ABUSE C02, C05, C19)."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.test import RequestFactory

from sportello.kernel.models import Event
from sportello.kernel.refusals import InvalidInput, NotFound
from sportello.kernel.tests.test_listing import Organisations
from sportello.parties.models import Organisation


def listed(actor, **query):
    request = RequestFactory().get("/", query)
    request.actor = actor
    return Organisations(request, Organisation.objects.for_(actor))


@pytest.mark.parametrize("word", ["after", "before"])
@pytest.mark.parametrize(
    "anchor",
    [
        "5", "ab", '"ab"', '{"a":1,"b":2}', "[1]", "[1,2,3]", "[[],1]", "[1,[]]", "[1,null]", "[true,1]", "[1,true]", "[1,1.5]", '[1,"x"]',
        '["a\\ud800",1]', "[" * 5000,
    ],
)  # fmt: skip
def test_c19_anchor_that_no_page_wrote_is_refused(olga, word, anchor):
    with pytest.raises(InvalidInput):
        listed(olga, **{word: anchor}).page()


@pytest.mark.parametrize("sort", ["code", "-partner__legal_name"])
def test_c02_anchor_at_the_row_of_another_tenant_shows_ones_own_rows_alone(world, cy, sort):
    for anchor in (f'["A",{world.a.pk}]', f'["",{world.a.pk}]', "[null,0]", '["zz",999999999]'):
        for word in ("after", "before"):
            page = listed(cy, sort=sort, **{word: anchor}).page()
            assert {row.pk for row in page.rows} <= {world.b.pk}
            assert page.total == 1


@pytest.mark.parametrize(("size", "shown"), [("25", 25), ("²", 50), ("-25", 50), ("1000000", 50), ("٢٥", 50), ("", 50)])
def test_c19_size_is_one_of_those_offered(olga, size, shown):
    assert listed(olga, size=size)._size() == shown


@pytest.mark.parametrize(
    "ids", ["ids=²", "ids=1&ids=²", "ids=-1", "ids=", "ids=99999999999999999999", "ids=1%00", "ids=1.0", "ids=٢"]
)
def test_c05_id_that_is_no_number_refuses_the_whole_like_one_that_is_not_there(olga, ids):
    with pytest.raises(NotFound):
        listed(olga).chosen(QueryDict(ids))


@pytest.mark.parametrize(
    ("path", "form"), [("/sign-in/", {"username": "ada\0", "password": "x"}), ("/people/import/%00/", {"do": "x"})]
)
def test_l10_nul_in_path_or_form_is_refused_and_on_record(signed_in, path, form):
    answer = signed_in("ada").post(path, form)
    told = Event.append_only.get().payload
    assert (answer.status_code, told["status"], told["refusal"]) == (422, 422, "InvalidInput")
    assert told["path"] == path.replace("%00", "\ufffd")
