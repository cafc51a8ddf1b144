"""Four eyes are two people: a second account in the same hands approves nothing (ABUSE D10)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sportello.accounts.models import Person
from sportello.kernel.access import Profile
from sportello.kernel.actor import system_actor
from sportello.kernel.refusals import NotPermitted
from sportello.kernel.testing import arrange
from sportello.orders import operations, rules
from sportello.orders.states import State
from sportello.orders.tests.factories import LATER, NOW, a_line, colleague, ordered

pytestmark = pytest.mark.django_db
SYSTEM = system_actor(reason="a test looks")


@pytest.fixture
def waiting(world, ada):
    eva = colleague(world)
    operations.set_approval(actor=ada, customer=world.a, on=True)
    return eva, ordered(ada, world.a, "SIM-REPLACEMENT", a_line(world.a), why="fault")


@pytest.mark.parametrize("same", [{"mobile": "+393510000001"}, {"email": "ADA@example.test"}])
def test_d10_second_account_with_the_phone_or_the_mail_of_who_asked_approves_and_refuses_nothing(
    waiting, ada, signed_in, world, same
):
    eva, order = waiting
    people = Person.objects.for_(SYSTEM)
    with arrange():
        people.filter(pk=eva.person_id).update(**same)
    with pytest.raises(rules.SecondPerson, match="somebody else approves"):
        operations.approve_order(actor=eva, order=order, now=NOW)
    with pytest.raises(rules.SecondPerson):
        operations.refuse_approval(actor=eva, order=order, reason="no", now=NOW)
    order.refresh_from_db()
    assert order.state == State.APPROVAL
    with arrange():  # nobody's empty number is anybody's number
        people.filter(pk__in=[eva.person_id, ada.person_id]).update(mobile="", mobile_verified_at=None)
        people.filter(pk=eva.person_id).update(email="eva@example.test")
    assert operations.approve_order(actor=eva, order=order, now=LATER).state == State.SUBMITTED


def test_d10_who_asked_approves_nothing_by_viewing_as_the_second(waiting, ada):
    eva, order = waiting
    viewing = replace(eva, viewer_id=ada.person_id, viewer_name="Ada", viewer_profile=Profile.ADMINISTRATOR)
    with pytest.raises(NotPermitted):
        operations.approve_order(actor=viewing, order=order, now=NOW)
    order.refresh_from_db()
    assert order.state == State.APPROVAL
