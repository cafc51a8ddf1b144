"""The actor of a job is built anew when the job runs (ABUSE B03, C03, D06)."""

from django.utils import timezone

from sportello.accounts.models import Membership, Person
from sportello.accounts.queries import background_actor
from sportello.kernel.access import Section
from sportello.kernel.actor import Via, system_actor
from sportello.kernel.testing import arrange
from sportello.parties.models import Organisation

SYSTEM = system_actor(reason="a test of jobs")


def actor(held, section=Section.TRAFFIC_BILLING, person_id=None):
    return background_actor(person_id=person_id or held.person_id, membership_id=held.pk, section=section)


def changed(model, pk, **values):
    with arrange():
        model.objects.for_(SYSTEM).filter(pk=pk).update(**values)


def test_c03_actor_of_a_job_has_the_rights_of_the_moment(world):
    held = world.memberships["ada"]
    found = actor(held)
    assert (found.person_id, found.membership_id, found.via, found.frozen) == (held.person_id, held.pk, Via.JOB, False)
    assert [actor(held, Section.OPERATIONS), actor(held, person_id=world.memberships["cy"].person_id)] == [None, None]
    assert background_actor(person_id=None, membership_id=None, section=Section.TRAFFIC_BILLING) is None
    changed(Organisation, world.a.pk, state="read_only")
    assert actor(held).frozen
    changed(Organisation, world.a.pk, state="closed")
    assert actor(held) is None
    changed(Organisation, world.a.pk, state="active")
    changed(Person, held.person_id, deactivated_at=timezone.now())
    assert actor(held) is None
    changed(Person, held.person_id, deactivated_at=None)
    assert actor(held) is not None
    changed(Membership, held.pk, ended_at=timezone.now())
    assert actor(held) is None
