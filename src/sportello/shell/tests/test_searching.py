from __future__ import annotations

import pytest
from django.urls import reverse

from sportello.accounts.models import Person
from sportello.inventory.models import Line
from sportello.inventory.tests.factories import make_line
from sportello.kernel.actor import Actor
from sportello.kernel.testing import arrange
from sportello.parties.models import Organisation
from sportello.shell.queries.searching import SHOWN, search
from sportello.shell.tests.factories import person_of

pytestmark = pytest.mark.django_db


def found(actor: Actor, text: str) -> dict[str, list[str]]:
    return {group.title: [hit.label for hit in group.hits] for group in search(actor, text)}


@pytest.fixture
def stock(world) -> dict[str, Line]:
    return {
        "ada": make_line(world.a, "+393510000012", person=world.memberships["ada"].person),
        "bo": make_line(world.a, "+393510000013", person=world.memberships["bo"].person),
        "cy": make_line(world.b, "+393510000014", person=world.memberships["cy"].person),
    }


def test_an_administrator_finds_the_lines_of_the_customer_however_they_are_typed(ada, stock) -> None:
    for typed in ("+39 351 000 001", "0039351000001", "351 000 001", "39351000001"):
        assert found(ada, typed) == {"Lines": ["+39\xa0351\xa0000\xa00012", "+39\xa0351\xa0000\xa00013"]}


def test_c02_nothing_of_another_customer_is_found_not_even_a_count(ada, cy, stock) -> None:
    assert found(ada, "+393510000014") == {}
    assert found(cy, "+393510000014") == {"Lines": ["+39\xa0351\xa0000\xa00014"]}
    assert found(ada, "Cy") == {}
    assert found(ada, "Beta") == {}
    assert found(cy, "Alfa") == {}


def test_c02_an_employee_finds_the_own_line_and_no_colleague(bo, stock) -> None:
    assert found(bo, "351000001") == {"Lines": ["+39\xa0351\xa0000\xa00013"]}
    assert found(bo, "Ada") == {}
    assert found(bo, "Prova") == {}


def test_c11_a_partner_finds_its_customers_and_no_other(pia, stock) -> None:
    assert found(pia, "351000001") == {"Lines": ["+39\xa0351\xa0000\xa00012", "+39\xa0351\xa0000\xa00013"]}
    assert found(pia, "Comune") == {"Customers": ["Comune di Alfa"]}
    assert found(pia, "Beta") == {}


def test_the_operator_finds_people_and_customers_of_all(olga, stock) -> None:
    assert found(olga, "Cy Prova") == {"People": ["Cy Prova"]}
    assert found(olga, "Beta") == {"Customers": ["Beta S.r.l."]}


@pytest.mark.parametrize("text", ["prova cy", "CY PROVA", "cy  pro"])
def test_names_are_found_in_any_order_and_case(olga, stock, text: str) -> None:
    assert found(olga, text) == {"People": ["Cy Prova"]}


@pytest.mark.parametrize("text", ["", " ", "a", "\x00a", "%", "__", "351_", "35100000%"])
def test_wildcards_and_short_words_find_nothing(olga, stock, text: str) -> None:
    assert found(olga, text) == {}


def test_pages_are_found_by_their_name(ada) -> None:
    assert found(ada, "peop")["Go to"] == ["People"]


def test_a_closed_page_is_not_found(bo) -> None:
    assert found(bo, "peop") == {}


def test_a_referent_without_administration_finds_no_people(world, stock) -> None:
    from sportello.kernel.access import Profile
    from sportello.kernel.actor import member_actor

    referent = member_actor(person_id=1, organisation_id=world.a.pk, profile=Profile.FLEET_CONTACT)
    assert found(referent, "Ada") == {}
    assert found(referent, "351000001") == {}


@pytest.mark.parametrize("number", [1, 3, SHOWN + 3])
def test_a_kind_shows_six_says_there_are_more_and_costs_the_same(
    ada, world, number: int, django_assert_num_queries
) -> None:
    with arrange():
        people = [person_of(world.a, f"Nina{place}", "Zeta") for place in range(number)]
    assert Person.objects.for_(ada).filter(family_name="Zeta").count() == number
    with django_assert_num_queries(2):  # people, and bills by what was typed
        (group,) = search(ada, "zeta")
    assert [hit.label for hit in group.hits] == [person.name for person in people[:SHOWN]]
    assert group.more is (number > SHOWN)
    assert group.url == f"{reverse('accounts:people')}?q=zeta"


def test_a_hit_leads_to_a_page_that_opens(signed_in, ada, stock) -> None:
    for text in ("351000001", "Ada"):
        for group in search(ada, text):
            for hit in group.hits:
                assert signed_in("ada").get(hit.url).status_code == 200


def test_an_organisation_of_many_names_is_listed_by_name(olga, world) -> None:
    with arrange():
        for place in range(3):
            Organisation.objects.create(kind="customer", code=f"Z{place}", legal_name=f"Zeta {2 - place}")
    assert found(olga, "zeta") == {"Customers": ["Zeta 0", "Zeta 1", "Zeta 2"]}
